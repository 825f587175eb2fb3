"""Statistics of measurements: estimates with intervals that allow for dependence."""
