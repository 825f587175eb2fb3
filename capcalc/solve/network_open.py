"""Open networks: exact where they have a product form, else station by station."""

from __future__ import annotations

import numpy as np

from capcalc.results.solution import PERCENTILES
from capcalc.solve.network_arrays import Arrays
from capcalc.solve.network_found import Found, flows, shares
from capcalc.theory.arrays import Array

PRODUCT_FORM = "product form (BCMP), exact"
DECOMPOSITION = "decomposition (QNA), an approximation"
_KINDS = {"fcfs": "fcfs", "ps": "ps", "lcfs_pr": "lcfs-pr", "delay": "ps"}


def solve_open(arrays: Arrays) -> Found:
    """Mean values of a network without closed classes."""
    reasons = without_product_form(arrays)
    return _by_decomposition(arrays, reasons) if reasons else _exact(arrays)


def without_product_form(arrays: Arrays) -> list[str]:
    """Why the network has no product form, in words; empty if it has one."""
    found = []
    visited = arrays.visits > 0
    for k, name in enumerate(arrays.stations):
        kind = arrays.disciplines[k]
        once = np.where(visited[..., k], arrays.service_times[..., k], np.nan)
        if kind == "fcfs" and _differ(once):
            found.append(f"{name} serves in order classes of different service times")
        if kind == "fcfs" and np.any(arrays.scv[..., k] != 1):
            found.append(f"{name} serves in order times that are not exponential (scv)")
        if kind == "lcfs_pr" and np.any(arrays.servers[..., k] > 1):
            found.append(f"{name} interrupts service on several servers")
    if any(np.any(arrays.arrival_scv[..., r] != 1) for r in arrays.open_classes):
        found.append("arrivals are not Poisson (arrival_scv)")
    return found


def _differ(once: Array) -> bool:
    """Whether the classes that come to a station (others are nan) differ in service time."""
    least = np.where(np.isnan(once), np.inf, once).min(axis=-1)
    most = np.where(np.isnan(once), -np.inf, once).max(axis=-1)
    return bool(np.any(most > least))


def _exact(arrays: Arrays) -> Found:
    from capcalc.theory.networks import bcmp

    solved = bcmp.solve(
        arrays.arrival_rates,
        arrays.visits,
        arrays.service_times,
        arrays.servers,
        [_KINDS[kind] for kind in arrays.disciplines],
        names=arrays.stations,
    )
    percentiles, notes = _percentiles(arrays)
    warnings = _coming_back(arrays) if percentiles else ()
    return Found(
        method=PRODUCT_FORM,
        throughput=np.broadcast_to(arrays.arrival_rates, solved.system_response.shape),
        residence_time=solved.residence_time,
        number=solved.mean_number,
        utilization=shares(arrays, arrays.arrival_rates),
        percentiles=percentiles,
        warnings=warnings,
        assumptions=(
            (
                "open network of product form: every station is as if alone with Poisson arrivals "
                "(exact; Jackson 1963, Baskett et al. 1975)"
            ),
            *notes,
        ),
    )


def _percentiles(arrays: Arrays) -> tuple[dict[str, Array], tuple[str, ...]]:
    """Of one class in order of arrival everywhere; other networks have no known law."""
    in_order = all(kind in ("fcfs", "delay") for kind in arrays.disciplines)
    if len(arrays.classes) > 1 or not in_order or np.isnan(arrays.routing).any():
        return {}, (
            (
                "means only: no law of the response is known for shared service, and none is given "
                "for several classes or where visits stand for the routing"
            ),
        )
    from capcalc.theory.networks import jackson_response

    external = arrays.arrival_rates * arrays.entry[..., 0, :]
    with np.errstate(divide="ignore"):
        speed = 1.0 / arrays.service_times[..., 0, :]
    found = {
        name: np.asarray(
            jackson_response.response_quantile(
                level, external, arrays.routing[..., 0, :, :], speed, arrays.servers
            )
        )[..., np.newaxis]
        for name, level in PERCENTILES.items()
    }
    return found, (
        (
            "percentiles: successive stays taken as independent; exact along paths of single "
            "servers on which nobody overtakes (Walrand, Varaiya 1980), else an approximation"
        ),
    )


def _coming_back(arrays: Arrays) -> tuple[str, ...]:
    """A warning where successive stays are not nearly independent."""
    from capcalc.theory.networks.routing import topological_order

    calls = np.any(arrays.routing.reshape(-1, *arrays.routing.shape[-2:]) > 0, axis=0)
    if topological_order(calls) is not None:
        return ()
    return (
        (
            "requests come back to stations where they have been: p99 and above may be too low, "
            "by 14 to 33 % in networks that were simulated, the median too high"
        ),
    )


def _by_decomposition(arrays: Arrays, reasons: list[str]) -> Found:
    from capcalc.theory.networks import decomposition

    rate = flows(arrays, arrays.arrival_rates)
    total = rate.sum(axis=-2)
    mean, scv = _mixture(arrays, rate, total)
    # visits that are given come from nowhere in particular: as if each were a new request
    entry = np.where(np.isnan(arrays.entry), arrays.visits, arrays.entry)
    calls = np.where(np.isnan(arrays.routing), 0.0, arrays.routing)
    external = arrays.arrival_rates[..., np.newaxis] * entry
    first = external.sum(axis=-2)
    with np.errstate(all="ignore"):
        routing = (rate[..., np.newaxis] * calls).sum(axis=-3) / total[..., np.newaxis]
        routing = np.where(total[..., np.newaxis] == 0, 0.0, routing)
        outside = (external * arrays.arrival_scv[..., np.newaxis]).sum(axis=-2) / first
        outside = np.where(first == 0, 1.0, outside)
        speed = np.where(mean > 0, 1.0 / mean, 1.0)
    solved = decomposition.solve(
        first, routing, speed, arrays.servers, outside, scv, names=arrays.stations
    )
    waits = np.where(_shared(arrays), np.nan, solved.mean_wait)
    residence = _residence(arrays, waits, solved.utilization)
    with np.errstate(invalid="ignore"):
        number = np.where(rate == 0, 0.0, arrays.arrival_rates[..., np.newaxis] * residence)
    return Found(
        method=DECOMPOSITION,
        throughput=np.broadcast_to(arrays.arrival_rates, residence.shape[:-1]),
        residence_time=residence,
        number=number,
        utilization=shares(arrays, arrays.arrival_rates),
        percentiles={},
        warnings=(f"no product form, so the times are approximate: {'; '.join(reasons)}",),
        assumptions=(
            (
                "each station alone as G/G/c with the mean and scv of its arrivals and of the "
                "mixture of its classes (QNA, Whitt 1983): an approximation, responses of three "
                "stations in a row mostly within 12 %, single waits up to 39 % off"
            ),
            "means only: the law of the response is not known",
        ),
    )


def _shared(arrays: Arrays) -> Array:
    """Stations at which nobody waits in order: sharing, interrupting or a server for each."""
    return np.array([kind in ("ps", "lcfs_pr") for kind in arrays.disciplines])


def _mixture(arrays: Arrays, rate: Array, total: Array) -> tuple[Array, Array]:
    """Mean and scv of the service that a station's arrivals ask, all classes mixed."""
    once = arrays.service_times
    with np.errstate(all="ignore"):
        weight = rate / total[..., np.newaxis, :]
        weight = np.where(total[..., np.newaxis, :] == 0, 0.0, weight)
        mean = (weight * once).sum(axis=-2)
        second = (weight * once**2).sum(axis=-2) * (1.0 + arrays.scv)
        scv = np.where(mean > 0, second / mean**2 - 1.0, 1.0)
    return mean, np.maximum(scv, 0.0)


def _residence(arrays: Arrays, waits: Array, busy: Array) -> Array:
    """All visits of a class: wait and own service in order; service stretched where shared."""
    from capcalc.theory.queues import mmc

    wait = waits[..., np.newaxis, :]
    servers = np.where(np.isinf(arrays.servers), 1.0, arrays.servers)
    load = np.where(np.isinf(arrays.servers), 0.0, busy * servers)
    stretch = np.asarray(mmc.mean_response(load, 1.0, servers))[..., np.newaxis, :]
    with np.errstate(invalid="ignore"):
        stay = np.where(np.isnan(wait), arrays.service_times * stretch, wait + arrays.service_times)
        return np.where(arrays.visits == 0, 0.0, arrays.visits * stay)
