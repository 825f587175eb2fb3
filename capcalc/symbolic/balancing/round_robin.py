"""Round robin over hosts of one server: each host is an E_n/M/1 queue."""

from __future__ import annotations

from capcalc.symbolic.algebra import Integer, log
from capcalc.symbolic.balancing.random_split import TOTAL
from capcalc.symbolic.family import Family
from capcalc.symbolic.formula import Root
from capcalc.symbolic.notation import hosts, lam, level, mu, positive

_SIGMA = positive("sigma")

_MODEL = Family(
    model="round-robin",
    assumptions=(
        "Requests arrive independently of each other (Poisson) at one balancer.",
        "It sends them to n equal hosts in turn, so that each host sees every n-th.",
        "Each host has one server with exponential service and serves in the order of arrival.",
        "No host is saturated: λ < nμ.",
    ),
    validity="Exact under these assumptions; with several balancers that do not know of each "
    "other the wait is between this and random balancing.",
    source="L. Kleinrock, Queueing Systems, vol. 1: Theory, Wiley, 1975, sec. 6.4",
    definitions=(
        Root(
            symbol=_SIGMA,
            left=_SIGMA,
            value=(lam / (lam + mu * (1 - _SIGMA))) ** hosts,
            meaning="share of arrivals that wait",
            between=(Integer(0), lam / (hosts * mu)),
        ),
    ),
    parameters=(TOTAL,),
)

FORMULAS = _MODEL.formulas(
    utilization=lam / (hosts * mu),
    prob_wait=_SIGMA,
    mean_wait=_SIGMA / (mu * (1 - _SIGMA)),
    mean_response=1 / (mu * (1 - _SIGMA)),
    response_quantile=-log(1 - level) / ((1 - _SIGMA) * mu),
)
