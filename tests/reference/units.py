"""A minimal reader of the quantities a scenario file may hold: everything becomes an SI number."""

import math
import re

SECONDS = {
    "ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "hour": 3600.0, "hours": 3600.0,
    "day": 86400.0, "days": 86400.0, "d": 86400.0, "week": 604800.0, "weeks": 604800.0,
    "month": 730 * 3600.0, "months": 730 * 3600.0, "year": 8760 * 3600.0, "years": 8760 * 3600.0,
}  # fmt: skip
PREFIXES = {
    "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40,
}  # fmt: skip
FACTORS = {"": 1.0, "%": 1e-2, "B": 1.0, "USD": 1.0, **SECONDS, **PREFIXES}
FACTORS.update({prefix + "B": factor for prefix, factor in PREFIXES.items()})

QUANTITY = re.compile(
    r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-z%]*)\s*(?:/\s*([A-Za-z]+))?\s*"
)


def number(value: object) -> float:
    """Read `8ms`, `9k/s`, `94%`, `0.02 USD/GB`, 3, `[low, high]` (its middle) or `{value:, source:}`."""
    if isinstance(value, dict):
        return number(value["value"])
    if isinstance(value, list):
        low, high = value
        return (number(low) + number(high)) / 2
    if isinstance(value, bool):
        raise ValueError(f"a truth value is no quantity: {value!r}")
    if isinstance(value, int | float):
        return float(value)
    found = QUANTITY.fullmatch(str(value))
    if found is None:
        raise ValueError(f"no quantity: {value!r}")
    digits, unit, per = found.groups()
    if unit not in FACTORS or (per or "") not in FACTORS:
        raise ValueError(f"unknown unit in {value!r}")
    result = float(digits) * FACTORS[unit] / FACTORS[per or ""]
    if not math.isfinite(result):
        raise ValueError(f"not finite: {value!r}")
    return result
