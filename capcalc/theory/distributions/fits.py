"""Laws that have given moments: what to put for a time of which only mean and scv are known."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers, broadcast


def gamma(mean: Numbers, scv: Numbers) -> tuple[Numbers, Numbers]:
    r"""Shape :math:`1/c^2` and scale :math:`m c^2` of the gamma law with this mean and scv.

    Parameters
    ----------
    mean, scv : array_like
        :math:`m > 0` [s] and :math:`c^2 > 0`.

    Returns
    -------
    shape, scale : float or ndarray
        The scale in seconds.

    References
    ----------
    .. [1] N. L. Johnson, S. Kotz, N. Balakrishnan, *Continuous Univariate Distributions,
       vol. 1*, 2nd ed., Wiley, 1994, ch. 17.

    Examples
    --------
    >>> [float(value) for value in gamma(3.0, 0.5)]
    [2.0, 1.5]
    """
    time, spread = _checked(mean, scv)
    with np.errstate(all="ignore"):
        return np.asarray(1.0 / spread)[()], np.asarray(time * spread)[()]


def hyperexponential(mean: Numbers, scv: Numbers) -> tuple[Array, Array]:
    r"""Two exponential branches with balanced means, for :math:`c^2 \ge 1`.

    .. math:: p = \frac12 \Bigl(1 + \sqrt{\tfrac{c^2 - 1}{c^2 + 1}}\Bigr), \qquad
       \mu_1 = 2p/m, \quad \mu_2 = 2(1 - p)/m

    Parameters
    ----------
    mean, scv : array_like
        :math:`m > 0` [s] and :math:`c^2 \ge 1`.

    Returns
    -------
    probabilities, rates : ndarray, shape (..., 2)
        ``nan`` for an scv below 1, which no such law has.

    References
    ----------
    .. [1] H. C. Tijms, *A First Course in Stochastic Models*, Wiley, 2003, app. B.

    Examples
    --------
    >>> chances, rates = hyperexponential(1.0, 4.0)
    >>> float((chances / rates).sum()), round(float((2 * chances / rates**2).sum() - 1), 12)
    (1.0, 4.0)
    """
    time, spread = _checked(mean, scv)
    with np.errstate(all="ignore"):
        root = np.sqrt((spread - 1.0) / (spread + 1.0))
        # 1 - p without the loss of digits that a large scv brings
        rare = np.where(spread >= 1, 1.0 / ((spread + 1.0) * (1.0 + root)), np.nan)
        chances = np.stack([0.5 * (1.0 + root) + 0.0 * rare, rare], axis=-1)
        return chances, 2.0 * chances / time[..., np.newaxis]


def mixed_erlang(mean: Numbers, scv: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    r"""A mixture of k - 1 and k equal exponential stages, for :math:`c^2 \le 1`.

    .. math:: \tfrac1k \le c^2 \le \tfrac1{k-1}, \qquad
       p = \frac{k c^2 - \sqrt{k (1 + c^2) - k^2 c^2}}{1 + c^2}, \qquad \mu = \frac{k - p}{m}

    With probability p there are k - 1 stages, else k.

    Parameters
    ----------
    mean, scv : array_like
        :math:`m > 0` [s] and :math:`0 < c^2 \le 1`.

    Returns
    -------
    stages, chance_of_one_less, rate : float or ndarray
        k, p, and the rate of a stage [1/s]; ``nan`` out of the domain.

    References
    ----------
    .. [1] H. C. Tijms, *A First Course in Stochastic Models*, Wiley, 2003, app. B.

    Examples
    --------
    >>> [round(float(value), 6) for value in mixed_erlang(1.0, 0.4)]
    [3.0, 0.30386, 2.69614]
    """
    time, spread = _checked(mean, scv)
    with np.errstate(all="ignore"):
        good = spread <= 1
        stages = np.where(good, np.maximum(np.ceil(1.0 / spread - 1e-12), 1.0), np.nan)
        inside = stages * (1.0 + spread - stages * spread)
        less = (stages * spread - np.sqrt(np.maximum(inside, 0.0))) / (1.0 + spread)
        less = np.clip(less, 0.0, 1.0)
        return stages[()], less[()], np.asarray((stages - less) / time)[()]


def coxian(mean: Numbers, scv: Numbers) -> tuple[Array, Array, Array]:
    r"""Two stages of which the second is not always needed, for :math:`c^2 \ge 1/2`.

    .. math:: \mu_1 = \frac2m, \qquad p = \frac1{2 c^2}, \qquad \mu_2 = \frac{1}{m c^2}

    Parameters
    ----------
    mean, scv : array_like
        :math:`m > 0` [s] and :math:`c^2 \ge 1/2`.

    Returns
    -------
    initial, rates, exit_rates : ndarray, shapes (..., 2), (..., 2, 2), (..., 2)
        A chain as :mod:`phase_type` takes it [1/s]; ``nan`` out of the domain.

    References
    ----------
    .. [1] R. A. Marie, "Calculating equilibrium probabilities for λ(n)/C_k/1/N queues", Proc.
       Performance '80, ACM SIGMETRICS, 1980.

    Examples
    --------
    >>> from capcalc.theory.distributions import phase_type
    >>> round(float(phase_type.moment(2, *coxian(1.0, 3.0))), 12)
    4.0
    """
    time, spread = _checked(mean, scv)
    with np.errstate(all="ignore"):
        spread = np.where(spread >= 0.5, spread, np.nan)
        further = 0.5 / spread
        first, second = 2.0 / time, 1.0 / (time * spread)
        initial = np.stack([1.0 + 0.0 * further, 0.0 * further], axis=-1)
        rates = np.zeros((*further.shape, 2, 2))
        rates[..., 0, 1] = first * further
        return initial, rates, np.stack([first * (1.0 - further), second], axis=-1)


def three_moments(first: Numbers, second: Numbers, third: Numbers) -> tuple[Array, Array]:
    r"""Two exponential branches with three given moments.

    With :math:`x = E T^2 / 2 - m^2` and :math:`y = m E T^3 / 6 - (E T^2)^2 / 4`, the means of the
    branches are the roots of :math:`x z^2 - (E T^3 / 6 - m E T^2 / 2) z + y = 0`.

    Parameters
    ----------
    first, second, third : array_like
        Raw moments. [s, s^2, s^3]

    Returns
    -------
    probabilities, rates : ndarray, shape (..., 2)
        ``nan`` unless :math:`c^2 > 1` and :math:`m E T^3 \ge \tfrac32 (E T^2)^2`, which is what
        such laws have.

    References
    ----------
    .. [1] W. Whitt, "Approximating a point process by a renewal process, I: two basic methods",
       Oper. Res. 30, 1982, sec. 3.

    Examples
    --------
    >>> chances, rates = three_moments(1.0, 5.0, 60.0)
    >>> [round(float((chances * np.prod([1, 2, 3][:k]) / rates**k).sum()), 9) for k in (1, 2, 3)]
    [1.0, 5.0, 60.0]
    """
    one, two, three = broadcast(first, second, third)
    with np.errstate(all="ignore"):
        # in units of the mean, with the factorials taken out: moments of the branches' means
        b, c = two / (2.0 * one**2), three / (6.0 * one**3)
        x, middle, y = b - 1.0, c - b, c - b**2
        good = (one > 0) & (x > 0) & (y >= 0) & (three < np.inf)
        root = np.sqrt(np.maximum(middle**2 - 4.0 * x * y, 0.0))
        long = (middle + root) / (2.0 * x)
        short = y / (x * long)
        rare = (1.0 - short) / (long - short)
        chances = np.stack([1.0 - rare, rare], axis=-1)
        means = np.stack([short, long], axis=-1) * one[..., np.newaxis]
        mask = good[..., np.newaxis]
        return np.where(mask, chances, np.nan), np.where(mask, 1.0 / means, np.nan)


def _checked(mean: Numbers, scv: Numbers) -> tuple[Array, Array]:
    """Both, ``nan`` where one is not positive and finite."""
    time, spread = broadcast(mean, scv)
    with np.errstate(all="ignore"):
        good = (time > 0) & (time < np.inf) & (spread > 0) & (spread < np.inf)
        return np.where(good, time, np.nan), np.where(good, spread, np.nan)
