"""`capcalc advise`: vertical or horizontal, at what price and why."""

from __future__ import annotations

import click

from capcalc.cli.epilog import example
from capcalc.cli.parameters import output_options, read, scenario_options, show


@click.command(name="advise", epilog=example("capcalc advise bookshop --format markdown"))
@scenario_options
@output_options
def command(
    file: str,
    settings: tuple[str, ...],
    instances: str | None,
    style: str | None,
    output: str | None,
    force: bool,
) -> None:
    """Say for each tier of FILE and for the whole whether to scale up or out.

    Plans keep the latency objectives and max_utilization, survive the failures that the
    scenario names, and last for min_runway at the given growth.
    """
    from capcalc.advice.system import advise
    from capcalc.reports.advice import document

    show(document(advise(read(file, settings, instances))), style, output, force)
