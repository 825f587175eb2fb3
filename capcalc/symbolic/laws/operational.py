"""Operational laws: utilization, forced flow, response time."""

from __future__ import annotations

from capcalc.symbolic.family import EXACT, Answer, Family
from capcalc.symbolic.formula import Parameter
from capcalc.symbolic.notation import c, population, positive

_RATE, _SERVICE, _VISITS, _THINK = positive("X"), positive("S"), positive("v"), positive("Z")
_LONG = "Means are taken over a long time, in which nothing piles up."
_SOURCE = 'P. J. Denning, J. P. Buzen, "The operational analysis of queueing network models", '
_SOURCE += "ACM Comput. Surv. 10(3), 1978"
_ANY = f"{EXACT} No law of arrivals, service or order is supposed."

_THROUGHPUT = Parameter(
    name="throughput", symbol=_RATE, meaning="requests that the system completes", unit="1/s"
)
_EACH = Parameter(
    name="service_time", symbol=_SERVICE, meaning="mean service time of one visit", unit="s"
)
_PER_REQUEST = Parameter(
    name="visits", symbol=_VISITS, meaning="mean visits to the station of one request"
)

_BUSY = Family(
    model="utilization-law",
    assumptions=(_LONG, "The station's servers are alike."),
    validity=_ANY,
    source=_SOURCE,
    parameters=(_THROUGHPUT, _EACH, _PER_REQUEST),
)

_FLOW = Family(
    model="forced-flow",
    assumptions=(_LONG, "Every request visits the station v times on average."),
    validity=_ANY,
    source=_SOURCE,
    parameters=(_THROUGHPUT, _EACH, _PER_REQUEST),
)

_INTERACTIVE = Family(
    model="response-time-law",
    assumptions=(
        _LONG,
        "N users send a request, wait for the answer, think for a time Z, and start again.",
    ),
    validity=_ANY,
    source=_SOURCE,
    parameters=(
        _THROUGHPUT,
        Parameter(name="think_time", symbol=_THINK, meaning="mean time between requests", unit="s"),
    ),
)

FORMULAS = (
    *_BUSY.formulas(
        utilization=_RATE * _VISITS * _SERVICE / c,
        throughput_limit=Answer(
            expression=c / (_VISITS * _SERVICE),
            symbol=positive("X"),
            meaning="most requests that the station lets the system complete",
            unit="1/s",
            relation="≤",
        ),
    ),
    *_FLOW.formulas(
        station_throughput=Answer(
            expression=_RATE * _VISITS,
            symbol=positive("X_k"),
            meaning="visits that the station completes",
            unit="1/s",
        ),
        demand=Answer(
            expression=_VISITS * _SERVICE,
            symbol=positive("D"),
            meaning="service time that one request needs at the station in all its visits",
            unit="s",
        ),
    ),
    *_INTERACTIVE.formulas(mean_response=population / _RATE - _THINK),
)
