"""The slowest of n parallel exponential answers."""

from __future__ import annotations

from capcalc.symbolic.algebra import Sum, exp, log
from capcalc.symbolic.family import Answer, Family
from capcalc.symbolic.formula import Parameter
from capcalc.symbolic.notation import level, positive, time, whole

_BRANCHES, _RATE, _K = whole("n"), positive("theta"), whole("k")

_MODEL = Family(
    model="fan-out",
    assumptions=(
        "A request asks n backends at once and waits for the slowest answer.",
        "Each answer takes an exponential time of mean 1/θ, as a stay at M/M/1 does: θ = μ − λ.",
        (
            "Answers are independent of each other; where they slow down together, the slowest is "
            "faster than this."
        ),
    ),
    source="J. Dean, L. A. Barroso, Commun. ACM 56(2), 2013; H. A. David, H. N. Nagaraja, Order "
    "Statistics, 3rd ed., Wiley, 2003, sec. 2.1",
    parameters=(
        Parameter(name="branches", symbol=_BRANCHES, meaning="number of answers waited for"),
        Parameter(
            name="rate", symbol=_RATE, meaning="1 / mean response time of one answer", unit="1/s"
        ),
    ),
)

FORMULAS = _MODEL.formulas(
    response_quantile=-log(1 - level ** (1 / _BRANCHES)) / _RATE,
    mean_response=Sum(1 / _K, (_K, 1, _BRANCHES)) / _RATE,
    response_cdf=(1 - exp(-_RATE * time)) ** _BRANCHES,
    prob_any_above=Answer(
        expression=1 - level**_BRANCHES,
        symbol=positive("P_any"),
        meaning="share of requests that meet at least one answer above its own percentile p",
    ),
)
