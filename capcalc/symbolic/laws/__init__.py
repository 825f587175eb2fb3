"""Laws that hold for whole systems: operational laws, scaling, staffing, caches."""
