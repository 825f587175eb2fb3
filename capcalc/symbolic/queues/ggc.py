"""G/G/c by Allen and Cunneen, with the factor of Kraemer and Langenbach-Belz."""

from __future__ import annotations

from capcalc.symbolic.algebra import Expr, Piecewise, exp
from capcalc.symbolic.erlang_functions import ErlangC
from capcalc.symbolic.family import Answer, Family
from capcalc.symbolic.formula import Definition
from capcalc.symbolic.notation import a, arrival_scv, c, lam, mu, positive, rho, scv

FACTOR = positive("g")


def factor(busy: Expr) -> Definition:
    """Kraemer and Langenbach-Belz' correction at a utilization."""
    regular = 2 * (1 - busy) * (1 - arrival_scv) ** 2 / (3 * busy * (arrival_scv + scv))
    bursty = (1 - busy) * (arrival_scv - 1) / (arrival_scv + 4 * scv)
    return Definition(
        symbol=FACTOR,
        value=Piecewise((exp(-regular), arrival_scv < 1), (exp(-bursty), True)),
        meaning="correction for arrivals that are not Poisson",
    )


_WAIT = (arrival_scv + scv) * ErlangC(c, a) / (2 * (c * mu - lam))

_MODEL = Family(
    model="ggc",
    assumptions=(
        "Times between arrivals are independent of each other, and so are service times.",
        "Both may follow any law; their means and variances are what is used.",
        "All servers take from one queue, in the order of arrival.",
        "The station is not saturated: λ < cμ.",
    ),
    relation="≈",
    validity="An approximation, exact for M/M/c and for M/G/1. For regular arrivals at several "
    "servers the response comes out about 4 % high at 95 % load.",
    source="A. O. Allen, Probability, Statistics, and Queueing Theory, 2nd ed., Academic Press, "
    "1990, sec. 5.3; W. Kraemer, M. Langenbach-Belz, Proc. 8th Int. Teletraffic Congress, 1976",
    definitions=(
        Definition(symbol=a, value=lam / mu, meaning="offered load, in erlangs"),
        Definition(symbol=rho, value=a / c, meaning="utilization"),
        factor(rho),
    ),
)

FORMULAS = _MODEL.formulas(
    mean_wait=_WAIT * FACTOR,
    mean_response=_WAIT * FACTOR + 1 / mu,
    mean_queue_length=lam * _WAIT * FACTOR,
    mean_number=lam * _WAIT * FACTOR + a,
    mean_wait_allen_cunneen=Answer(
        expression=_WAIT,
        symbol=positive("W_q"),
        meaning="mean time in queue, by Allen and Cunneen alone",
        unit="s",
        validity="An approximation, exact for M/M/c and for M/G/1; too high for regular arrivals.",
    ),
)
