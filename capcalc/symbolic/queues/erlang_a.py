"""M/M/c+M, Erlang A: customers with exponential patience."""

from __future__ import annotations

from capcalc.symbolic.algebra import factorial
from capcalc.symbolic.erlang_functions import ErlangB, PalmA
from capcalc.symbolic.family import Answer, Family
from capcalc.symbolic.formula import Definition, Parameter
from capcalc.symbolic.notation import ANSWERS, a, c, lam, mu, positive

_THETA = positive("theta")
_WAIT, _GONE = ANSWERS["prob_wait"][0], ANSWERS["prob_loss"][0]
_FACTOR = PalmA(c * mu / _THETA, lam / _THETA)
_LOST = ErlangB(c, a)

_MODEL = Family(
    model="erlang-a",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        "Service times are exponential; c servers take from one queue in the order of arrival.",
        "Everyone who waits gives up after an exponential time of mean 1/θ, unless served before.",
        "Mean wait and mean response are over all arrivals, whether they are served or give up.",
    ),
    source="C. Palm, Tele, 1957 (in Swedish 1946); A. Mandelbaum, S. Zeltyn, Service "
    "engineering in action: the Palm/Erlang-A queue, Springer, 2007",
    definitions=(
        Definition(symbol=a, value=lam / mu, meaning="offered load, in erlangs"),
        Definition(
            symbol=_WAIT,
            value=_FACTOR * _LOST / (1 + (_FACTOR - 1) * _LOST),
            meaning="share of arrivals that wait",
        ),
        Definition(
            symbol=_GONE,
            value=_WAIT * (1 - c / a * (1 - 1 / _FACTOR)),
            meaning="share of arrivals that give up waiting",
        ),
    ),
    parameters=(
        Parameter(
            name="abandonment_rate",
            symbol=_THETA,
            meaning="rate at which one who waits gives up; the mean patience is 1/θ",
            unit="1/s",
        ),
    ),
)
_PROB_WAIT, _PROB_LOSS = (each.value for each in _MODEL.definitions[1:])

FORMULAS = _MODEL.formulas(
    utilization=a / c * (1 - _GONE),
    prob_wait=_PROB_WAIT,
    prob_loss=Answer(expression=_PROB_LOSS, meaning="share of arrivals that give up waiting"),
    prob_abandon_given_wait=Answer(
        expression=_GONE / _WAIT,
        symbol=positive("P_a"),
        meaning="share of those who wait that give up",
    ),
    prob_empty=_LOST / (1 + (_FACTOR - 1) * _LOST) * factorial(c) / a**c,
    throughput=lam * (1 - _GONE),
    mean_wait=_GONE / _THETA,
    mean_response=_GONE / _THETA + (1 - _GONE) / mu,
    mean_queue_length=lam * _GONE / _THETA,
    mean_number=lam * _GONE / _THETA + a * (1 - _GONE),
)
