"""M/H_2/1: hyperexponential service of two phases."""

from __future__ import annotations

from capcalc.symbolic.family import Family
from capcalc.symbolic.formula import Definition, Parameter
from capcalc.symbolic.notation import lam, positive, rho

_SHARE, _FAST, _SLOW, _MEAN = positive("q"), positive("mu_1"), positive("mu_2"), positive("S")
_WAIT = lam * (_SHARE / _FAST**2 + (1 - _SHARE) / _SLOW**2) / (1 - rho)

_MODEL = Family(
    model="mh1",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        (
            "A share q of the requests has exponential service at one rate, the others at another, "
            "whatever came before."
        ),
        "One server takes requests in the order of arrival.",
        "The station is not saturated: ρ < 1.",
    ),
    source="L. Kleinrock, Queueing Systems, vol. 1: Theory, Wiley, 1975, sec. 4.7 and 5.6",
    definitions=(
        Definition(
            symbol=_MEAN, value=_SHARE / _FAST + (1 - _SHARE) / _SLOW, meaning="mean service time"
        ),
        Definition(symbol=rho, value=lam * _MEAN, meaning="utilization"),
    ),
    parameters=(
        Parameter(name="probability", symbol=_SHARE, meaning="share of requests of the first kind"),
        Parameter(
            name="rate_1",
            symbol=_FAST,
            meaning="1 / mean service time of the first kind",
            unit="1/s",
        ),
        Parameter(
            name="rate_2",
            symbol=_SLOW,
            meaning="1 / mean service time of the second kind",
            unit="1/s",
        ),
    ),
)

FORMULAS = _MODEL.formulas(
    utilization=lam * _MEAN,
    prob_wait=lam * _MEAN,
    mean_wait=_WAIT,
    mean_response=_WAIT + _MEAN,
    mean_queue_length=lam * _WAIT,
    mean_number=lam * _WAIT + rho,
)
