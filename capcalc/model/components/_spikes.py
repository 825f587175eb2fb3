"""What a crowd does to a tier before new hosts serve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from capcalc.model.demand import Spike
from capcalc.model.facts import Fact, Seen, StationSeen
from capcalc.theory.scaling import spikes
from capcalc.units import format as human
from capcalc.units.types import Numbers

if TYPE_CHECKING:
    from capcalc.model.components.hosted import Hosted


def facts(tier: Hosted, seen: Seen) -> Iterator[Fact]:
    """The crowd that is borne at once, how busy this one makes it, and hosts to hold for it."""
    station = seen.stations.get("")
    if station is None or (tier.boot_time is None and seen.system.demand.spike is None):
        return
    busy = np.asarray(station.utilization, dtype=float)
    with np.errstate(divide="ignore"):
        absorbed = np.where(busy > 0, 1.0 / np.where(busy > 0, busy, 1.0), np.inf)
    yield Fact(
        name="spike_absorbed",
        value=absorbed[()],
        kind="number",
        says="times this load, all at once, before it overflows",
        source="1 / utilization",
    )
    spike = seen.system.demand.spike
    if spike is None:
        return
    ramp: Numbers = 0.0 if spike.ramp is None else spike.ramp
    yield Fact(
        name="spike_utilization",
        value=np.multiply(busy, spike.factor)[()],
        kind="share",
        says="busy at the height of the spike, without new hosts",
        source="utilization x spike.factor",
    )
    boot = tier.boot_time
    if boot is None:
        return
    limit = tier.max_utilization_after_failure
    offered = np.multiply(station.arrival_rate, station.service_time)
    yield Fact(
        name="spike_hosts",
        value=spikes.hosts_to_hold(boot, offered, station.servers, limit, spike.factor, ramp),
        kind="number",
        says="hosts to hold so that it lasts until new ones serve",
        source="load at boot_time / (servers x max_utilization_after_failure)",
    )
    yield Fact(
        name="spike_backlog",
        value=spikes.backlog(boot, station.arrival_rate, busy, spike.factor, ramp),
        kind="number",
        says="requests waiting when the first new host serves",
        source="fluid: all that comes beyond what is served until boot_time (Newell 1982)",
    )
    yield Fact(
        name="autoscaling_target",
        value=spikes.target_utilization(limit, boot, spike.factor, ramp),
        kind="share",
        says="busy at most beforehand, for an autoscaler to keep up with this spike",
        source="max_utilization_after_failure / load at boot_time",
    )


def _swept(tier: Hosted, spike: Spike, station: StationSeen) -> bool:
    """Whether any of the numbers is an array, of which no sentence can be made."""
    numbers = (
        spike.factor,
        spike.ramp,
        tier.boot_time,
        tier.max_utilization_after_failure,
        station.utilization,
        station.hosts,
        station.servers,
    )
    return any(np.ndim(each) for each in numbers if each is not None)


def cautions(tier: Hosted, seen: Seen) -> Iterator[str]:
    """Whether new hosts come in time, in words."""
    spike, station = seen.system.demand.spike, seen.stations.get("")
    if spike is None or station is None or _swept(tier, spike, station):
        return
    busy, factor = float(np.asarray(station.utilization)), float(np.asarray(spike.factor))
    if not 0 < busy * factor < np.inf or busy * factor <= tier.max_utilization_after_failure:
        return
    what = f"a spike of {human.significant(factor)} times the load"
    ramp = 0.0 if spike.ramp is None else float(np.asarray(spike.ramp))
    within = f" within {human.duration(ramp)}" if ramp else ""
    if tier.boot_time is None:
        yield (
            f"{what}{within} makes {seen.name} {human.share(busy * factor)} busy; how soon new "
            f"hosts serve is not known: give tiers.{seen.name}.boot_time"
        )
        return
    boot = float(np.asarray(tier.boot_time))
    offered = float(np.asarray(station.arrival_rate) * np.asarray(station.service_time))
    hold = float(
        np.asarray(
            spikes.hosts_to_hold(
                boot, offered, station.servers, tier.max_utilization_after_failure, factor, ramp
            )
        )
    )
    if hold <= float(np.asarray(station.hosts)):
        return
    late = "autoscaling cannot help" if boot >= ramp else "autoscaling comes late"
    yield (
        f"{what}{within} is there before a new host of {seen.name} serves "
        f"({human.duration(boot)}): {late}; hold {human.significant(hold)} hosts instead of "
        f"{human.significant(float(np.asarray(station.hosts)))}, or keep it from this tier (serve "
        "stale at the edge, turn away)"
    )
