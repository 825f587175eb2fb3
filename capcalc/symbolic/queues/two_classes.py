"""What both priority disciplines share: the symbols of two classes and the work they bring."""

from __future__ import annotations

from capcalc.symbolic.formula import Definition, Parameter
from capcalc.symbolic.notation import positive

LAM_1, LAM_2 = positive("lambda_1"), positive("lambda_2")
MU_1, MU_2 = positive("mu_1"), positive("mu_2")
SCV_1, SCV_2 = positive("c_1^2"), positive("c_2^2")
RHO_1, RHO_2 = positive("rho_1"), positive("rho_2")
LEFT_1, LEFT_2 = positive("R_1"), positive("R_2")

DEFINITIONS = (
    Definition(symbol=RHO_1, value=LAM_1 / MU_1, meaning="utilization by class 1"),
    Definition(symbol=RHO_2, value=LAM_2 / MU_2, meaning="utilization by class 2"),
    Definition(
        symbol=LEFT_1,
        value=LAM_1 * (1 + SCV_1) / (2 * MU_1**2),
        meaning="mean rest of a class 1 service that an arrival finds",
    ),
    Definition(
        symbol=LEFT_2,
        value=LAM_2 * (1 + SCV_2) / (2 * MU_2**2),
        meaning="mean rest of a class 2 service that an arrival finds",
    ),
)

_SPREAD = "squared coefficient of variation of a class {} service time"
PARAMETERS = tuple(
    Parameter(name=f"{name}_{number}", symbol=symbol, meaning=meaning.format(number), unit=unit)
    for name, meaning, unit, symbols in (
        ("arrival_rate", "mean rate of class {} arrivals", "1/s", (LAM_1, LAM_2)),
        ("service_rate", "1 / mean service time of class {}", "1/s", (MU_1, MU_2)),
        ("scv", _SPREAD, "", (SCV_1, SCV_2)),
    )
    for number, symbol in enumerate(symbols, start=1)
)
