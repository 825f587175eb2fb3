"""The reverse proxy before the web tier: answers what it has kept, passes on the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

import numpy as np

from capcalc.model.components._edge import Keeping, Kept
from capcalc.model.components.hosted import Hosted, Site, per_class
from capcalc.model.demand import RequestClass
from capcalc.model.facts import Fact, Seen
from capcalc.model.work import Serve, Step
from capcalc.units.types import (
    Amount,
    Numbers,
    PositiveAmount,
    PositiveBytes,
    Seconds,
    Share,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseProxy(Keeping, Hosted):
    """Hosts that every request passes, each with a cache of its own for what may be kept."""

    kind: Literal["reverse_proxy"] = "reverse_proxy"
    survive: Literal["host", "zone"] | None = None
    service_time: Seconds | Mapping[str, Seconds]
    scv: Amount | Mapping[str, Amount] = 1.0
    #: given, or else from what each host has room for and the classes' objects
    hit_ratio: Share | None = None
    #: of each host, in objects or in bytes; all that is asked for where neither is given
    capacity: PositiveAmount | None = None
    memory: PositiveBytes | None = None
    #: how long answers are kept, whatever the classes' max_age says
    max_age: Seconds | None = None
    answering: bool = field(default=True, metadata={"hidden": True})
    kept: Mapping[str, Kept] | None = field(default=None, metadata={"hidden": True})
    #: share of what is asked for whose host still has its contents
    warm: Numbers = field(default=1.0, metadata={"hidden": True})

    def passed(self, name: str, request: RequestClass) -> Numbers:
        """Share of a class's requests that go on to the web tier; all may, while unknown."""
        if self.modelled and self.kept is None:
            return 1.0
        return np.subtract(1.0, np.multiply(self.warm, self.hit(name, request)))[()]

    def without(self, failure: str) -> Self:
        """A host or a zone less: the others keep what they have; or all contents lost."""
        if failure == "contents":
            return replace(self, warm=np.multiply(self.warm, 0.0)[()])
        return Hosted.without(self, failure)

    def aftermath(self, failure: str, seen: Seen) -> Iterator[str]:
        """What is lost with the contents, and who has only one host."""
        if failure == "contents":
            yield f"{seen.name} starts empty, as after a purge or a restart of all its hosts"
        yield from Hosted.aftermath(self, failure, seen)

    def cautions(self, seen: Seen) -> Iterator[str]:
        """Caches with room for a few objects, and a crowd."""
        yield from self.small(seen.name)
        yield from Hosted.cautions(self, seen)

    def facts(self, seen: Seen) -> Iterator[Fact]:
        """What the web tier is spared."""
        kinds = seen.system.demand.requests
        spared = sum(
            (
                np.asarray(seen.rate(label=name))
                * (1.0 - np.asarray(self.passed(name, kinds[name])))
                for name in kinds
            ),
            np.asarray(0.0),
        )
        yield Fact(
            name="requests_avoided",
            value=spared[()],
            kind="rate",
            says="requests answered before the web tier",
            source="requests x hit ratio",
        )

    def work(self, site: Site, port: str) -> tuple[Step, ...]:
        """One service; whether the request goes on is the entry path's business."""
        return (
            Serve(
                role="",
                label=site.request_class,
                service_time=per_class(self.service_time, site.request_class),
                scv=per_class(self.scv, site.request_class),
            ),
            *site.calls,
        )
