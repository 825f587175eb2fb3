"""M/G/1."""

from __future__ import annotations

from capcalc.symbolic.family import Family
from capcalc.symbolic.notation import lam, mu, scv

_WAIT = (1 + scv) * lam / (2 * mu * (mu - lam))

_MODEL = Family(
    model="mg1",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        "Service times may follow any law; their mean and their variance are all that counts.",
        "One server takes requests in the order of arrival.",
        "The station is not saturated: λ < μ.",
    ),
    source="F. Pollaczek, Math. Z. 32, 1930; L. Kleinrock, Queueing Systems, vol. 1: Theory, "
    "Wiley, 1975, sec. 5.6, eq. 5.69",
)

FORMULAS = _MODEL.formulas(
    utilization=lam / mu,
    prob_wait=lam / mu,
    mean_wait=_WAIT,
    mean_response=_WAIT + 1 / mu,
    mean_queue_length=lam * _WAIT,
    mean_number=lam * _WAIT + lam / mu,
)
