"""M^X/M/c: Poisson arrivals of whole batches, exponential service, c servers, one queue."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, spare_rate
from capcalc.theory.queues import mmc

#: More servers than this are not worked out: the answer is ``nan``.
MOST_SERVERS = 4096
_LARGE = 1e150


def utilization(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, batch_law: Numbers
) -> Numbers:
    r"""Share of servers that are busy, :math:`\rho = \lambda E X / (c\mu)`.

    Parameters
    ----------
    arrival_rate, service_rate : array_like
        :math:`\lambda`, rate of batches; :math:`\mu` of one server. [1/s]
    servers : array_like
        :math:`1 \le c \le 4096`, whole; ``nan`` for others.
    batch_law : array_like
        :math:`P(X = 1), P(X = 2), \dots` on the last axis, which the others do not have;
        positive multiples of them do as well.

    References
    ----------
    .. [1] D. Gross, C. M. Harris, *Fundamentals of Queueing Theory*, 3rd ed., Wiley, 1998,
       sec. 3.1.

    Examples
    --------
    >>> float(utilization(1, 1, 4, batch_law=[0.5, 0, 0.5]))
    0.5
    """
    rate, speed, count, law = _parts(arrival_rate, service_rate, servers, batch_law)
    with np.errstate(all="ignore"):
        return np.asarray(rate * _moment(law, 1) / (count * speed))[()]


def mean_number(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, batch_law: Numbers
) -> Numbers:
    r"""Mean number of requests waiting or served, exact.

    .. math:: L = \frac{\tfrac12 \lambda E X(X+1) + \mu \sum_{m<c} m (c-m) \pi_m}
                       {c\mu - \lambda E X}, \qquad
              \mu \min(n+1, c)\, \pi_{n+1} = \lambda \sum_{j \le n} \pi_j P(X > n - j)

    The probabilities are scaled by :math:`\mu \sum_{m<c} (c-m) \pi_m = c\mu - \lambda E X`:
    only those of fewer than c requests are needed, and nothing is subtracted. One pass per
    server, over all elements at once.

    Parameters
    ----------
    arrival_rate, service_rate, servers, batch_law : array_like
        As for :func:`utilization`.

    Returns
    -------
    float or ndarray
        Number; ``inf`` where saturated.

    References
    ----------
    .. [1] M. L. Chaudhry, J. G. C. Templeton, *A First Course in Bulk Queues*, Wiley, 1983,
       ch. 5 (the model; the sums here are level crossings).

    Examples
    --------
    >>> float(mean_number(0.125, 1, 1, batch_law=[0, 0, 0, 1]))
    2.5
    """
    rate, speed, count, law = _parts(arrival_rate, service_rate, servers, batch_law)
    with np.errstate(all="ignore"):
        mean, pairs = _moment(law, 1), 0.5 * (_moment(law, 1) + _moment(law, 2))
        spare = -spare_rate(count * speed, mean, rate)
        idle, held = _below(rate / speed, count, law)
        number = (rate * pairs + spare * (held / idle)) / spare
        return np.where(np.isnan(spare), np.nan, np.where(spare > 0, number, np.inf))[()]


def mean_response(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, batch_law: Numbers
) -> Numbers:
    r"""Mean time from arrival to departure of a request, :math:`W = L / (\lambda E X)`. [s]

    Parameters
    ----------
    arrival_rate, service_rate, servers, batch_law : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> float(mean_response(0.125, 1, 1, batch_law=[0, 0, 0, 1]))
    5.0
    """
    rate, _, _, law = _parts(arrival_rate, service_rate, servers, batch_law)
    number = np.asarray(mean_number(arrival_rate, service_rate, servers, batch_law))
    with np.errstate(all="ignore"):
        return np.asarray(number / (rate * _moment(law, 1)))[()]


def mean_wait(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, batch_law: Numbers
) -> Numbers:
    r"""Mean time from arrival to the start of service, :math:`W_q = W - 1/\mu`. [s]

    The difference costs digits where hardly any request waits.

    Parameters
    ----------
    arrival_rate, service_rate, servers, batch_law : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> float(mean_wait(0.125, 1, 1, batch_law=[0, 0, 0, 1]))
    4.0
    """
    response = np.asarray(mean_response(arrival_rate, service_rate, servers, batch_law))
    with np.errstate(all="ignore"):
        return np.maximum(response - 1.0 / np.asarray(service_rate, dtype=float), 0.0)[()]


def mean_queue_length(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, batch_law: Numbers
) -> Numbers:
    r"""Mean number of requests waiting, :math:`L_q = \lambda E X \, W_q` (Little).

    Parameters
    ----------
    arrival_rate, service_rate, servers, batch_law : array_like
        As for :func:`utilization`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> float(mean_queue_length(0.125, 1, 1, batch_law=[0, 0, 0, 1]))
    2.0
    """
    rate, _, _, law = _parts(arrival_rate, service_rate, servers, batch_law)
    wait = mean_wait(arrival_rate, service_rate, servers, batch_law)
    return mmc.held(rate * _moment(law, 1), wait)


def _parts(
    rate: Numbers, speed: Numbers, servers: Numbers, law: Numbers
) -> tuple[Array, Array, Array, Array]:
    """All in their common shape, the law with one more axis and a sum of 1; ``nan`` if bad."""
    sizes = np.atleast_1d(np.asarray(law, dtype=float))
    with np.errstate(all="ignore"):
        sizes = sizes / np.sum(sizes, axis=-1, keepdims=True)
        kept = np.all(sizes >= 0, axis=-1)
        flow, pace, count, fine = np.broadcast_arrays(
            *(np.asarray(value, dtype=float) for value in (rate, speed, servers)), kept
        )
        good = (flow >= 0) & (pace > 0) & (count >= 1) & (count <= MOST_SERVERS) & fine
        good = good & (count == np.floor(count)) & np.isfinite(flow + pace)
    sizes = np.broadcast_to(sizes, (*flow.shape, sizes.shape[-1]))
    return np.where(good, flow, np.nan), pace, count, sizes


def _moment(law: Array, order: int) -> Array:
    """A moment of the size of a batch."""
    sizes = np.arange(1, law.shape[-1] + 1, dtype=float) ** order
    moment: Array = np.sum(law * sizes, axis=-1)
    return moment


def _below(load: Array, count: Array, law: Array) -> tuple[Array, Array]:
    """Sums of (c - m) p_m and m (c - m) p_m over m < c, to a common factor."""
    # share of batches of more than 0, 1, ... requests; the newest probability comes first
    longer = np.cumsum(law[..., ::-1], axis=-1)[..., ::-1]
    recent = np.zeros(law.shape)
    recent[..., 0] = 1.0
    idle, held = np.array(count, dtype=float), np.zeros(count.shape)
    most = count[np.isfinite(load)]
    for number in range(1, int(most.max()) if most.size else 0):
        here = load / number * np.sum(recent * longer, axis=-1)
        left = np.where(count > number, count - number, 0.0) * np.where(count > number, here, 0.0)
        idle, held = idle + left, held + number * left
        recent = np.concatenate([here[..., np.newaxis], recent[..., :-1]], axis=-1)
        scale = np.where((here > _LARGE) | (idle > _LARGE), 1.0 / _LARGE, 1.0)
        idle, held = idle * scale, held * scale
        recent = recent * scale[..., np.newaxis]
    return idle, held
