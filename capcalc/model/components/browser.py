"""The users' own caches: what never leaves the client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

import numpy as np

from capcalc.model.components._edge import Keeping, Kept
from capcalc.model.demand import RequestClass
from capcalc.model.facts import Fact, Observed, Seen
from capcalc.units.types import Numbers, PositiveAmount, Seconds, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser(Keeping, Observed):
    """One cache for each user, before everything else.

    Its hit ratio is given, or follows from the classes' ``objects`` and ``max_age`` and from
    what one user asks for; there is room for everything.
    """

    kind: Literal["browser"] = "browser"
    hit_ratio: Share | None = None
    #: as many caches; the daily active users unless given
    clients: PositiveAmount | None = None
    #: how long answers are kept, whatever the classes' max_age says
    max_age: Seconds | None = None
    #: what an answer from the cache takes
    round_trip: Seconds = 0.0
    origin_round_trip: Seconds = field(default=0.0, metadata={"hidden": True})
    survive: Literal["tier"] | None = None
    answering: bool = field(default=True, metadata={"hidden": True})
    kept: Mapping[str, Kept] | None = field(default=None, metadata={"hidden": True})
    shielded: bool = field(default=False, metadata={"hidden": True})

    def shield(self, name: str, request: RequestClass) -> Numbers:
        """Nothing stands behind a user's cache that belongs to it."""
        return 0.0

    def reach(self, name: str, request: RequestClass) -> Numbers:
        """Share of a class's requests that leave the client."""
        left: Numbers = np.subtract(1.0, self.hit(name, request))[()]
        return left

    def byte_reach(self, name: str, request: RequestClass) -> Numbers:
        """Share of a class's bytes that leave for the client; 304 sends none."""
        kept = self.of_class(name, request)
        left: Numbers = np.maximum(1.0 - np.add(kept.hit_ratio, kept.unchanged), 0.0)[()]
        return left

    def without(self, failure: str) -> Self:
        """Emptied everywhere, as by new names of all files."""
        return replace(self, answering=False) if failure == "tier" else self

    def aftermath(self, failure: str, seen: Seen) -> Iterator[str]:
        """What the failure stands for."""
        yield f"a release that renames everything static does this to {seen.name}"

    def facts(self, seen: Seen) -> Iterator[Fact]:
        """What stays with the clients."""
        kinds = seen.system.demand.requests
        left = sum(
            (
                np.asarray(rate) * self.seen_hit(name, kinds[name])
                for name, rate in seen.arriving.items()
            ),
            np.asarray(0.0),
        )
        yield Fact(
            name="kept_at_clients",
            value=np.asarray(left)[()],
            kind="rate",
            says="requests that never leave the client",
            source="requests x hit ratio of the users' caches",
        )

    def cautions(self, seen: Seen) -> Iterator[str]:
        """How far the model may be off."""
        if self.modelled and self.answering:
            yield (
                f"tiers.{seen.name}: every user is taken to ask at even times (Poisson); visits "
                "come in bursts, so that short max_ages hit more than this"
            )
