"""A `Timeline` as a picture: how busy each tier is, how near its limits, and what it costs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from capcalc.results.timeline import TierMonth, Timeline

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Colours that stay apart for people who see fewer of them (Okabe and Ito, 2008).
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
STYLES = ("-", "--", "-.", ":")
#: Legends stand beside their panel, where they hide nothing.
BESIDE: Mapping[str, Any] = {
    "loc": "upper left",
    "bbox_to_anchor": (1.0, 1.0),
    "frameon": False,
}
#: No more than so many months are named on the axis.
LABELS = 13


def figure(timeline: Timeline) -> Figure:
    """Three panels over the months of the plan, every change marked.

    Raises
    ------
    ImportError
        When matplotlib is not installed.
    """
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(10, 9), layout="constrained")
    busy, used, cost = drawn.subplots(3, 1, sharex=True)
    tiers = list(dict.fromkeys(row.tier for row in timeline.months))
    for at, tier in enumerate(tiers):
        rows = [row for row in timeline.months if row.tier == tier]
        look = {
            "color": COLORS[at % len(COLORS)],
            "linestyle": STYLES[at // len(COLORS) % len(STYLES)],
        }
        _line(busy, timeline, rows, [row.utilization for row in rows], look)
        _line(used, timeline, rows, [row.used for row in rows], look)
    busy.set_title(f"{timeline.name}: the plan, each month at its highest load", loc="left")
    busy.set_ylabel("utilization,\neverything up (%)")
    used.set_ylabel("share used of the nearest\nutilization limit (%)")
    used.axhline(100, color="0.3", linewidth=1, linestyle=":")
    for panel in (busy, used):
        panel.set_ylim(bottom=0)
        panel.grid(alpha=0.3)
    busy.legend(**BESIDE, title="● a change" if timeline.steps else None)
    _costs(cost, timeline, tiers)
    _axis(cost, timeline)
    return drawn


def svg(timeline: Timeline) -> str:
    """The same as the text of an SVG file, the same text for the same plan."""
    import matplotlib as mpl

    out = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": timeline.name}):
        figure(timeline).savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()


def _line(
    panel: Any,
    timeline: Timeline,
    rows: list[TierMonth],
    values: list[float | None],
    look: dict[str, Any],
) -> None:
    """One tier, held through each month; a dot where it changes."""
    shown = [float("nan") if value is None else 100 * value for value in values]
    months = [row.month for row in rows]
    tier = rows[0].tier
    panel.step([*months, months[-1] + 1], [*shown, shown[-1]], where="post", label=tier, **look)
    changes = [step.needed for step in timeline.steps if step.tier == tier]
    panel.plot(changes, [shown[at] for at in changes], "o", markersize=5, color=look["color"])


def _costs(panel: Any, timeline: Timeline, tiers: list[str]) -> None:
    """Hosts by tier on top of one another; the other ways beside them, as far as they carry."""
    names = [tier for tier in tiers if any(r.cost for r in timeline.months if r.tier == tier)]
    months = list(range(timeline.horizon + 1))
    stacks = []
    for tier in names:
        costs = [row.cost or 0.0 for row in timeline.months if row.tier == tier]
        stacks.append([*costs, costs[-1]])
    if stacks:
        colors = [COLORS[tiers.index(tier) % len(COLORS)] for tier in names]
        panel.stackplot(months, stacks, step="post", colors=colors, alpha=0.55)
    for name, label, dash in (
        ("vertical", "bigger machines alone", "--"),
        ("horizontal", "more hosts alone", ":"),
    ):
        way = timeline.way(name)
        kept = list(way.hosts_cost[: way.carried])
        if kept and any(kept):
            panel.step(
                range(len(kept) + 1),
                [*kept, kept[-1]],
                where="post",
                color="0.15",
                linestyle=dash,
                label=label,
            )
            panel.legend(**BESIDE)
    panel.set_ylabel("hosts, by tier\n($ a month)")
    panel.set_ylim(bottom=0)
    panel.grid(alpha=0.3)


def _axis(panel: Any, timeline: Timeline) -> None:
    """Calendar months, or months from now."""
    every = -(-timeline.horizon // LABELS)
    rows = {row.month: row.date for row in timeline.months}
    ticks = list(range(0, timeline.horizon, every))
    panel.set_xlim(0, timeline.horizon)
    panel.set_xticks(ticks, [rows[at] or str(at) for at in ticks], rotation=45, ha="right")
    panel.set_xlabel("month" if timeline.start else "months from now")
