"""M/G/1 under processor sharing."""

from __future__ import annotations

from capcalc.symbolic.family import Answer, Family
from capcalc.symbolic.formula import Parameter
from capcalc.symbolic.notation import lam, mu, positive

_OWN = positive("x")

_MODEL = Family(
    model="mg1-ps",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        "All requests present share the server equally, as threads share a processor.",
        "Service times may follow any law; only their mean counts.",
        "The station is not saturated: λ < μ.",
    ),
    source="L. Kleinrock, Queueing Systems, vol. 2: Computer Applications, Wiley, 1976, sec. 4.4",
    parameters=(
        Parameter(
            name="size",
            symbol=_OWN,
            meaning="time that a request would take with the server to itself",
            unit="s",
        ),
    ),
)

FORMULAS = _MODEL.formulas(
    utilization=lam / mu,
    mean_response=1 / (mu - lam),
    mean_number=lam / (mu - lam),
    mean_response_of_size=Answer(
        expression=_OWN * mu / (mu - lam),
        symbol=positive("W_x"),
        meaning="mean response of requests of size x",
        unit="s",
    ),
    slowdown=Answer(
        expression=mu / (mu - lam),
        symbol=positive("s"),
        meaning="how many times longer a request takes than it would alone",
    ),
)
