"""Many times: sweeps over grids of what-ifs."""
