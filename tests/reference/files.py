"""Read a scenario file as a plain tree, and the instance table as two plain dictionaries."""

import csv
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


def read_scenario(path: str | Path) -> dict[str, Any]:
    """The YAML tree of one scenario file, untouched: quantities stay strings."""
    tree: dict[str, Any] = YAML(typ="safe", pure=True).load(Path(path))
    return tree


def read_catalogue(path: str | Path) -> tuple[dict[str, int], dict[str, float]]:
    """Of every instance: its vcpus, and its price in USD per hour."""
    with Path(path).open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    vcpus = {row["instance"]: int(row["vcpus"]) for row in rows}
    prices = {row["instance"]: float(row["price_usd_per_hour"]) for row in rows}
    return vcpus, prices
