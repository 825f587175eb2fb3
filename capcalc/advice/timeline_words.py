"""What a growth plan says, in sentences, each bound to the condition under which it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import isfinite, log, log1p

from capcalc.advice.system_reasons import stale
from capcalc.advice.timeline_found import Frame
from capcalc.advice.timeline_ladder import ladders
from capcalc.advice.timeline_limits import Lost, month, out_of_reach
from capcalc.results.timeline import Runway, Timeline, Way
from capcalc.units import format as human

#: How many broken limits are listed.
LISTED = 4


def told(found: Timeline, frame: Frame, lost: Lost, warnings: tuple[str, ...]) -> Timeline:
    """The same timeline with what it says in words.

    ``lost`` is what nothing can keep, at today's load and then month by month.
    """
    return replace(
        found,
        reasons=(
            *_growth(found),
            *_today(found),
            *_late(found),
            *_ways(found),
            *ladders(found, frame),
        ),
        out_of_reach=tuple(out_of_reach(found, frame, lost)),
        rules=tuple(_rules(found)),
        warnings=(*warnings, *_families(found, frame), *_prices(found, frame)),
    )


def times(factor: float) -> str:
    """E.g. ``1.21 times today's load``."""
    return f"{human.significant(factor)} times today's load"


def _growth(found: Timeline) -> Iterator[str]:
    growth = found.growth
    if growth > 0:
        end = (1.0 + growth) ** found.horizon
        yield (
            f"demand grows by {human.share(growth)} a month: it doubles every "
            f"{human.significant(log(2) / log1p(growth))} months and is {times(end)} "
            f"{_at_end(found)}"
        )
        return
    first = next((each for each in found.runways if not each.broken_today), None)
    moves = "does not grow" if growth == 0 else f"shrinks by {human.share(-growth)} a month"
    if first is not None and isfinite(first.load_factor):
        yield (
            f"demand {moves} (demand.growth), so no limit breaks by itself; the nearest one breaks "
            f"at {times(first.load_factor)}: {first.binds}"
        )
    else:
        yield f"demand {moves} (demand.growth), so no limit breaks by itself"


def _at_end(found: Timeline) -> str:
    return "at the horizon" if found.horizon == found.asked else "where the plan ends"


def _today(found: Timeline) -> Iterator[str]:
    """What is broken today, else what breaks first."""
    broken = [each for each in found.runways if each.broken_today]
    # where a tier is overloaded, what waits for it needs no saying
    full = {each.state for each in broken if each.measure == "utilization"}
    told = [e for e in broken if e.measure == "utilization" or e.state not in full] or broken
    if told:
        more = len(told) - LISTED
        rest = f"; and {more} more" if more > 0 else ""
        yield f"broken today: {'; '.join(each.binds for each in told[:LISTED])}{rest}"
    later = next((each for each in found.runways if not each.broken_today), None)
    if later is not None and isfinite(later.months):
        yield f"{'next' if broken else 'first'} to break is {_break(later)}"


def _break(each: Runway) -> str:
    date = "" if each.date is None else f" ({each.date})"
    return (
        f"{each.name}, {human.significant(each.months)} months from now{date}, at "
        f"{times(each.load_factor)}: today {each.binds}"
    )


def _late(found: Timeline) -> Iterator[str]:
    late = [step for step in found.steps if step.overdue]
    if late:
        names = ", ".join(dict.fromkeys(step.tier for step in late))
        yield (
            f"too late to be in time: {names}; begun today, a lead time of "
            f"{_count(found.lead_time)} ends {_count(max(-step.begin for step in late))} after "
            "the need, and limits stay broken meanwhile"
        )


def _count(months: float) -> str:
    return f"{human.significant(months)} month{'' if months == 1 else 's'}"


def _ways(found: Timeline) -> Iterator[str]:
    plan = found.way("plan")
    if plan.total:
        yield _money(found, plan)
    for name, what in (("vertical", "bigger machines"), ("horizontal", "more hosts")):
        if found.steps:
            yield _other(found, plan, found.way(name), what)


def _money(found: Timeline, plan: Way) -> str:
    edge = ""
    if plan.edge_total:
        hosts, cdn = human.dollars(plan.hosts_total), human.dollars(plan.edge_total)
        edge = f" (hosts {hosts}, CDN {cdn})"
    first, last = _first(found), _last(found)
    kept = ""
    if abs(first - found.cost_today) >= 0.5:
        kept = f", {human.dollars(first)} with every limit kept at today's load"
    return (
        f"the plan costs {human.dollars(plan.total)} over {_count(found.horizon)}{edge}; a month "
        f"costs {human.dollars(found.cost_today)} as it runs today{kept}, and "
        f"{human.dollars(last)} in the last"
    )


def _first(found: Timeline) -> float:
    return next(each.cost for each in found.costs if each.way == "plan")


def _last(found: Timeline) -> float:
    return [each.cost for each in found.costs if each.way == "plan"][-1]


def _other(found: Timeline, plan: Way, other: Way, what: str) -> str:
    lead = f"growing by {what} alone ({other.name})"
    if other.carried < plan.carried:
        return f"{lead} ends in {_from(found, other.carried)}: {other.ends}"
    if not plan.hosts_total:
        servers, own = (human.significant(w.unpriced_servers, 4) for w in (other, plan))
        return f"{lead} takes {servers} servers without a price in the last month, the plan {own}"
    gap = other.hosts_total - plan.hosts_total
    if abs(gap) < 0.5:
        return f"{lead} costs the same as the plan"
    share = human.share(abs(gap) / plan.hosts_total, 2)
    than = "more" if gap > 0 else "less"
    return f"{lead} costs {human.dollars(abs(gap))} {than} than the plan, {share} of its hosts"


def _from(found: Timeline, at: int) -> str:
    date = next(each.date for each in found.months if each.month == at)
    return month(at, date)


def _rules(found: Timeline) -> Iterator[str]:
    """How it was planned, what is proved and what is not."""
    yield (
        f"horizon {_count(found.asked)}, lead time {_count(found.lead_time)}{_defaults(found)}: "
        "change them by `plan: {horizon, lead_time}` in the file or --horizon and --lead-time"
    )
    yield (
        "each month is held against every limit at its highest load, that of its end; a change is "
        f"made when what runs will not do for another month, and lasts {_count(found.lasting)} at "
        "least (min_runway where it is given, else 3 months by default; never less than the lead "
        "time)"
    )
    yield (
        "nothing is bought twice: hosts are never taken away, machines never get smaller (vCPUs or "
        "memory), and once the plan has added hosts to a tier it keeps to that machine; a change "
        "of machine replaces all hosts of the tier, both generations paid for during the lead time"
    )
    plan = found.way("plan")
    if plan.carried < plan.reachable:
        yield (
            f"from {_from(found, plan.carried)} on no plan was found that keeps every limit, "
            f"though one may exist: {plan.ends}"
        )
    elif plan.carried < found.horizon:
        yield (
            f"from {_from(found, plan.carried)} on nothing that these rules "
            f"allow keeps every limit: {plan.ends}"
        )
    elif plan.proved:
        yield (
            "proved: under these rules nothing costs less, whenever it changes: each tier costs "
            "the least that it can with all others at their largest, and together they keep every "
            "limit in every month (taking it that more or bigger hosts never make a limit worse)"
        )
    else:
        yield _not_proved(plan)
    yield "prices and the growth rate are taken to stay as they are; no host is ever returned"


def _not_proved(plan: Way) -> str:
    """How far the plan may be from the cheapest."""
    gap = plan.hosts_total - plan.least
    most = ""
    if plan.least > 0 and gap > 0:
        most = (
            f": at most {human.dollars(gap)} ({human.share(gap / plan.hosts_total, 2)}) of the "
            "hosts' cost could be saved"
        )
    return (
        "every limit is kept in every month, and each tier's sequence is the cheapest that its "
        f"needs allow; that the whole is the cheapest is not proved{most}, by changes before they "
        "are needed or by less of one tier for more of another"
    )


def _defaults(found: Timeline) -> str:
    used = [
        name
        for name, is_default in (
            ("horizon", found.asked == 24),
            ("lead time", found.lead_time == 1.0),
        )
        if is_default
    ]
    if not used:
        return ""
    return f" ({' and '.join(used)}: default{'' if len(used) == 1 else 's'})"


def _families(found: Timeline, frame: Frame) -> Iterator[str]:
    """Changes to another family of machines, whose speed is taken to be the same."""
    table = frame.months.system.catalogue
    if table is None:
        return
    told = set()
    for step in found.steps:
        if step.before.instance is None or step.after.instance is None:
            continue
        rows = (table.position(step.before.instance), table.position(step.after.instance))
        before, after = (table.family[row] for row in rows)
        same = table.speed[rows[0]] == table.speed[rows[1]]
        if before != after and same and (step.tier, after) not in told:
            told.add((step.tier, after))
            yield (
                f"{step.tier} moves from {before} to {after}, taken at the same speed per vCPU: "
                f"measure it first, or give instances.speed, or leave {after} out of "
                "instances.families"
            )


def _prices(found: Timeline, frame: Frame) -> Iterator[str]:
    table = frame.months.system.catalogue
    if table is not None and any(step.after.instance for step in found.steps):
        yield from stale(table.as_of, table.source)
