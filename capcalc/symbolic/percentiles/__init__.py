"""Percentiles of what several stations make together: parallel, in a row, or one or the other."""
