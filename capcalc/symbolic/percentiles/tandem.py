"""The sum of two exponential stays."""

from __future__ import annotations

from capcalc.symbolic.algebra import Expr, Integer, exp, oo
from capcalc.symbolic.family import EXACT, Answer, Family
from capcalc.symbolic.formula import Parameter, Root
from capcalc.symbolic.notation import ANSWERS, level, positive, time

FIRST, SECOND = positive("theta_1"), positive("theta_2")
_QUANTILE = ANSWERS["response_quantile"][0]
_LIMIT = f"{EXACT} For θ₁ = θ₂, fractions 0/0 are to be read as their limits."


def beyond(t: Expr) -> Expr:
    """Share of sums that exceed t."""
    return (SECOND * exp(-FIRST * t) - FIRST * exp(-SECOND * t)) / (SECOND - FIRST)


_MODEL = Family(
    model="tandem",
    assumptions=(
        "A request stays at two stations, one after the other.",
        "Each stay is exponential, as at M/M/1: θ = μ − λ.",
        "The two stays are independent, as they are at M/M/1 stations in a row.",
    ),
    source="E. Reich, Ann. Math. Stat. 28(3), 1957; J. Walrand, P. Varaiya, Adv. Appl. Probab. "
    "12, 1980",
    definitions=(
        Root(
            symbol=_QUANTILE,
            left=1 - level,
            value=beyond(_QUANTILE),
            meaning="response time that a share p does not exceed",
            between=(Integer(0), oo),
        ),
    ),
    parameters=(
        Parameter(name="rate_1", symbol=FIRST, meaning="1 / mean of the first stay", unit="1/s"),
        Parameter(name="rate_2", symbol=SECOND, meaning="1 / mean of the second stay", unit="1/s"),
    ),
)

FORMULAS = _MODEL.formulas(
    mean_response=1 / FIRST + 1 / SECOND,
    response_cdf=Answer(expression=1 - beyond(time), validity=_LIMIT),
    response_quantile=Answer(expression=_QUANTILE, validity=_LIMIT),
)
