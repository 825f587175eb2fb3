"""Who calls whom: the `calls` of a scenario, resolved for one request class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from capcalc.model.work import Call
from capcalc.units.types import Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseCalls:
    """Reads and writes asked of a database by one visit."""

    reads: Amount = 0.0
    writes: Amount = 0.0


#: Calls by target tier.
CallsByTier: TypeAlias = Mapping[str, Amount | DatabaseCalls]
#: Calls of a tier: by target tier for all classes that visit, or by request class first.
TierCalls: TypeAlias = Mapping[str, Amount | DatabaseCalls | CallsByTier]


def of_class(calls: TierCalls, request_class: str) -> CallsByTier:
    """The calls that a visit of this class makes (DESIGN ruling 5)."""
    if any(isinstance(count, Mapping) for count in calls.values()):
        chosen = calls.get(request_class, {})
        return chosen if isinstance(chosen, Mapping) else {}
    return {tier: count for tier, count in calls.items() if not isinstance(count, Mapping)}


def steps(calls: CallsByTier) -> Iterator[Call]:
    """The calls in file order; a database is asked its reads, then its writes."""
    for tier, count in calls.items():
        if isinstance(count, DatabaseCalls):
            yield Call(node=(tier, "reads"), count=count.reads)
            yield Call(node=(tier, "writes"), count=count.writes)
        else:
            yield Call(node=(tier, "visit"), count=count)
