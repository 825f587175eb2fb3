"""Square-root staffing."""

from __future__ import annotations

from capcalc.symbolic.algebra import Integer, erf, exp, oo, pi, sqrt
from capcalc.symbolic.family import Answer, Family
from capcalc.symbolic.formula import Definition, Parameter, Root
from capcalc.symbolic.notation import a, positive

_SAFETY, _TARGET = positive("beta"), positive("alpha")
_BELOW, _DENSITY = positive("Phi"), positive("phi")
_WAITS = 1 / (1 + _SAFETY * _BELOW / _DENSITY)

#: Those of the normal law, of an argument that is itself a parameter or a root.
_NORMAL = (
    Definition(
        symbol=_BELOW,
        value=(1 + erf(_SAFETY / sqrt(2))) / 2,
        meaning="share of the standard normal law below β",
    ),
    Definition(
        symbol=_DENSITY,
        value=exp(-(_SAFETY**2) / 2) / sqrt(2 * pi),
        meaning="density of the standard normal law at β",
    ),
)
_ASSUMPTIONS = (
    "Requests arrive independently of each other (Poisson), at a steady rate.",
    "Service times are exponential; all servers take from one queue.",
    "The load is large, and so is the number of servers.",
)
_VALIDITY = (
    "The limit of large loads. At 10,000 erlangs and β = 1 the exact share that waits is 0.2248, "
    "this formula gives 0.2234. Rounded up, the number of servers is right or one too few, for "
    "targets of 1 to 50 % and loads of 1 to 100,000 erlangs."
)
_SOURCE = "S. Halfin, W. Whitt, Oper. Res. 29(3), 1981"

_MODEL = Family(
    model="square-root-staffing",
    assumptions=_ASSUMPTIONS,
    relation="≈",
    validity=_VALIDITY,
    source=_SOURCE,
    definitions=_NORMAL,
    parameters=(
        Parameter(name="safety", symbol=_SAFETY, meaning="spare servers over the root of the load"),
    ),
)
_INVERSE = Family(
    model="square-root-staffing",
    assumptions=_ASSUMPTIONS,
    relation="≈",
    validity=_VALIDITY,
    source=_SOURCE,
    definitions=(
        Root(
            symbol=_SAFETY,
            left=_TARGET,
            value=_WAITS.subs({each.symbol: each.value for each in _NORMAL}),
            meaning="spare servers over the root of the load",
            between=(Integer(0), oo),
        ),
    ),
    parameters=(
        Parameter(name="target", symbol=_TARGET, meaning="share of arrivals that may wait"),
    ),
)

FORMULAS = (
    *_MODEL.formulas(prob_wait=_WAITS),
    *_INVERSE.formulas(
        servers=Answer(
            expression=a + _SAFETY * sqrt(a),
            symbol=positive("c"),
            meaning="number of servers that keeps the share that waits at α, to be rounded up",
        ),
    ),
)
