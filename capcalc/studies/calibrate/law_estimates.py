"""What a fit of the utilization law estimates, as numbers with their provenance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from capcalc.results.fit import Estimate
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.regressors import Work
from capcalc.theory.calibration import demands
from capcalc.theory.calibration.demands import Demands
from capcalc.units.format import duration

_LAW = "utilization law U c = sum of D X + U0, non-negative least squares"
_SOURCE = "Rolia & Vetland 1995; Zhang, Cherkasova & Smirni 2007"
_ASSUMPTIONS = (
    (
        "the utilization law needs one service time of each class in all intervals (errors of"
        " neighbours may be alike)"
    ),
)
#: Correlation of two classes' rates from which on a sentence tells what to measure.
TOGETHER = 0.9


def estimates(
    work: Sequence[Work], law: Demands, tier: str, resource: str, context: Context
) -> Iterator[Estimate]:
    """Times of each kind of work, of the usual mix, and what is busy without a request."""
    for place, each in enumerate(work):
        caution = _caution(place, each, work, law)
        at_zero = law.values[place] == 0
        yield Estimate(
            name=each.path.split(".")[2] if each.path.count(".") >= 2 else "service_time",
            tier=tier,
            label=" ".join(p for p in (each.label, resource if resource != "cpu" else "") if p),
            # a scenario knows one service time, which is the processor's
            path=each.path if resource == "cpu" and not at_zero else "",
            value=float(law.values[place]),
            low=float(law.low[place]),
            high=float(law.high[place]),
            level=context.level,
            unit="s",
            n=law.n,
            method=_LAW,
            reference=_SOURCE,
            assumptions=_ASSUMPTIONS,
            caution=caution,
        )
    if len(work) > 1:
        yield Estimate(
            name="service_time",
            tier=tier,
            label=" ".join(
                p for p in ("the usual mix", resource if resource != "cpu" else "") if p
            ),
            value=law.mixed,
            low=law.mixed_low,
            high=law.mixed_high,
            level=context.level,
            unit="s",
            n=law.n,
            method=_LAW,
            reference=_SOURCE,
        )
    if len(work) == 1 and law.low[0] < 0.75 * law.values[0]:
        least = demands.single(
            law.background + law.values[0] * work[0].rate, work[0].rate, context.level
        )
        yield Estimate(
            name="service_time",
            tier=tier,
            label=" ".join(p for p in (work[0].label, "if nothing else runs there") if p),
            value=least[0],
            low=float("nan"),
            high=float("nan"),
            unit="s",
            n=law.n,
            method="busy time over requests: what it is at most",
            reference="Denning & Buzen 1978",
        )
    yield Estimate(
        name="background",
        tier=tier,
        label=resource,
        value=law.background,
        low=law.background_low,
        high=law.background_high,
        level=context.level,
        unit="1",
        n=law.n,
        method="U0 of the utilization law: busy servers without a request",
        reference=_SOURCE,
    )


def _caution(place: int, each: Work, work: Sequence[Work], law: Demands) -> str:
    if law.values[place] == 0:
        return (
            "the fit puts it at 0: too small beside the others to be seen"
            f" (it is below {duration(float(law.high[place]))})"
        )
    if len(work) > 1 and abs(law.correlation[place]) > TOGETHER:
        other = work[int(law.companion[place])].label or "another"
        return (
            f"{each.label or 'it'} and {other} come together (correlation"
            f" {law.correlation[place]:.2f}), so that their times are hard to tell apart: measure"
            f" half an hour in which only one of them comes"
        )
    return ""
