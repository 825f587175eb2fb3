"""Closed forms of ways to spread requests over hosts."""
