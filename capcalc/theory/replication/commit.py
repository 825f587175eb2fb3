"""How long a commit waits for the acknowledgements of replicas."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers, broadcast
from capcalc.theory.distributions import order_statistics


def quorum_mean(acks: Numbers, replicas: Numbers, mean: Numbers) -> Numbers:
    r"""Mean time to w acknowledgements of n, each exponential: :math:`m \sum_{j=n-w+1}^n 1/j`.

    Parameters
    ----------
    acks, replicas : array_like
        :math:`1 \le w \le n`; all for synchronous, one for semi-synchronous replication.
    mean : array_like
        :math:`m`. [s]

    References
    ----------
    .. [1] A. Rényi, "On the theory of order statistics", Acta Math. Acad. Sci. Hung. 4, 1953.

    Examples
    --------
    >>> round(float(quorum_mean(2, 3, 1.0)), 4)
    0.8333
    """
    return _mean(acks, replicas, mean)


def quorum_quantile(p: Numbers, acks: Numbers, replicas: Numbers, mean: Numbers) -> Numbers:
    r"""Time within which a share p of commits has w acknowledgements of n, each exponential.

    Parameters
    ----------
    p : array_like
        :math:`0 \le p < 1`.
    acks, replicas, mean : array_like
        As for :func:`quorum_mean`. [s]

    References
    ----------
    .. [1] H. A. David, H. N. Nagaraja, *Order Statistics*, 3rd ed., Wiley, 2003, sec. 2.1.

    Examples
    --------
    >>> round(float(quorum_quantile(0.99, 2, 3, 1.0)), 4)
    2.8319
    """
    level = np.asarray(p, dtype=float)
    with np.errstate(all="ignore"):
        good = (level >= 0) & (level < 1)
        return order_statistics.exponential_quantile(
            np.where(good, level, np.nan), acks, replicas, mean
        )


def quorum_cdf(acks: Numbers, replicas: Numbers, acknowledged: Numbers) -> Numbers:
    r"""Probability of w acknowledgements of n by a time, each there with probability F.

    .. math:: \sum_{j=w}^{n} \binom nj F^j (1 - F)^{n-j}

    Any law of the single acknowledgement; for replicas that differ, see
    :func:`capcalc.theory.distributions.order_statistics.cdf_of_unequal`.

    Parameters
    ----------
    acks, replicas : array_like
        :math:`1 \le w \le n`.
    acknowledged : array_like
        :math:`F(t)` of one.

    References
    ----------
    .. [1] H. A. David, H. N. Nagaraja, *Order Statistics*, 3rd ed., Wiley, 2003, sec. 2.1.

    Examples
    --------
    >>> round(float(quorum_cdf(2, 3, 0.9)), 6)
    0.972
    """
    return order_statistics.cdf(acks, replicas, acknowledged)


def synchronous_mean(replicas: Numbers, mean: Numbers) -> Numbers:
    r"""Mean time until all n have acknowledged, :math:`m H_n`. [s]

    Parameters
    ----------
    replicas, mean : array_like
        As for :func:`quorum_mean`.

    References
    ----------
    .. [1] A. Rényi, Acta Math. Acad. Sci. Hung. 4, 1953.

    Examples
    --------
    >>> round(float(synchronous_mean(3, 1.0)), 6)
    1.833333
    """
    return _mean(replicas, replicas, mean)


def semi_synchronous_mean(replicas: Numbers, mean: Numbers) -> Numbers:
    r"""Mean time until the first of n has acknowledged, :math:`m / n`. [s]

    Parameters
    ----------
    replicas, mean : array_like
        As for :func:`quorum_mean`.

    References
    ----------
    .. [1] A. Rényi, Acta Math. Acad. Sci. Hung. 4, 1953.

    Examples
    --------
    >>> float(semi_synchronous_mean(5, 1.0))
    0.2
    """
    return _mean(1.0, replicas, mean)


def hot_row_rate(write_time: Numbers, commit_time: Numbers) -> Numbers:
    r"""Most writes of one row, whose lock is held through the commit, :math:`1/(D + L)`. [1/s]

    Parameters
    ----------
    write_time, commit_time : array_like
        Means of the work and of the wait for acknowledgements. [s]

    References
    ----------
    .. [1] P. J. Denning, J. P. Buzen, "The operational analysis of queueing network models", ACM
       Comput. Surv. 10(3), 1978, sec. 3 (utilization law of the lock).

    Examples
    --------
    >>> round(float(hot_row_rate(0.001, 0.009)), 9)
    100.0
    """
    work, wait = broadcast(write_time, commit_time)
    with np.errstate(all="ignore"):
        good = (work >= 0) & (wait >= 0)
        return np.where(good, 1.0 / np.abs(work + wait), np.nan)[()]


def _mean(acks: Numbers, replicas: Numbers, mean: Numbers) -> Numbers:
    """Mean of an order statistic; ``nan`` where there are fewer replicas than acknowledgements."""
    some, count, time = broadcast(acks, replicas, mean)
    with np.errstate(all="ignore"):
        good = (some >= 1) & (count >= some) & np.isfinite(count)
        found = order_statistics.exponential_mean(
            np.where(good, some, 1.0), np.where(good, count, 1.0), time
        )
        return np.where(good, found, np.nan)[()]
