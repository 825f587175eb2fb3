"""What the loss of a host leaves of the room, and of the data."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers, broadcast


def utilization_after(utilization: Numbers, hosts: Numbers, lost: Numbers = 1.0) -> Numbers:
    r"""Utilization of the hosts that are left, :math:`\rho n / (n - m)`.

    Parameters
    ----------
    utilization : array_like
        :math:`\rho` of each of the hosts before.
    hosts, lost : array_like
        :math:`n` and :math:`0 \le m \le n`.

    Returns
    -------
    float or ndarray
        Above 1 where the rest is not enough; ``inf`` where none is left.

    References
    ----------
    .. [1] B. Beyer et al. (eds.), *Site Reliability Engineering*, O'Reilly, 2016, ch. 22.

    Examples
    --------
    >>> round(float(utilization_after(0.7, 5)), 12)
    0.875
    """
    share, count, gone = broadcast(utilization, hosts, lost)
    with np.errstate(all="ignore"):
        good = (share >= 0) & (count >= 1) & (gone >= 0) & (gone <= count)
        after = np.where(gone == count, np.inf, share * (count / (count - gone)))
        return np.where(good, after, np.nan)[()]


def highest_utilization(hosts: Numbers, limit: Numbers = 1.0, lost: Numbers = 1.0) -> Numbers:
    r"""Utilization that still keeps a limit after a loss, :math:`u (n - m) / n`.

    Parameters
    ----------
    hosts, lost : array_like
        As for :func:`utilization_after`.
    limit : array_like
        :math:`u \ge 0` that none of the rest may exceed.

    References
    ----------
    .. [1] B. Beyer et al. (eds.), *Site Reliability Engineering*, O'Reilly, 2016, ch. 22.

    Examples
    --------
    >>> round(float(highest_utilization(5, 0.875)), 12)
    0.7
    """
    count, most, gone = broadcast(hosts, limit, lost)
    with np.errstate(all="ignore"):
        good = (most >= 0) & (count >= 1) & (gone >= 0) & (gone <= count)
        return np.where(good, most * ((count - gone) / count), np.nan)[()]


def lost_writes(write_rate: Numbers, lag: Numbers) -> Numbers:
    r"""Mean writes that the promoted replica does not have, :math:`\lambda_w L` (Little).

    Parameters
    ----------
    write_rate : array_like
        :math:`\lambda_w`. [1/s]
    lag : array_like
        Mean lag :math:`L` of the replica, network included. [s]

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> float(lost_writes(700, 0.01))
    7.0
    """
    rate, time = broadcast(write_rate, lag)
    with np.errstate(all="ignore"):
        lost = np.where((rate == 0) & ~np.isnan(time), 0.0, rate * time)
        return np.where((rate >= 0) & (time >= 0), lost, np.nan)[()]
