"""M/M/c//N, the machine repair model: an interactive system with one station."""

from __future__ import annotations

from capcalc.symbolic.algebra import Sum, binomial, factorial
from capcalc.symbolic.family import Family
from capcalc.symbolic.formula import Definition, Parameter
from capcalc.symbolic.notation import ANSWERS, c, index, lam, mu, population, positive

_N, _R, _K = population, positive("r"), index("k")
_EMPTY, _QUEUE = ANSWERS["prob_empty"][0], ANSWERS["mean_queue_length"][0]
_FREE = binomial(_N, _K) * _R**_K
_BUSY = _FREE * factorial(_K) / (factorial(c) * c ** (_K - c))
_EMPTY_VALUE = 1 / (Sum(_FREE, (_K, 0, c)) + Sum(_BUSY, (_K, c + 1, _N)))
_WAITING = _EMPTY * Sum((_K - c) * _BUSY, (_K, c + 1, _N))
_RATE = lam * (_N - _QUEUE) / (1 + _R)

_MODEL = Family(
    model="finite-source",
    assumptions=(
        "There are N users; each thinks, sends one request, and waits for its answer.",
        "Think times may follow any law; only their mean, 1/λ, counts.",
        "Service times are exponential; c servers take from one queue in the order of arrival.",
        "The share that waits is of the requests sent: they see the N − 1 others.",
    ),
    source="D. Gross, C. M. Harris, Fundamentals of Queueing Theory, 3rd ed., Wiley, 1998, "
    "sec. 2.7",
    definitions=(
        Definition(symbol=_R, value=lam / mu, meaning="mean service time / mean think time"),
        Definition(
            symbol=_EMPTY,
            value=_EMPTY_VALUE,
            meaning="share of time in which all users think",
        ),
        Definition(symbol=_QUEUE, value=_WAITING, meaning="mean number waiting"),
    ),
    parameters=(
        Parameter(
            name="source_rate",
            symbol=lam,
            meaning="rate of requests of one user who thinks; the mean think time is 1/λ",
            unit="1/s",
        ),
    ),
)

FORMULAS = _MODEL.formulas(
    prob_empty=_EMPTY_VALUE,
    utilization=_RATE / (c * mu),
    prob_wait=_EMPTY * (1 + _R) * Sum((_N - _K) * _BUSY, (_K, c, _N - 1)) / (_N - _QUEUE),
    throughput=_RATE,
    mean_wait=_QUEUE / _RATE,
    mean_response=_QUEUE / _RATE + 1 / mu,
    mean_queue_length=_WAITING,
    mean_number=(_N * _R + _QUEUE) / (1 + _R),
)
