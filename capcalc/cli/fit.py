"""`capcalc fit`: measurements to a calibrated scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from capcalc.cli.epilog import example
from capcalc.cli.metrics import files_argument, read, reading_options, seconds
from capcalc.cli.output import write
from capcalc.cli.parameters import output_options, show
from capcalc.errors import Problem, UsageError

if TYPE_CHECKING:
    from capcalc.model.system import System
    from capcalc.results.fit import Fit
    from capcalc.scenarios.saving import Saved


@click.command(
    name="fit",
    epilog=example("capcalc fit web-day --scenario single-server"),
)
@files_argument
@click.option(
    "--into", metavar="FILE", help="Write the estimates into this scenario, or begin one."
)
@click.option("--scenario", metavar="FILE", help="The scenario whose tiers and classes are meant.")
@reading_options
@click.option(
    "--servers", type=click.FloatRange(min=0, min_open=True), help="vCPUs behind one utilization."
)
@click.option("--level", default="95%", show_default=True, help="Of the intervals.")
@click.option(
    "--forecast", metavar="TIME", help="Continue trend and season so far, e.g. '12 months'."
)
@output_options
def command(
    metrics: tuple[str, ...],
    into: str | None,
    scenario: str | None,
    tier: str,
    columns: tuple[str, ...],
    classes: tuple[str, ...],
    time_zone: str | None,
    interval: str | None,
    servers: float | None,
    level: str,
    forecast: str | None,
    style: str | None,
    output: str | None,
    force: bool,
) -> None:
    """Estimate a scenario's numbers from METRICS, with intervals.

    METRICS are files of host metrics, aggregated metrics, access logs or business figures: CSV,
    Parquet, JSON, a Prometheus range query, a CloudWatch export, an access log; names that end
    in .gz are unpacked. What each column was taken for is shown; --column tells it. With --into
    the estimates are put into a scenario file, as [low, high] with their source; comments,
    order and all else in it stay as they are. web-day is a built-in example of METRICS.
    """
    from capcalc.reports.fit import document
    from capcalc.studies.calibrate import Context, fitted

    system = _system(scenario or into, into=scenario is None)
    measured = read(metrics, columns, classes, time_zone, interval)
    context = Context(system=system, tier=tier, servers=servers, level=_level(level))
    fit = fitted(measured, context, None if forecast is None else seconds("--forecast", forecast))
    if into is None:
        show(document(fit), style, output, force)
        return
    saved = _saved(into, fit)
    shown = document(fit, into=into, written=saved.written, refused=saved.left_out)
    if output is not None and Path(output).exists() and not force:
        raise UsageError(Problem(file=output, message="exists", hint="add --force to overwrite it"))
    if saved.written:
        write(saved.text, into, force=True)
    show(shown, style, output, force)


def _system(file: str | None, into: bool) -> System | None:
    """The scenario, if there is one yet."""
    from capcalc.scenarios.load import load

    if file is None or (into and not Path(file).exists()):
        return None
    return load(file)


def _saved(into: str, fit: Fit) -> Saved:
    from capcalc.scenarios.beginning import begun
    from capcalc.scenarios.saving import updated
    from capcalc.scenarios.sources import read as source

    if Path(into).exists():
        return updated(source(into).text, into, fit.estimates)
    return begun(into, fit.estimates)


def _level(text: str) -> float:
    from capcalc.units.parse import UnitError, parse

    try:
        level = parse(text, "share")
    except UnitError as error:
        raise UsageError(Problem(key="--level", message=str(error), hint=error.hint)) from None
    if not 0.5 <= level <= 0.999:
        hint = "from 50% to 99.9%, e.g. 95%"
        raise UsageError(Problem(key="--level", message=f"{text} is out of range", hint=hint))
    return level
