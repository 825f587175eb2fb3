"""`capcalc plan`: what breaks when, what to do by then, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator

import click

from capcalc.cli.epilog import example
from capcalc.cli.output import write
from capcalc.cli.parameters import output_options, read, scenario_options, show
from capcalc.cli.plots import check


@click.command(
    name="plan",
    epilog=example("capcalc plan bookshop --horizon '24 months' --plot timeline.svg"),
)
@scenario_options
@click.option("--horizon", metavar="TIME", help="How far to plan, e.g. '24 months' (default).")
@click.option(
    "--lead-time", metavar="TIME", help="From a decision until it serves, e.g. '1 month' (default)."
)
@click.option("--plot", type=click.Path(dir_okay=False), help="Draw the plan to this .svg file.")
@output_options
def command(
    file: str,
    settings: tuple[str, ...],
    instances: str | None,
    horizon: str | None,
    lead_time: str | None,
    plot: str | None,
    style: str | None,
    output: str | None,
    force: bool,
) -> None:
    """Date what growth breaks in FILE, and what to do by then.

    From demand.growth and demand.start: which tier breaks which limit first, also after each
    failure that it has to survive; the changes until the horizon, none bought twice, begun a
    lead time ahead; what they cost, and what growing by bigger machines alone or by more hosts
    alone costs. CSV has one row for each month and tier, with what changes in that month.
    """
    from capcalc.advice.timeline import plan
    from capcalc.reports.timeline import document

    if plot is not None:
        check(plot, force)
    terms = tuple(_settings(horizon, lead_time))
    found = plan(read(file, (*settings, *terms), instances))
    if plot is not None:
        from capcalc.reports.timeline_plot import svg

        write(svg(found), plot, force)
    show(document(found), style, output, force)


def _settings(horizon: str | None, lead_time: str | None) -> Iterator[str]:
    if horizon is not None:
        yield f"plan.horizon={horizon}"
    if lead_time is not None:
        yield f"plan.lead_time={lead_time}"
