"""Mean waits of one host set, one formula a function; scalars only.

`rate` is what arrives at the queue in question per second, `mean` and `scv` describe the service-time mixture.
"""

import math
from collections.abc import Callable

KAPPA = [
    (1, 0.0),
    (2, 0.256),
    (3, 0.327),
    (4, 0.355),
    (5, 0.371),
    (8, 0.384),
    (16, 0.370),
    (32, 0.304),
    (100, 0.212),
]

ExactWait = Callable[[int, int, float, float], float]
"""(stages n, servers k, arrival rate of the host, mean service) -> mean wait of E_n/M/k."""


def erlang_c(servers: int, offered: float) -> float:
    """Probability that an arrival at M/M/c waits, by the recursion of Erlang B; 1 where saturated."""
    if offered >= servers:
        return 1.0
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = offered * blocked / (k + offered * blocked)
    rho = offered / servers
    return blocked / (1 - rho * (1 - blocked))


def wait_mmc(rate: float, mean: float, servers: int) -> float:
    """Mean wait of M/M/c."""
    offered = rate * mean
    return erlang_c(servers, offered) * mean / (servers - offered)


def kappa(hosts: int) -> float:
    """The constant of least connections: the table, linear in log n between its points, constant above 100."""
    for (n0, k0), (n1, k1) in zip(KAPPA, KAPPA[1:], strict=False):
        if n0 <= hosts <= n1:
            return k0 + (k1 - k0) * math.log(hosts / n0) / math.log(n1 / n0)
    return KAPPA[-1][1]


def wait_random(rate: float, mean: float, scv: float, hosts: int, servers: int) -> float:
    """Each host is M/G/k with an equal share of the arrivals (Lee and Longton)."""
    return (1 + scv) / 2 * wait_mmc(rate / hosts, mean, servers)


def wait_central(rate: float, mean: float, scv: float, hosts: int, servers: int) -> float:
    """All servers of all hosts take from one queue."""
    return (1 + scv) / 2 * wait_mmc(rate, mean, hosts * servers)


def wait_least_connections(rate: float, mean: float, scv: float, hosts: int, servers: int) -> float:
    """The central queue plus the price of deciding early."""
    everyone = erlang_c(hosts * servers, rate * mean)
    return (
        (1 + scv)
        / 2
        * (wait_mmc(rate, mean, hosts * servers) + kappa(hosts) * everyone * mean / servers)
    )


def wait_regular(rate: float, mean: float, scv: float, arrival_scv: float, servers: int) -> float:
    """One G/G/k host: Allen-Cunneen times the correction of Kraemer and Langenbach-Belz (arrival_scv <= 1)."""
    rho = rate * mean / servers
    both = arrival_scv + scv
    if both == 0:
        return 0.0
    correction = math.exp(-2 * (1 - rho) * (1 - arrival_scv) ** 2 / (3 * rho * both))
    return wait_mmc(rate, mean, servers) * both / 2 * correction


def wait_erlang_arrivals(stages: int, rate: float, mean: float) -> float:
    """E_n/M/1, exact: S sigma / (1 - sigma) with sigma = (n rho / (n rho + 1 - sigma))^n.

    Bisection on delta = 1 - sigma, where delta = 1 - (1 + delta / (n rho))^-n.
    """
    rho = rate * mean
    low, high = 0.0, 1.0
    while True:
        delta = (low + high) / 2
        if delta in (low, high):
            break
        if delta + math.expm1(-stages * math.log1p(delta / (stages * rho))) > 0:
            high = delta
        else:
            low = delta
    sigma = math.exp(-stages * math.log1p(delta / (stages * rho)))
    return mean * sigma / delta


def wait_round_robin(
    rate: float,
    mean: float,
    scv: float,
    hosts: int,
    servers: int,
    exact_emk: ExactWait | None = None,
) -> float:
    """Every host sees each n-th arrival: exact for exponential service where known, else G/G/k with scv 1/n."""
    if abs(scv - 1) <= 1e-9 and servers == 1:
        return wait_erlang_arrivals(hosts, rate / hosts, mean)
    if abs(scv - 1) <= 1e-9 and exact_emk is not None:
        return exact_emk(hosts, servers, rate / hosts, mean)
    return wait_regular(rate / hosts, mean, scv, 1 / hosts, servers)
