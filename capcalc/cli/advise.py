"""`capcalc advise`: vertical or horizontal, at what price and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from capcalc.cli.epilog import example
from capcalc.cli.parameters import output_options, read, scenario_options, show

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
@output_options
def command(
    file: str,
    settings: tuple[str, ...],
    instances: str | None,
    pareto: bool,
    relax: bool,
    style: str | None,
    output: str | None,
    force: bool,
) -> None:
    """Say for each tier of FILE and for the whole whether to scale up or out.

    Plans keep the latency objectives and max_utilization, survive the failures that the
    scenario names, and last for min_runway at the given growth.
    """
    if pareto and relax:
        raise click.UsageError("--pareto and --relax are two answers: ask for one at a time")
    system = read(file, settings, instances)
    show(_answer(system, pareto, relax), style, output, force)


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

    return report_of_plans.document(advise(system))
