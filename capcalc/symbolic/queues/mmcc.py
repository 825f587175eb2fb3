"""M/M/c/c, Erlang's loss system."""

from __future__ import annotations

from capcalc.symbolic.algebra import exp, log
from capcalc.symbolic.erlang_functions import ErlangB
from capcalc.symbolic.family import Answer, Family
from capcalc.symbolic.formula import Definition
from capcalc.symbolic.notation import a, c, lam, level, mu, time

_LOST = ErlangB(c, a)

_MODEL = Family(
    model="mmcc",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        "Who finds all servers busy goes away and does not come back.",
        "Service times may follow any law; only their mean counts.",
    ),
    source="A. K. Erlang, Elektroteknikeren 13, 1917; L. Kleinrock, Queueing Systems, vol. 1, "
    "Wiley, 1975, sec. 3.7",
    definitions=(Definition(symbol=a, value=lam / mu, meaning="offered load, in erlangs"),),
)
_EXPONENTIAL = ("Here the service times are exponential.",)

FORMULAS = _MODEL.formulas(
    utilization=a * (1 - _LOST) / c,
    prob_loss=_LOST,
    throughput=lam * (1 - _LOST),
    mean_response=1 / mu,
    mean_number=a * (1 - _LOST),
    response_cdf=Answer(expression=1 - exp(-mu * time), assumptions=_EXPONENTIAL),
    response_quantile=Answer(expression=-log(1 - level) / mu, assumptions=_EXPONENTIAL),
)
