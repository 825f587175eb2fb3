"""Asymptotic bounds of closed systems."""

from __future__ import annotations

from capcalc.symbolic.algebra import Max, Min
from capcalc.symbolic.family import Answer, Family
from capcalc.symbolic.formula import Parameter
from capcalc.symbolic.notation import population, positive

_ALL, _MOST, _THINK = positive("D"), positive("D_max"), positive("Z")

_MODEL = Family(
    model="asymptotic-bounds",
    assumptions=(
        "N users send a request, wait for the answer, think for a time Z, and start again.",
        "A request's need for service does not depend on how many others are there.",
        (
            "Every station has one server; for a station with c servers, take its demand over c in "
            "the largest demand."
        ),
    ),
    validity="These bounds are never broken, whatever the laws of service; they are touched for "
    "few users and for many, and are far off in between.",
    source="E. D. Lazowska, J. Zahorjan, G. S. Graham, K. C. Sevcik, Quantitative System "
    "Performance, Prentice-Hall, 1984, sec. 5.2",
    parameters=(
        Parameter(
            name="demand",
            symbol=_ALL,
            meaning="service time that one request needs at all stations together",
            unit="s",
        ),
        Parameter(
            name="largest_demand",
            symbol=_MOST,
            meaning="service time that it needs at the bottleneck",
            unit="s",
        ),
        Parameter(name="think_time", symbol=_THINK, meaning="mean time between requests", unit="s"),
    ),
)

FORMULAS = _MODEL.formulas(
    throughput=Answer(expression=Min(1 / _MOST, population / (_ALL + _THINK)), relation="≤"),
    mean_response=Answer(expression=Max(_ALL, population * _MOST - _THINK), relation="≥"),
    knee=Answer(
        expression=(_ALL + _THINK) / _MOST,
        symbol=positive("N_s"),
        meaning="number of users from which on they must wait for each other",
    ),
)
