"""M/M/1 with breakdowns."""

from __future__ import annotations

from capcalc.symbolic.family import Answer, Family
from capcalc.symbolic.formula import Parameter
from capcalc.symbolic.notation import lam, mu, positive

_FAIL, _REPAIR = positive("xi"), positive("eta")
_TURN = _FAIL + _REPAIR
_RESPONSE = (_TURN**2 + _FAIL * mu) / (_TURN * (_REPAIR * (mu - lam) - lam * _FAIL))

_MODEL = Family(
    model="breakdowns",
    assumptions=(
        "Requests arrive independently of each other (Poisson), also while the server is down.",
        "Service times are exponential; one server takes requests in the order of arrival.",
        (
            "The server fails after exponential times, busy or idle, and takes exponential times "
            "to repair; an interrupted request goes on where it stopped."
        ),
        "The station is not saturated: λ < μη/(ξ + η).",
    ),
    source="H. White, L. S. Christie, Oper. Res. 6(1), 1958; I. L. Mitrany, B. Avi-Itzhak, "
    "Oper. Res. 16(3), 1968",
    parameters=(
        Parameter(
            name="failure_rate",
            symbol=_FAIL,
            meaning="rate of failures of a server that is up; 1/ξ is the mean time to failure",
            unit="1/s",
        ),
        Parameter(
            name="repair_rate",
            symbol=_REPAIR,
            meaning="rate of repair; 1/η is the mean time to repair",
            unit="1/s",
        ),
    ),
)

FORMULAS = _MODEL.formulas(
    availability=Answer(
        expression=_REPAIR / _TURN,
        symbol=positive("A"),
        meaning="share of time in which the server is up",
    ),
    utilization=Answer(
        expression=lam * _TURN / (mu * _REPAIR),
        meaning="share of the server's time up in which it is busy",
    ),
    mean_response=_RESPONSE,
    mean_number=lam * _RESPONSE,
)
