"""The terminal of all tests is 140 columns wide, whoever runs them and in how many processes."""

from __future__ import annotations

import os

os.environ["COLUMNS"] = "140"
