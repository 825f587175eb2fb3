"""What types cannot say: names that must exist, parts that must fit, visits that must end."""
