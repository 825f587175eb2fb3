"""Open BCMP networks: several classes, stations FCFS, processor sharing, LCFS-PR or delays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from capcalc.errors import Problem, ScenarioError
from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.networks.routing import arrival_rates as solve_traffic
from capcalc.theory.networks.traffic import Mask
from capcalc.theory.queues import mmc

#: First come first served, processor sharing, last come first served preemptive resume.
DISCIPLINES = ("fcfs", "ps", "lcfs-pr")


class OpenClasses(NamedTuple):
    """Mean values by class (last axis but one) and station (last axis), and of the whole."""

    #: Visits of a class to a station. [1/s]
    arrival_rate: Array
    #: Share of the station's servers that a class keeps busy; 0 at delays.
    utilization: Array
    #: Time that a request of a class spends at a station, over all its visits. [s]
    residence_time: Array
    #: Mean number of a class at a station.
    mean_number: Array
    #: Utilization of each station by all classes together, shape (..., K).
    total_utilization: Array
    #: Time of a request of each class from arrival to exit, shape (..., classes). [s]
    system_response: Array
    #: Requests of each class in the network, shape (..., classes).
    system_number: Array
    #: The factor of all arrivals at which the first station saturates, shape (...).
    saturation: Array


def solve(
    arrival_rates: Numbers,
    visits: Numbers,
    service_times: Numbers,
    servers: Numbers = 1.0,
    discipline: str | Sequence[str] = "ps",
    *,
    names: Sequence[str] | None = None,
) -> OpenClasses:
    r"""Mean values of an open network of product form with several classes.

    .. math:: a_{rk} = \lambda_r v_{rk} S_{rk}, \qquad L_k = L_{M/M/c_k}(\textstyle\sum_r a_{rk}),
              \qquad L_{rk} = L_k \, a_{rk} / a_k

    at processor sharing and at a single LCFS-PR server, for any law of the service; at FCFS the
    service is exponential and the same for all classes, so that each waits the same. Delays
    (``servers`` ``inf``) hold :math:`a_{rk}`. Exact.

    Parameters
    ----------
    arrival_rates : array_like, shape (..., classes)
        :math:`\lambda_r`: requests of each class from outside. [1/s]
    visits : array_like, shape (..., classes, K)
        :math:`v_{rk}`: mean visits of a request, see :func:`visits_by_class`.
    service_times : array_like, shape (..., classes, K)
        :math:`S_{rk}`: mean service time in one visit. [s]
    servers : array_like, shape (..., K)
        :math:`c \ge 1`, or ``inf``.
    discipline : {"fcfs", "ps", "lcfs-pr"} or sequence of them
        Of all stations or of each; it makes no difference at delays.
    names : sequence of str, optional
        Names of the stations, for the error.

    Returns
    -------
    OpenClasses
        ``inf`` times and numbers of the classes that visit a saturated station.

    Raises
    ------
    ScenarioError
        For a FCFS station whose classes differ in service time, an LCFS-PR station with
        several servers, or an unknown discipline: these have no product form.

    References
    ----------
    .. [1] F. Baskett, K. M. Chandy, R. R. Muntz, F. G. Palacios, "Open, closed, and mixed
       networks of queues with different classes of customers", J. ACM 22(2), 1975.
    .. [2] E. D. Lazowska, J. Zahorjan, G. S. Graham, K. C. Sevcik, *Quantitative System
       Performance*, Prentice-Hall, 1984, sec. 7.3.

    Examples
    --------
    >>> two = solve([3 / 19, 2 / 19], [[1, 1], [1, 1]], [[1, 3], [2, 4]])
    >>> two.residence_time.round(6), two.system_response.round(6)
    (array([[ 1.583333, 28.5     ], [ 3.166667, 38. ]]), array([30.083333, 41.166667]))
    """
    often, once = np.asarray(visits, dtype=float), np.asarray(service_times, dtype=float)
    each = np.asarray(arrival_rates, dtype=float)[..., np.newaxis]
    count = np.asarray(servers, dtype=float)[..., np.newaxis, :] if np.ndim(servers) else servers
    often, once, each, whole = np.broadcast_arrays(often, once, each, np.asarray(count, float))
    with np.errstate(all="ignore"):
        flow = np.where((each == 0) | (often == 0), 0.0 * each * often, each * often)
        work = np.where(flow == 0, 0.0 * flow, flow * once)
    delay = np.isinf(whole[..., 0, :]) & (whole[..., 0, :] > 0)
    _require_product_form(discipline, once, flow > 0, whole[..., 0, :], names)
    return _solve(each[..., 0], flow, work, once, often, whole[..., 0, :], delay)


def _solve(
    rate: Array, flow: Array, work: Array, once: Array, often: Array, servers: Array, delay: Mask
) -> OpenClasses:
    bad = (flow < 0) | (work < 0) | np.isnan(work) | (once < 0) | (often < 0) | np.isinf(flow)
    wrong = np.asarray(bad.any(axis=-2)) | ~(servers >= 1)
    with np.errstate(all="ignore"):
        load = np.where(wrong, np.nan, np.add.reduce(work, axis=-2))
        shared = np.where(delay, 0.0, load)
        real = np.where(delay, 1.0, servers)
        total = np.where(delay & ~wrong, 0.0, np.asarray(mmc.utilization(shared, 1.0, real)))
        # time in the station over time in service: L / a, of one unit of work
        stretch = np.asarray(mmc.mean_response(shared, 1.0, real))
        stretch = np.where(delay & ~wrong, 1.0, np.where(wrong, np.nan, stretch))
        stretch = stretch[..., np.newaxis, :]
        idle = ((often == 0) | (once == 0)) & ~wrong[..., np.newaxis, :]
        residence = np.where(idle, 0.0, often * once * stretch)
        inside = np.where((work == 0) & ~wrong[..., np.newaxis, :], 0.0, work * stretch)
        share = np.where(delay[..., np.newaxis, :], 0.0, work / real[..., np.newaxis, :])
        share = np.where(wrong[..., np.newaxis, :], np.nan, share)
        scale = np.where(total > 0, 1.0 / total, np.where(np.isnan(total), np.nan, np.inf))
    return OpenClasses(
        flow, share, residence, inside, total, residence.sum(axis=-1)[()],
        np.where(rate == 0, 0.0, inside.sum(axis=-1)), scale.min(axis=-1)[()],
    )  # fmt: skip


def _require_product_form(
    discipline: str | Sequence[str],
    once: Array,
    served: Array,
    servers: Array,
    names: Sequence[str] | None,
) -> None:
    """Refuse by name what has no product form."""
    count = once.shape[-1]
    kinds = [discipline] * count if isinstance(discipline, str) else list(discipline)
    problems = []
    for k, kind in enumerate(kinds):
        name = names[k] if names is not None else f"station {k}"
        if kind not in DISCIPLINES:
            problems.append(f"{name}: {kind} is none of {', '.join(DISCIPLINES)}")
        least = np.where(served[..., k], once[..., k], np.inf).min(axis=-1)
        most = np.where(served[..., k], once[..., k], -np.inf).max(axis=-1)
        queue: Mask = servers[..., k] < np.inf
        if kind == "fcfs" and np.any(queue & (most > least)):
            problems.append(
                f"{name}: first come first served needs one service time of all classes"
            )
        if kind == "lcfs-pr" and np.any(queue & (servers[..., k] > 1)):
            problems.append(f"{name}: last come first served has no product form with servers > 1")
    if problems:
        hint = "processor sharing (ps) has one"
        raise ScenarioError(Problem(key="discipline", message=text, hint=hint) for text in problems)


def visits_by_class(
    external_arrival_rates: Numbers,
    routing: Numbers,
    *,
    exits: Numbers | None = None,
    names: Sequence[str] | None = None,
) -> tuple[Array, Array]:
    r"""Arrivals of each class from outside, and its visits to each station.

    Parameters
    ----------
    external_arrival_rates : array_like, shape (..., classes, K)
        Requests of each class that come to each station from outside. [1/s]
    routing : array_like, shape (..., K, K) or (..., classes, K, K)
        Probability that a request goes from station i to station j, for all classes or each.
    exits : array_like, shape (..., classes, K), optional
        Probability that a request leaves after station i.
    names : sequence of str, optional
        Names of the stations, for the error.

    Returns
    -------
    arrival_rates : ndarray, shape (..., classes)
        [1/s]
    visits : ndarray, shape (..., classes, K)
        0 for a class of which nothing comes.

    References
    ----------
    .. [1] F. Baskett, K. M. Chandy, R. R. Muntz, F. G. Palacios, J. ACM 22(2), 1975, sec. 3.2.

    Examples
    --------
    >>> rates, visits = visits_by_class([[2.0, 0.0]], [[[0.0, 0.5], [1.0, 0.0]]])
    >>> rates, visits
    (array([2.]), array([[2., 1.]]))
    """
    first = np.asarray(external_arrival_rates, dtype=float)
    rates = solve_traffic(first, routing, exits, names=names)
    whole = np.broadcast_to(first, rates.shape).sum(axis=-1)
    with np.errstate(all="ignore"):
        visits = np.where(rates == 0, 0.0, rates / whole[..., np.newaxis])
    return whole, visits
