"""The load of every interval, from the columns that tell it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capcalc.model.system import System
from capcalc.results.measurements import Measurements, Series
from capcalc.results.solution import Solution
from capcalc.studies.calibrate.regressors import per_second
from capcalc.studies.measured.hosts import over_hosts

Array = NDArray[np.float64]

#: Roles that tell how much comes, the surest first.
RATES = ("arrival_rate", "requests", "throughput")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A system whose request classes come at the rates that were measured."""

    #: with one element for each interval, at the rates that were counted
    system: System
    #: the same at the rates without the part of their scatter that is chance: waits grow faster
    #: than the load, so that chance would make them too long on average
    steady: System
    #: requests per second in each interval, of all classes
    rate: Array
    #: intervals whose load is known
    known: NDArray[np.bool_]
    #: series that were used up for it
    used: tuple[Series, ...]
    says: str
    left_out: tuple[str, ...] = ()


def load(system: System, base: Solution, measured: Measurements, tier: str) -> Load:
    """Drive the scenario by the rates of each class, else of all together.

    A rate that is named for a tier drives the classes so that this tier gets it; one without a
    tier is what enters the system behind dns and CDN.
    """
    series = [each for role in RATES for each in over_hosts(measured.of_role(role))]
    classes = _of_classes(system, series)
    if classes:
        return _by_class(system, base, measured, classes, series)
    total = _of_all(base, series, tier)
    if total is not None:
        return _by_total(system, base, measured, total)
    length = _length(measured)
    names = ", ".join(dict.fromkeys(each.label for each in series if each.label))
    told = f" (its classes are {names}, the scenario's {', '.join(system.demand.requests)})"
    return Load(
        system=_scaled(system, dict.fromkeys(system.demand.requests, np.ones(length))),
        steady=_scaled(system, dict.fromkeys(system.demand.requests, np.ones(length))),
        rate=np.full(length, sum(float(r.origin_rate) for r in base.request_results)),
        known=np.ones(length, dtype=bool),
        used=(),
        says="no column tells the load: the scenario's own is taken for every interval",
        left_out=(f"{measured.source} does not tell the load{told if names else ''}",),
    )


def _length(measured: Measurements) -> int:
    return measured.series[0].values.size if measured.series else 1


def _of_classes(system: System, series: list[Series]) -> dict[str, Series]:
    """For each class the first series that tells its rate."""
    found: dict[str, Series] = {}
    for each in series:
        if each.label in system.demand.requests:
            found.setdefault(each.label, each)
    return found


def _of_all(base: Solution, series: list[Series], tier: str) -> Series | None:
    """The series that tells what comes in all: without a tier, else of a tier that is known."""
    plain = [each for each in series if not each.label]
    known = [each.name for each in base.tier_results]
    for wanted in ("", tier, *known):
        for each in plain:
            if each.tier == wanted:
                return each
    # a tier of the file that the scenario does not have: its rates are what enters
    return next(iter(plain), None)


def _by_class(
    system: System,
    base: Solution,
    measured: Measurements,
    found: dict[str, Series],
    series: list[Series],
) -> Load:
    factors, rate = {}, np.zeros(_length(measured))
    calm = {}
    for name, each in found.items():
        values = per_second(each, measured.step)
        usual = float(np.asarray(base.request(name).origin_rate))
        factors[name] = values / usual if usual > 0 else np.zeros(values.shape)
        even = without_chance(values, measured.step)
        calm[name] = even / usual if usual > 0 else np.zeros(values.shape)
        rate = rate + values
    mean = rate / sum(float(np.asarray(base.request(name).origin_rate)) for name in found)
    absent = [name for name in system.demand.requests if name not in found]
    factors |= dict.fromkeys(absent, mean)
    calm |= dict.fromkeys(
        absent, without_chance(rate, measured.step) / np.where(mean > 0, rate / mean, 1.0)
    )
    unknown = {
        each.label for each in series if each.label and each.label not in system.demand.requests
    }
    missing = tuple(
        f"class {name} of {measured.source} is not in the scenario"
        f" (its classes are {', '.join(system.demand.requests)})"
        for name in sorted(unknown)
    )
    says = f"the rates of {', '.join(found)} drive the model"
    if absent:
        says += f"; {', '.join(absent)} {'is' if len(absent) == 1 else 'are'} scaled with them"
    return _load(system, factors, calm, rate, tuple(found.values()), says, missing)


def _by_total(system: System, base: Solution, measured: Measurements, total: Series) -> Load:
    values = per_second(total, measured.step)
    entering = sum(float(np.asarray(each.origin_rate)) for each in base.request_results)
    at_tier = next((t.arrival_rate for t in base.tier_results if t.name == total.tier), None)
    usual = entering if at_tier is None else float(np.asarray(at_tier))
    where = f"what {total.tier} gets" if at_tier is not None else "what enters behind dns and CDN"
    factors = dict.fromkeys(system.demand.requests, values / usual)
    says = f"column {total.column or total.role!r} is taken for {where}"
    if len(system.demand.requests) > 1:
        says += "; the classes keep the scenario's mix"
    even = without_chance(values, measured.step) / usual
    calm = dict.fromkeys(system.demand.requests, even)
    return _load(system, factors, calm, values * entering / usual, (total,), says, ())


def without_chance(rate: Array, step: float | None) -> Array:
    """Rates drawn together by the part of their variance that Poisson counts have by chance.

    With count N in an interval, its variance is E N beside that of the rate itself: the best
    linear guess of the rate keeps 1 - E N / Var N of each deviation (C. Morris, "Parametric
    empirical Bayes inference", J. Am. Stat. Assoc. 78(381), 1983).
    """
    known = rate[np.isfinite(rate)]
    if not step or known.size < 3 or known.mean() <= 0:
        return rate
    counts = known * step
    kept = 1.0 - counts.mean() / max(float(counts.var(ddof=1)), 1e-300)
    return np.asarray(known.mean() + max(kept, 0.0) * (rate - known.mean()))


def _load(
    system: System,
    factors: dict[str, Array],
    calm: dict[str, Array],
    rate: Array,
    used: tuple[Series, ...],
    says: str,
    left_out: tuple[str, ...],
) -> Load:
    known = np.isfinite(rate) & (rate >= 0)
    for factor in factors.values():
        known &= np.isfinite(factor)
    held = {name: np.where(known, factor, 1.0) for name, factor in factors.items()}
    even = {name: np.where(known, factor, 1.0) for name, factor in calm.items()}
    return Load(
        system=_scaled(system, held),
        steady=_scaled(system, even),
        rate=rate,
        known=known,
        used=used,
        says=says,
        left_out=left_out,
    )


def _scaled(system: System, factors: dict[str, Array]) -> System:
    """Every class comes so many times as often, interval by interval."""
    changes = {}
    for name, factor in factors.items():
        request = system.demand.requests[name]
        field = "rate" if request.rate is not None else "per_user_day"
        changes[f"demand.requests.{name}.{field}"] = np.multiply(getattr(request, field), factor)
    return system.replace(changes)
