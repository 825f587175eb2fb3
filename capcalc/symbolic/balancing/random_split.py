"""Random balancing over hosts of one server."""

from __future__ import annotations

from capcalc.symbolic.family import Family
from capcalc.symbolic.formula import Definition, Parameter
from capcalc.symbolic.notation import hosts, lam, mu, positive, scv

_SHARE = positive("lambda_h")
_WAIT = (1 + scv) * _SHARE / (2 * mu * (mu - _SHARE))

#: λ of all hosts together, as every balancing policy means it.
TOTAL = Parameter(
    name="arrival_rate",
    symbol=lam,
    meaning="mean rate of arrivals at all hosts together",
    unit="1/s",
)

_MODEL = Family(
    model="random",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        (
            "Each goes to one of n equal hosts at random, as it does by hashing or sticky sessions "
            "that spread evenly."
        ),
        (
            "Each host has one server and serves in the order of arrival; service times may follow "
            "any law."
        ),
        "No host is saturated: λ < nμ.",
    ),
    source="M. Harchol-Balter, Performance Modeling and Design of Computer Systems, Cambridge "
    "University Press, 2013, ch. 24",
    definitions=(
        Definition(symbol=_SHARE, value=lam / hosts, meaning="rate of arrivals at one host"),
    ),
    parameters=(TOTAL,),
)

FORMULAS = _MODEL.formulas(
    utilization=lam / (hosts * mu),
    prob_wait=lam / (hosts * mu),
    mean_wait=_WAIT,
    mean_response=_WAIT + 1 / mu,
)
