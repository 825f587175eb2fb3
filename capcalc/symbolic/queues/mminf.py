"""M/M/∞ (and M/G/∞)."""

from __future__ import annotations

from capcalc.symbolic.algebra import exp, log
from capcalc.symbolic.family import Answer, Family
from capcalc.symbolic.notation import lam, level, mu, time

_MODEL = Family(
    model="mminf",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        "Nobody waits: there is a server for everyone, as for users who think.",
        "Service times may follow any law; only their mean counts.",
    ),
    source="L. Kleinrock, Queueing Systems, vol. 1: Theory, Wiley, 1975, sec. 3.4",
)
_EXPONENTIAL = ("Here the service times are exponential.",)

FORMULAS = _MODEL.formulas(
    prob_empty=exp(-lam / mu),
    throughput=lam,
    mean_response=1 / mu,
    mean_number=lam / mu,
    response_cdf=Answer(expression=1 - exp(-mu * time), assumptions=_EXPONENTIAL),
    response_quantile=Answer(expression=-log(1 - level) / mu, assumptions=_EXPONENTIAL),
)
