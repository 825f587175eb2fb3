"""Availability of what is built of parts that fail."""
