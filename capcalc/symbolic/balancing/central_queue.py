"""One queue for all hosts."""

from __future__ import annotations

from capcalc.symbolic.balancing.random_split import TOTAL
from capcalc.symbolic.erlang_functions import ErlangC
from capcalc.symbolic.family import Family
from capcalc.symbolic.formula import Definition, Parameter
from capcalc.symbolic.notation import a, hosts, lam, mu, scv, whole

CORES = whole("k")
#: Servers are those of one host here.
EACH = Parameter(name="servers", symbol=CORES, meaning="number of servers of each host")
LOAD = Definition(symbol=a, value=lam / mu, meaning="offered load of all hosts, in erlangs")

_WAIT = (1 + scv) * ErlangC(hosts * CORES, a) / (2 * (hosts * CORES * mu - lam))

_MODEL = Family(
    model="central-queue",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        "They wait in one queue, from which any free server of any host takes the next.",
        "The hosts are not saturated: λ < nkμ.",
    ),
    relation="≈",
    validity="Exact for exponential service (scv 1), else Lee and Longton's approximation.",
    source="A. M. Lee, P. A. Longton, Oper. Res. Quart. 10(1), 1959",
    definitions=(LOAD,),
    parameters=(TOTAL, EACH),
)

FORMULAS = _MODEL.formulas(
    prob_wait=ErlangC(hosts * CORES, a),
    mean_wait=_WAIT,
    mean_response=_WAIT + 1 / mu,
)
