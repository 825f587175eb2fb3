"""The symbols, each with the full word for it, its meaning and its unit; one word per thing."""

from __future__ import annotations

from capcalc.symbolic.algebra import Symbol
from capcalc.symbolic.formula import Parameter


def positive(name: str) -> Symbol:
    """A symbol for a positive number."""
    return Symbol(name, positive=True)


def whole(name: str) -> Symbol:
    """A symbol for a count."""
    return Symbol(name, integer=True, positive=True)


def index(name: str) -> Symbol:
    """A symbol that a sum runs over."""
    return Symbol(name, integer=True, nonnegative=True)


lam = positive("lambda")
mu = positive("mu")
c = whole("c")
a = positive("a")
rho = positive("rho")
capacity = whole("K")
population = whole("N")
scv = positive("c_s^2")
arrival_scv = positive("c_a^2")
hosts = whole("n")
time = positive("t")
level = positive("p")

#: What a symbol means where the model does not say otherwise.
COMMON = {
    each.symbol: each
    for each in (
        Parameter(name="arrival_rate", symbol=lam, meaning="mean rate of arrivals", unit="1/s"),
        Parameter(
            name="service_rate",
            symbol=mu,
            meaning="rate at which one busy server completes work; the mean service time is 1/μ",
            unit="1/s",
        ),
        Parameter(name="servers", symbol=c, meaning="number of servers that work in parallel"),
        Parameter(
            name="offered_load",
            symbol=a,
            meaning="arrival rate times mean service time",
            unit="erlangs",
        ),
        Parameter(
            name="capacity",
            symbol=capacity,
            meaning="most that can be in the system, waiting or served",
        ),
        Parameter(name="population", symbol=population, meaning="number of users or sources"),
        Parameter(
            name="scv",
            symbol=scv,
            meaning="squared coefficient of variation of the service time: variance / mean²",
        ),
        Parameter(
            name="arrival_scv",
            symbol=arrival_scv,
            meaning="squared coefficient of variation of the times between arrivals",
        ),
        Parameter(name="hosts", symbol=hosts, meaning="number of hosts"),
        Parameter(name="time", symbol=time, meaning="time allowed", unit="s"),
        Parameter(name="p", symbol=level, meaning="share within the percentile, 0.99 for p99"),
    )
}

#: Symbol, meaning and unit of the answer to each question that many models answer.
ANSWERS = {
    "utilization": (positive("rho"), "share of servers that are busy", ""),
    "prob_wait": (positive("P_wait"), "share of arrivals that wait", ""),
    "prob_loss": (positive("P_loss"), "share of arrivals that are turned away", ""),
    "prob_empty": (positive("p_0"), "share of time with nobody in the system", ""),
    "throughput": (positive("X"), "rate of completed requests", "1/s"),
    "mean_wait": (positive("W_q"), "mean time in queue", "s"),
    "mean_response": (positive("W"), "mean time from arrival to departure", "s"),
    "mean_queue_length": (positive("L_q"), "mean number waiting", ""),
    "mean_number": (positive("L"), "mean number in the system, waiting or served", ""),
    "wait_cdf": (positive("F_q"), "share of arrivals that wait at most t", ""),
    "wait_quantile": (positive("t_q"), "wait that a share p of arrivals does not exceed", "s"),
    "response_cdf": (positive("F"), "share of responses that take at most t", ""),
    "response_quantile": (positive("t_p"), "response time that a share p does not exceed", "s"),
}
