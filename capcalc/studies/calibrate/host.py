"""Host metrics to service times: the utilization law, or responses where nobody measured load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from capcalc.results.fit import Estimate, Finding
from capcalc.results.measurements import Measurements, Series
from capcalc.studies.calibrate import doubts, law_estimates, responses
from capcalc.studies.calibrate.context import Context
from capcalc.studies.calibrate.regressors import of_others, tiers_of, work_at
from capcalc.studies.measured.hosts import averaged, lived, summed
from capcalc.theory.arrays import Array
from capcalc.theory.calibration import demands
from capcalc.theory.calibration.series_mean import mean
from capcalc.units.format import share

#: Utilization from which on queues are long, and memory soon full.
BUSY, FULL_MEMORY = 0.9, 0.9


def found(measurements: Measurements, context: Context) -> Finding:
    """Service times, background load, memory and network of every tier that was watched."""
    if measurements.time is None:
        return Finding()
    if any(True for _ in measurements.samples_of("service_time")):
        return Finding()  # they say it themselves, and better
    parts = list(_parts(measurements, context))
    return Finding(
        estimates=tuple(each for part in parts for each in part.estimates),
        warnings=tuple(each for part in parts for each in part.warnings),
        left_out=tuple(each for part in parts for each in part.left_out),
    )


def _parts(measured: Measurements, context: Context) -> Iterator[Finding]:
    watched = []
    for tier in tiers_of(measured, ("utilization", "busy_servers")):
        for resource in ("cpu", "disk", "network", "memory"):
            series = _of_resource(measured, tier, resource)
            if not series:
                continue
            if resource == "memory":
                yield _memory(tier or context.tier, series)
                continue
            watched.append(tier or context.named(""))
            yield from _of_roles(measured, context, tier, resource, series)
    if not watched:
        yield from responses.findings(measured, context)


def _of_resource(measured: Measurements, tier: str, resource: str) -> list[Series]:
    """Series of one resource; without a name it is the processor. Busy servers count first."""
    wanted = (resource, "") if resource == "cpu" else (resource,)
    busy = [e for e in measured.of_role("busy_servers", tier=tier) if e.label in wanted]
    used = [e for e in measured.of_role("utilization", tier=tier) if e.label in wanted]
    plain = [each for each in used if each.label == resource]
    return busy or plain or used


def _of_roles(
    measured: Measurements, context: Context, tier: str, resource: str, series: Sequence[Series]
) -> Iterator[Finding]:
    """All hosts of a tier together, or primary and replicas apart."""
    name = context.named(tier)
    system = context.system
    roles = {"": list(series)}
    if system is not None and name in system.hosted():
        kinds = ("primary", "replica")
        sorted_out = {
            kind: [each for each in series if kind in each.host.lower()] for kind in kinds
        }
        if getattr(system.tiers[name], "kind", "") == "database":
            roles = {k: each for k, each in sorted_out.items() if each} or {"primary": list(series)}
    for role, hosts in roles.items():
        yield _of_tier(measured, context, name, resource, role, hosts)


def _of_tier(
    measured: Measurements,
    context: Context,
    tier: str,
    resource: str,
    role: str,
    series: Sequence[Series],
) -> Finding:
    """The utilization law of one resource of one tier."""
    busy, servers, notes = _busy(series, tier, role, context)
    work, missing = work_at(measured, tier, context.system, role)
    others, shared = of_others(measured, context.system, tier, role)
    whole, busy = busy, np.asarray(busy - others)
    notes = (*notes, shared) if shared else notes
    subject = " ".join(part for part in (tier or "the host", role, resource) if part)
    if not work:
        return Finding(
            estimates=(_level(tier, resource, busy, context),),
            left_out=(f"service times of {subject}: {missing}",),
        )
    fleet = _fleet(series)
    whole, busy = whole * fleet, busy * fleet
    steady = [each for each in work if np.nansum(each.rate) > 0]
    never = [each.label for each in work if not np.nansum(each.rate) > 0]
    if not steady:
        read = any(np.isfinite(each.rate).any() for each in work)
        names = ", ".join(dict.fromkeys(name for each in work for name in each.columns))
        why = "no request came" if read else f"no number of {names} could be read"
        return Finding(left_out=(f"service times of {subject}: {why}",))
    rates = np.stack([each.rate * fleet for each in steady], axis=1)
    law = demands.fit(busy, rates, servers=servers, level=context.level)
    if not np.isfinite(law.values).all():
        need = len(steady) + 4
        return Finding(
            left_out=(f"service times of {subject}: at least {need} intervals are needed",)
        )
    estimates = list(law_estimates.estimates(steady, law, tier, resource, context))
    warnings = [
        *notes,
        *_loads(subject, whole / servers),
        *doubts.of_law(subject, busy, rates, law, measured),
    ]
    left = [f"service time of {name} at {subject}: it never comes" for name in never]
    return Finding(estimates=tuple(estimates), warnings=tuple(warnings), left_out=tuple(left))


def _level(tier: str, resource: str, busy: Array, context: Context) -> Estimate:
    """How busy it was, where nobody knows with what."""
    told = mean(busy, context.level)
    return Estimate(
        name="busy_servers",
        tier=tier,
        label=resource,
        value=told.value,
        low=max(told.low, 0.0),
        high=told.high,
        level=context.level,
        unit="1",
        n=told.n,
        method="mean of the intervals",
    )


def _busy(
    series: Sequence[Series], tier: str, role: str, context: Context
) -> tuple[Array, float, tuple[str, ...]]:
    """Mean busy servers of the tier, how many there are, and what had to be assumed."""
    most = float(_there(series).max(initial=1.0))
    if series[0].role == "busy_servers":
        busy = summed(series)
        each = context.servers or context.per_host(tier)
        count = most * (each or 1.0)
        return busy, max(count, float(np.nanmax(busy)) if np.isfinite(busy).any() else 1.0), ()
    level = summed(series) / most
    per_host, hosts, notes = context.servers, most, []
    if per_host is None:
        per_host = context.per_host(tier)
    if per_host is None:
        per_host = 1.0
        notes.append(
            f"{tier or 'the tier'}: its utilization is taken to be that of one server; --servers"
            " tells how many vCPUs it is of (service times grow in proportion)"
        )
    told = _hosts(tier, role, context)
    if told > len(series) == 1:
        hosts = told
        notes.append(f"{tier}: its utilization is taken as the mean of all {told:,.0f} hosts")
    return level * per_host * hosts, per_host * hosts, tuple(notes)


def _there(series: Sequence[Series]) -> Array:
    """How many hosts were there: those of an autoscaled tier come and go."""
    there = lived(np.stack([each.values for each in series]))
    return np.asarray(there.sum(axis=0), dtype=float)


def _fleet(series: Sequence[Series]) -> Array:
    """The most hosts over those that were there.

    Each has a background of its own, so that busy time and rates are compared as if all of them
    had been there.
    """
    there = _there(series)
    return np.asarray(there.max(initial=1.0) / np.maximum(there, 1.0))


def _hosts(tier: str, role: str, context: Context) -> float:
    """Hosts of a tier (of one role in it) that the scenario has; 1 where it does not say."""
    system = context.system
    if system is None or tier not in system.hosted():
        return 1.0
    if role:
        stations = system.hosted()[tier].stations(tier, 1.0, "random")
        return sum(float(np.asarray(each.hosts)) for each in stations if each.role == role)
    return float(np.asarray(system.hosted()[tier].host_count()))


def _loads(subject: str, level: Array) -> Iterator[str]:
    """Where it was as good as full."""
    known = level[np.isfinite(level)]
    if not known.size:
        return
    over = float((known > BUSY).mean())
    if over > 0:
        yield (
            f"{subject} was above {share(BUSY)} in {share(over)} of the intervals, at most"
            f" {share(float(known.max()))}: it was saturated or near it"
        )


def _memory(tier: str, series: Sequence[Series]) -> Finding:
    level = averaged(series)
    told = mean(level)
    most = float(np.nanmax(level)) if np.isfinite(level).any() else float("nan")
    name = tier or "the host"
    warnings: tuple[str, ...] = ()
    if most > FULL_MEMORY:
        warnings = (f"{name}: memory was up to {share(most)} full",)
    return Finding(
        estimates=(
            Estimate(
                name="memory_used",
                tier=tier,
                value=told.value,
                low=told.low,
                high=told.high,
                unit="share",
                n=told.n,
                method="mean of the intervals",
            ),
        ),
        warnings=warnings,
    )
