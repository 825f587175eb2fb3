"""M^[X]/G/1."""

from __future__ import annotations

from capcalc.symbolic.family import Family
from capcalc.symbolic.formula import Definition, Parameter
from capcalc.symbolic.notation import lam, mu, positive, rho, scv

_SIZE, _SPREAD, _OWN = positive("b"), positive("c_b^2"), positive("q")
_WAIT = (rho * (scv + _OWN) / (1 - rho) + _OWN - 1) / (2 * mu)

_MODEL = Family(
    model="batch",
    assumptions=(
        "Batches arrive independently of each other (Poisson), at a steady rate.",
        "Sizes of batches are independent of each other and of everything else.",
        "Service times may follow any law; their mean and their variance are all that counts.",
        "One server takes requests one by one, in the order of arrival.",
        "The station is not saturated: λb < μ.",
    ),
    source="P. J. Burke, Oper. Res. 23, 1975; D. Gross, C. M. Harris, Fundamentals of Queueing "
    "Theory, 3rd ed., Wiley, 1998, sec. 3.1",
    definitions=(
        Definition(symbol=rho, value=lam * _SIZE / mu, meaning="utilization"),
        Definition(
            symbol=_OWN,
            value=_SIZE * (1 + _SPREAD),
            meaning="mean size of the batch in which a request finds itself",
        ),
    ),
    parameters=(
        Parameter(name="arrival_rate", symbol=lam, meaning="mean rate of batches", unit="1/s"),
        Parameter(name="batch_size", symbol=_SIZE, meaning="mean number of requests in a batch"),
        Parameter(
            name="batch_scv",
            symbol=_SPREAD,
            meaning="squared coefficient of variation of a batch's size; 0 when all are alike",
        ),
    ),
)

FORMULAS = _MODEL.formulas(
    utilization=lam * _SIZE / mu,
    mean_wait=_WAIT,
    mean_response=_WAIT + 1 / mu,
    mean_queue_length=lam * _SIZE * _WAIT,
    mean_number=lam * _SIZE * (_WAIT + 1 / mu),
)
