"""Network in, answer out: open, closed or mixed."""

from __future__ import annotations

import numpy as np

from capcalc.model.network import Network
from capcalc.results.network import Bound, NetworkClass, NetworkSolution, NetworkStation, Visit
from capcalc.solve.network_arrays import Arrays, arrays_of
from capcalc.solve.network_found import Found, flows
from capcalc.theory.arrays import Array


def solve_network(network: Network, method: str = "auto") -> NetworkSolution:
    """Solve a network of stations.

    Parameters
    ----------
    network : Network
        From `load_network`, perhaps with arrays put in by `Network.replace`.
    method : {"auto", "exact", "approximate"}
        Closed classes exactly, by the linearizer, or exactly as long as memory allows.

    Returns
    -------
    NetworkSolution
        Stations, classes and each class at each station. A saturated network is an answer:
        ``inf`` times and numbers where open classes meet a saturated station.

    Raises
    ------
    NoVerdict
        When closed classes are too many for an exact answer and one is insisted on.

    Examples
    --------
    >>> from capcalc.scenarios.networks import load_network
    >>> answer = solve_network(load_network("thread-pool"))
    >>> round(float(answer.request_class("users").throughput), 3), answer.bottleneck
    (29.79, 'threads')
    """
    arrays = arrays_of(network)
    found = _found(arrays, method)
    total = found.utilization.sum(axis=-2)
    served = np.where(np.isinf(arrays.servers), -1.0, total)
    busiest = int(np.argmax(np.max(served.reshape(-1, served.shape[-1]), axis=0)))
    return NetworkSolution(
        name=network.name,
        method=found.method,
        shape=found.throughput.shape[:-1],
        station_results=tuple(_stations(arrays, found, total)),
        class_results=tuple(_classes(arrays, found)),
        visit_results=tuple(_visits(arrays, found)),
        bounds=_bounds(arrays),
        bottleneck=arrays.stations[busiest],
        headroom=_headroom(arrays, served),
        warnings=found.warnings,
        assumptions=found.assumptions,
        defaults=network.inputs.defaults,
    )


def _found(arrays: Arrays, method: str) -> Found:
    if not arrays.closed_classes:
        from capcalc.solve.network_open import solve_open

        return solve_open(arrays)
    from capcalc.solve.network_closed import solve_closed

    return solve_closed(arrays, method)


def _headroom(arrays: Arrays, served: Array) -> Array | None:
    """How many times the load of the open classes fits, if there are no others."""
    if arrays.closed_classes:
        return None
    with np.errstate(divide="ignore"):
        most = np.maximum(served, 0.0).max(axis=-1)
        return np.asarray(1.0 / most)[()]


def _stations(arrays: Arrays, found: Found, total: Array) -> list[NetworkStation]:
    rate = flows(arrays, found.throughput).sum(axis=-2)
    number = found.number.sum(axis=-2)
    work = (flows(arrays, found.throughput) * arrays.service_times).sum(axis=-2)
    with np.errstate(all="ignore"):
        response = np.where(rate == 0, 0.0, number / rate)
        waiting = np.maximum(number - work, 0.0)
        waiting = np.where(np.isinf(arrays.servers), 0.0, waiting)
        wait = np.where(rate == 0, 0.0, waiting / rate)
    return [
        NetworkStation(
            name=name,
            discipline=arrays.disciplines[k],
            servers=arrays.servers[..., k],
            arrival_rate=rate[..., k],
            utilization=total[..., k],
            wait=wait[..., k],
            response=response[..., k],
            queue_length=waiting[..., k],
            number_in_system=number[..., k],
        )
        for k, name in enumerate(arrays.stations)
    ]


def _classes(arrays: Arrays, found: Found) -> list[NetworkClass]:
    response = found.residence_time.sum(axis=-1)
    number = found.number.sum(axis=-1)
    thinking = found.throughput * arrays.think_times
    results = []
    for r, name in enumerate(arrays.classes):
        closed = r in arrays.closed_classes
        results.append(
            NetworkClass(
                name=name,
                kind="closed" if closed else "open",
                throughput=found.throughput[..., r],
                mean=response[..., r],
                number_in_system=number[..., r],
                thinking=thinking[..., r] if closed else None,
                **{key: value[..., r] for key, value in found.percentiles.items()},
            )
        )
    return results


def _visits(arrays: Arrays, found: Found) -> list[Visit]:
    rate = flows(arrays, found.throughput)
    return [
        Visit(
            request_class=each,
            station=name,
            visits=arrays.visits[..., r, k],
            arrival_rate=rate[..., r, k],
            utilization=found.utilization[..., r, k],
            residence_time=found.residence_time[..., r, k],
            number_in_system=found.number[..., r, k],
        )
        for r, each in enumerate(arrays.classes)
        for k, name in enumerate(arrays.stations)
        if np.any(arrays.visits[..., r, k] > 0)
    ]


def _bounds(arrays: Arrays) -> tuple[Bound, ...]:
    if not arrays.closed_classes:
        return ()
    from capcalc.solve.network_closed import bounds

    return bounds(arrays)
