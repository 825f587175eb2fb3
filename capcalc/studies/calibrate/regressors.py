"""What keeps a tier busy, interval by interval: the rates of the work whose time is sought."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from capcalc.model import paths
from capcalc.model.system import System
from capcalc.results.measurements import Measurements, Series
from capcalc.studies.measured.hosts import over_hosts
from capcalc.theory.arrays import Array
from capcalc.traffic.flows import Work as Piece
from capcalc.traffic.flows import flows

#: Roles that tell how much was done, the surest first: what was finished explains busy time best.
DONE = ("throughput", "requests", "arrival_rate")
#: Work of a database by its label, and the field that holds its time.
_FIELDS = {"reads": "read_time", "writes": "write_time", "applies": "apply_time"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One time that is sought: where it goes, and how often per second it is spent."""

    label: str
    path: str
    #: per second, over all hosts of the tier
    rate: Array
    columns: tuple[str, ...]


def per_second(series: Series, step: float | None) -> Array:
    """A rate, or a count over the seconds of its interval."""
    if series.role in ("requests", "reads", "writes"):
        return series.values / (step or 1.0)
    return series.values


def work_at(
    measured: Measurements, tier: str, system: System | None, role: str = ""
) -> tuple[list[Work], str]:
    """All work at a tier (at one role of its hosts), and what is missing if there is none.

    Rates that the file has for the tier itself count first, then those of the request classes,
    multiplied with the visits that the scenario says they make.
    """
    own = _own(measured, tier, role)
    if system is not None and tier in system.tiers:
        found = _by_scenario(measured, system, tier, role, own)
        if found:
            return found, ""
    if own:
        return [_plain(tier, each, measured.step) for each in own], ""
    classes = _classes(measured)
    if classes:
        return [_plain(tier, each, measured.step) for each in classes.values()], ""
    total = _total(measured)
    if total is not None:
        return [_plain(tier, total, measured.step)], ""
    return [], "no column tells how many requests there were: measure them beside"


def _own(measured: Measurements, tier: str, role: str) -> list[Series]:
    """Rates of the tier itself (of its hosts of one role): the first kind that there is."""
    for kind in DONE:
        found = [each for each in measured.of_role(kind, tier=tier) if tier]
        of_role = [each for each in found if role and role in each.host.lower()]
        if found:
            return over_hosts(of_role or found)
    return []


def _classes(measured: Measurements) -> dict[str, Series]:
    """Rates of request classes over all hosts, by the first tier that counted them."""
    found: dict[str, Series] = {}
    for role in DONE:
        for each in over_hosts(measured.of_role(role)):
            if each.label:
                found.setdefault(each.label, each)
    return found


def _total(measured: Measurements) -> Series | None:
    for role in DONE:
        for each in over_hosts(measured.of_role(role)):
            if not each.label:
                return each
    return None


def _plain(tier: str, series: Series, step: float | None) -> Work:
    path = f"tiers.{tier}.service_time" if tier else ""
    if path and series.label:
        path = f"{path}.{series.label}"
    return Work(
        label=series.label,
        path=path,
        rate=per_second(series, step),
        columns=(series.column,),
    )


def _by_scenario(
    measured: Measurements, system: System, tier: str, role: str, own: Sequence[Series]
) -> list[Work]:
    """Work by the scenario's calls: which class spends which time how often."""
    asked = _rates(measured, system)
    pieces = [each for each in _at(system, tier, role) if each.tier == tier]
    one = {_field(system, tier, each.request_class, each.label) for each in pieces}
    if len(one) == 1 and own and not own[0].label and next(iter(one))[1] != "reads":
        path, label = next(iter(one))
        rate = per_second(own[0], measured.step)
        return [Work(label=label, path=path, rate=rate, columns=(own[0].column,))]
    if not asked or any(each.request_class not in asked for each in pieces):
        return []
    usual = {name: flow.origin_rate for name, flow in flows(system).classes.items()}
    rates: dict[tuple[str, str], Array] = {}
    columns: dict[tuple[str, str], list[str]] = {}
    for piece in pieces:
        key = _field(system, tier, piece.request_class, piece.label)
        came = float(np.asarray(usual[piece.request_class]))
        visits = float(np.asarray(piece.rate)) / came if came > 0 else 0.0
        if visits > 0:
            series = asked[piece.request_class]
            rate = per_second(series, measured.step) * visits
            rates[key] = rates.get(key, np.zeros(rate.size)) + rate
            columns.setdefault(key, []).append(series.column)
    return [
        Work(label=label, path=path, rate=rate, columns=tuple(columns[path, label]))
        for (path, label), rate in rates.items()
    ]


def _at(system: System, tier: str, role: str) -> list[Piece]:
    """All work at the station on which a tier runs."""
    host = system.host_of(tier)
    return [each for each in flows(system).work if each.station == (host, role)]


def of_others(
    measured: Measurements, system: System | None, tier: str, role: str = ""
) -> tuple[Array | float, str]:
    """Busy servers by the work of other tiers on the same hosts, at the scenario's times."""
    if system is None or tier not in system.tiers:
        return 0.0, ""
    asked, usual = _rates(measured, system), flows(system).classes
    busy: Array | float = 0.0
    names = []
    for piece in _at(system, tier, role):
        came = float(np.asarray(usual[piece.request_class].origin_rate))
        if piece.tier != tier and piece.request_class in asked and came > 0:
            rate = per_second(asked[piece.request_class], measured.step)
            work = float(np.asarray(piece.rate)) / came * float(np.asarray(piece.step.service_time))
            busy = busy + rate * work
            names.append(piece.tier)
    if not names:
        return 0.0, ""
    told = ", ".join(dict.fromkeys(names))
    return busy, f"{tier}: what {told} does on the same hosts is taken off, by the scenario's times"


def _rates(measured: Measurements, system: System) -> Mapping[str, Series]:
    """The rate of each class of the scenario; the total where it has only one."""
    found = {
        name: each for name, each in _classes(measured).items() if name in system.demand.requests
    }
    names = list(system.demand.requests)
    if not found and len(names) == 1:
        total = _total(measured)
        return {} if total is None else {names[0]: total}
    return found


def _field(system: System, tier: str, request_class: str, label: str) -> tuple[str, str]:
    """Path and label of the time that a piece of work takes."""
    if label in _FIELDS:
        return f"tiers.{tier}.{_FIELDS[label]}", label
    path = f"tiers.{tier}.service_time"
    classes = system.demand.requests
    kind = getattr(system.tiers[tier], "kind", "")
    given = [leaf.path for leaf in paths.leaves(system) if leaf.path.startswith(path)]
    if len(classes) > 1 and (f"{path}.{request_class}" in given or kind in ("web", "service")):
        return f"{path}.{request_class}", request_class
    if f"{path}.{request_class}" in given:
        return f"{path}.{request_class}", request_class
    return path, ""


def tiers_of(measured: Measurements, roles: Sequence[str]) -> Iterator[str]:
    """The tiers that series of these roles name, "" among them, each once."""
    yield from dict.fromkeys(each.tier for each in measured.of_role(*roles))
