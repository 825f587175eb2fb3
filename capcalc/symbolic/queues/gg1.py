"""G/G/1: Kingman's bound and two approximations."""

from __future__ import annotations

from capcalc.symbolic.family import EXACT, Answer, Family
from capcalc.symbolic.formula import Definition
from capcalc.symbolic.notation import arrival_scv, lam, mu, positive, rho, scv
from capcalc.symbolic.queues.ggc import FACTOR, factor

_HEAVY = (arrival_scv + scv) * lam / (2 * mu * (mu - lam))
_WAIT = positive("W_q")

_MODEL = Family(
    model="gg1",
    assumptions=(
        "Times between arrivals are independent of each other, and so are service times.",
        "Both may follow any law; their means and variances are what is used.",
        "One server takes requests in the order of arrival.",
        "The station is not saturated: λ < μ.",
    ),
    relation="≈",
    validity="An approximation, exact for M/G/1.",
    source="W. Kraemer, M. Langenbach-Belz, Proc. 8th Int. Teletraffic Congress, 1976",
    definitions=(Definition(symbol=rho, value=lam / mu, meaning="utilization"), factor(rho)),
)

FORMULAS = _MODEL.formulas(
    utilization=Answer(expression=lam / mu, relation="=", validity=EXACT),
    mean_wait=_HEAVY * FACTOR,
    mean_response=_HEAVY * FACTOR + 1 / mu,
    mean_queue_length=lam * _HEAVY * FACTOR,
    mean_number=lam * _HEAVY * FACTOR + rho,
    mean_wait_heavy_traffic=Answer(
        expression=_HEAVY,
        symbol=_WAIT,
        meaning="mean time in queue, near saturation",
        unit="s",
        validity="An approximation, exact for M/G/1 and in the limit of full load; too high for "
        "regular arrivals at low load.",
        source="J. F. C. Kingman, Proc. Camb. Phil. Soc. 57, 1961",
    ),
    mean_wait_kingman_bound=Answer(
        expression=(arrival_scv / lam + lam * scv / mu**2) * mu / (2 * (mu - lam)),
        symbol=_WAIT,
        meaning="upper bound of the mean time in queue",
        unit="s",
        relation="≤",
        validity="This bound is never exceeded, and is approached at full load.",
        source="J. F. C. Kingman, Biometrika 49, 1962",
    ),
)
