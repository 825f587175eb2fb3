r"""Temme's uniform expansion of :math:`1/B` for 20 servers and more, on both sides of a = c.

.. math:: \frac1B = 1 + G \sqrt{\frac{\pi c}{2}} \left(2 e^D - \mathrm{erfcx} \sqrt D\right)
          + R(\eta, 1/c), \qquad D = a - c - c \ln\frac{a}{c} = \frac{c \eta^2}{2}

below a = c, with :math:`G = c!\,/(\sqrt{2\pi c}\,(c/e)^c)`; above it the bracket is
:math:`\mathrm{erfcx} \sqrt D` alone. R is bounded and smooth: two polynomials in
:math:`\eta` and 20/c, fitted to 45- and 60-digit values, in the tables beside this file.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from scipy import special

from capcalc.theory.arrays import Array

#: From so many servers on, the uniform expansion holds.
MANY = 20.0
#: Left end of the table below a = c; further left, e^D swamps the remainder.
_ETA_LOW = -1.9221835798769937
#: Right end of the table above a = c, where the load is twice the servers.
_ETA_HIGH = 0.7833936678835931
_LN2_HIGH, _LN2_LOW = 0.6931471805599453, 2.3190468138462996e-17
_SPLITTER = 134217729.0


def excess_below(servers: Array, load: Array) -> Array:
    r""":math:`1/B - 1` where the load is at most the servers; D in twice the precision.

    Parameters
    ----------
    servers : ndarray
        :math:`c \ge 20`.
    load : ndarray
        :math:`0 < a \le c`, in erlangs.

    References
    ----------
    .. [1] N. M. Temme, "The asymptotic expansion of the incomplete gamma functions", SIAM J.
       Math. Anal. 10(4), 1979, sec. 3.

    Examples
    --------
    >>> excess_below(np.array([20.0]), np.array([16.0])).round(6)
    array([14.525317])
    """
    high, low = _distance(servers, load)
    scale = np.exp(_log_stirling(servers)) * np.sqrt(np.pi * servers / 2)
    growth = 2.0 * np.exp(high) * (1.0 + low) - special.erfcx(np.sqrt(high))
    eta = np.maximum(-np.sqrt(2.0 * high / servers), _ETA_LOW)
    return scale * growth + _polynomial("erlang_remainder", -2.0 * eta / _ETA_LOW + 1.0, servers)


def excess_above(servers: Array, load: Array) -> Array:
    r""":math:`1/B - 1` where the load is above the servers, up to twice as much.

    Parameters
    ----------
    servers : ndarray
        :math:`c \ge 20`.
    load : ndarray
        :math:`c < a \le 2c`, in erlangs.

    References
    ----------
    .. [1] N. M. Temme, "The asymptotic expansion of the incomplete gamma functions", SIAM J.
       Math. Anal. 10(4), 1979, sec. 3.

    Examples
    --------
    >>> excess_above(np.array([20.0]), np.array([30.0])).round(6)
    array([1.630991])
    """
    high, _ = _distance(servers, load)
    scale = np.exp(_log_stirling(servers)) * np.sqrt(np.pi * servers / 2)
    eta = np.minimum(np.sqrt(2.0 * high / servers), _ETA_HIGH)
    rest = _polynomial("erlang_overload", 2.0 * eta / _ETA_HIGH - 1.0, servers)
    return scale * special.erfcx(np.sqrt(high)) + rest


def lower_below(servers: Array, load: Array) -> Array:
    r"""The other part of the gamma function, :math:`\sum_{j \ge 1} a^j / ((c+1) \cdots (c+j))`.

    Parameters
    ----------
    servers, load : ndarray
        As for :func:`excess_below`; near :math:`a = c`, where the sum is some
        :math:`\sqrt{\pi c / 2}` and nothing cancels.

    References
    ----------
    .. [1] N. M. Temme, "The asymptotic expansion of the incomplete gamma functions", SIAM J.
       Math. Anal. 10(4), 1979, sec. 3.

    Examples
    --------
    >>> lower_below(np.array([20.0]), np.array([20.0])).round(6)
    array([4.9632])
    """
    high, _ = _distance(servers, load)
    scale = np.exp(_log_stirling(servers)) * np.sqrt(np.pi * servers / 2)
    eta = np.maximum(-np.sqrt(2.0 * high / servers), _ETA_LOW)
    rest = _polynomial("erlang_remainder", -2.0 * eta / _ETA_LOW + 1.0, servers)
    return scale * special.erfcx(np.sqrt(high)) - 1.0 - rest


def log_whole(servers: Array, load: Array) -> Array:
    r"""Both parts together, :math:`\ln [\Gamma(c + 1) e^a a^{-c}]`, on both sides of a = c.

    Parameters
    ----------
    servers : ndarray
        :math:`c \ge 20`.
    load : ndarray
        :math:`a > 0`.

    References
    ----------
    .. [1] N. M. Temme, "The asymptotic expansion of the incomplete gamma functions", SIAM J.
       Math. Anal. 10(4), 1979, sec. 3.

    Examples
    --------
    >>> log_whole(np.array([20.0]), np.array([20.0])).round(6)
    array([2.420971])
    """
    near = load <= 2.0 * servers
    high = load - servers - servers * np.log(load / servers)
    low = np.zeros_like(high)
    high[near], low[near] = _distance(servers[near], load[near])
    return high + (low + _log_stirling(servers) + 0.5 * np.log(2.0 * np.pi * servers))


def log_leading(servers: Array, load: Array) -> Array:
    r"""Leading term of :math:`\ln B` where B is next to nothing.

    .. math:: \ln B \approx -(D + \ln G + \tfrac12 \ln 2\pi c)

    Parameters
    ----------
    servers : ndarray
        :math:`c \ge 20`.
    load : ndarray
        :math:`0 < a < c`, in erlangs.

    References
    ----------
    .. [1] N. M. Temme, "The asymptotic expansion of the incomplete gamma functions", SIAM J.
       Math. Anal. 10(4), 1979, sec. 3.

    Examples
    --------
    >>> log_leading(np.array([10_000.0]), np.array([5_000.0])).round(3)
    array([-1936.996])
    """
    high, low = _distance(servers, load)
    return np.asarray(-(high + (low + _log_stirling(servers) + 0.5 * np.log(2 * np.pi * servers))))


def _distance(servers: Array, load: Array) -> tuple[Array, Array]:
    """D = a - c - c ln(a/c) >= 0 and its rounding error; first a is doubled until next to c."""
    octaves = np.log2(servers / load)
    if np.isinf(octaves).any():  # the ratio is beyond all doubles, its logarithm is not
        octaves = np.log2(servers) - np.log2(load)
    doublings = np.maximum(np.ceil(octaves - 0.5), 0.0)
    near = np.ldexp(load, doublings.astype(np.int64))
    high, low = _close_distance(servers, near)
    if not doublings.any():
        return high, low
    count, count_error = _product(servers, doublings)
    logs, logs_error = _product(count, np.full(count.shape, _LN2_HIGH))
    logs_error = logs_error + count * _LN2_LOW + count_error * _LN2_HIGH
    moved, moved_error = _sum(load, -near)
    first, first_error = _sum(logs, moved)
    total, total_error = _sum(first, high)
    return total, total_error + first_error + logs_error + moved_error + low


def _close_distance(servers: Array, load: Array) -> tuple[Array, Array]:
    """D by its series in (a - c) / (a + c), the first term in twice the precision."""
    gap = load - servers
    total, total_error = _sum(load, servers)
    ratio = gap / total
    square = ratio * ratio
    series = np.zeros_like(ratio)
    for k in range(15, -1, -1):
        series = series * square + 2.0 / (2 * k + 3)
    top, top_error = _product(gap, gap)
    first = top / total
    back, back_error = _product(first, total)
    rest = ((top - back) - back_error + top_error - first * total_error) / total
    high, low = _sum(first, -servers * ratio * square * series)
    return np.maximum(high, 0.0), low + rest


def _sum(first: Array, second: Array) -> tuple[Array, Array]:
    """Rounded sum and its exact error (Knuth)."""
    total = first + second
    part = total - first
    return total, (first - (total - part)) + (second - part)


def _product(first: Array, second: Array) -> tuple[Array, Array]:
    """Rounded product and its exact error (Dekker)."""
    product = first * second
    one, two = _SPLITTER * first, _SPLITTER * second
    high_1, high_2 = one - (one - first), two - (two - second)
    low_1, low_2 = first - high_1, second - high_2
    return product, ((high_1 * high_2 - product) + high_1 * low_2 + low_1 * high_2) + low_1 * low_2


def _log_stirling(servers: Array) -> Array:
    """Ln of c! / (sqrt(2 pi c) (c/e)^c), from 20 on."""
    inverse = 1.0 / servers
    square = inverse * inverse
    return inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))


@cache
def _table(name: str) -> Array:
    text = Path(__file__).with_name(f"{name}.csv").read_text()
    rows = [line.split(",")[1:] for line in text.splitlines()[1:]]
    return np.array([[float(cell or 0) for cell in row] for row in rows])


def _polynomial(name: str, u: Array, servers: Array) -> Array:
    """The bounded rest, a polynomial in u and 20/c fitted to 45-digit values (error 3e-16)."""
    w = MANY / servers
    result = np.zeros_like(u)
    inner = np.empty_like(w)
    for row in _table(name)[::-1]:
        inner.fill(row[-1])
        for coefficient in row[-2::-1]:
            inner *= w
            inner += coefficient
        result *= u
        result += inner
    return result
