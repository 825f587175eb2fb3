"""`capcalc validate`: a scenario held against measurements."""

from __future__ import annotations

import click

from capcalc.cli.epilog import example
from capcalc.cli.metrics import files_argument, reading_options
from capcalc.cli.metrics import read as read_metrics
from capcalc.cli.output import write
from capcalc.cli.parameters import output_options, read, scenario_options, show
from capcalc.cli.plots import check


@click.command(name="validate", epilog=example("capcalc validate single-server web-day"))
@scenario_options
@files_argument
@reading_options
@click.option("--plot", type=click.Path(dir_okay=False), help="Draw it to this .svg file.")
@output_options
def command(
    file: str,
    metrics: tuple[str, ...],
    settings: tuple[str, ...],
    instances: str | None,
    tier: str,
    columns: tuple[str, ...],
    classes: tuple[str, ...],
    time_zone: str | None,
    interval: str | None,
    plot: str | None,
    style: str | None,
    output: str | None,
    force: bool,
) -> None:
    """Set the prediction of the scenario FILE beside what METRICS measured.

    The measured request rates of every interval drive the scenario; utilization, response times
    and throughput are compared with what was measured in it, tier by tier and class by class,
    with error figures, and in words where the model does not fit and why.
    """
    from capcalc.reports.validation import document
    from capcalc.studies.validate import validated

    if plot is not None:
        check(plot, force)
    system = read(file, settings, instances)
    measured = read_metrics(metrics, columns, classes, time_zone, interval)
    found = validated(system, measured, tier=tier)
    if plot is not None:
        from capcalc.reports.validation_plot import svg

        write(svg(found), plot, force)
    show(document(found), style, output, force)
