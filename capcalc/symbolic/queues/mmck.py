"""M/M/c/K."""

from __future__ import annotations

from capcalc.symbolic.algebra import Sum, factorial, uppergamma
from capcalc.symbolic.erlang_functions import ErlangB
from capcalc.symbolic.family import Family
from capcalc.symbolic.formula import Definition
from capcalc.symbolic.notation import ANSWERS, a, c, capacity, index, lam, mu, positive, time

_R, _FULL, _J = positive("r"), positive("p_c"), index("j")
_LOSS, _QUEUE = ANSWERS["prob_loss"][0], ANSWERS["mean_queue_length"][0]
_PLACES = capacity - c

_MODEL = Family(
    model="mmck",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        "Service times are exponential; c servers take from one queue in the order of arrival.",
        "Who finds K in the system is lost and does not come back; K is at least c.",
        "Waits, responses and the share that waits are those of the requests that get in.",
    ),
    source="D. Gross, C. M. Harris, Fundamentals of Queueing Theory, 3rd ed., Wiley, 1998, "
    "sec. 2.4 (written with Erlang's B)",
    definitions=(
        Definition(symbol=a, value=lam / mu, meaning="offered load, in erlangs"),
        Definition(symbol=_R, value=a / c, meaning="offered load of one server; it may exceed 1"),
        Definition(
            symbol=_FULL,
            value=1 / (1 / ErlangB(c, a) + Sum(_R**_J, (_J, 1, _PLACES))),
            meaning="share of time with all servers busy and nobody waiting",
        ),
        Definition(
            symbol=_LOSS, value=_FULL * _R**_PLACES, meaning="share of arrivals that are lost"
        ),
        Definition(
            symbol=_QUEUE,
            value=_FULL * Sum(_J * _R**_J, (_J, 1, _PLACES)),
            meaning="mean number waiting",
        ),
    ),
)

FORMULAS = _MODEL.formulas(
    utilization=_R * (1 - _LOSS),
    prob_loss=_FULL * _R**_PLACES,
    prob_wait=_FULL * Sum(_R**_J, (_J, 0, _PLACES - 1)) / (1 - _LOSS),
    prob_empty=_FULL * factorial(c) / a**c,
    throughput=lam * (1 - _LOSS),
    mean_wait=_QUEUE / (lam * (1 - _LOSS)),
    mean_response=_QUEUE / (lam * (1 - _LOSS)) + 1 / mu,
    mean_queue_length=_FULL * Sum(_J * _R**_J, (_J, 1, _PLACES)),
    mean_number=_QUEUE + a * (1 - _LOSS),
    wait_cdf=1
    - _FULL
    / (1 - _LOSS)
    * Sum(_R**_J * uppergamma(_J + 1, c * mu * time) / factorial(_J), (_J, 0, _PLACES - 1)),
)
