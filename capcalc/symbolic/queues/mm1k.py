"""M/M/1/K."""

from __future__ import annotations

from capcalc.symbolic.algebra import Sum, factorial, uppergamma
from capcalc.symbolic.family import EXACT, Family
from capcalc.symbolic.formula import Definition
from capcalc.symbolic.notation import ANSWERS, capacity, index, lam, mu, positive, time

_R = positive("r")
_J = index("j")
_MORE, _PLACES = capacity + 1, (_J, 0, capacity - 2)
_FIRST = _R * (1 - _R) / (1 - _R**_MORE)
_LOSS, _NUMBER, _RATE = (ANSWERS[each][0] for each in ("prob_loss", "mean_number", "throughput"))

_MODEL = Family(
    model="mm1k",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        "Service times are exponential; one server takes requests in the order of arrival.",
        "Who finds K in the system is lost and does not come back.",
        "Waits, responses and the share that waits are those of the requests that get in.",
    ),
    validity=f"{EXACT} For r = 1, fractions 0/0 are to be read as their limits: the loss is "
    "1/(K + 1), the mean number K/2.",
    source="L. Kleinrock, Queueing Systems, vol. 1: Theory, Wiley, 1975, sec. 3.6",
    definitions=(
        Definition(symbol=_R, value=lam / mu, meaning="offered load; it may exceed 1"),
        Definition(
            symbol=_LOSS,
            value=(1 - _R) * _R**capacity / (1 - _R**_MORE),
            meaning="share of arrivals that are turned away",
        ),
        Definition(symbol=_RATE, value=lam * (1 - _LOSS), meaning="rate of completed requests"),
        Definition(
            symbol=_NUMBER,
            value=_R / (1 - _R) - _MORE * _R**_MORE / (1 - _R**_MORE),
            meaning="mean number in the system, waiting or served",
        ),
    ),
)

_LOST, _THROUGHPUT, _MEAN = (each.value for each in _MODEL.definitions[1:])

FORMULAS = _MODEL.formulas(
    utilization=_R * (1 - _LOSS),
    prob_loss=_LOST,
    prob_wait=(_R - _R**capacity) / (1 - _R**capacity),
    prob_empty=(1 - _R) / (1 - _R**_MORE),
    throughput=_THROUGHPUT,
    mean_wait=_NUMBER / _RATE - 1 / mu,
    mean_response=_NUMBER / _RATE,
    mean_queue_length=_NUMBER - _R * (1 - _LOSS),
    mean_number=_MEAN,
    wait_cdf=1
    - _FIRST / (1 - _LOSS) * Sum(_R**_J * uppergamma(_J + 1, mu * time) / factorial(_J), _PLACES),
)
