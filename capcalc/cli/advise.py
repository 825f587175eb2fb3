"""`capcalc advise`: vertical or horizontal, at what price and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from capcalc.cli.epilog import example
from capcalc.cli.output import write
from capcalc.cli.parameters import output_options, read, scenario_options, show
from capcalc.errors import Problem, UsageError

if TYPE_CHECKING:
    from capcalc.model.system import System
    from capcalc.reports.document import Document


@click.command(name="advise", epilog=example("capcalc advise bookshop --format markdown"))
@scenario_options
@click.option(
    "--pareto", is_flag=True, help="Instead: what less latency and more headroom would cost."
)
@click.option(
    "--relax", is_flag=True, help="Instead: what each requirement costs, or would make it feasible."
)
@click.option(
    "--map",
    "tier",
    metavar="TIER",
    help="Instead: which way is cheaper for TIER over load and strictness of its limits.",
)
@click.option(
    "--plot", type=click.Path(dir_okay=False), help="Draw the map to this .svg file (with --map)."
)
@output_options
def command(
    file: str,
    settings: tuple[str, ...],
    instances: str | None,
    pareto: bool,
    relax: bool,
    tier: str | None,
    plot: str | None,
    style: str | None,
    output: str | None,
    force: bool,
) -> None:
    """Say for each tier of FILE and for the whole whether to scale up or out.

    Plans keep the latency objectives and max_utilization, survive the failures that the
    scenario names, and last for min_runway at the given growth.
    """
    asked = [name for name, given in _asked(pareto, relax, tier) if given]
    if len(asked) > 1:
        raise click.UsageError(f"{' and '.join(asked)} are two answers: ask for one at a time")
    if plot is not None:
        _check(plot, tier, force)
    system = read(file, settings, instances)
    if tier is not None:
        show(_map(system, tier, plot, force), style, output, force)
        return
    show(_answer(system, pareto, relax), style, output, force)


def _asked(pareto: bool, relax: bool, tier: str | None) -> tuple[tuple[str, bool], ...]:
    return ("--pareto", pareto), ("--relax", relax), ("--map", tier is not None)


def _check(plot: str, tier: str | None, force: bool) -> None:
    """Refuse early what could not be drawn or written in the end."""
    if tier is None:
        raise click.UsageError("--plot draws the map of a tier: add --map TIER")
    if Path(plot).suffix.lower() != ".svg":
        hint = f"write e.g. --plot {Path(plot).stem or 'map'}.svg"
        raise UsageError(Problem(file=plot, message="plots are drawn as .svg", hint=hint))
    if Path(plot).exists() and not force:
        raise UsageError(Problem(file=plot, message="exists", hint="add --force to overwrite it"))


def _map(system: System, tier: str, plot: str | None, force: bool) -> Document:
    """One tier's map, drawn where that is asked for."""
    from capcalc.advice.crossover import crossover
    from capcalc.reports import crossover as report_of_map

    found = crossover(system, tier)
    if plot is not None:
        write(report_of_map.svg(found), plot, force)
    return report_of_map.document(found)


def _answer(system: System, pareto: bool, relax: bool) -> Document:
    if pareto:
        from capcalc.advice import pareto as front
        from capcalc.reports import pareto as report_of_front

        return report_of_front.document(front.pareto(system))
    if relax:
        from capcalc.advice.relaxations import relaxations
        from capcalc.reports import relaxations as report_of_prices

        return report_of_prices.document(relaxations(system))
    from capcalc.advice.system import advise
    from capcalc.reports import advice as report_of_plans

    return report_of_plans.document(advise(system, grown=True))
