"""From measurements to estimates, one kind of metrics a file."""
