"""Systems of n equal parts, k of which are needed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, binom

from capcalc.theory.arrays import Array, Numbers, broadcast

#: More components than this with repair are not worked out: the answer is ``nan``.
MOST_COMPONENTS = 4096
#: Terms of a tail whose terms fall by ten at least.
TERMS = 16
_LARGE, _TINY, _DEEP = 1e150, 1e-290, 1e-260


def availability(
    component_availability: Numbers, required: Numbers, components: Numbers
) -> Numbers:
    r"""Probability that at least k of n independent components are up.

    .. math:: \sum_{j=k}^{n} \binom nj A^j (1 - A)^{n-j} = I_A(k, n - k + 1)

    Parameters
    ----------
    component_availability : array_like
        :math:`A`.
    required, components : array_like
        :math:`k` and :math:`n`, whole, :math:`1 \le k \le n`.

    References
    ----------
    .. [1] K. S. Trivedi, *Probability and Statistics with Reliability, Queuing, and Computer
       Science Applications*, 2nd ed., Wiley, 2002, sec. 1.11.
    .. [2] NIST Digital Library of Mathematical Functions, eq. 8.17.5.

    Examples
    --------
    >>> round(float(availability(0.99, 3, 5)), 10)
    0.9999901494
    """
    share, least, count = broadcast(component_availability, required, components)
    good = _whole(least, count) & (share >= 0) & (share <= 1)
    with np.errstate(all="ignore"):
        found = _binomial_tail(share, least, count)
        return np.where(good, found, np.nan)[()]


def unavailability(
    component_unavailability: Numbers, required: Numbers, components: Numbers
) -> Numbers:
    r"""Probability that fewer than k of n independent components are up, :math:`I_U(n-k+1, k)`.

    Not taken from 1: as many digits at 1e-30 as at 0.1.

    Parameters
    ----------
    component_unavailability : array_like
        :math:`U = 1 - A` of one component.
    required, components : array_like
        As for :func:`availability`.

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, eq. 8.17.5.

    Examples
    --------
    >>> print(f"{unavailability(1e-9, 2, 3):.9e}")
    2.999999998e-18
    """
    share, least, count = broadcast(component_unavailability, required, components)
    good = _whole(least, count) & (share >= 0) & (share <= 1)
    with np.errstate(all="ignore"):
        found = _binomial_tail(share, count - least + 1.0, count)
        return np.where(good, found, np.nan)[()]


def mttf(failure_rate: Numbers, required: Numbers, components: Numbers) -> Numbers:
    r"""Mean time until fewer than k of n components are left, without repair.

    .. math:: \sum_{i=k}^{n} \frac{1}{i \xi} = \frac{\psi(n + 1) - \psi(k)}{\xi}

    Parameters
    ----------
    failure_rate : array_like
        :math:`\xi` of each component that is left. [1/s]
    required, components : array_like
        As for :func:`availability`.

    Returns
    -------
    float or ndarray
        Seconds; ``inf`` where nothing fails.

    References
    ----------
    .. [1] K. S. Trivedi, *Probability and Statistics with Reliability, Queuing, and Computer
       Science Applications*, 2nd ed., Wiley, 2002, sec. 3.7.
    .. [2] NIST Digital Library of Mathematical Functions, sec. 5.11.

    Examples
    --------
    >>> round(float(mttf(0.01, 3, 5)), 6)
    78.333333
    """
    rate, least, count = broadcast(failure_rate, required, components)
    with np.errstate(all="ignore"):
        good = _whole(least, count) & (rate >= 0) & np.isfinite(rate)
        return np.where(good, _harmonic(least, count) / rate, np.nan)[()]


def repairable_availability(
    failure_rate: Numbers,
    repair_rate: Numbers,
    required: Numbers,
    components: Numbers,
    crews: Numbers | None = None,
) -> Numbers:
    r"""Share of time in which at least k of n components are up that share r repair crews.

    .. math:: \pi_j \propto \prod_{i<j} \frac{(n - i)\, \xi}{\min(i + 1, r)\, \eta}, \qquad
              \sum_{j \le n-k} \pi_j

    with j components down; those that are up go on failing while the system is down. One pass
    per component, over all elements at once.

    Parameters
    ----------
    failure_rate, repair_rate : array_like
        :math:`\xi` of a component that is up, :math:`\eta` of one crew. [1/s]
    required, components : array_like
        As for :func:`availability`; more than 4096 components give ``nan``.
    crews : array_like, optional
        :math:`r \ge 1`; as many as components if not given.

    References
    ----------
    .. [1] K. S. Trivedi, *Probability and Statistics with Reliability, Queuing, and Computer
       Science Applications*, 2nd ed., Wiley, 2002, sec. 8.2.

    Examples
    --------
    >>> round(float(repairable_availability(1 / 1000, 1 / 10, 3, 5, crews=1)), 8)
    0.99994182
    """
    up, down, _ = _shares(failure_rate, repair_rate, required, components, crews)
    with np.errstate(all="ignore"):
        return np.asarray(up / (up + down))[()]


def repairable_unavailability(
    failure_rate: Numbers,
    repair_rate: Numbers,
    required: Numbers,
    components: Numbers,
    crews: Numbers | None = None,
) -> Numbers:
    r"""Share of time in which fewer than k of n components are up; a sum of its own.

    Parameters
    ----------
    failure_rate, repair_rate, required, components, crews : array_like
        As for :func:`repairable_availability`.

    References
    ----------
    .. [1] K. S. Trivedi, *Probability and Statistics with Reliability, Queuing, and Computer
       Science Applications*, 2nd ed., Wiley, 2002, sec. 8.2.

    Examples
    --------
    >>> round(float(repairable_unavailability(0.02, 0.5, 4, 6, crews=2)), 10)
    0.0016112448
    """
    up, down, _ = _shares(failure_rate, repair_rate, required, components, crews)
    with np.errstate(all="ignore"):
        return np.asarray(down / (up + down))[()]


def mean_failed(
    failure_rate: Numbers, repair_rate: Numbers, components: Numbers, crews: Numbers | None = None
) -> Numbers:
    r"""Mean number of components that are down.

    Parameters
    ----------
    failure_rate, repair_rate, components, crews : array_like
        As for :func:`repairable_availability`.

    References
    ----------
    .. [1] K. S. Trivedi, *Probability and Statistics with Reliability, Queuing, and Computer
       Science Applications*, 2nd ed., Wiley, 2002, sec. 8.2.

    Examples
    --------
    >>> round(float(mean_failed(0.02, 0.5, 6, crews=2)), 8)
    0.23241321
    """
    up, down, failed = _shares(failure_rate, repair_rate, 1.0, components, crews)
    with np.errstate(all="ignore"):
        return np.asarray(failed / (up + down))[()]


def repairable_mttf(
    failure_rate: Numbers,
    repair_rate: Numbers,
    required: Numbers,
    components: Numbers,
    crews: Numbers | None = None,
) -> Numbers:
    r"""Mean time from all n components up until fewer than k are, with repair meanwhile.

    .. math:: m_j = \frac{1 + \min(n - j, r)\, \eta \, m_{j+1}}{j \xi}, \qquad
              \sum_{j=k}^{n} m_j

    with :math:`m_j` the time from j components up to j - 1. One pass per component, over all
    elements at once.

    Parameters
    ----------
    failure_rate, repair_rate, required, components, crews : array_like
        As for :func:`repairable_availability`.

    Returns
    -------
    float or ndarray
        Seconds.

    References
    ----------
    .. [1] K. S. Trivedi, *Probability and Statistics with Reliability, Queuing, and Computer
       Science Applications*, 2nd ed., Wiley, 2002, sec. 8.5.

    Examples
    --------
    >>> round(float(repairable_mttf(1 / 1000, 1 / 10, 1, 2)), 6)
    51500.0
    """
    fail, repair, least, count, many, good = _parts(
        failure_rate, repair_rate, required, components, crews
    )
    step, total = np.zeros(fail.shape), np.zeros(fail.shape)
    with np.errstate(all="ignore"):
        most = count[good]
        for up in range(int(most.max()) if most.size else 0, 0, -1):
            down = count - up
            back = np.where(down > 0, np.minimum(down, many) * repair * step, 0.0)
            here = (up <= count) & (up >= least)
            step = np.where(here, (1.0 + back) / (up * fail), step)
            total = np.where(here, total + step, total)
        return np.where(good, total, np.nan)[()]


def _whole(required: Array, components: Array) -> NDArray[np.bool_]:
    """Whether k and n are whole numbers with 1 <= k <= n."""
    good: NDArray[np.bool_] = (required >= 1) & (required <= components)
    whole = (required == np.floor(required)) & (components == np.floor(components))
    usable: NDArray[np.bool_] = good & whole & np.isfinite(components)
    return usable


def _binomial_tail(share: Array, least: Array, count: Array) -> Array:
    """P(at least so many of so many), the incomplete beta function; its ends in closed form."""
    found = betainc(least, count - least + 1.0, share)
    # the function itself loses digits where its leading power is below the normal doubles
    odds = share / (1.0 - share)
    deep = (np.power(share, least) < _TINY) & ((count - least) * odds < 0.1 * (least + 1.0))
    half = np.floor(0.5 * least)
    first = binom(count, least) * np.power(share, half) * np.power(share, least - half)
    first = first * np.exp((count - least) * np.log1p(-share))
    total = term = np.ones(share.shape)
    for step in range(TERMS):
        term = term * odds * np.maximum(count - least - step, 0.0) / (least + step + 1.0)
        total = total + term
    deep &= np.isfinite(first) & (found < _DEEP)
    found = np.where(deep, first * total, found)
    found = np.where(least == 1.0, -np.expm1(count * np.log1p(-share)), found)
    tail: Array = np.where(least == count, np.power(share, count), found)
    return tail


def _harmonic(first: Array, last: Array) -> Array:
    """The sum of 1/i from ``first`` to ``last``: some terms, then psi at half-integers."""
    total = np.zeros(first.shape)
    start = np.maximum(first, np.minimum(20.0, last + 1.0))
    for term in range(1, 20):
        total = total + np.where((term >= first) & (term <= last), 1.0 / term, 0.0)
    low, high = start - 0.5, last + 0.5
    rest = np.log1p((last - start + 1.0) / low)
    for order, factor in ((2, 1 / 24), (4, -7 / 960), (6, 31 / 8064), (8, -127 / 30720)):
        rest = rest + factor * (high**-order - low**-order)
    return total + np.where(start <= last, rest, 0.0)


def _parts(
    fail: Numbers, repair: Numbers, required: Numbers, components: Numbers, crews: Numbers | None
) -> tuple[Array, Array, Array, Array, Array, NDArray[np.bool_]]:
    """All in their common shape, and which are within range."""
    many = components if crews is None else crews
    lost, mended, least, count, hands = broadcast(fail, repair, required, components, many)
    with np.errstate(all="ignore"):
        good = _whole(least, count) & (count <= MOST_COMPONENTS) & (hands >= 1)
        good = good & (lost >= 0) & (mended > 0) & np.isfinite(lost + mended)
    return lost, mended, least, count, hands, good


def _shares(
    fail: Numbers, repair: Numbers, required: Numbers, components: Numbers, crews: Numbers | None
) -> tuple[Array, Array, Array]:
    """Weights of the states up and down, and of the number failed, to a common factor."""
    lost, mended, least, count, hands, good = _parts(fail, repair, required, components, crews)
    up, down, failed = (np.where(good, start, np.nan) for start in (1.0, 0.0, 0.0))
    weight = up
    with np.errstate(all="ignore"):
        most = count[good]
        for number in range(1, int(most.max()) + 1 if most.size else 1):
            left = np.maximum(count - number + 1.0, 0.0)
            weight = weight * (left * lost / (np.minimum(number, hands) * mended))
            enough = count - number >= least
            up, down = up + np.where(enough, weight, 0.0), down + np.where(enough, 0.0, weight)
            failed = failed + number * weight
            scale = np.where(up + down + failed > _LARGE, 1.0 / _LARGE, 1.0)
            weight, up, down, failed = weight * scale, up * scale, down * scale, failed * scale
    return up, down, failed
