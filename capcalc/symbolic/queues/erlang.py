"""Erlang B and C by themselves."""

from __future__ import annotations

from capcalc.symbolic.erlang_functions import ErlangB, ErlangC
from capcalc.symbolic.family import Family
from capcalc.symbolic.notation import a, c

_LOST = Family(
    model="erlang-b",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        "Who finds all servers busy goes away and does not come back.",
        "Service times may follow any law; only their mean counts.",
    ),
    source="A. K. Erlang, Elektroteknikeren 13, 1917; L. Kleinrock, Queueing Systems, vol. 1, "
    "Wiley, 1975, sec. 3.7",
)

_WAITING = Family(
    model="erlang-c",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        "Service times are exponential, with the same mean on every server.",
        "Who finds all servers busy waits, however long it takes.",
        "The station is not saturated: a < c.",
    ),
    source="A. K. Erlang, Elektroteknikeren 13, 1917; L. Kleinrock, Queueing Systems, vol. 1, "
    "Wiley, 1975, sec. 3.5",
)

FORMULAS = (
    *_LOST.formulas(
        prob_loss=ErlangB(c, a),
        utilization=a * (1 - ErlangB(c, a)) / c,
        mean_number=a * (1 - ErlangB(c, a)),
    ),
    *_WAITING.formulas(
        prob_wait=ErlangC(c, a),
        utilization=a / c,
        mean_queue_length=a * ErlangC(c, a) / (c - a),
        mean_number=a * ErlangC(c, a) / (c - a) + a,
    ),
)
