"""Power of d choices: each arrival joins the shortest of d hosts that are picked at random."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers, broadcast, spare_rate

#: Terms of the sums at most; the exponents grow like powers of d.
TERMS = 1100
#: Simulated with 20 hosts: load, and n times what the response lies above the limit, over S.
LOADS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95)
EXCESS = (0.0, 0.19, 0.58, 1.16, 3.35, 8.7)


def tail(
    length: Numbers,
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    hosts: Numbers,
    scv: Numbers,
    choices: Numbers = 2.0,
) -> Numbers:
    r"""Share of hosts with at least i requests, :math:`\rho^{(d^i - 1)/(d - 1)}`.

    The limit of infinitely many hosts at the same load each: an approximation for n.

    Parameters
    ----------
    length : array_like
        :math:`i`, whole.
    arrival_rate : array_like
        :math:`\lambda` over all hosts together. [1/s]
    service_rate : array_like
        :math:`\mu` of one server. [1/s]
    servers, hosts : array_like
        1 server (others give ``nan``) on each of :math:`n` hosts.
    scv : array_like
        1, exponential service; others give ``nan``.
    choices : array_like
        :math:`d`, whole; 1 is a random choice.

    References
    ----------
    .. [1] N. D. Vvedenskaya, R. L. Dobrushin, F. I. Karpelevich, "Queueing system with selection
       of the shortest of two queues: an asymptotic approach", Probl. Inf. Transm. 32, 1996.
    .. [2] M. Mitzenmacher, "The power of two choices in randomized load balancing", IEEE Trans.
       Parallel Distrib. Syst. 12, 2001.

    Examples
    --------
    >>> round(float(tail(3, 5, 1, 1, 10, 1)), 12)
    0.0078125
    """
    asked, rate, speed, count, machines, law, picked = broadcast(
        length, arrival_rate, service_rate, servers, hosts, scv, choices
    )
    good, log_load, _ = _load(rate, speed, count, machines, law, picked)
    with np.errstate(all="ignore"):
        many = np.where(picked == 1, asked, np.expm1(asked * np.log(picked)) / (picked - 1.0))
        # whole powers without a logarithm as long as they are exact
        exact = (np.power(picked, asked) - 1.0) / (picked - 1.0)
        many = np.where((picked > 1) & (exact < 2.0**53), exact, many)
        share = np.where(asked <= 0, 1.0, np.exp(np.minimum(log_load, 0.0) * many))
        whole = (asked == np.floor(asked)) & (asked >= 0)
        return np.where(good & whole, share, np.nan)[()]


def mean_wait(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    hosts: Numbers,
    scv: Numbers,
    choices: Numbers = 2.0,
) -> Numbers:
    r"""Mean wait in the limit of infinitely many hosts.

    .. math:: W_q = \frac1\mu \sum_{i \ge 2} \rho^{(d^i - d)/(d - 1)}

    An approximation for n hosts, always too low: for d = 2 the response is less than 0.1 % low
    at 500 hosts, 6 % at 20 hosts 90 % busy, 23 % at 10 hosts 95 % busy, 30 % at 4 hosts 90 %
    busy. See :func:`mean_response_of_few`.

    Parameters
    ----------
    arrival_rate, service_rate, servers, hosts, scv, choices : array_like
        As for :func:`tail`.

    Returns
    -------
    float or ndarray
        Seconds; ``inf`` where saturated.

    References
    ----------
    .. [1] M. Mitzenmacher, "The power of two choices in randomized load balancing", IEEE Trans.
       Parallel Distrib. Syst. 12, 2001.

    Examples
    --------
    >>> round(float(mean_wait(8, 1, 1, 10, 1)), 6)
    0.947363
    """
    rate, speed, count, machines, law, picked = broadcast(
        arrival_rate, service_rate, servers, hosts, scv, choices
    )
    good, log_load, spare = _load(rate, speed, count, machines, law, picked)
    with np.errstate(all="ignore"):
        wait: Array = _terms(log_load, picked) / speed
        # a random choice: the geometric series
        alone = rate / spare / speed
        wait = np.where(picked == 1, alone, wait)
        wait = np.where(spare > 0, wait, np.inf)
        return np.where(good, wait, np.nan)[()]


def mean_response(
    arrival_rate: Numbers,
    service_rate: Numbers,
    servers: Numbers,
    hosts: Numbers,
    scv: Numbers,
    choices: Numbers = 2.0,
) -> Numbers:
    r"""Mean time from arrival to departure in the limit of many hosts, :math:`W_q + 1/\mu`. [s]

    An approximation, as good as :func:`mean_wait`.

    Parameters
    ----------
    arrival_rate, service_rate, servers, hosts, scv, choices : array_like
        As for :func:`tail`.

    References
    ----------
    .. [1] M. Mitzenmacher, "The power of two choices in randomized load balancing", IEEE Trans.
       Parallel Distrib. Syst. 12, 2001.

    Examples
    --------
    >>> round(float(mean_response(8, 1, 1, 10, 1)), 6)
    1.947363
    """
    with np.errstate(all="ignore"):
        own = 1.0 / np.asarray(service_rate, dtype=float)
    wait = mean_wait(arrival_rate, service_rate, servers, hosts, scv, choices)
    return np.add(wait, own)[()]


def excess(load: Numbers) -> Numbers:
    r"""The constant V of :func:`mean_response_of_few`, from a table of simulations.

    :math:`V (1 - \rho)` is taken as linear between loads of 0, 0.5, 0.7, 0.8, 0.9 and 0.95;
    ``nan`` above.

    Parameters
    ----------
    load : array_like
        :math:`\rho` of each host.

    References
    ----------
    .. [1] N. Gast, B. Van Houdt, "A refined mean field approximation", Proc. ACM Meas. Anal.
       Comput. Syst. 1(2), 2017 (the form; the numbers are from simulations of our own).

    Examples
    --------
    >>> round(float(excess(0.9)), 12)
    3.35
    """
    share = np.asarray(load, dtype=float)
    scaled = [value * (1.0 - at) for value, at in zip(EXCESS, LOADS, strict=True)]
    with np.errstate(all="ignore"):
        found = np.interp(share, LOADS, scaled) / (1.0 - share)
        # a load of 95 % comes as a quotient, rounded
        known = (share >= 0) & (share <= LOADS[-1] * (1.0 + 1e-12))
        return np.where(known, found, np.nan)[()]


def mean_response_of_few(
    arrival_rate: Numbers, service_rate: Numbers, servers: Numbers, hosts: Numbers, scv: Numbers
) -> Numbers:
    r"""Mean response for two choices among n hosts, the limit and a term for few hosts.

    .. math:: W \approx W_\infty + \frac{V(\rho)}{n \mu}

    An approximation with simulated V (:func:`excess`) for d = 2 distinct hosts, n of at least
    10 (others give ``nan``) and loads up to 0.95; at 10 hosts 80 % busy 1 % off.

    Parameters
    ----------
    arrival_rate, service_rate, servers, hosts, scv : array_like
        As for :func:`tail`.

    References
    ----------
    .. [1] N. Gast, B. Van Houdt, "A refined mean field approximation", Proc. ACM Meas. Anal.
       Comput. Syst. 1(2), 2017.

    Examples
    --------
    >>> round(float(mean_response_of_few(8, 1, 1, 10, 1)), 3)
    2.063
    """
    rate, speed, machines = broadcast(arrival_rate, service_rate, hosts)
    limit = np.asarray(mean_response(arrival_rate, service_rate, servers, hosts, scv, 2.0))
    with np.errstate(all="ignore"):
        more = np.asarray(excess(rate / (machines * speed))) / (machines * speed)
        found = np.where(np.isinf(limit), limit, limit + more)
        return np.where(machines >= 10, found, np.nan)[()]


def _load(
    rate: Array, speed: Array, count: Array, machines: Array, law: Array, picked: Array
) -> tuple[NDArray[np.bool_], Array, Array]:
    """What is in range, the logarithm of the load, and the rate left over by all hosts."""
    with np.errstate(all="ignore"):
        good = (rate >= 0) & (speed > 0) & (count == 1) & (machines >= 1) & (law == 1)
        good = good & (picked >= 1) & (picked == np.floor(picked))
        good = good & np.isfinite(rate + speed + machines + picked)
        spare = spare_rate(rate, speed, machines)
        near = np.log1p(-spare / (machines * speed))
        log_load = np.where(spare < 0.5 * machines * speed, near, np.log(rate / machines / speed))
    return good, log_load, spare


def _terms(log_load: Array, picked: Array) -> Array:
    """Sum of rho^(d + d^2 + ... + d^(i-1)) over i from 2, until no element gains."""
    total = np.zeros(log_load.shape)
    exponent = picked
    usable = (log_load < 0) & (picked > 1)
    for _ in range(TERMS):
        term = np.where(usable, np.exp(log_load * exponent), 0.0)
        total = total + term
        exponent = picked * (exponent + 1.0)
        if not (term > 0).any():
            break
    return total
