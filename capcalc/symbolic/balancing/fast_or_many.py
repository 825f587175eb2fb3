"""One server c times as fast against c servers."""

from __future__ import annotations

from capcalc.symbolic.erlang_functions import ErlangC
from capcalc.symbolic.family import Answer, Family
from capcalc.symbolic.formula import Parameter
from capcalc.symbolic.notation import c, positive, rho

_MODEL = Family(
    model="fast-or-many",
    assumptions=(
        "Both are fed by the same Poisson arrivals and serve exponentially, in order of arrival.",
        "The fast server does the work of all c slow ones; the slow ones share one queue.",
        "Neither is saturated: ρ < 1.",
    ),
    source="from the mean responses of M/M/1 and M/M/c: L. Kleinrock, Queueing Systems, vol. 1: "
    "Theory, Wiley, 1975, sec. 3.2 and 3.5",
    parameters=(
        Parameter(name="utilization", symbol=rho, meaning="utilization, the same for both"),
    ),
)

FORMULAS = _MODEL.formulas(
    response_ratio=Answer(
        expression=c * (1 - rho) + ErlangC(c, c * rho),
        symbol=positive("r"),
        meaning="mean response of c slow servers over that of the one fast server",
    ),
)
