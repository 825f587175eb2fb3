"""What tiers say of themselves beside utilization and latency, as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from capcalc.reports.document import Column, Table, number
from capcalc.results.solution import FactResult
from capcalc.units import format as human

COLUMNS = (
    Column(name="tier", head="tier"),
    Column(name="says", head="what follows"),
    Column(name="text", head="value"),
    Column(name="source", head="by"),
)


def _share(value: float) -> str:
    """Percent; what is next to never, as a power of ten."""
    return f"{value:.1e}" if 0 < value < _RARE else human.share(value)


_RARE = 1e-6
#: How a value of each kind is read, and the unit it has in files.
SHOWN: Mapping[str, tuple[Callable[[float], str], str]] = {
    "duration": (human.duration, "s"),
    "rate": (human.rate, "1/s"),
    "share": (_share, ""),
    "availability": (lambda value: human.share(value, 6), ""),
    "size": (human.size, "bytes"),
    "bandwidth": (lambda value: f"{human.size(value)}/s", "bytes/s"),
    "money": (human.dollars, "usd"),
    "number": (number, ""),
}


def table(facts: Sequence[FactResult]) -> Table:
    """For people: the value in words."""
    rows = [
        {"tier": fact.tier, "says": fact.says, "text": text(fact), "source": fact.source}
        for fact in facts
    ]
    return Table(name="facts", title="What else follows", columns=COLUMNS, rows=rows)


def text(fact: FactResult) -> str:
    """The value as a person reads it."""
    value = float(fact.value)
    return SHOWN[fact.kind][0](value) if isfinite(value) else human.significant(value)


def data(facts: Sequence[FactResult]) -> list[dict[str, Any]]:
    """For files: plain numbers with their units."""
    return [
        {
            "tier": fact.tier,
            "name": fact.name,
            "value": float(fact.value),
            "unit": SHOWN[fact.kind][1],
            "says": fact.says,
            "source": fact.source,
        }
        for fact in facts
    ]
