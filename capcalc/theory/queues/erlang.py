r"""Erlang B and C: who is lost, who waits, with :math:`c` servers and load :math:`a`.

Everything follows from :math:`J = 1/B - 1`, which every regime gives without cancellation: its
recurrence for few servers, Temme's uniform expansion of the incomplete gamma function for many,
Legendre's continued fraction far in overload. Then

.. math:: B = \frac{1}{1 + J}, \qquad C = \frac{1}{1 + (1 - a/c) J}
"""

from __future__ import annotations

import numpy as np
from scipy import special

from capcalc.theory.arrays import Array, Numbers, by_chunks
from capcalc.theory.queues import temme
from capcalc.theory.queues.temme import MANY


def erlang_b(servers: Numbers, offered_load: Numbers) -> Numbers:
    r"""Share of arrivals that find all servers busy and are lost, :math:`B(c, a)`.

    .. math:: B(c, a) = \frac{a^c / c!}{\sum_{k=0}^{c} a^k / k!}

    Real numbers of servers are allowed: then :math:`1/B = a \int_0^\infty e^{-at}(1+t)^c dt`.

    Parameters
    ----------
    servers : array_like
        :math:`c > 0`.
    offered_load : array_like
        :math:`a = \lambda S \ge 0`, in erlangs.

    Returns
    -------
    float or ndarray
        Probability; relative error below 1e-13 where it does not underflow.

    References
    ----------
    .. [1] A. K. Erlang, "Solution of some problems in the theory of probabilities of
       significance in automatic telephone exchanges", Elektroteknikeren 13, 1917.
    .. [2] N. M. Temme, "The asymptotic expansion of the incomplete gamma functions", SIAM J.
       Math. Anal. 10(4), 1979, sec. 3.

    Examples
    --------
    >>> round(float(erlang_b(20, 16)), 10)
    0.0644109248
    """
    return _checked(by_chunks(_lost, servers, offered_load), servers, offered_load)


def erlang_c(servers: Numbers, offered_load: Numbers) -> Numbers:
    r"""Share of arrivals that have to wait, :math:`C(c, a)`.

    .. math:: C = \frac{c B}{c - a (1 - B)} = \frac{c}{a + (c - a) / B}

    Parameters
    ----------
    servers : array_like
        :math:`c > 0`.
    offered_load : array_like
        :math:`a \ge 0`, in erlangs; from :math:`a \ge c` on all wait: 1.

    Returns
    -------
    float or ndarray
        Probability.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.5.

    Examples
    --------
    >>> round(float(erlang_c(100, 90)), 5)
    0.21694
    """
    return _checked(by_chunks(_waiting, servers, offered_load), servers, offered_load)


def log_erlang_b(servers: Numbers, offered_load: Numbers) -> Numbers:
    r"""Natural logarithm of :math:`B(c, a)`, also where B underflows.

    .. math:: \ln B \approx -(D + \ln G + \tfrac12 \ln 2\pi c), \quad D = a - c - c \ln(a/c)

    for large D, else from :math:`1/B`.

    Parameters
    ----------
    servers, offered_load : array_like
        As for :func:`erlang_b`.

    References
    ----------
    .. [1] N. M. Temme, SIAM J. Math. Anal. 10(4), 1979, sec. 3.

    Examples
    --------
    >>> round(float(log_erlang_b(10_000, 5_000)), 3)
    -1936.996
    """
    return _checked(by_chunks(_log_b, servers, offered_load), servers, offered_load)


def log_erlang_c(servers: Numbers, offered_load: Numbers) -> Numbers:
    r"""Natural logarithm of :math:`C(c, a)`, also where C underflows.

    .. math:: \ln C = \ln B - \ln\left(1 - \frac{a}{c} (1 - B)\right)

    Parameters
    ----------
    servers, offered_load : array_like
        As for :func:`erlang_c`.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.5.

    Examples
    --------
    >>> round(float(log_erlang_c(20, 16)), 4)
    -1.3623
    """
    return _checked(by_chunks(_log_c, servers, offered_load), servers, offered_load)


def carried_to_lost(servers: Numbers, offered_load: Numbers) -> Numbers:
    r"""Arrivals that are served for each that is lost, :math:`(1 - B) / B`.

    Precise where nearly all are lost, and ``inf`` where B underflows.

    Parameters
    ----------
    servers, offered_load : array_like
        As for :func:`erlang_b`.

    References
    ----------
    .. [1] N. M. Temme, SIAM J. Math. Anal. 10(4), 1979, sec. 3.

    Examples
    --------
    >>> float(carried_to_lost(1, 4.0))
    0.25
    """
    return _checked(by_chunks(_ratio, servers, offered_load), servers, offered_load)


def _ratio(servers: Array, load: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(_excess(servers, load))


def _checked(value: Array, servers: Numbers, offered_load: Numbers) -> Numbers:
    """``nan`` where there is no server or the load is negative."""
    servers, offered_load = np.asarray(servers, float), np.asarray(offered_load, float)
    with np.errstate(invalid="ignore"):
        valid = (servers > 0) & (offered_load >= 0)
    return np.where(valid, value, np.nan)[()]


def _lost(servers: Array, load: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(1.0 / (1.0 + _excess(servers, load)))


def _waiting(servers: Array, load: Array) -> Array:
    with np.errstate(all="ignore"):
        waits = servers / (servers + (servers - load) * _excess(servers, load))
        return np.where(load >= servers, 1.0, waits)


def _log_b(servers: Array, load: Array) -> Array:
    with np.errstate(all="ignore"):
        excess = _excess(servers, load)
        logged = np.asarray(-np.log1p(excess))
        tiny = np.isinf(excess) & (load > 0)
        if tiny.any():
            logged[tiny] = _log_tiny(servers[tiny], load[tiny])
    return logged


def _log_c(servers: Array, load: Array) -> Array:
    with np.errstate(all="ignore"):
        excess = _excess(servers, load)
        logged = np.asarray(-np.log1p((servers - load) * (excess / servers)))
        tiny = np.isinf(excess) & (load > 0)
        if tiny.any():
            spare = (servers[tiny] - load[tiny]) / servers[tiny]
            logged[tiny] = _log_tiny(servers[tiny], load[tiny]) - np.log(spare)
    return np.where(load >= servers, 0.0, logged)


def _log_tiny(servers: Array, load: Array) -> Array:
    """Ln B where B underflows: the leading term a^c e^-a / c!."""
    many = temme.log_leading(servers, load)
    few = servers * np.log(load) - load - special.gammaln(servers + 1.0)
    return np.where(servers >= MANY, many, few)


def _excess(servers: Array, load: Array) -> Array:
    """J = 1/B - 1, each regime on its own elements."""
    result = np.where((load == 0) & (servers > 0), np.inf, np.nan)
    some, many = (servers > 0) & (load > 0) & (load < np.inf), servers >= MANY
    whole = servers == np.floor(servers)
    regimes = (
        (some & many & (load <= servers), temme.excess_below),
        (some & many & (load > servers) & (load <= 2.0 * servers), temme.excess_above),
        (some & many & (load > 2.0 * servers), _far_overload),
        (some & ~many & whole, _few),
        (some & ~many & ~whole, _fractional),
    )
    for regime, formula in regimes:
        if regime.all():
            return formula(servers, load)
        if regime.any():
            result[regime] = formula(servers[regime], load[regime])
    result[(servers > 0) & (load == np.inf)] = 0.0
    return result


def _few(servers: Array, load: Array) -> Array:
    """Recurrence J_k = (k/a) (1 + J_(k-1)), upwards from J_0 = 0."""
    excess = np.zeros(servers.shape)
    for step in range(int(MANY) - 2, -1, -1):
        excess = np.maximum(servers - step, 0.0) / load * (1.0 + excess)
    return excess


def _fractional(servers: Array, load: Array) -> Array:
    """The same recurrence from the fraction of a server, an incomplete gamma function."""
    part = servers - np.floor(servers)
    excess = np.empty(servers.shape)
    low = load <= MANY
    excess[low] = _part_of_a_server(part[low], load[low])
    excess[~low] = _far_overload(part[~low], load[~low])
    for step in range(int(MANY) - 2, -1, -1):
        higher = servers - step
        excess = np.where(higher > 1, higher / load * (1.0 + excess), excess)
    return excess


def _part_of_a_server(part: Array, load: Array) -> Array:
    """J below one server: f e^a a^-f Gamma(f, a)."""
    scale = np.exp(load - part * np.log(load)) * special.gamma(part + 1.0)
    return np.asarray(scale * special.gammaincc(part, load))


def _far_overload(servers: Array, load: Array) -> Array:
    """Legendre's continued fraction of Gamma(c, a), by Lentz's method; settled elements stay."""
    b = load - servers + 1.0
    c, d = np.full(b.shape, np.inf), 1.0 / b
    fraction, moving = d, np.ones(b.shape, dtype=bool)
    for k in range(1, 100):
        numerator = -k * (k - servers)
        b = b + 2.0
        d = 1.0 / (numerator * d + b)
        c = b + numerator / c
        fraction = np.where(moving, fraction * (c * d), fraction)
        moving &= np.abs(c * d - 1.0) > 2e-16
        if not moving.any():
            break
    return np.asarray(servers * fraction)
