"""Zipf popularity: rank i is asked for in proportion to i^-alpha."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers
