"""Reference values to 40 digits and more, from the exact binary inputs."""

from __future__ import annotations

from functools import cache

import mpmath as mp

BITS = 200
DIGITS = 50


@cache
def inverse_erlang_b(servers: mp.mpf, load: mp.mpf) -> mp.mpf:
    r"""1/B for a load of at most the servers.

    :math:`1/B = \Gamma(c+1) e^a a^{-c} - \sum_{k \ge 1} a^k / ((c+1) \cdots (c+k))`, the sum in
    integers; the difference loses a bit or two at most for :math:`a \le c`.
    """
    with mp.workdps(DIGITS + 20):
        scaled = int(mp.floor(load * mp.mpf(2) ** BITS))
        term, total, k = 1 << BITS, 0, 0
        base = int(servers)
        while term > 0:
            k += 1
            term = term * scaled // ((base + k) << BITS)
            total += term
        whole = mp.exp(mp.loggamma(servers + 1) + load - servers * mp.log(load))
        return whole - mp.mpf(total) / mp.mpf(2) ** BITS


def erlang_c(servers: mp.mpf, load: mp.mpf) -> mp.mpf:
    """Share of arrivals that wait."""
    return servers / (load + (servers - load) * inverse_erlang_b(servers, load))


def mean_wait(rate: mp.mpf, speed: mp.mpf, servers: mp.mpf) -> mp.mpf:
    """Mean wait in M/M/c."""
    return erlang_c(servers, rate / speed) / (servers * speed - rate)


def response_survival(time: mp.mpf, rate: mp.mpf, speed: mp.mpf, servers: mp.mpf) -> mp.mpf:
    """P(T > t) in M/M/c."""
    waits, spare = erlang_c(servers, rate / speed), servers * speed - rate
    own, longer = mp.exp(-speed * time), mp.exp(-spare * time)
    if spare == speed:
        return own * (1 + waits * speed * time)
    return own + waits * speed * (longer - own) / (speed - spare)
