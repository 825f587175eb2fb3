"""How many users stay, and how many there will be: retention curves and what follows from them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from capcalc.theory.arrays import Array
from capcalc.theory.calibration.series_mean import long_run

#: Ages that a curve needs at least.
LEAST = 4
#: Simulated curves behind an interval of what follows from one.
_DRAWS = 400
#: Share that counts as never coming to zero.
_NEAR_ZERO = 0.005


class Curve(NamedTuple):
    """A retention curve: its law, two parameters, and how well they are known."""

    #: "power" (first_day, decay) or "geometric" (alpha, beta)
    law: str
    values: Array
    low: Array
    high: Array
    #: of the parameters as they are fitted (logarithms)
    covariance: Array
    #: degrees of freedom of the covariance
    freedom: float
    #: standard deviation of the logarithm around the curve
    residual_sd: float
    n: int


class Users(NamedTuple):
    """Daily active users to come, with the ends of their interval."""

    users: Array
    low: Array
    high: Array


def power(age: ArrayLike, share: ArrayLike, level: float = 0.95) -> Curve:
    r"""Power law :math:`r(k) = r_1 k^{-b}` for ages of a day and more, :math:`r(0) = 1`.

    Least squares of the logarithms; the interval allows for neighbouring ages that are off alike
    (they are of the same users).

    Parameters
    ----------
    age : array_like of shape (n,)
        Days since users came first; what is below 1 is left out.
    share : array_like of shape (n,)
        Of them who are active at that age; 0, less and ``nan`` are left out.
    level : float
        Of the intervals.

    Returns
    -------
    Curve
        ``values`` are :math:`r_1, b`; ``nan`` with fewer than four ages.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie, "How to project customer retention", J. Interactive
       Marketing 21(1), 2007 (curves that flatten).

    Examples
    --------
    >>> age = np.array([1, 2, 4, 7, 14, 30])
    >>> power(age, 0.4 * age**-0.5).values.round(3)
    array([0.4, 0.5])
    """
    k, r = _sound(age, share)
    if k.size < LEAST:
        return _unknown("power", k.size)
    columns = np.column_stack([np.ones(k.size), -np.log(k)])
    rest = np.log(r) - columns @ np.linalg.lstsq(columns, np.log(r), rcond=None)[0]
    found = np.linalg.lstsq(columns, np.log(r), rcond=None)[0]
    covariance = _covariance(columns, rest)
    reach = _reach(rest, level) * np.sqrt(np.diag(covariance))
    first = np.exp([found[0], found[0] - reach[0], found[0] + reach[0]])
    return Curve(
        "power",
        np.array([first[0], found[1]]),
        np.array([first[1], found[1] - reach[1]]),
        np.array([first[2], found[1] + reach[1]]),
        covariance,
        _freedom(rest),
        _spread(rest),
        int(k.size),
    )


def geometric(age: ArrayLike, share: ArrayLike, level: float = 0.95) -> Curve:
    r"""Shifted beta-geometric law, :math:`r(k) = B(\alpha, \beta + k) / B(\alpha, \beta)`.

    Every user leaves for good with a chance of his own a day, beta distributed. The curve falls
    as :math:`k^{-\alpha}` in the end.

    Parameters
    ----------
    age, share : array_like of shape (n,)
        As for :func:`power`.
    level : float
        Of the intervals.

    Returns
    -------
    Curve
        ``values`` are :math:`\alpha, \beta`; ``nan`` with fewer than four ages or where no such
        curve fits.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie, "How to project customer retention", J. Interactive
       Marketing 21(1), 2007, eq. 5-7.

    Examples
    --------
    >>> age = np.arange(1.0, 8.0)
    >>> shares = at(Curve("geometric", np.array([0.668, 3.806]), *[np.zeros(2)] * 2,
    ...     np.zeros((2, 2)), 5.0, 0.0, 7), age)
    >>> shares.round(3)
    array([0.851, 0.747, 0.67 , 0.61 , 0.562, 0.522, 0.489])
    >>> geometric(age, shares).values.round(3)
    array([0.668, 3.806])
    """
    from scipy.optimize import least_squares

    k, r = _sound(age, share)
    if k.size < LEAST or not (r < 1).all():
        return _unknown("geometric", k.size)
    logs = np.log(r)

    def off(parameters: Array) -> Array:
        return np.asarray(_log_geometric(k, np.exp(parameters)) - logs)

    start = np.log([0.7, max(0.7 * r[0] / (1.0 - r[0]), 1e-3)])
    fitted = least_squares(off, start, bounds=([-9.0, -9.0], [9.0, 9.0]))
    covariance = _covariance(np.asarray(fitted.jac), -np.asarray(fitted.fun))
    reach = _reach(np.asarray(fitted.fun), level) * np.sqrt(np.diag(covariance))
    return Curve(
        "geometric",
        np.exp(fitted.x),
        np.exp(fitted.x - reach),
        np.exp(fitted.x + reach),
        covariance,
        _freedom(np.asarray(fitted.fun)),
        _spread(np.asarray(fitted.fun)),
        int(k.size),
    )


def best(age: ArrayLike, share: ArrayLike, level: float = 0.95) -> Curve:
    """Of the two laws the one that is nearer to the measured shares (both have two parameters).

    Parameters
    ----------
    age, share : array_like of shape (n,)
        As for :func:`power`.
    level : float
        Of the intervals.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie, "How to project customer retention", J. Interactive
       Marketing 21(1), 2007.

    Examples
    --------
    >>> best([1, 2, 4, 8], [0.4, 0.2, 0.1, 0.05]).law
    'power'
    """
    first, second = power(age, share, level), geometric(age, share, level)
    return second if second.residual_sd < first.residual_sd else first


def at(curve: Curve, age: ArrayLike) -> Array:
    """The share of users who are active at an age; 1 at age 0, never above 1.

    Parameters
    ----------
    curve : Curve
        Of retention.
    age : array_like
        Days since users came first.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie, "How to project customer retention", J. Interactive
       Marketing 21(1), 2007.

    Examples
    --------
    >>> curve = power([1, 2, 4, 8], [0.4, 0.2, 0.1, 0.05])
    >>> at(curve, [0, 10]).round(3)
    array([1.  , 0.04])
    """
    every = _shares(curve.law, np.asarray(curve.values)[np.newaxis], np.asarray(age, float))
    return np.asarray(every[0])


def floor(age: ArrayLike, share: ArrayLike) -> float:
    r"""The share that never leaves, if one is needed: :math:`r(k) = f + (r_1 - f) k^{-b}`.

    0 unless the curve with it is better by more than its further parameter is worth (Schwarz's
    criterion by 6, strong evidence), and it is more than 0.5 %.

    Parameters
    ----------
    age, share : array_like of shape (n,)
        As for :func:`power`; eight ages at least.

    References
    ----------
    .. [1] R. E. Kass, A. E. Raftery, "Bayes factors", J. Am. Stat. Assoc. 90, 1995, sec. 3.2.

    Examples
    --------
    >>> age = np.arange(1.0, 61.0)
    >>> round(floor(age, 0.1 + 0.3 / age), 3), floor(age, 0.4 / age)
    (0.1, 0.0)
    """
    k, r = _sound(age, share)
    if k.size < 2 * LEAST:
        return 0.0
    tried = np.linspace(0.0, 0.995, 400) * r.min()
    left = np.empty(tried.size)
    columns = np.column_stack([np.ones(k.size), -np.log(k)])
    for place, base in enumerate(tried):
        found = np.linalg.lstsq(columns, np.log(r - base), rcond=None)[0]
        fitted = base + np.exp(columns @ found)
        left[place] = ((np.log(fitted) - np.log(r)) ** 2).sum() + 1e-18 * k.size
    chosen = int(left.argmin())
    independent = long_run(np.log(r) - columns @ np.linalg.lstsq(columns, np.log(r))[0])
    gain = max(independent.effective_n, LEAST) * np.log(left[0] / left[chosen]) - np.log(k.size)
    return float(tried[chosen]) if gain > 6.0 and tried[chosen] > _NEAR_ZERO else 0.0


def days_per_user(curve: Curve, days: float, level: float = 0.95) -> tuple[float, float, float]:
    r"""Days on which a new user is active up to an age, :math:`\sum_{k=0}^{n} r(k)`, and interval.

    Times new users a day it is the daily active users of a service of that age.

    Parameters
    ----------
    curve : Curve
        Of retention.
    days : float
        The greatest age :math:`n`.
    level : float
        Of the interval.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> curve = power([1, 2, 4, 8], [0.4, 0.1, 0.025, 0.00625])
    >>> round(days_per_user(curve, 10_000)[0], 3)  # 1 + 0.4 * pi**2 / 6
    1.658
    """
    sums = _drawn(curve, np.arange(int(days) + 1.0)).sum(axis=1)
    low, high = np.quantile(sums[1:], [0.5 - level / 2, 0.5 + level / 2])
    return float(sums[0]), float(low), float(high)


def daily_users(
    curve: Curve, new_users: ArrayLike, horizon: int, *, before: float = 0.0, level: float = 0.95
) -> Users:
    r"""Daily active users to come, :math:`\sum_k \nu(t - k) r(k)`.

    Parameters
    ----------
    curve : Curve
        Of retention.
    new_users : array_like of shape (m,)
        New users of the days that were measured and of those to come, one a day; the last
        ``horizon`` are the ones that are asked about.
    horizon : int
        Days that are asked about.
    before : float
        Active users on the day before the first of ``new_users``. They are taken to have come
        evenly over as many days as ``new_users`` has, and to leave by the same curve.
    level : float
        Of the interval, which is that of the curve alone.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie, "How to project customer retention", J. Interactive
       Marketing 21(1), 2007.

    Examples
    --------
    >>> curve = power([1, 2, 4, 8], [0.5, 0.25, 0.125, 0.0625])
    >>> daily_users(curve, [100.0, 100.0, 100.0], 2).users.round(1)
    array([150., 175.])
    """
    fresh = np.nan_to_num(np.asarray(new_users, dtype=float).ravel())
    n = fresh.size
    shares = _drawn(curve, np.arange(2.0 * n + 1.0))
    size = 4 * n
    came = np.fft.irfft(np.fft.rfft(fresh, size) * np.fft.rfft(shares[:, :n], size), size)[:, :n]
    # those from before: as if they had come evenly over as long a time again
    old = np.cumsum(shares[:, ::-1], axis=1)[:, ::-1]
    stays = (old[:, 1 : n + 1] - old[:, n + 1 :]) / (old[:, :1] - old[:, n : n + 1])
    users = came + before * stays
    asked = users[:, n - horizon :]
    low, high = np.quantile(asked[1:], [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return Users(asked[0], low, high)


def _drawn(curve: Curve, age: Array) -> Array:
    """Shares at these ages: of the curve itself, then of curves as likely as it."""
    rng = np.random.default_rng(20_261)
    logs = np.log(curve.values) if curve.law == "geometric" else curve.values.copy()
    if curve.law == "power":
        logs[0] = np.log(logs[0])
    root = np.linalg.cholesky(curve.covariance + 1e-18 * np.eye(2))
    # t distributed: the covariance is an estimate too
    wide = np.sqrt(curve.freedom / rng.chisquare(curve.freedom, (_DRAWS, 1)))
    drawn = logs + np.vstack([np.zeros(2), rng.standard_normal((_DRAWS, 2)) @ root.T * wide])
    if curve.law == "geometric":
        drawn = np.exp(drawn)
    else:
        drawn[:, 0] = np.exp(drawn[:, 0])
    return _shares(curve.law, drawn, age)


def _shares(law: str, parameters: Array, age: Array) -> Array:
    k = age[np.newaxis]
    one, two = parameters[:, :1], parameters[:, 1:]
    if law == "power":
        shares = one * np.maximum(k, 1.0) ** -two
    else:
        shares = np.exp(special.betaln(one, two + k) - special.betaln(one, two))
    return np.asarray(np.where(k < 1, 1.0, np.minimum(shares, 1.0)))


def _log_geometric(k: Array, parameters: Array) -> Array:
    alpha, beta = parameters
    return np.asarray(special.betaln(alpha, beta + k) - special.betaln(alpha, beta))


def _sound(age: ArrayLike, share: ArrayLike) -> tuple[Array, Array]:
    k, r = np.asarray(age, dtype=float).ravel(), np.asarray(share, dtype=float).ravel()
    with np.errstate(invalid="ignore"):
        good = (k >= 1) & (r > 0) & (r <= 1) & np.isfinite(k)
    order = np.argsort(k[good], kind="stable")
    return k[good][order], r[good][order]


def _covariance(columns: Array, rest: Array) -> Array:
    """Of least squares whose neighbouring errors are alike: the influences' long-run variance."""
    n, k = columns.shape
    inverse = np.linalg.pinv(columns.T @ columns)
    plain = float(rest @ rest) / max(n - k, 1) * inverse
    influence = (inverse @ columns.T) * rest
    # as the influences add up, but never less than independent errors would have it
    long = np.array([long_run(row).variance * n for row in influence])
    factor = np.sqrt(np.maximum(long / np.maximum(np.diag(plain), 1e-300), 1.0))
    return np.asarray(plain * factor[:, np.newaxis] * factor)


def _reach(rest: Array, level: float) -> float:
    return float(special.stdtrit(_freedom(rest), 0.5 + level / 2.0))


def _freedom(rest: Array) -> float:
    return float(max(long_run(rest).effective_n - 2.0, 2.0))


def _spread(rest: Array) -> float:
    return float(np.sqrt(rest @ rest / max(rest.size - 2, 1)))


def _unknown(law: str, n: int) -> Curve:
    none = np.full(2, np.nan)
    return Curve(law, none, none, none, np.full((2, 2), np.nan), 1.0, float("inf"), n)
