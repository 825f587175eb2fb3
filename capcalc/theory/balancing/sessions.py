"""Sessions that stay with their host: how many, how load moves, and what a store takes."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers, broadcast


def concurrent(arrival_rate: Numbers, mean_session: Numbers) -> Numbers:
    r"""Mean sessions at a time, :math:`\lambda E` (Little); Poisson for any law of their length.

    Parameters
    ----------
    arrival_rate : array_like
        New sessions. [1/s]
    mean_session : array_like
        [s]

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> float(concurrent(20, 900))
    18000.0
    """
    rate, mean = broadcast(arrival_rate, mean_session)
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (mean >= 0)
        return np.where(good, np.where((rate == 0) | (mean == 0), 0.0, rate * mean), np.nan)[()]


def new_host_share(time: Numbers, mean_session: Numbers, hosts: Numbers) -> Numbers:
    r"""Share of the load at a host that has joined n sticky ones, :math:`(1 - e^{-t/E}) / (n + 1)`.

    Parameters
    ----------
    time : array_like
        Since the host joined. [s]
    mean_session : array_like
        Mean :math:`E` of exponential sessions. [s]
    hosts : array_like
        :math:`n \ge 1` before.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.4 (M/M/inf in
       transience).

    Examples
    --------
    >>> round(float(new_host_share(600, 900, 4)), 6)
    0.097317
    """
    after, mean, count = broadcast(time, mean_session, hosts)
    with np.errstate(all="ignore"):
        good = (after >= 0) & (mean > 0) & (count >= 1)
        return np.where(good, -np.expm1(-after / mean) / (count + 1.0), np.nan)[()]


def old_host_share(time: Numbers, mean_session: Numbers, hosts: Numbers) -> Numbers:
    r"""Share of the load still at each of the n old hosts, :math:`(n + e^{-t/E}) / (n (n + 1))`.

    Parameters
    ----------
    time : array_like
        Since the host joined. [s]
    mean_session : array_like
        Mean :math:`E` of exponential sessions. [s]
    hosts : array_like
        :math:`n \ge 1` before.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.4 (M/M/inf in
       transience).

    Examples
    --------
    >>> round(float(old_host_share(600, 900, 4)), 6)
    0.225671
    """
    after, mean, count = broadcast(time, mean_session, hosts)
    with np.errstate(all="ignore"):
        good = (after >= 0) & (mean > 0) & (count >= 1)
        return np.where(good, (1.0 + np.exp(-after / mean) / count) / (count + 1.0), np.nan)[()]


def drain_time(left: Numbers, mean_session: Numbers) -> Numbers:
    r"""Time until a share x is left of a host's sessions, none new, :math:`E \ln(1/x)`. [s]

    Parameters
    ----------
    left : array_like
        Share :math:`0 \le x \le 1`.
    mean_session : array_like
        Mean :math:`E` of exponential sessions. [s]

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 3.4 (M/M/inf in
       transience).

    Examples
    --------
    >>> round(float(drain_time(0.01, 900)), 1)
    4144.7
    """
    share, mean = broadcast(left, mean_session)
    with np.errstate(all="ignore"):
        good = (share >= 0) & (share <= 1) & (mean > 0)
        return np.where(good, np.where(share == 1, 0.0, -mean * np.log(share)), np.nan)[()]


def login_storm(sessions: Numbers, window: Numbers, lost_share: Numbers = 1.0) -> Numbers:
    r"""Extra logins while lost sessions come back within a window. [1/s]

    Parameters
    ----------
    sessions : array_like
        At a time.
    window : array_like
        In which their users reconnect. [s]
    lost_share : array_like
        1/n when one of n hosts is lost.

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> float(login_storm(18_000, 60, 0.25))
    75.0
    """
    many, span, lost = broadcast(sessions, window, lost_share)
    with np.errstate(all="ignore"):
        good = (many >= 0) & (span > 0) & (lost >= 0) & (lost <= 1)
        return np.where(good, many * lost / span, np.nan)[()]


def store_load(
    request_rate: Numbers,
    read_share: Numbers,
    read_time: Numbers,
    write_share: Numbers,
    write_time: Numbers,
) -> Numbers:
    r"""Load of a shared session store, :math:`\lambda (r D_r + w D_w)`. [erlangs]

    Parameters
    ----------
    request_rate : array_like
        [1/s]
    read_share, write_share : array_like
        Reads and writes of a session for each request.
    read_time, write_time : array_like
        Of the store. [s]

    References
    ----------
    .. [1] P. J. Denning, J. P. Buzen, "The operational analysis of queueing network models", ACM
       Comput. Surv. 10(3), 1978, sec. 3.

    Examples
    --------
    >>> round(float(store_load(1000, 1, 0.0005, 0.2, 0.001)), 9)
    0.7
    """
    rate, gets, read, puts, write = broadcast(
        request_rate, read_share, read_time, write_share, write_time
    )
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (gets >= 0) & (read >= 0) & (puts >= 0) & (write >= 0)
        return np.where(good, rate * (gets * read + puts * write), np.nan)[()]


def store_memory(
    arrival_rate: Numbers, mean_session: Numbers, size: Numbers, expiry: Numbers = 0.0
) -> Numbers:
    r"""Mean memory of a session store, :math:`\lambda (E + T) b`. [bytes]

    Parameters
    ----------
    arrival_rate : array_like
        New sessions. [1/s]
    mean_session, expiry : array_like
        Length, and time :math:`T` for which an ended one is kept. [s]
    size : array_like
        Of one. [bytes]

    References
    ----------
    .. [1] J. D. C. Little, "A proof for the queuing formula L = lambda W", Oper. Res. 9, 1961.

    Examples
    --------
    >>> float(store_memory(20, 900, 2000))
    36000000.0
    """
    rate, mean, each, kept = broadcast(arrival_rate, mean_session, size, expiry)
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (mean >= 0) & (each >= 0) & (kept >= 0)
        return np.where(good, rate * (mean + kept) * each, np.nan)[()]
