"""A cache hit, or a miss that goes on to a backend."""

from __future__ import annotations

from capcalc.symbolic.algebra import Expr, Integer, exp, oo
from capcalc.symbolic.family import EXACT, Answer, Family
from capcalc.symbolic.formula import Parameter, Root
from capcalc.symbolic.notation import ANSWERS, level, positive, time
from capcalc.symbolic.percentiles.tandem import FIRST, SECOND
from capcalc.symbolic.percentiles.tandem import beyond as both_beyond

_HIT = positive("h")
_QUANTILE = ANSWERS["response_quantile"][0]
_LIMIT = f"{EXACT} For θ₁ = θ₂, fractions 0/0 are to be read as their limits."


def _beyond(t: Expr) -> Expr:
    """Share of responses that exceed t."""
    return _HIT * exp(-FIRST * t) + (1 - _HIT) * both_beyond(t)


_MODEL = Family(
    model="mixture",
    assumptions=(
        (
            "Every request asks the cache; a share h of them is done then, the others go on to the "
            "backend."
        ),
        "Each stay is exponential, as at M/M/1: θ = μ − λ.",
        "The stays are independent of each other and of hit or miss.",
    ),
    source="J. Walrand, P. Varaiya, Adv. Appl. Probab. 12, 1980; percentiles of a mixture by the "
    "law of total probability",
    definitions=(
        Root(
            symbol=_QUANTILE,
            left=1 - level,
            value=_beyond(_QUANTILE),
            meaning="response time that a share p does not exceed",
            between=(Integer(0), oo),
        ),
    ),
    parameters=(
        Parameter(name="hit_ratio", symbol=_HIT, meaning="share of requests that hit the cache"),
        Parameter(name="rate_1", symbol=FIRST, meaning="1 / mean stay at the cache", unit="1/s"),
        Parameter(name="rate_2", symbol=SECOND, meaning="1 / mean stay at the backend", unit="1/s"),
    ),
)

FORMULAS = _MODEL.formulas(
    mean_response=1 / FIRST + (1 - _HIT) / SECOND,
    response_cdf=Answer(expression=1 - _beyond(time), validity=_LIMIT),
    response_quantile=Answer(expression=_QUANTILE, validity=_LIMIT),
    backend_share=Answer(
        expression=1 - _HIT,
        symbol=positive("m"),
        meaning="share of requests that reach the backend",
    ),
)
