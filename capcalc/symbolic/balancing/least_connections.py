"""Least connections: the central queue's wait and a fitted term."""

from __future__ import annotations

from capcalc.symbolic.balancing.central_queue import CORES, EACH, LOAD
from capcalc.symbolic.balancing.random_split import TOTAL
from capcalc.symbolic.erlang_functions import ErlangC
from capcalc.symbolic.family import Family
from capcalc.symbolic.formula import Parameter
from capcalc.symbolic.notation import a, hosts, lam, mu, positive, scv

_KAPPA = positive("kappa")
_WAITS = ErlangC(hosts * CORES, a)
_WAIT = (1 + scv) * _WAITS * (1 / (hosts * CORES * mu - lam) + _KAPPA / (CORES * mu)) / 2

_MODEL = Family(
    model="least-connections",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        "Each joins the host with the fewest requests; a host's servers share one queue.",
        "The hosts are not saturated: λ < nkμ.",
    ),
    relation="≈",
    validity="An approximation fitted to simulations. For scv 1 the response is at most 1.5 % off "
    "for hosts of one server and at most 2.6 % high for hosts of several. For other scv it is "
    "not tested. One central queue is a lower bound.",
    source="V. Gupta, M. Harchol-Balter, K. Sigman, W. Whitt, Perform. Eval. 64, 2007, for the "
    "policy; κ is fitted to simulations of our own",
    definitions=(LOAD,),
    parameters=(
        TOTAL,
        EACH,
        Parameter(
            name="kappa",
            symbol=_KAPPA,
            meaning="fitted constant of n hosts: 0 for 1, .256 for 2, .355 for 4, .384 for 8, "
            ".370 for 16, .212 for 100",
        ),
    ),
)

FORMULAS = _MODEL.formulas(
    prob_wait=_WAITS,
    mean_wait=_WAIT,
    mean_response=_WAIT + 1 / mu,
)
