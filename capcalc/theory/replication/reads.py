"""Reads spread over replicas that all replay every write."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers, broadcast


def replica_utilization(
    read_rate: Numbers,
    write_rate: Numbers,
    replicas: Numbers,
    servers: Numbers,
    read_time: Numbers,
    apply_time: Numbers,
    primary_share: Numbers = 0.0,
) -> Numbers:
    r"""Utilization of each of k replicas: its share of the reads, and all writes.

    .. math:: \rho = \frac{(1 - f) \lambda_r D_r / k + \lambda_w D_a}{c}

    Parameters
    ----------
    read_rate, write_rate : array_like
        :math:`\lambda_r, \lambda_w` of the whole database. [1/s]
    replicas : array_like
        :math:`k \ge 1` besides the primary.
    servers : array_like
        :math:`c \ge 1` cores of each.
    read_time, apply_time : array_like
        :math:`D_r, D_a` of a core for a read and for the replay of a write. [s]
    primary_share : array_like
        Share :math:`f` of the reads that go to the primary, e.g. to see own writes.

    References
    ----------
    .. [1] J. Gray, P. Helland, P. O'Neil, D. Shasha, "The dangers of replication and a solution",
       SIGMOD Rec. 25(2), 1996 (every copy does all updates).

    Examples
    --------
    >>> round(float(replica_utilization(8000, 1000, 6, 4, 0.001, 0.001)), 6)
    0.583333
    """
    reads, writes, count, cores, read, apply, kept = broadcast(
        read_rate, write_rate, replicas, servers, read_time, apply_time, primary_share
    )
    with np.errstate(all="ignore"):
        good = (reads >= 0) & (writes >= 0) & (count >= 1) & (cores >= 1)
        good &= (read >= 0) & (apply >= 0) & (kept >= 0) & (kept <= 1)
        load = (1.0 - kept) * reads * read / count + writes * apply
        return np.where(good, load / cores, np.nan)[()]


def primary_utilization(
    read_rate: Numbers,
    write_rate: Numbers,
    replicas: Numbers,
    servers: Numbers,
    read_time: Numbers,
    write_time: Numbers,
    ship_time: Numbers = 0.0,
    primary_share: Numbers = 0.0,
) -> Numbers:
    r"""Utilization of the primary: writes, reads kept there, and shipping to each replica.

    .. math:: \rho = \frac{\lambda_w D_w + f \lambda_r D_r + k \lambda_w D_s}{c}

    Parameters
    ----------
    read_rate, write_rate, replicas, servers, read_time, primary_share : array_like
        As for :func:`replica_utilization`; here without replicas, :math:`k = 0`, too.
    write_time, ship_time : array_like
        :math:`D_w, D_s` of a core for a write and for sending it to one replica. [s]

    References
    ----------
    .. [1] J. Gray, P. Helland, P. O'Neil, D. Shasha, SIGMOD Rec. 25(2), 1996.

    Examples
    --------
    >>> float(primary_utilization(8000, 1000, 6, 4, 0.001, 0.001, 0.00005))
    0.325
    """
    reads, writes, count, cores, read, write, ship, kept = broadcast(
        read_rate, write_rate, replicas, servers, read_time, write_time, ship_time, primary_share
    )
    with np.errstate(all="ignore"):
        good = (reads >= 0) & (writes >= 0) & (count >= 0) & (cores >= 1)
        good &= (read >= 0) & (write >= 0) & (ship >= 0) & (kept >= 0) & (kept <= 1)
        load = writes * (write + count * ship) + kept * reads * read
        return np.where(good, load / cores, np.nan)[()]


def fewest_replicas(
    read_rate: Numbers,
    write_rate: Numbers,
    servers: Numbers,
    read_time: Numbers,
    apply_time: Numbers,
    utilization: Numbers,
    primary_share: Numbers = 0.0,
) -> Numbers:
    r"""Fewest replicas, at least 1, none above a utilization; ``inf`` behind the write wall.

    .. math:: k \ge \frac{(1 - f) \lambda_r D_r}{c u - \lambda_w D_a}

    Parameters
    ----------
    read_rate, write_rate, servers, read_time, apply_time, primary_share : array_like
        As for :func:`replica_utilization`.
    utilization : array_like
        :math:`0 < u \le 1` that none may exceed.

    References
    ----------
    .. [1] J. Gray, P. Helland, P. O'Neil, D. Shasha, SIGMOD Rec. 25(2), 1996.

    Examples
    --------
    >>> float(fewest_replicas(8000, 1000, 4, 0.001, 0.001, 0.6))
    6.0
    """
    reads, writes, cores, read, apply, most, kept = broadcast(
        read_rate, write_rate, servers, read_time, apply_time, utilization, primary_share
    )
    with np.errstate(all="ignore"):
        room, work = cores * most - writes * apply, (1.0 - kept) * reads * read
        count = np.where(work > 0, np.where(room > 0, np.ceil(work / room), np.inf), 1.0)
        count = np.where(room < 0, np.inf, np.maximum(count, 1.0))
        # what keeps the promise to the last digit, in the sum as it is rounded, is enough
        fewer = np.asarray(
            replica_utilization(reads, writes, count - 1.0, cores, read, apply, kept)
        )
        count = np.where(np.isfinite(count) & (fewer <= most), count - 1.0, count)
        good = (reads >= 0) & (writes >= 0) & (cores >= 1) & (read >= 0) & (apply >= 0)
        good &= (most > 0) & (most <= 1) & (kept >= 0) & (kept <= 1)
        return np.where(good & ~np.isnan(room + work), count, np.nan)[()]


def read_capacity(
    write_rate: Numbers,
    replicas: Numbers,
    servers: Numbers,
    read_time: Numbers,
    apply_time: Numbers,
    utilization: Numbers,
) -> Numbers:
    r"""Reads that k replicas serve, :math:`k (c u - \lambda_w D_a)^+ / D_r`. [1/s]

    Parameters
    ----------
    write_rate, replicas, servers, read_time, apply_time, utilization : array_like
        As for :func:`fewest_replicas`.

    References
    ----------
    .. [1] J. Gray, P. Helland, P. O'Neil, D. Shasha, SIGMOD Rec. 25(2), 1996.

    Examples
    --------
    >>> round(float(read_capacity(1000, 6, 4, 0.001, 0.001, 0.6)), 6)
    8400.0
    """
    writes, count, cores, read, apply, most = broadcast(
        write_rate, replicas, servers, read_time, apply_time, utilization
    )
    with np.errstate(all="ignore"):
        room = np.maximum(cores * most - writes * apply, 0.0)
        good = (writes >= 0) & (count >= 0) & (cores >= 1) & (read > 0) & (apply >= 0)
        good &= (most > 0) & (most <= 1)
        return np.where(good, count * room / read, np.nan)[()]


def write_wall(
    servers: Numbers, apply_time: Numbers, utilization: Numbers, appliers: Numbers = np.inf
) -> Numbers:
    r"""Writes beyond which no number of replicas serves a single read. [1/s]

    .. math:: \min(c, n_a) \, u / D_a

    Parameters
    ----------
    servers, apply_time, utilization : array_like
        As for :func:`fewest_replicas`.
    appliers : array_like
        :math:`n_a \ge 1` threads that replay writes, as many as cores by default.

    References
    ----------
    .. [1] J. Gray, P. Helland, P. O'Neil, D. Shasha, SIGMOD Rec. 25(2), 1996.

    Examples
    --------
    >>> round(float(write_wall(4, 0.001, 0.6)), 6)
    2400.0
    """
    cores, apply, most, threads = broadcast(servers, apply_time, utilization, appliers)
    with np.errstate(all="ignore"):
        good = (cores >= 1) & (apply >= 0) & (most > 0) & (most <= 1) & (threads >= 1)
        return np.where(good, np.minimum(cores, threads) * most / np.abs(apply), np.nan)[()]


def most_replicas(
    read_rate: Numbers,
    write_rate: Numbers,
    servers: Numbers,
    read_time: Numbers,
    write_time: Numbers,
    ship_time: Numbers,
    utilization: Numbers,
    primary_share: Numbers = 0.0,
) -> Numbers:
    r"""Most replicas that the primary can feed; ``inf`` where feeding costs it nothing.

    .. math:: k \le \frac{c u - \lambda_w D_w - f \lambda_r D_r}{\lambda_w D_s}

    Parameters
    ----------
    read_rate, write_rate, servers, read_time, write_time, ship_time : array_like
        As for :func:`primary_utilization`.
    utilization, primary_share : array_like
        As for :func:`fewest_replicas`.

    Returns
    -------
    float or ndarray
        A whole number; ``nan`` also where the primary is above the utilization without any.

    References
    ----------
    .. [1] J. Gray, P. Helland, P. O'Neil, D. Shasha, SIGMOD Rec. 25(2), 1996.

    Examples
    --------
    >>> float(most_replicas(8000, 1000, 4, 0.001, 0.001, 0.00006, 0.6))
    23.0
    """
    reads, writes, cores, read, write, ship, most, kept = broadcast(
        read_rate, write_rate, servers, read_time, write_time, ship_time, utilization, primary_share
    )
    with np.errstate(all="ignore"):
        room = cores * most - writes * write - kept * reads * read
        each = writes * ship
        count = np.where(each > 0, np.floor(room / each), np.inf)
        good = (reads >= 0) & (writes >= 0) & (cores >= 1) & (read >= 0) & (write >= 0)
        good &= (ship >= 0) & (most > 0) & (most <= 1) & (kept >= 0) & (kept <= 1) & (room >= 0)
        return np.where(good, count, np.nan)[()]
