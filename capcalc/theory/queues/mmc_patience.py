"""M/M/c with one fixed patience: who has waited so long leaves without service (M/M/c+D)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from capcalc.theory.arrays import Array, Numbers, broadcast
from capcalc.theory.queues.erlang import log_erlang_b

#: Above it the series of the mean is summed by its closed form; below, the form cancels.
SMALL = 1e-3
#: Logarithm of a weight beside which all others vanish.
LARGE = 700.0


def prob_loss(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, patience: Numbers
) -> Numbers:
    r"""Share of arrivals that leave without service.

    The virtual wait v has density :math:`\lambda \pi_{c-1} e^{-(c\mu - \lambda) v}` up to the
    patience :math:`\tau` and falls with :math:`c\mu` beyond it, where nobody joins:

    .. math:: P = \frac{T}{1/B_{c-1} + A + T}, \qquad
       A = \lambda \frac{1 - e^{-\theta \tau}}{\theta}, \quad
       T = \frac{\lambda}{c\mu} e^{-\theta \tau}, \quad \theta = c\mu - \lambda

    with Erlang's :math:`B_{c-1}` of one server less. Exact; finite at any load.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda`, and :math:`\mu` of each server. [1/s]
    servers : array_like
        :math:`c \ge 1`.
    patience : array_like
        :math:`\tau \ge 0`, the longest wait that anybody bears. [s]

    References
    ----------
    .. [1] D. Y. Barrer, "Queuing with impatient customers and ordered service", Operations
       Research 5, 1957.
    .. [2] F. Baccelli, G. Hebuterne, "On queues with impatient customers", Performance '81.

    Examples
    --------
    >>> round(float(prob_loss(1.0, 1.0, 1.0, 4.0)), 6)
    0.166667
    """
    parts = _parts(arrival_rate, service_rate, servers, patience)
    with np.errstate(all="ignore"):
        return np.where(parts.good, parts.late / (parts.served + parts.late), np.nan)[()]


def prob_wait(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, patience: Numbers
) -> Numbers:
    r"""Share of those served who have to wait for it, :math:`A / (1/B_{c-1} + A)`.

    Parameters
    ----------
    arrival_rate, service_rate, servers, patience : array_like
        As for :func:`prob_loss`.

    References
    ----------
    .. [1] D. Y. Barrer, Operations Research 5, 1957.

    Examples
    --------
    >>> float(prob_wait(1.0, 1.0, 1.0, 4.0))
    0.8
    """
    parts = _parts(arrival_rate, service_rate, servers, patience)
    with np.errstate(all="ignore"):
        return np.where(parts.good, parts.waits / parts.served, np.nan)[()]


def mean_wait(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, patience: Numbers
) -> Numbers:
    r"""Mean wait of those served. [s]

    .. math:: \frac{\lambda \int_0^\tau v e^{-\theta v} dv}{1/B_{c-1} + A}

    Parameters
    ----------
    arrival_rate, service_rate, servers, patience : array_like
        As for :func:`prob_loss`.

    References
    ----------
    .. [1] D. Y. Barrer, Operations Research 5, 1957.

    Examples
    --------
    >>> float(mean_wait(1.0, 1.0, 1.0, 4.0))
    1.6
    """
    parts = _parts(arrival_rate, service_rate, servers, patience)
    with np.errstate(all="ignore"):
        waiting = parts.waits / parts.served
        return np.where(parts.good, waiting * parts.mean_of_waits, np.nan)[()]


def utilization(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, patience: Numbers
) -> Numbers:
    r"""Share of time that a server is busy, :math:`\lambda (1 - P) / (c \mu)`.

    Parameters
    ----------
    arrival_rate, service_rate, servers, patience : array_like
        As for :func:`prob_loss`.

    References
    ----------
    .. [1] D. Y. Barrer, Operations Research 5, 1957.

    Examples
    --------
    >>> round(float(utilization(1.0, 1.0, 1.0, 4.0)), 6)
    0.833333
    """
    rate, speed, count, _ = broadcast(arrival_rate, service_rate, servers, patience)
    parts = _parts(arrival_rate, service_rate, servers, patience)
    with np.errstate(all="ignore"):
        served = parts.served / (parts.served + parts.late)
        return np.where(parts.good, rate / (count * speed) * served, np.nan)[()]


@dataclass(frozen=True)
class _Parts:
    """Weights of a free server, of a wait below the patience and above; all on one scale."""

    waits: Array
    late: Array
    served: Array
    mean_of_waits: Array
    good: Array


def _parts(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, patience: Numbers
) -> _Parts:
    rate, speed, count, limit = broadcast(arrival_rate, service_rate, servers, patience)
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (rate < np.inf) & (speed > 0) & (speed < np.inf)
        good = good & (count >= 1) & (count < np.inf) & (limit >= 0) & (limit < np.inf)
        steep = (count * speed - rate) * limit
        load = rate / speed
        log_b = np.where(count > 1, log_erlang_b(np.maximum(count - 1.0, 1.0), load), 0.0)
        free = np.exp(np.minimum(np.minimum(steep, 0.0) - log_b, LARGE))
        size = np.abs(steep)
        ratio = np.where(size > 0, -np.expm1(-size) / np.where(size > 0, size, 1.0), 1.0)
        waits = rate * limit * ratio
        late = rate / (count * speed) * np.exp(-np.maximum(steep, 0.0))
        mean = limit * _centre(steep)
        idle = rate == 0
        free = np.where(idle, 1.0, free)
    return _Parts(
        waits=np.where(idle, 0.0, waits),
        late=np.where(idle, 0.0, late),
        served=np.where(idle, 1.0, free + waits),
        mean_of_waits=np.where(idle, 0.0, mean),
        good=np.asarray(good),
    )


def _centre(steep: Array) -> Array:
    """Mean of a time on [0, 1] whose density goes as exp(-x t): 1/x - 1/(e^x - 1)."""
    large = np.abs(steep) > SMALL
    safe = np.where(large, steep, 1.0)
    closed = 1.0 / safe - 1.0 / np.expm1(safe)
    return np.where(large, closed, 0.5 - steep / 12.0 + steep**3 / 720.0)
