"""What was measured and what the model says of the same thing, interval by interval."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from capcalc.results.measurements import Measurements, Series
from capcalc.results.solution import PERCENTILES, FactResult, Solution
from capcalc.results.validation import Compared
from capcalc.studies.calibrate.regressors import per_second
from capcalc.studies.measured.hosts import averaged, over_hosts
from capcalc.studies.validate import errors
from capcalc.studies.validate.driving import Load

Array = NDArray[np.float64]

_RESPONSES = {"response_mean": "mean"} | {f"response_{p}": p for p in PERCENTILES}
#: What the hosts of a tier have together is the sum of what each has.
_ADDED = ("busy_servers", "concurrency", "requests", "arrival_rate", "throughput")
_UNITS = {"utilization": "share", "hit_ratio": "share", "concurrency": "1", "busy_servers": "1"}
#: Tiers whose measured response is that of the whole answer: they wait for what is behind them.
_FRONT = ("load_balancer", "reverse_proxy", "web")


def compared(
    load: Load, solution: Solution, steady: Solution, measured: Measurements, tier: str
) -> tuple[list[Compared], list[str]]:
    """All pairs that can be made, and in words what has no counterpart.

    ``solution`` is at the rates that were counted, ``steady`` at those without chance: busy time
    is compared with the first, what waits with the second.
    """
    found: list[Compared] = []
    missing: list[str] = []
    for group in _groups(load, solution, measured, tier):
        first = group[0]
        waits = first.role in (*_RESPONSES, "concurrency")
        predicted = _predicted(steady if waits else solution, first, load)
        if isinstance(predicted, str):
            missing.append(f"column {first.column or first.role!r}: {predicted}")
            continue
        sample = _sample(first, measured)
        if sample is not None and first.role in sample:
            found.append(_of_all(sample[first.role], predicted, load, first))
            continue
        values = _together(group, measured.step)
        found.append(
            errors.compared(
                values,
                np.broadcast_to(predicted, values.shape),
                load=load.rate,
                known=load.known,
                weighted=first.role in _RESPONSES,
                quantity=_quantity(first),
                tier=first.tier,
                label=first.label,
                unit=_unit(first),
            )
        )
    return found, missing


def _together(group: list[Series], step: float | None) -> Array:
    """What hosts count or hold adds up; all else is the mean of those that are there."""
    if group[0].role in _ADDED:
        return per_second(over_hosts(group)[0], step)
    return averaged(group)


def _sample(series: Series, measured: Measurements) -> dict[str, tuple[float, int]] | None:
    """Percentiles of all events at once, where they are known: better than those of intervals."""
    for sample in measured.samples_of("response"):
        if (sample.tier, sample.label) == (series.tier, series.label):
            names = {p: f"response_{name}" for name, p in PERCENTILES.items()}
            return {names[p]: (value, sample.n) for p, value in sample.quantiles.items()}
    return None


def _of_all(seen: tuple[float, int], predicted: Array, load: Load, series: Series) -> Compared:
    """A percentile of all events beside the mean of the predicted ones, weighted with the load."""
    value, n = seen
    known = load.known & np.isfinite(predicted)
    weights = np.where(known, np.nan_to_num(load.rate), 0.0)
    said = np.where(known, predicted, 0.0)
    guess = float(weights @ said / weights.sum()) if weights.sum() else np.nan
    return Compared(
        quantity=series.role,
        tier=series.tier,
        label=series.label,
        unit="s",
        n=n,
        measured=value,
        predicted=guess,
        error=guess / value - 1.0 if value else np.nan,
        mean_absolute_error=abs(guess / value - 1.0) if value else np.nan,
        saturated=int((load.known & np.isinf(predicted)).sum()),
        measured_values=series.values,
        predicted_values=np.broadcast_to(predicted, series.values.shape),
        load=load.rate,
    )


def _quantity(series: Series) -> str:
    return "arrival_rate" if series.role == "requests" else series.role


def _unit(series: Series) -> str:
    if series.role in _RESPONSES:
        return "s"
    return _UNITS.get(series.role, "1/s")


def _groups(
    load: Load, solution: Solution, measured: Measurements, tier: str
) -> Iterator[list[Series]]:
    """Series that say the same of several hosts of a tier, together."""
    groups: dict[tuple[str, str, str], list[Series]] = {}
    roles = (*_RESPONSES, "utilization", "busy_servers", "hit_ratio", "concurrency", "arrival_rate")
    used = {(each.role, each.tier, each.label) for each in load.used}
    for each in measured.of_role(*roles, "requests", "throughput"):
        if (each.role, each.tier, each.label) in used:
            continue
        named = _named(each, solution, tier)
        role = _role_of_host(named, solution)
        groups.setdefault((named.role, named.tier, role or named.label), []).append(
            _relabelled(named, role)
        )
    yield from groups.values()


def _named(series: Series, solution: Solution, tier: str) -> Series:
    """With the tier that the user said, or the only one on hosts, where the file names none."""
    if series.tier or series.role in (*_RESPONSES, "concurrency", "arrival_rate"):
        return series
    if series.role in ("requests", "throughput"):
        return series
    stations = list(dict.fromkeys(station.tier for station in solution.stations))
    if series.role == "hit_ratio":
        stations = [each.name for each in solution.tier_results if each.hit_ratio is not None]
    only = stations[0] if len(stations) == 1 else ""
    return _with(series, tier=tier or only)


def _role_of_host(series: Series, solution: Solution) -> str:
    """The role in its tier that the host's name tells: primary or replica."""
    roles = [each.role for each in solution.stations if each.tier == series.tier and each.role]
    return next((role for role in roles if role and role in series.host.lower()), "")


def _relabelled(series: Series, role: str) -> Series:
    return _with(series, label=role) if role else series


def _with(series: Series, *, tier: str | None = None, label: str | None = None) -> Series:
    return Series(
        role=series.role,
        tier=series.tier if tier is None else tier,
        host=series.host,
        label=series.label if label is None else label,
        values=series.values,
        column=series.column,
    )


def _predicted(solution: Solution, series: Series, load: Load) -> Array | str:
    """The model's number for a series, or why there is none."""
    answers: dict[str, Callable[[Solution, Series], Array | str]] = {
        "utilization": _utilization,
        "busy_servers": _busy_servers,
        "hit_ratio": _hit_ratio,
        "concurrency": _in_system,
        **dict.fromkeys(_RESPONSES, _response),
    }
    if series.role in answers:
        return answers[series.role](solution, series)
    if series.tier:
        return _of_tier(solution, series, "arrival_rate")
    if series.label:
        return "the class is not in the scenario"
    answered = _answered(solution) if series.role == "throughput" else 1.0
    return np.where(load.known, load.rate * answered, np.nan)


def _kept(solution: Solution, tier: str) -> Array:
    """Share of a tier's visits that are served: all but those turned away or given up."""
    lost = [each.value for each in solution.fact_results if _is_loss(each, tier)]
    return np.asarray(np.prod([1.0 - np.asarray(each, dtype=float) for each in lost], axis=0))


def _is_loss(fact: FactResult, tier: str) -> bool:
    return fact.tier == tier and fact.name in ("rejected", "abandoned")


def _answered(solution: Solution) -> Array:
    """Share of the requests that the tiers in front, which all of them pass, turn no one away."""
    front = [each.name for each in solution.tier_results if each.kind in _FRONT]
    return np.asarray(np.prod([_kept(solution, name) for name in front], axis=0))


def _hit_ratio(solution: Solution, series: Series) -> Array | str:
    return _of_tier(solution, series, "hit_ratio")


def _tiers(solution: Solution) -> list[str]:
    return [each.name for each in solution.tier_results]


def _unknown_tier(solution: Solution, series: Series) -> str:
    names = ", ".join(_tiers(solution))
    if series.tier:
        return f"the scenario has no tier {series.tier!r} (its tiers are {names})"
    return f"it does not say which tier it is of: tell with --tier (tiers are {names})"


def _of_tier(solution: Solution, series: Series, what: str) -> Array | str:
    if series.tier not in _tiers(solution):
        return _unknown_tier(solution, series)
    value = getattr(solution.tier(series.tier), what)
    return f"{series.tier} has no {what}" if value is None else np.asarray(value, dtype=float)


def _utilization(solution: Solution, series: Series) -> Array | str:
    if series.label in ("memory", "disk", "network", "io"):
        return f"the scenario has no {series.label} of a tier"
    if series.tier not in _tiers(solution):
        return _unknown_tier(solution, series)
    stations = [each for each in solution.stations if each.tier == series.tier]
    chosen = [each for each in stations if each.role and each.role == series.label] or stations
    if not chosen:
        return f"{series.tier} has no hosts"
    servers = [np.multiply(each.hosts, each.servers) for each in chosen]
    offered = sum(np.asarray(each.offered_load, dtype=float) for each in chosen)
    busy = offered * _kept(solution, series.tier)
    return np.asarray(np.minimum(busy / sum(servers), 1.0))


def _busy_servers(solution: Solution, series: Series) -> Array | str:
    level = _utilization(solution, series)
    if isinstance(level, str):
        return level
    stations = [each for each in solution.stations if each.tier == series.tier]
    chosen = [each for each in stations if each.role and each.role == series.label] or stations
    return np.asarray(level * sum(np.multiply(each.hosts, each.servers) for each in chosen))


def _in_system(solution: Solution, _: Series) -> Array:
    """Requests in service or waiting anywhere, each at the one place where it is."""
    return np.asarray(sum(np.asarray(each.number_in_system) for each in solution.stations))


def _response(solution: Solution, series: Series) -> Array | str:
    what = _RESPONSES[series.role]
    kinds = {each.name: each.kind for each in solution.tier_results}
    if series.tier and series.tier not in kinds:
        return _unknown_tier(solution, series)
    if series.tier and kinds[series.tier] not in _FRONT:
        return _of_tier(solution, series, "response" if what == "mean" else series.role)
    names = [each.name for each in solution.request_results]
    if series.label and series.label not in names:
        return f"the scenario has no class {series.label!r} (its classes are {', '.join(names)})"
    if series.label or len(names) == 1:
        return np.asarray(getattr(solution.request(series.label or names[0]), what), dtype=float)
    if what != "mean":
        return "a percentile of several classes together: measure each class on its own"
    rates = [np.asarray(each.origin_rate, dtype=float) for each in solution.request_results]
    means = [np.asarray(each.mean, dtype=float) for each in solution.request_results]
    total = sum(rates)
    with np.errstate(all="ignore"):
        mixed = sum(np.where(r > 0, r * m, 0.0) for r, m in zip(rates, means, strict=True)) / total
    return np.asarray(mixed)
