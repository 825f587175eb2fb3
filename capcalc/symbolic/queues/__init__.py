"""Closed forms of single stations, one model a file."""
