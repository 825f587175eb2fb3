"""What is found: typed data with units, to a table in one call."""
