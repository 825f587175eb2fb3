"""One pool of servers or several, one fast server or several slow ones."""

from __future__ import annotations

import numpy as np
from scipy import special

from capcalc.theory.arrays import Numbers, broadcast, spare_rate
from capcalc.theory.queues import mmc, staffing


def partitioned_servers(
    prob_wait: Numbers, arrival_rate: Numbers, service_rate: Numbers, groups: Numbers
) -> Numbers:
    r"""Fewest servers of k separate equal pools in each of which few wait.

    Parameters
    ----------
    prob_wait : array_like
        Share that may wait, :math:`0 < p < 1`.
    arrival_rate : array_like
        Over all pools together. [1/s]
    service_rate : array_like
        Of one server. [1/s]
    groups : array_like
        :math:`k \ge 1`, a whole number.

    References
    ----------
    .. [1] S. Halfin, W. Whitt, "Heavy-traffic limits for queues with many exponential servers",
       Oper. Res. 29(3), 1981.

    Examples
    --------
    >>> partitioned_servers(0.2, 100.0, 1.0, np.array([1.0, 4, 10]))
    array([111., 124., 140.])
    """
    level, rate, speed, pools = broadcast(prob_wait, arrival_rate, service_rate, groups)
    with np.errstate(all="ignore"):
        good = (pools >= 1) & (pools == np.floor(pools)) & np.isfinite(pools)
        each = np.asarray(staffing.servers_for_prob_wait(level, rate / pools, speed))
        return np.where(good, pools * each, np.nan)[()]


def fast_over_slow(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Numbers:
    r"""Mean response of c servers over that of one that is c times as fast.

    .. math:: \frac{W_{M/M/c}}{W_{M/M/1}} = c (1 - \rho) + C(c, a)

    Parameters
    ----------
    arrival_rate, service_rate, servers : array_like
        As for :func:`capcalc.theory.queues.mmc.utilization`.

    Returns
    -------
    float or ndarray
        From c without load to 1 at saturation, where both are infinite: ``nan`` from there on.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 2: Computer Applications*, Wiley, 1976, sec. 5.1.

    Examples
    --------
    >>> round(float(fast_over_slow(6.4, 1, 8)), 6)
    2.057645
    """
    rate, speed, count = broadcast(arrival_rate, service_rate, servers)
    spare = spare_rate(rate, speed, count)
    with np.errstate(all="ignore"):
        ratio = spare / speed + np.asarray(mmc.prob_wait(rate, speed, count))
        return np.where(spare > 0, ratio, np.nan)[()]


def halfin_whitt_prob_wait(beta: Numbers) -> Numbers:
    r"""Share that waits with :math:`a + \beta\sqrt a` of very many servers.

    .. math:: P(W > 0) \approx \left(1 + \beta \Phi(\beta) / \varphi(\beta)\right)^{-1}

    A limit for many servers: 0.6 % too low at 10,000 erlangs and :math:`\beta = 1`.

    Parameters
    ----------
    beta : array_like
        Servers above the load, in square roots of it; up to 0 all wait.

    References
    ----------
    .. [1] S. Halfin, W. Whitt, Oper. Res. 29(3), 1981, eq. (2.2).

    Examples
    --------
    >>> round(float(halfin_whitt_prob_wait(1.0)), 6)
    0.223361
    """
    excess = np.asarray(beta, dtype=float)
    with np.errstate(all="ignore"):
        up = np.maximum(excess, 0.0)
        hazard = np.exp(-0.5 * up * up - special.log_ndtr(up)) / np.sqrt(2.0 * np.pi)
        return np.where(np.isnan(excess), np.nan, hazard / (hazard + up))[()]
