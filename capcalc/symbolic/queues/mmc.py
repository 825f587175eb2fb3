"""M/M/c."""

from __future__ import annotations

from capcalc.symbolic.algebra import Expr, Integer, Max, exp, log, oo
from capcalc.symbolic.erlang_functions import ErlangC
from capcalc.symbolic.family import EXACT, Answer, Family
from capcalc.symbolic.formula import Definition, Root
from capcalc.symbolic.notation import ANSWERS, a, c, lam, level, mu, time

_WAITS = ErlangC(c, a)
_SPARE = c * mu - lam


def _longer(t: Expr) -> Expr:
    """How much more often a response takes longer than t than a service does."""
    return 1 + _WAITS * mu * (1 - exp(-(_SPARE - mu) * t)) / (_SPARE - mu)


_QUANTILE = ANSWERS["response_quantile"][0]
_VALIDITY = f"{EXACT} Where cμ − λ = μ, the fraction is to be read as its limit."

_MODEL = Family(
    model="mmc",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        "Service times are exponential, with the same mean on every server.",
        "All servers take from one queue, in the order of arrival.",
        "The station is not saturated: λ < cμ.",
    ),
    source="L. Kleinrock, Queueing Systems, vol. 1: Theory, Wiley, 1975, sec. 3.5",
    definitions=(
        Definition(symbol=a, value=lam / mu, meaning="offered load, in erlangs"),
        Root(
            symbol=_QUANTILE,
            left=1 - level,
            value=exp(-mu * _QUANTILE) * _longer(_QUANTILE),
            meaning="response time that a share p does not exceed",
            between=(Integer(0), oo),
        ),
    ),
)

FORMULAS = _MODEL.formulas(
    utilization=lam / (c * mu),
    prob_wait=_WAITS,
    mean_wait=_WAITS / _SPARE,
    mean_response=_WAITS / _SPARE + 1 / mu,
    mean_queue_length=lam * _WAITS / _SPARE,
    mean_number=lam * _WAITS / _SPARE + lam / mu,
    wait_cdf=1 - _WAITS * exp(-_SPARE * time),
    wait_quantile=Max(0, log(_WAITS / (1 - level)) / _SPARE),
    response_cdf=Answer(expression=1 - exp(-mu * time) * _longer(time), validity=_VALIDITY),
    response_quantile=Answer(expression=_QUANTILE, validity=_VALIDITY),
)
