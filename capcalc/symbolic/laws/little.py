"""Little's law."""

from __future__ import annotations

from capcalc.symbolic.family import EXACT, Answer, Family
from capcalc.symbolic.formula import Parameter
from capcalc.symbolic.notation import positive

_RATE, _TIME, _NUMBER = positive("X"), positive("W"), positive("L")

_MODEL = Family(
    model="little",
    assumptions=(
        "Means are taken over a long time, in which nothing piles up.",
        "All three belong to the same part of the system: the queue, a station, or the whole.",
    ),
    validity=f"{EXACT} No law of arrivals, service or order is supposed.",
    source='J. D. C. Little, "A proof for the queuing formula L = λW", Oper. Res. 9, 1961',
    parameters=(
        Parameter(
            name="throughput", symbol=_RATE, meaning="rate at which requests pass", unit="1/s"
        ),
        Parameter(name="mean_response", symbol=_TIME, meaning="mean time inside", unit="s"),
        Parameter(name="mean_number", symbol=_NUMBER, meaning="mean number inside"),
    ),
)

FORMULAS = _MODEL.formulas(
    mean_number=_RATE * _TIME,
    mean_response=_NUMBER / _RATE,
    throughput=Answer(expression=_NUMBER / _TIME, meaning="rate at which requests pass"),
)
