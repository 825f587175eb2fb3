"""What to do: vertical or horizontal, tier by tier and for the whole system, and why."""
