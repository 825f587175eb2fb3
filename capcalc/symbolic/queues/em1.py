"""E_n/M/1."""

from __future__ import annotations

from capcalc.symbolic.algebra import Integer, Max, exp, log
from capcalc.symbolic.family import Family
from capcalc.symbolic.formula import Parameter, Root
from capcalc.symbolic.notation import lam, level, mu, positive, time, whole

_PHASES, _SIGMA = whole("n"), positive("sigma")

_MODEL = Family(
    model="em1",
    assumptions=(
        (
            "Times between arrivals are n exponential phases of equal mean: the more, the more "
            "regular. A host of n in round robin sees such arrivals."
        ),
        "Service times are exponential; one server takes requests in the order of arrival.",
        "The station is not saturated: λ < μ.",
    ),
    source="L. Kleinrock, Queueing Systems, vol. 1: Theory, Wiley, 1975, sec. 6.4",
    definitions=(
        Root(
            symbol=_SIGMA,
            left=_SIGMA,
            value=(_PHASES * lam / (_PHASES * lam + mu * (1 - _SIGMA))) ** _PHASES,
            meaning="share of arrivals that wait",
            between=(Integer(0), lam / mu),
        ),
    ),
    parameters=(
        Parameter(name="phases", symbol=_PHASES, meaning="number of phases between two arrivals"),
    ),
)

FORMULAS = _MODEL.formulas(
    utilization=lam / mu,
    prob_wait=_SIGMA,
    mean_wait=_SIGMA / (mu * (1 - _SIGMA)),
    mean_response=1 / (mu * (1 - _SIGMA)),
    mean_queue_length=lam * _SIGMA / (mu * (1 - _SIGMA)),
    mean_number=lam / (mu * (1 - _SIGMA)),
    wait_cdf=1 - _SIGMA * exp(-(1 - _SIGMA) * mu * time),
    wait_quantile=Max(0, log(_SIGMA / (1 - level)) / ((1 - _SIGMA) * mu)),
    response_cdf=1 - exp(-(1 - _SIGMA) * mu * time),
    response_quantile=-log(1 - level) / ((1 - _SIGMA) * mu),
)
