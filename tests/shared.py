"""Where reference data lie: the project's shared folder beside the checkout, else the copies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
#: The shared folder; it may not exist.
SHARED = HERE.parent.parent / "shared"


def case_file(name: str) -> Path:
    """A file of reference cases."""
    beside = SHARED / "cases" / name
    return beside if beside.exists() else HERE / "data" / "cases" / name


def cases(name: str, *models: str) -> list[dict[str, Any]]:
    """All cases of some models in a file."""
    found = json.loads(case_file(name).read_text())
    return [case for case in found if case["model"] in models]
