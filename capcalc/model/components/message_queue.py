"""A queue of messages: what is put in is answered at once and worked off later by workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from capcalc.model.components.hosted import Hosted, Site, naming_a_tier, per_class
from capcalc.model.facts import Fact, Seen
from capcalc.model.work import Call, Serve, Step
from capcalc.units.types import Amount, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageQueue(Hosted):
    """Brokers that take messages, and the tier whose hosts pull them when they are free."""

    kind: Literal["message_queue"] = "message_queue"
    survive: Literal["host", "zone"] | None = None
    #: to take one message
    service_time: Seconds | Mapping[str, Seconds]
    scv: Amount | Mapping[str, Amount] = 1.0
    #: the tier that works messages off
    workers: str = naming_a_tier()

    def work(self, site: Site, port: str) -> tuple[Step, ...]:
        """The message is taken; its work follows, and nobody waits for it."""
        serve = Serve(
            role="",
            label=site.request_class,
            service_time=per_class(self.service_time, site.request_class),
            scv=per_class(self.scv, site.request_class),
        )
        return (serve, Call(node=(self.workers, site.port_of[self.workers]), waited_for=False))

    def hands_out(self) -> Mapping[str, str]:
        """Whichever worker is free pulls the next message: one queue for all of them."""
        return {self.workers: "central_queue"}

    def facts(self, seen: Seen) -> Iterator[Fact]:
        """How long a message takes, and how long a standstill is felt."""
        yield from Hosted.facts(self, seen)
        workers = seen.around.get((self.workers, ""))
        if workers is None or seen.response is None:
            return
        done = np.add(seen.response, np.add(workers.wait, workers.service_time))[()]
        yield Fact(
            name="completion_time",
            value=done,
            kind="duration",
            says=f"from being put in until {self.workers} has served it, mean",
            source="response of the broker + wait and service of a worker",
        )
        load = np.asarray(workers.utilization)
        with np.errstate(divide="ignore"):
            behind = np.where(load < 1, load / (1.0 - np.minimum(load, 1.0)), np.inf)
        yield Fact(
            name="catch_up",
            value=60.0 * behind[()],
            kind="duration",
            says=f"to catch up after {self.workers} stood still for a minute",
            source="backlog over spare rate, rho / (1 - rho)",
        )

    def cautions(self, seen: Seen) -> Iterator[str]:
        """Work that piles up without anybody waiting for it."""
        yield from Hosted.cautions(self, seen)
        workers = seen.around.get((self.workers, ""))
        if workers is not None and np.any(np.asarray(workers.utilization) >= 1):
            yield (
                f"{self.workers} cannot keep up with {seen.name}: nobody waits for an answer, so "
                "no response time shows that the backlog grows without end"
            )
