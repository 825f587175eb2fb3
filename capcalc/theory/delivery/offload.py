"""What a content network takes off the origin, in requests, bytes and money."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers, broadcast


def edge_rate(request_rate: Numbers, static_share: Numbers, browser_hit: Numbers) -> Numbers:
    r"""Requests at the edge, :math:`R (s (1 - h_b) + 1 - s)`; bytes with byte hit ratios. [1/s]

    Parameters
    ----------
    request_rate : array_like
        Of the users. [1/s]
    static_share : array_like
        Share :math:`s` that may be cached.
    browser_hit : array_like
        :math:`h_b` of the users' own caches.

    References
    ----------
    .. [1] B. Krishnamurthy, J. Rexford, *Web Protocols and Practice*, Addison-Wesley, 2001, ch. 11.

    Examples
    --------
    >>> round(float(edge_rate(1000, 0.8, 0.25)), 9)
    800.0
    """
    rate, static, own = broadcast(request_rate, static_share, browser_hit)
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (static >= 0) & (static <= 1) & (own >= 0) & (own <= 1)
        return np.where(good, rate * (static * (1.0 - own) + (1.0 - static)), np.nan)[()]


def origin_rate(
    request_rate: Numbers,
    static_share: Numbers,
    browser_hit: Numbers,
    edge_hit: Numbers,
    shield_hit: Numbers = 0.0,
) -> Numbers:
    r"""Requests at the origin, :math:`R (s (1 - h_b)(1 - h_e)(1 - h_s) + 1 - s)`. [1/s]

    Parameters
    ----------
    request_rate : array_like
        Of the users. [1/s]
    static_share : array_like
        Share :math:`s` that may be cached.
    browser_hit, edge_hit, shield_hit : array_like
        Hit ratios of what comes to each tier, by bytes for bytes.

    References
    ----------
    .. [1] B. Krishnamurthy, J. Rexford, *Web Protocols and Practice*, Addison-Wesley, 2001, ch. 11.

    Examples
    --------
    >>> round(float(origin_rate(1000, 0.8, 0.25, 0.9)), 9)
    260.0
    """
    rate, static, own, edge, shield = broadcast(
        request_rate, static_share, browser_hit, edge_hit, shield_hit
    )
    with np.errstate(all="ignore"):
        good = (
            (rate >= 0)
            & (static >= 0)
            & (static <= 1)
            & (own >= 0)
            & (own <= 1)
            & (edge >= 0)
            & (edge <= 1)
            & (shield >= 0)
            & (shield <= 1)
        )
        return np.where(
            good,
            rate * (static * (1.0 - own) * (1.0 - edge) * (1.0 - shield) + (1.0 - static)),
            np.nan,
        )[()]


def offload(edge: Numbers, origin: Numbers) -> Numbers:
    r"""Share that the origin is spared, :math:`1 - o / e`, of requests or of bytes.

    Parameters
    ----------
    edge, origin : array_like
        Rates :math:`e \ge o`, in one unit.

    References
    ----------
    .. [1] B. Krishnamurthy, J. Rexford, *Web Protocols and Practice*, Addison-Wesley, 2001, ch. 11.

    Examples
    --------
    >>> float(offload(800, 200))
    0.75
    """
    whole, rest = broadcast(edge, origin)
    with np.errstate(all="ignore"):
        good = (whole > 0) & (rest >= 0) & (rest <= whole) & np.isfinite(whole)
        return np.where(good, (whole - rest) / whole, np.nan)[()]


def transfer_cost(byte_rate: Numbers, time: Numbers, price: Numbers) -> Numbers:
    r"""Cost of a flow at one price a gigabyte (1e9 bytes).

    Parameters
    ----------
    byte_rate : array_like
        [bytes/s]
    time : array_like
        [s]
    price : array_like
        For a gigabyte.

    References
    ----------
    .. [1] B. Krishnamurthy, J. Rexford, *Web Protocols and Practice*, Addison-Wesley, 2001, ch. 11.

    Examples
    --------
    >>> round(float(transfer_cost(2.2e7, 2_592_000, 0.05)), 4)
    2851.2
    """
    rate, span, each = broadcast(byte_rate, time, price)
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (span >= 0) & (each >= 0)
        return np.where(good, rate * span * each / 1e9, np.nan)[()]


def tiered_cost(amount: Numbers, starts: Numbers, prices: Numbers) -> Numbers:
    r"""Cost at prices by volume, each for what lies between its start and the next.

    Parameters
    ----------
    amount : array_like
        In the unit of the prices.
    starts, prices : array_like
        Along the last axis: volumes from 0 upwards, and the price from each on.

    References
    ----------
    .. [1] R. B. Wilson, *Nonlinear Pricing*, Oxford University Press, 1993, ch. 4.

    Examples
    --------
    >>> float(tiered_cost(15.0, [0.0, 10.0], [0.5, 0.25]))
    6.25
    """
    volume = np.asarray(amount, dtype=float)[..., np.newaxis]
    start, each = broadcast(np.atleast_1d(starts), np.atleast_1d(prices))
    with np.errstate(all="ignore"):
        width = np.concatenate([np.diff(start), np.full((*start.shape[:-1], 1), np.inf)], axis=-1)
        good = ((each >= 0) & (width > 0)).all(axis=-1) & (start[..., 0] == 0)
        part = np.clip(volume - start, 0.0, width)
        cost = np.where(part == 0, 0.0, part * each).sum(axis=-1)
        return np.where(good & (volume[..., 0] >= 0), cost, np.nan)[()]
