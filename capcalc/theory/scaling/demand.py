"""From users to requests: peaks, growth, concurrency, and users that stay."""

from __future__ import annotations

import numpy as np
from scipy import special

from capcalc.theory.arrays import Array, Numbers, broadcast
from capcalc.theory.caches.zipf import harmonic

_DAY = 86_400.0


def peak_rate(
    daily_users: Numbers,
    sessions_per_user: Numbers,
    requests_per_session: Numbers,
    peak_factor: Numbers,
) -> Numbers:
    r"""Requests a second at the peak, :math:`U s r P / 86\,400`. [1/s]

    Parameters
    ----------
    daily_users, sessions_per_user, requests_per_session : array_like
        :math:`U, s, r` of a day.
    peak_factor : array_like
        :math:`P \ge 1`, the peak over the mean of the day.

    References
    ----------
    .. [1] D. A. Menasce, V. A. F. Almeida, *Capacity Planning for Web Services*, Prentice Hall,
       2002, ch. 6 (workload from sessions).

    Examples
    --------
    >>> round(float(peak_rate(1e6, 3, 20, 2.5)), 4)
    1736.1111
    """
    users, sessions, requests, peak = broadcast(
        daily_users, sessions_per_user, requests_per_session, peak_factor
    )
    with np.errstate(all="ignore"):
        good = (users >= 0) & (sessions >= 0) & (requests >= 0) & (peak >= 1)
        return np.where(good, users * sessions * requests * peak / _DAY, np.nan)[()]


def sinusoid_peak_share(peak_to_mean: Numbers, window: Numbers = 1.0 / 24.0) -> Numbers:
    r"""Share of a day's requests that falls in the window around a sinusoidal peak.

    .. math:: w + (P - 1) \frac{\sin \pi w}{\pi}

    Parameters
    ----------
    peak_to_mean : array_like
        :math:`1 \le P \le 2`, above which the rate would be negative at night.
    window : array_like
        :math:`0 \le w \le 1`, as a share of the day; an hour by default.

    References
    ----------
    .. [1] M. Abramowitz, I. A. Stegun, *Handbook of Mathematical Functions*, 1964, 4.3 (integral
       of the cosine).

    Examples
    --------
    >>> round(float(sinusoid_peak_share(1.8)), 7)
    0.0749049
    """
    peak, width = broadcast(peak_to_mean, window)
    with np.errstate(all="ignore"):
        good = (peak >= 1) & (peak <= 2) & (width >= 0) & (width <= 1)
        # the sine of the nearer end keeps its digits
        wave = np.sin(np.pi * np.minimum(width, 1.0 - width)) / np.pi
        return np.where(good, width + (peak - 1.0) * wave, np.nan)[()]


def months_to_capacity(capacity: Numbers, rate: Numbers, monthly_growth: Numbers) -> Numbers:
    r"""Months until growing demand reaches a capacity, :math:`\ln(C/\lambda) / \ln(1 + g)`.

    Parameters
    ----------
    capacity, rate : array_like
        :math:`C` and today's :math:`\lambda`, in one unit.
    monthly_growth : array_like
        :math:`g > -1`, e.g. 0.08.

    Returns
    -------
    float or ndarray
        0 where it is already reached, ``inf`` where it never is.

    References
    ----------
    .. [1] N. J. Gunther, *Guerrilla Capacity Planning*, Springer, 2007, ch. 8 (growth models).

    Examples
    --------
    >>> round(float(months_to_capacity(10_000, 4_000, 0.08)), 4)
    11.9059
    """
    most, now, growth = broadcast(capacity, rate, monthly_growth)
    with np.errstate(all="ignore"):
        near = np.log1p((most - now) / now)
        room = np.where(most < 2.0 * now, near, np.log(most) - np.log(now))
        months = np.where(growth > 0, room / np.log1p(growth), np.inf)
        months = np.where(now >= most, 0.0, months)
        good = (most >= 0) & (now >= 0) & (growth > -1) & np.isfinite(growth)
        return np.where(good, months, np.nan)[()]


def concurrent_users(throughput: Numbers, response: Numbers, think_time: Numbers) -> Numbers:
    r"""Users at work at a time, :math:`N = X (R + Z)`, Little's law of the closed system.

    Parameters
    ----------
    throughput : array_like
        :math:`X`. [1/s]
    response, think_time : array_like
        :math:`R, Z`. [s]

    References
    ----------
    .. [1] E. D. Lazowska et al., *Quantitative System Performance*, Prentice Hall, 1984, sec. 3.3.

    Examples
    --------
    >>> float(concurrent_users(500, 0.3, 10))
    5150.0
    """
    rate, time, pause = broadcast(throughput, response, think_time)
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (time >= 0) & (pause >= 0)
        users = np.where(rate == 0, 0.0, rate * (time + pause))
        return np.where(good, users, np.nan)[()]


def poisson_peak(p: Numbers, rate: Numbers, time: Numbers = 1.0) -> Numbers:
    r"""Requests that a share p of all intervals does not exceed, arrivals being Poisson.

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    rate : array_like
        :math:`\lambda`. [1/s]
    time : array_like
        Length of an interval, a second by default. [s]

    Returns
    -------
    float or ndarray
        The smallest whole number k with :math:`P(N \le k) \ge p`.

    References
    ----------
    .. [1] N. L. Johnson, A. W. Kemp, S. Kotz, *Univariate Discrete Distributions*, 3rd ed., Wiley,
       2005, ch. 4.

    Examples
    --------
    >>> float(poisson_peak(0.999, 1000.0))
    1099.0
    """
    level, flow, span = broadcast(p, rate, time)
    with np.errstate(all="ignore"):
        mean = flow * span
        good = (level >= 0) & (level < 1) & (flow >= 0) & (span >= 0) & np.isfinite(mean)
        mean, level = np.where(good, mean, 1.0), np.where(good, level, 0.5)
        count = np.ceil(np.maximum(_near(level, mean), 0.0))
        for _ in range(4):
            count = np.where(special.pdtr(count, mean) < level, count + 1.0, count)
        for _ in range(4):
            fewer = (count > 0) & (special.pdtr(count - 1.0, mean) >= level)
            count = np.where(fewer, count - 1.0, count)
        return np.where(good, count, np.nan)[()]


def retained_users(new_users: Numbers, retention: Numbers) -> Numbers:
    r"""Users a day in steady state, :math:`\nu \sum_k r_k`.

    Parameters
    ----------
    new_users : array_like
        :math:`\nu` a day.
    retention : array_like
        Along the last axis, the share :math:`r_k` still active k days after the first, which
        counts as :math:`r_0` (1, as a rule).

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961 (the
       sum is the mean number of active days).

    Examples
    --------
    >>> float(retained_users(1000.0, [1.0, 0.5, 0.25]))
    1750.0
    """
    shares = np.atleast_1d(np.asarray(retention, dtype=float))
    fresh = np.asarray(new_users, dtype=float)
    with np.errstate(all="ignore"):
        good = ((shares >= 0) & (shares <= 1)).all(axis=-1) & (fresh >= 0)
        return np.where(good, fresh * shares.sum(axis=-1), np.nan)[()]


def power_law_users(
    new_users: Numbers, first_day: Numbers, decay: Numbers, days: Numbers = np.inf
) -> Numbers:
    r"""Users a day when retention falls as a power, :math:`r_k = r_1 k^{-b}`, :math:`r_0 = 1`.

    .. math:: \nu \left(1 + r_1 H_{n,b}\right), \quad H_{\infty,b} = \zeta(b)

    Parameters
    ----------
    new_users : array_like
        :math:`\nu` a day.
    first_day, decay : array_like
        :math:`0 \le r_1 \le 1` and :math:`b \ge 0`.
    days : array_like
        Age :math:`n` of the service; for ever by default, ``inf`` users then for b up to 1.

    References
    ----------
    .. [1] P. S. Fader, B. G. S. Hardie, "How to project customer retention", J. Interactive
       Marketing 21(1), 2007 (retention that flattens).

    Examples
    --------
    >>> round(float(power_law_users(1000.0, 0.4, 2.0)), 3)
    1657.974
    """
    fresh, first, power, age = broadcast(new_users, first_day, decay, days)
    with np.errstate(all="ignore"):
        ever = np.where(power > 1, special.zeta(np.maximum(power, 1.0), 1.0), np.inf)
        lasting = np.asarray(harmonic(np.where(np.isinf(age), 1.0, np.maximum(age, 1.0)), power))
        total = np.where(np.isinf(age), ever, np.where(age < 1, 0.0, lasting))
        stay = np.where(first == 0, 0.0, first * total)
        good = (fresh >= 0) & (first >= 0) & (first <= 1) & (power >= 0) & (age >= 0)
        users = np.where(fresh == 0, 0.0, fresh * (1.0 + stay))
        return np.where(good, users, np.nan)[()]


def _near(level: Array, mean: Array) -> Array:
    """A real number near the quantile; the normal one where the inverse fails."""
    found = special.pdtrik(level, mean)
    normal = mean + np.sqrt(mean) * special.ndtri(np.maximum(level, 1e-300))
    return np.where((level > 0) & (mean > 0), np.where(np.isfinite(found), found, normal), 0.0)
