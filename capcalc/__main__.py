"""`python -m capcalc`."""

from capcalc.cli.main import run

run()
