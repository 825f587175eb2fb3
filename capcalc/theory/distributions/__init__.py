"""Pure formulas over numbers and arrays."""
