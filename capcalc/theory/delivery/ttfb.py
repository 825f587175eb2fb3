"""Time to the first byte of an answer over TCP, TLS and QUIC."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers, broadcast


def tcp(
    round_trip: Numbers,
    server_time: Numbers,
    dns_time: Numbers = 0.0,
    tls_round_trips: Numbers = 1.0,
) -> Numbers:
    r"""Time to first byte on a new TCP connection, :math:`t_{dns} + (2 + k) R + t_s`. [s]

    Parameters
    ----------
    round_trip, server_time, dns_time : array_like
        Of the path, of the answer, and of the name look-up. [s]
    tls_round_trips : array_like
        :math:`k`: 2 with TLS 1.2, 1 with TLS 1.3, 0 resumed with early data or without TLS.

    References
    ----------
    .. [1] E. Rescorla, RFC 8446 (TLS 1.3), 2018; RFC 5246 (TLS 1.2), 2008; RFC 9000 (QUIC), 2021.

    Examples
    --------
    >>> round(float(tcp(0.05, 0.1, 0.02)), 6)
    0.27
    """
    path, work, name, hands = broadcast(round_trip, server_time, dns_time, tls_round_trips)
    with np.errstate(all="ignore"):
        good = (path >= 0) & (work >= 0) & (name >= 0) & (hands >= 0)
        return np.where(good, name + (2.0 + hands) * path + work, np.nan)[()]


def quic(
    round_trip: Numbers, server_time: Numbers, dns_time: Numbers = 0.0, resumed: Numbers = 0.0
) -> Numbers:
    r"""Time to first byte on a new QUIC connection.

    .. math:: t_{dns} + 2R + t_s

    One R less when resumed. [s]

    Parameters
    ----------
    round_trip, server_time, dns_time : array_like
        Of the path, of the answer, and of the name look-up. [s]
    resumed : array_like
        1 where the client sends with its first packet (0-RTT), else 0.

    References
    ----------
    .. [1] J. Iyengar, M. Thomson, RFC 9000 (QUIC), 2021; RFC 9001, 2021.

    Examples
    --------
    >>> round(float(quic(0.05, 0.1, 0.02)), 6)
    0.22
    """
    path, work, name, again = broadcast(round_trip, server_time, dns_time, resumed)
    with np.errstate(all="ignore"):
        good = (path >= 0) & (work >= 0) & (name >= 0) & (again >= 0) & (again <= 1)
        return np.where(good, name + (2.0 - again) * path + work, np.nan)[()]


def warm(round_trip: Numbers, server_time: Numbers) -> Numbers:
    r"""Time to first byte on an open connection, :math:`R + t_s`. [s]

    Parameters
    ----------
    round_trip, server_time : array_like
        Of the path and of the answer. [s]

    References
    ----------
    .. [1] E. Rescorla, RFC 8446 (TLS 1.3), 2018; RFC 5246 (TLS 1.2), 2008; RFC 9000 (QUIC), 2021.

    Examples
    --------
    >>> round(float(warm(0.05, 0.1)), 6)
    0.15
    """
    path, work = broadcast(round_trip, server_time)
    with np.errstate(all="ignore"):
        good = (path >= 0) & (work >= 0)
        return np.where(good, path + work, np.nan)[()]


def through_edge(
    edge_round_trip: Numbers,
    origin_round_trip: Numbers,
    server_time: Numbers,
    dns_time: Numbers = 0.0,
    tls_round_trips: Numbers = 1.0,
    origin_round_trips: Numbers = 1.0,
) -> Numbers:
    r"""Time to first byte of a dynamic answer through an edge that ends TLS. [s]

    .. math:: t_{dns} + (2 + k) R_e + m R_o + t_s

    Parameters
    ----------
    edge_round_trip, origin_round_trip : array_like
        From user to edge and from edge to origin. [s]
    server_time, dns_time, tls_round_trips : array_like
        As for :func:`tcp`.
    origin_round_trips : array_like
        :math:`m`: 1 over a warm pool of connections, 2 + k over a new one.

    References
    ----------
    .. [1] E. Rescorla, RFC 8446 (TLS 1.3), 2018; RFC 5246 (TLS 1.2), 2008; RFC 9000 (QUIC), 2021.

    Examples
    --------
    >>> round(float(through_edge(0.02, 0.13, 0.1)), 6)
    0.29
    """
    near, far, work, name, hands, trips = broadcast(
        edge_round_trip,
        origin_round_trip,
        server_time,
        dns_time,
        tls_round_trips,
        origin_round_trips,
    )
    with np.errstate(all="ignore"):
        good = (near >= 0) & (far >= 0) & (work >= 0) & (name >= 0) & (hands >= 0) & (trips >= 1)
        return np.where(good, name + (2.0 + hands) * near + trips * far + work, np.nan)[()]
