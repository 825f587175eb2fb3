"""Requests that split over n parallel M/M/1 stations and are done with the last of their parts."""

from __future__ import annotations

import numpy as np
from scipy import special

from capcalc.theory.arrays import Array, Numbers, broadcast, spare_rate
from capcalc.theory.networks.traffic import Mask


def mean_response(arrival_rate: Numbers, service_rate: Numbers, branches: Numbers) -> Numbers:
    r"""Mean time from a request's arrival to the end of its last part.

    .. math:: W_1 = \frac{1}{\mu - \lambda}, \qquad W_2 = \frac{12 - \rho}{8 (\mu - \lambda)},
              \qquad W_n \approx \Bigl[ \frac{H_n}{H_2} + \frac{4}{11}
              \Bigl(1 - \frac{H_n}{H_2}\Bigr) \rho \Bigr] W_2

    Exact for one and two branches; an approximation for more, which its authors found within
    5 % of simulation up to 32 branches. Measured again for 3 to 32 branches: 0.5 % low to
    0.3 % high at 20 % load, 1.5 % low to 0.2 % high at 50 %, 2 to 4 % low (each +- 1 %) at 80
    and 90 %.

    Parameters
    ----------
    arrival_rate : array_like
        :math:`\lambda` of requests; each branch gets a part of each. [1/s]
    service_rate : array_like
        :math:`\mu` of the one server of a branch, exponential. [1/s]
    branches : array_like
        :math:`n`, a whole number from 1 on.

    Returns
    -------
    float or ndarray
        Seconds; ``inf`` where saturated.

    References
    ----------
    .. [1] L. Flatto, S. Hahn, "Two parallel queues created by arrivals with two demands I",
       SIAM J. Appl. Math. 44(5), 1984.
    .. [2] R. Nelson, A. N. Tantawi, "Approximate analysis of fork/join synchronization in
       parallel queues", IEEE Trans. Comput. 37(6), 1988.

    Examples
    --------
    >>> mean_response(0.5, 1.0, np.array([1, 2, 4])).round(6)
    array([2.      , 2.875   , 3.789773])
    """
    rate, speed, count = broadcast(arrival_rate, service_rate, branches)
    with np.errstate(all="ignore"):
        load, spare = rate / speed, spare_rate(rate, speed, 1.0)
        two = (12.0 - load) / (8.0 * spare)
        ratio = _harmonic(count) / 1.5
        # no difference: 4/11 rho (1 - ratio) is taken off a ratio at least 11/4 as large
        more = (ratio * (1.0 - 4.0 / 11.0 * load) + 4.0 / 11.0 * load) * two
        time = np.where(count == 1, 1.0 / spare, np.where(count == 2, two, more))
        time = np.where(spare > 0, time, np.inf)
        return np.where(_valid(rate, speed, count), time, np.nan)[()]


def mean_number(arrival_rate: Numbers, service_rate: Numbers, branches: Numbers) -> Numbers:
    r"""Mean number of requests not yet done, :math:`\lambda W_n` (Little).

    Parameters
    ----------
    arrival_rate, service_rate, branches : array_like
        As for :func:`mean_response`.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> float(mean_number(0.5, 1.0, 2))
    1.4375
    """
    time = np.asarray(mean_response(arrival_rate, service_rate, branches))
    rate = np.asarray(arrival_rate, dtype=float)
    with np.errstate(all="ignore"):
        return np.where((rate == 0) & ~np.isnan(time), 0.0, rate * time)[()]


def independent_mean(arrival_rate: Numbers, service_rate: Numbers, branches: Numbers) -> Numbers:
    r"""Mean of the last of n independent stays, :math:`H_n / (\mu - \lambda)`: an upper bound.

    The stays of a request's parts are associated, as all branches see the same arrivals; their
    maximum is then stochastically smaller than that of independent ones. Too high at 50 and
    90 % load by 4 and 8 % (two branches), 12 and 22 % (eight), 18 and 32 % (32), measured
    against simulation; exact for one branch and as the load goes to 0.

    Parameters
    ----------
    arrival_rate, service_rate, branches : array_like
        As for :func:`mean_response`.

    Returns
    -------
    float or ndarray
        Seconds; ``inf`` where saturated.

    References
    ----------
    .. [1] R. Nelson, A. N. Tantawi, "Approximate analysis of fork/join synchronization in
       parallel queues", IEEE Trans. Comput. 37(6), 1988, sec. III.

    Examples
    --------
    >>> float(independent_mean(0.5, 1.0, 2))
    3.0
    """
    rate, speed, count = broadcast(arrival_rate, service_rate, branches)
    spare = spare_rate(rate, speed, 1.0)
    with np.errstate(all="ignore"):
        time = np.where(spare > 0, _harmonic(count) / spare, np.inf)
        return np.where(_valid(rate, speed, count), time, np.nan)[()]


def independent_cdf(
    time: Numbers, arrival_rate: Numbers, service_rate: Numbers, branches: Numbers
) -> Numbers:
    r"""Probability that all parts are done, if their stays were independent: a lower bound.

    .. math:: P(W_n \le t) \ge \bigl(1 - e^{-(\mu - \lambda) t}\bigr)^n

    Exact for one branch.

    Parameters
    ----------
    time : array_like
        :math:`t`. [s]
    arrival_rate, service_rate, branches : array_like
        As for :func:`mean_response`.

    References
    ----------
    .. [1] R. Nelson, A. N. Tantawi, IEEE Trans. Comput. 37(6), 1988, sec. III.

    Examples
    --------
    >>> round(float(independent_cdf(6.0, 0.5, 1.0, 2)), 6)
    0.902905
    """
    within, rate, speed, count = broadcast(time, arrival_rate, service_rate, branches)
    spare = spare_rate(rate, speed, 1.0)
    with np.errstate(all="ignore"):
        below = (-np.expm1(-spare * np.maximum(within, 0.0))) ** count
        below = np.where((within <= 0) | (spare <= 0), 0.0, below)
        good = _valid(rate, speed, count) & ~np.isnan(within)
        return np.where(good, below, np.nan)[()]


def independent_quantile(
    p: Numbers, arrival_rate: Numbers, service_rate: Numbers, branches: Numbers
) -> Numbers:
    r"""The time within which a share ``p`` would be done, were the stays independent.

    .. math:: t_p \le -\frac{\ln(1 - p^{1/n})}{\mu - \lambda}

    An upper bound, exact for one branch.

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    arrival_rate, service_rate, branches : array_like
        As for :func:`mean_response`.

    Returns
    -------
    float or ndarray
        Seconds; ``inf`` where saturated.

    References
    ----------
    .. [1] R. Nelson, A. N. Tantawi, IEEE Trans. Comput. 37(6), 1988, sec. III.

    Examples
    --------
    >>> round(float(independent_quantile(0.99, 0.5, 1.0, 2)), 6)
    10.591616
    """
    level, rate, speed, count = broadcast(p, arrival_rate, service_rate, branches)
    spare = spare_rate(rate, speed, 1.0)
    with np.errstate(all="ignore"):
        logarithm = np.log(level) / count  # of p^(1/n)
        # ln(1 - e^x): the nearer e^x is to 1, the more digits expm1 saves, and log1p below
        beyond = np.where(
            logarithm > -0.6931471805599453,
            np.log(-np.expm1(logarithm)),
            np.log1p(-np.exp(logarithm)),
        )
        time = np.where(spare > 0, -beyond / spare + 0.0, np.inf)
        good = _valid(rate, speed, count) & (level >= 0) & (level < 1)
        return np.where(good, time, np.nan)[()]


def _harmonic(count: Array) -> Array:
    """1 + 1/2 + ... + 1/n."""
    return np.asarray(special.digamma(count + 1.0) + np.euler_gamma)


def _valid(rate: Array, speed: Array, count: Array) -> Mask:
    whole = (count >= 1) & (count % 1 == 0) & (count < np.inf)
    return np.asarray((rate >= 0) & (rate < np.inf) & (speed > 0) & whole)
