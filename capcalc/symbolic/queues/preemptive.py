"""M/G/1 with two preemptive-resume priorities."""

from __future__ import annotations

from capcalc.symbolic.family import Answer, Family
from capcalc.symbolic.notation import positive
from capcalc.symbolic.queues.two_classes import (
    DEFINITIONS,
    LEFT_1,
    LEFT_2,
    MU_1,
    MU_2,
    PARAMETERS,
    RHO_1,
    RHO_2,
)

_MODEL = Family(
    model="preemptive",
    assumptions=(
        "Requests of each class arrive independently of each other (Poisson), at a steady rate.",
        "Service times may follow any law; their mean and their variance are all that counts.",
        (
            "Class 1 interrupts class 2, which goes on later where it stopped; within a class "
            "requests are served in the order of arrival."
        ),
        "The station is not saturated: ρ₁ + ρ₂ < 1.",
    ),
    source="R. W. Conway, W. L. Maxwell, L. W. Miller, Theory of Scheduling, Addison-Wesley, 1967, "
    "ch. 8; D. Gross, C. M. Harris, Fundamentals of Queueing Theory, 3rd ed., Wiley, 1998, "
    "sec. 3.4",
    definitions=DEFINITIONS,
    parameters=PARAMETERS,
)

FORMULAS = _MODEL.formulas(
    mean_response_1=Answer(
        expression=1 / MU_1 + LEFT_1 / (1 - RHO_1),
        symbol=positive("W_1"),
        meaning="mean response time of class 1",
        unit="s",
    ),
    mean_response_2=Answer(
        expression=1 / (MU_2 * (1 - RHO_1))
        + (LEFT_1 + LEFT_2) / ((1 - RHO_1) * (1 - RHO_1 - RHO_2)),
        symbol=positive("W_2"),
        meaning="mean response time of class 2, interruptions included",
        unit="s",
    ),
)
