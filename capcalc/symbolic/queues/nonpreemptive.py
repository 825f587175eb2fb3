"""M/G/1 with two non-preemptive priorities."""

from __future__ import annotations

from capcalc.symbolic.algebra import Expr, Symbol
from capcalc.symbolic.family import Answer, Family
from capcalc.symbolic.notation import positive
from capcalc.symbolic.queues.two_classes import (
    DEFINITIONS,
    LEFT_1,
    LEFT_2,
    MU_1,
    MU_2,
    PARAMETERS,
    RHO_1,
    RHO_2,
)

_WAIT_1 = (LEFT_1 + LEFT_2) / (1 - RHO_1)
_WAIT_2 = (LEFT_1 + LEFT_2) / ((1 - RHO_1) * (1 - RHO_1 - RHO_2))

_MODEL = Family(
    model="nonpreemptive",
    assumptions=(
        "Requests of each class arrive independently of each other (Poisson), at a steady rate.",
        "Service times may follow any law; their mean and their variance are all that counts.",
        (
            "Class 1 goes before class 2, but does not interrupt a service; within a class "
            "requests are served in the order of arrival."
        ),
        "The station is not saturated: ρ₁ + ρ₂ < 1.",
    ),
    source="A. Cobham, Oper. Res. 2(1), 1954; D. Gross, C. M. Harris, Fundamentals of "
    "Queueing Theory, 3rd ed., Wiley, 1998, sec. 3.4",
    definitions=DEFINITIONS,
    parameters=PARAMETERS,
)


def _time(symbol: str, meaning: str, expression: Expr) -> Answer:
    answer: Symbol = positive(symbol)
    return Answer(expression=expression, symbol=answer, meaning=meaning, unit="s")


FORMULAS = _MODEL.formulas(
    mean_wait_1=_time("W_q1", "mean time in queue of class 1", _WAIT_1),
    mean_wait_2=_time("W_q2", "mean time in queue of class 2", _WAIT_2),
    mean_response_1=_time("W_1", "mean response time of class 1", _WAIT_1 + 1 / MU_1),
    mean_response_2=_time("W_2", "mean response time of class 2", _WAIT_2 + 1 / MU_2),
)
