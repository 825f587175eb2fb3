"""Consistent hashing: how unequal the nodes' shares of the ring are."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers, broadcast
from capcalc.theory.balancing.sticky import mean_largest_gamma


def share_cv2(nodes: Numbers, virtual_nodes: Numbers = 1.0) -> Numbers:
    r"""Squared coefficient of variation of a node's share of the ring.

    .. math:: \frac{n - 1}{n V + 1}

    Exact for random points: a share has the beta law with :math:`V` and :math:`(n - 1) V`.

    Parameters
    ----------
    nodes : array_like
        :math:`n \ge 1`.
    virtual_nodes : array_like
        Points V of each node on the ring, at least 1.

    References
    ----------
    .. [1] D. Karger et al., "Consistent hashing and random trees", Proc. STOC 1997.
    .. [2] H. A. David, H. N. Nagaraja, *Order Statistics*, 3rd ed., Wiley, 2003, sec. 6.4
       (spacings).

    Examples
    --------
    >>> share_cv2(10, np.array([1, 100])).round(4)
    array([0.8182, 0.009 ])
    """
    count, points = broadcast(nodes, virtual_nodes)
    with np.errstate(all="ignore"):
        good = (count >= 1) & (count < np.inf) & (points >= 1)
        return np.where(good, (count - 1.0) / (count * points + 1.0), np.nan)[()]


def expected_max_over_mean(nodes: Numbers, virtual_nodes: Numbers = 1.0) -> Numbers:
    r"""Mean of the largest share of the ring over the mean share 1/n.

    The mean of the largest of n gamma variables of mean 1 and shape V. Exact for random
    points, as shares do not depend on the sum of the variables they are shares of; for V = 1
    it is :math:`1 + 1/2 + \dots + 1/n`. Of the keys, not of the requests: popular keys come
    on top of it.

    Parameters
    ----------
    nodes, virtual_nodes : array_like
        As for :func:`share_cv2`; up to 1e12 nodes.

    References
    ----------
    .. [1] D. Karger et al., "Consistent hashing and random trees", Proc. STOC 1997.
    .. [2] H. A. David, H. N. Nagaraja, *Order Statistics*, 3rd ed., Wiley, 2003, sec. 6.4.

    Examples
    --------
    >>> expected_max_over_mean(10, np.array([1, 100])).round(4)
    array([2.929 , 1.1594])
    """
    _, points = broadcast(nodes, virtual_nodes)
    with np.errstate(all="ignore"):
        return mean_largest_gamma(nodes, np.where(points >= 1, points, np.nan))
