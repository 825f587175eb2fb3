"""M/M/1."""

from __future__ import annotations

from capcalc.symbolic.algebra import Max, exp, log
from capcalc.symbolic.family import Family
from capcalc.symbolic.notation import lam, level, mu, time

_MODEL = Family(
    model="mm1",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        "Service times are exponential and independent of the arrivals.",
        "One server takes requests in the order of arrival.",
        "The station is not saturated: λ < μ.",
    ),
    source="L. Kleinrock, Queueing Systems, vol. 1: Theory, Wiley, 1975, sec. 3.2 and 5.7",
)

FORMULAS = _MODEL.formulas(
    utilization=lam / mu,
    prob_wait=lam / mu,
    prob_empty=1 - lam / mu,
    mean_wait=lam / (mu * (mu - lam)),
    mean_response=1 / (mu - lam),
    mean_queue_length=lam**2 / (mu * (mu - lam)),
    mean_number=lam / (mu - lam),
    wait_cdf=1 - lam / mu * exp(-(mu - lam) * time),
    wait_quantile=Max(0, log(lam / (mu * (1 - level))) / (mu - lam)),
    response_cdf=1 - exp(-(mu - lam) * time),
    response_quantile=-log(1 - level) / (mu - lam),
)
