r"""Erlang B and C: who is lost, who waits, with :math:`c` servers and load :math:`a`.

Both follow from the reciprocal :math:`I = 1/B`, evaluated without cancellation: by its
recurrence for few servers, by Temme's uniform expansion of the incomplete gamma function for
many, and by Legendre's continued fraction in overload.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
from scipy import special

from capcalc.theory.arrays import Array, Numbers, by_chunks

#: From so many servers on, the uniform expansion holds.
MANY = 20.0
#: Left end of the remainder's table in eta; further left, e^D swamps the remainder.
_ETA_LOW = -1.9221835798769937


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
        Probability; relative error below 1e-12 where it does not underflow.

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
    with np.errstate(all="ignore"):
        return _checked(1.0 / by_chunks(_reciprocal, servers, offered_load), servers, offered_load)


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


def _checked(value: Array, servers: Numbers, offered_load: Numbers) -> Numbers:
    """``nan`` where there is no server or the load is negative."""
    servers, offered_load = np.asarray(servers, float), np.asarray(offered_load, float)
    with np.errstate(invalid="ignore"):
        valid = (servers > 0) & (offered_load >= 0)
    return np.where(valid, value, np.nan)[()]


def _waiting(servers: Array, load: Array) -> Array:
    with np.errstate(all="ignore"):
        waits = servers / (load + (servers - load) * _reciprocal(servers, load))
    return np.where(load >= servers, 1.0, np.where(load == 0, 0.0, waits))


def _log_b(servers: Array, load: Array) -> Array:
    with np.errstate(all="ignore"):
        far = (load < servers) & (servers >= MANY) & (_distance(servers, load) > 36)
        plain = -np.log(_reciprocal(servers, load))
        tail = -(
            _distance(servers, load) + _log_stirling(servers) + 0.5 * np.log(2 * np.pi * servers)
        )
        return np.where(far, tail, np.where(np.isfinite(plain), plain, _log_small(servers, load)))


def _log_small(servers: Array, load: Array) -> Array:
    """Leading term a^c / c! e^-a, for few servers and next to no load."""
    return servers * np.log(load) - load - special.gammaln(servers + 1.0)


def _log_c(servers: Array, load: Array) -> Array:
    with np.errstate(all="ignore"):
        logged = _log_b(servers, load)
        idle = (servers - load + load * np.exp(logged)) / servers
        return np.where(load >= servers, 0.0, logged - np.log(idle))


def _reciprocal(servers: Array, load: Array) -> Array:
    """1 / B, each regime on its own elements."""
    result = np.full(servers.shape, np.nan)
    with np.errstate(all="ignore"):
        over = (load > servers) & (servers >= MANY)
        few = (servers < MANY) & (servers > 0) & (load > 0)
        many = (servers >= MANY) & (load <= servers) & (load > 0)
        for regime, formula in ((over, _overload), (few, _few), (many, _many)):
            if regime.any():
                result[regime] = formula(servers[regime], load[regime])
    result[(load == 0) & (servers > 0)] = np.inf
    return result


def _few(servers: Array, load: Array) -> Array:
    """Recurrence I_k = 1 + (k/a) I_(k-1), upwards from I_0 = 1."""
    whole = np.floor(servers)
    result = np.full(servers.shape, np.nan)
    exact = servers == whole
    reciprocal = np.ones(int(exact.sum()))
    for step in range(int(MANY) - 1, -1, -1):
        k = whole[exact] - step
        reciprocal = np.where(k >= 1, 1.0 + (k / load[exact]) * reciprocal, 1.0)
    result[exact] = reciprocal
    if not exact.all():
        result[~exact] = _fractional(servers[~exact], load[~exact])
    return result


def _fractional(servers: Array, load: Array) -> Array:
    """Few and not whole: from 20 or more servers downwards, I(c) = (I(c+1) - 1) a / (c+1)."""
    if np.any(load > servers):
        over = load > servers
        result = np.empty(servers.shape)
        result[over] = _overload(servers[over], load[over])
        if not over.all():
            result[~over] = _fractional(servers[~over], load[~over])
        return result
    steps = np.ceil(MANY - servers)
    reciprocal = _many(servers + steps, load)
    for step in range(int(steps.max()), 0, -1):
        active = step <= steps
        lower = (reciprocal - 1.0) * load / (servers + step)
        reciprocal = np.where(active, lower, reciprocal)
    return reciprocal


def _many(servers: Array, load: Array) -> Array:
    """Temme's uniform expansion, load at most servers."""
    distance = _distance(servers, load)
    root = np.sqrt(distance)
    scale = np.exp(_log_stirling(servers)) * np.sqrt(np.pi * servers / 2)
    body = scale * (2.0 * np.exp(distance) - special.erfcx(root))
    eta = -np.sqrt(2.0 * distance / servers)
    return 1.0 + body + _remainder(eta, servers)


def _distance(servers: Array, load: Array) -> Array:
    """D = a - c - c ln(a/c) >= 0; by a series in (a-c)/(a+c) where the two are close."""
    ratio = (load - servers) / (load + servers)
    square = ratio * ratio
    series = np.zeros_like(ratio)
    for k in range(12, -1, -1):
        series = series * square + 2.0 / (2 * k + 3)
    close = (load - servers) * ratio - servers * ratio * square * series
    far = (load - servers) + servers * np.log(servers / load)
    return np.where(load >= 0.7 * servers, close, far)


def _log_stirling(servers: Array) -> Array:
    """Ln of c! / (sqrt(2 pi c) (c/e)^c), from 20 on."""
    inverse = 1.0 / servers
    square = inverse * inverse
    return inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))


@cache
def _table() -> Array:
    text = (files("capcalc.theory.queues") / "erlang_remainder.csv").read_text()
    rows = [line.split(",")[1:] for line in text.splitlines()[1:]]
    return np.array([[float(cell or 0) for cell in row] for row in rows])


def _remainder(eta: Array, servers: Array) -> Array:
    """The bounded rest R(eta, 1/c), a polynomial fitted to 60-digit values (error 2e-16)."""
    u = 2.0 * (np.maximum(eta, _ETA_LOW) - _ETA_LOW) / -_ETA_LOW - 1.0
    w = MANY / servers
    result = np.zeros_like(u)
    for row in _table()[::-1]:
        inner = np.zeros_like(w)
        for coefficient in row[::-1]:
            inner = inner * w + coefficient
        result = result * u + inner
    return result


def _overload(servers: Array, load: Array) -> Array:
    """Legendre's continued fraction of Gamma(c+1, a) by Lentz's method, load above servers."""
    b = load - servers
    c, d = np.full(b.shape, 1e300), 1.0 / b
    fraction = d
    for k in range(1, 200_000):
        numerator = -k * (k - 1.0 - servers)
        b = b + 2.0
        d = 1.0 / (numerator * d + b)
        c = b + numerator / c
        change = c * d
        fraction = np.where(np.abs(change - 1.0) < 1e-16, fraction, fraction * change)
        if np.all(np.abs(change - 1.0) < 1e-15):
            break
    return load * fraction
