"""A store of large objects: time to the first byte, then the transfer, priced by use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from capcalc.model.components.hosted import Hosted, Site, per_class
from capcalc.model.facts import Fact, Seen
from capcalc.model.work import Serve, Step
from capcalc.units.kinds import MONTH
from capcalc.units.types import (
    Amount,
    Bytes,
    Numbers,
    PositiveBytesPerSecond,
    Seconds,
    UsDollars,
    UsDollarsPerByte,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectStore(Hosted):
    """Gets and puts of objects; as many at a time on each host as it has ``cores``."""

    kind: Literal["object_store"] = "object_store"
    survive: Literal["host", "zone"] | None = None
    #: to the first byte
    service_time: Seconds | Mapping[str, Seconds]
    scv: Amount | Mapping[str, Amount] = 1.0
    #: of one object, and the bytes per second at which one is transferred
    size: Bytes | Mapping[str, Bytes]
    bandwidth: PositiveBytesPerSecond
    price_per_request: UsDollars | None = None
    price: UsDollarsPerByte | None = None

    def work(self, site: Site, port: str) -> tuple[Step, ...]:
        """One object: first byte, then the bytes; then what is called from here, if anything."""
        first = per_class(self.service_time, site.request_class)
        size = self._size(site.request_class)
        return (
            Serve(
                role="",
                label=site.request_class,
                service_time=np.add(first, size / np.asarray(self.bandwidth))[()],
                scv=per_class(self.scv, site.request_class),
            ),
            *site.calls,
        )

    def _size(self, request_class: str) -> Numbers:
        """Bytes of one object; none for a class that a map leaves out."""
        if isinstance(self.size, Mapping):
            return self.size.get(request_class, 0.0)
        return self.size

    def _bytes(self, seen: Seen) -> Numbers:
        """Bytes per second at the peak."""
        total: Numbers = 0.0
        for (_, request_class), rate in seen.rates.items():
            total = total + rate * self._size(request_class)
        return total

    def usage_cost(self, seen: Seen) -> Numbers | None:
        """US dollars per month for requests and bytes, at the mean rate."""
        if self.price_per_request is None and self.price is None:
            return None
        request = 0.0 if self.price_per_request is None else self.price_per_request
        byte = 0.0 if self.price is None else self.price
        peak = seen.rate() * request + self._bytes(seen) * byte
        mean: Numbers = peak * MONTH / np.asarray(seen.system.demand.peak_to_average)
        return mean

    def facts(self, seen: Seen) -> Iterator[Fact]:
        """How much goes over the wire."""
        yield from Hosted.facts(self, seen)
        yield Fact(
            name="bytes",
            value=self._bytes(seen),
            kind="bandwidth",
            says="transferred at the peak",
            source="requests x size",
        )
