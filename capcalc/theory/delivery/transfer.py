"""How long bytes take after the first: slow start, then bandwidth."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers, broadcast


def slow_start_rounds(size: Numbers, segment: Numbers = 1460.0, window: Numbers = 10.0) -> Numbers:
    r"""Fewest round trips in which a window that doubles sends a size, without loss.

    .. math:: n = \lceil \log_2(B / (w s) + 1) \rceil

    Parameters
    ----------
    size : array_like
        :math:`B`. [bytes]
    segment, window : array_like
        Bytes of a segment and segments of the first round (10).

    References
    ----------
    .. [1] J. Chu, N. Dukkipati, Y. Cheng, M. Mathis, RFC 6928, 2013 (initial window).

    Examples
    --------
    >>> slow_start_rounds(np.array([14_600, 14_601, 1_000_000]))
    array([1., 2., 7.])
    """
    total, piece, first = broadcast(size, segment, window)
    with np.errstate(all="ignore"):
        good = (total >= 0) & (piece > 0) & (first > 0) & np.isfinite(piece * first)
        unit = piece * first
        rounds = np.ceil(np.log2(total / unit + 1.0))
        # the logarithm may round across a whole number; the powers are exact
        rounds = np.where(unit * (np.exp2(rounds) - 1.0) < total, rounds + 1.0, rounds)
        fewer = (rounds > 0) & (unit * (np.exp2(rounds - 1.0) - 1.0) >= total)
        rounds = np.where(fewer & np.isfinite(rounds), rounds - 1.0, rounds)
        return np.where(good, rounds, np.nan)[()]


def last_byte(
    first_byte: Numbers,
    size: Numbers,
    round_trip: Numbers,
    bandwidth: Numbers,
    segment: Numbers = 1460.0,
    window: Numbers = 10.0,
) -> Numbers:
    r"""Time to the last byte: bandwidth, and the stalls of slow start before it. [s]

    .. math:: t_1 + \frac{B}{b} + \sum_{i < n - 1} \left(R - \frac{2^i w s}{b}\right)^+

    Idealised: no loss, no acknowledgement delayed, a constant bandwidth.

    Parameters
    ----------
    first_byte : array_like
        Time to the first byte. [s]
    size, bandwidth : array_like
        :math:`B` [bytes] and :math:`b` [bytes/s].
    round_trip : array_like
        :math:`R`. [s]
    segment, window : array_like
        Bytes of a segment and segments of the first round (10).

    References
    ----------
    .. [1] J. F. Kurose, K. W. Ross, *Computer Networking*, 3rd ed., Addison-Wesley, 2005, sec. 3.7.

    Examples
    --------
    >>> round(float(last_byte(0.27, 1e6, 0.05, 12.5e6)), 6)
    0.576416
    """
    begun, total, path, speed, piece, first = broadcast(
        first_byte, size, round_trip, bandwidth, segment, window
    )
    with np.errstate(all="ignore"):
        good = (begun >= 0) & (total >= 0) & (path >= 0) & (speed > 0) & (piece > 0) & (first > 0)
        rounds = np.asarray(slow_start_rounds(total, piece, first))
        step = piece * first / speed
        stalls = np.maximum(np.minimum(rounds - 1.0, np.ceil(np.log2(path / step))), 0.0)
        stalled = np.where(stalls > 0, stalls * path - step * (np.exp2(stalls) - 1.0), 0.0)
        return np.where(good, begun + total / speed + stalled, np.nan)[()]
