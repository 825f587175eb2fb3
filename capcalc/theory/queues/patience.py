r"""What waits in Erlang A: :math:`S = \sum_{j \ge 0} y^j / ((x+1) \cdots (x+j))`, everywhere.

With :math:`x = c\mu/\theta` and :math:`y = \lambda/\theta` this is the probability that all
servers are busy over that of c customers, and :math:`S = M(1, x + 1, y)`, Kummer's function.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from capcalc.theory.arrays import Array
from capcalc.theory.queues import erlang, temme
from capcalc.theory.queues.temme import MANY

#: Standard deviations from y = x beyond which the continued fraction is quick.
_AWAY = 2.5
#: Rounds at most, and terms of the series: enough for any load up to the next limit.
_ROUNDS, _TERMS = 400, 320
#: From so much load on the sum of a few servers is left to the gamma function.
_FAR = 60.0


class Waiting(NamedTuple):
    """Sums over the states with all servers busy, relative to that of nobody waiting."""

    #: :math:`\ln S`; S itself may overflow.
    log_all: Array
    #: :math:`S - 1`, those with somebody waiting; ``inf`` where it overflows.
    some: Array
    #: :math:`\sum_j j y^j / ((x+1) \cdots (x+j))` over S: the mean queue while all are busy.
    queue: Array


def waiting(x: Array, y: Array, gap: Array) -> Waiting:
    """The sums for flat arrays, each regime on its own elements.

    Parameters
    ----------
    x, y, gap : ndarray, flat
        :math:`x > 0` and :math:`y \\ge 0`, finite; :math:`x - y`, exact to its last digit.

    References
    ----------
    .. [1] O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient
       customers", Manuf. Serv. Oper. Manag. 4(3), 2002, appendix A.
    .. [2] NIST Digital Library of Mathematical Functions, 8.9, 13.17.

    Examples
    --------
    >>> waiting(np.array([100.0]), np.array([110.0]), np.array([-10.0])).queue.round(6)
    array([12.962808])
    """
    log_all, some, queue = (np.full(x.shape, np.nan) for _ in range(3))
    with np.errstate(all="ignore"):
        return _by_regime(x, y, gap, Waiting(log_all, some, queue))


def _by_regime(x: Array, y: Array, gap: Array, found: Waiting) -> Waiting:
    away = (gap > _AWAY * np.sqrt(x + 1.0)) | (y < 0.7 * x)
    many = x >= MANY
    below = ~away & many & (y <= x)
    above = ~away & many & (y > x)
    few = ~away & ~many & (y <= _FAR)
    heavy = ~away & ~many & (y > _FAR)
    for where, formula in (
        (away, _by_fraction),
        (below, _by_expansion),
        (above, _from_whole),
        (few, _by_series),
        (heavy, _from_whole),
    ):
        if where.any():
            for into, value in zip(found, formula(x[where], y[where], gap[where]), strict=True):
                into[where] = value
    return found


def _by_fraction(_: Array, y: Array, gap: Array) -> Waiting:
    """S = x / (x - y + t): Perron's fraction, all of whose terms are positive for y < x."""
    after = _perron(y, gap + 1.0)
    some = y / (gap + 1.0 + after)  # y / (x + 1) of the same sum from x + 1 on
    return Waiting(np.log1p(some), some, _perron(y, gap))


def _perron(y: Array, gap: Array) -> Array:
    """The fraction t = y / (x + 1 - y + 2 y / (x + 2 - y + 3 y / ...)) by Lentz's method."""
    d = 1.0 / (gap + 1.0)
    f, c = y * d, np.full(y.shape, np.inf)
    moving = np.arange(y.size)
    for k in range(2, _ROUNDS):
        top, bottom = k * y[moving], gap[moving] + k
        d[moving] = 1.0 / (bottom + top * d[moving])
        c[moving] = bottom + top / c[moving]
        ratio = c[moving] * d[moving]
        f[moving] *= ratio
        moving = moving[np.abs(ratio - 1.0) > 1e-16]
        if moving.size == 0:
            break
    return f


def _by_expansion(x: Array, y: Array, gap: Array) -> Waiting:
    some = temme.lower_below(x, y)
    whole = 1.0 + some
    return Waiting(np.log(whole), some, x / whole - gap)


def _from_whole(x: Array, y: Array, gap: Array) -> Waiting:
    """The whole gamma function less its upper part, where that is no more than half."""
    many = x >= MANY
    logged = y - x * np.log(y) + special.gammaln(x + 1.0)
    logged[many] = temme.log_whole(x[many], y[many])
    upper = 1.0 + np.asarray(erlang.carried_to_lost(x, y))  # 1 / B
    some = np.exp(logged) - upper
    log_all = np.where(np.isinf(some), logged, np.log1p(some))
    return Waiting(log_all, some, x * np.exp(-log_all) - gap)


def _by_series(x: Array, y: Array, _: Array) -> Waiting:
    term, some, weighted = np.ones(x.shape), np.zeros(x.shape), np.zeros(x.shape)
    for j in range(1, _TERMS):
        term = term * y / (x + j)
        some = some + term
        weighted = weighted + j * term
    return Waiting(np.log1p(some), some, weighted / (1.0 + some))
