"""M/E_k/1."""

from __future__ import annotations

from capcalc.symbolic.family import Family
from capcalc.symbolic.formula import Parameter
from capcalc.symbolic.notation import lam, mu, whole

_STAGES = whole("k")
_WAIT = (1 + 1 / _STAGES) * lam / (2 * mu * (mu - lam))

_MODEL = Family(
    model="mek1",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        "A service is k exponential stages of equal mean, one after the other (scv 1/k).",
        "One server takes requests in the order of arrival.",
        "The station is not saturated: λ < μ.",
    ),
    source="L. Kleinrock, Queueing Systems, vol. 1: Theory, Wiley, 1975, sec. 4.3 and 5.6",
    parameters=(Parameter(name="stages", symbol=_STAGES, meaning="number of stages of a service"),),
)

FORMULAS = _MODEL.formulas(
    utilization=lam / mu,
    prob_wait=lam / mu,
    mean_wait=_WAIT,
    mean_response=_WAIT + 1 / mu,
    mean_queue_length=lam * _WAIT,
    mean_number=lam * _WAIT + lam / mu,
)
