"""`capcalc check`: a gate for continuous integration."""

from __future__ import annotations

import click

from capcalc.cli.epilog import example
from capcalc.cli.output import write
from capcalc.cli.parameters import force_option, read, scenario_options, show

STYLES = ["table", "csv", "json", "markdown", "junit", "github"]


@click.command(
    name="check",
    epilog=example("capcalc check microservices --min-runway '6 months'"),
)
@scenario_options
@click.option("--compare", metavar="OLD", help="The scenario before the change (without --set).")
@click.option("--min-runway", metavar="TIME", help="Sets objectives.min_runway, e.g. '6 months'.")
@click.option(
    "--max-cost-per-thousand-users",
    metavar="USD",
    help="Sets objectives.max_cost_per_thousand_users, a month.",
)
@click.option(
    "--max-runway-loss",
    metavar="TIME",
    help="Sets objectives.max_runway_loss: what a change may cost against OLD.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(STYLES),
    help="Default: table on a terminal, csv when piped.",
)
@click.option("-o", "--output", type=click.Path(), help="Write to this file.")
@force_option
@click.pass_context
def command(
    context: click.Context,
    file: str,
    settings: tuple[str, ...],
    instances: str | None,
    compare: str | None,
    min_runway: str | None,
    max_cost_per_thousand_users: str | None,
    max_runway_loss: str | None,
    style: str | None,
    output: str | None,
    force: bool,
) -> None:
    """Hold FILE against its limits: objectives, utilization, runway, cost.

    With everything up and after each failure that the scenario asks to survive. Exit code 0:
    every gate is kept; 1: one is broken; 2: the input is wrong; 3: no gate is broken, but for
    one there is no verdict. With --compare also what a change costs in runway. JUnit XML and
    GitHub annotations are for CI systems.
    """
    from capcalc.advice.gates import check
    from capcalc.reports.gates import broken_lines, document

    given = {
        "min_runway": min_runway,
        "max_cost_per_thousand_users": max_cost_per_thousand_users,
        "max_runway_loss": max_runway_loss,
    }
    if max_runway_loss is not None and compare is None:
        raise click.UsageError("--max-runway-loss needs --compare OLD to compare with")
    more = [f"objectives.{key}={value}" for key, value in given.items() if value is not None]
    system = read(file, (*settings, *more), instances)
    old = None if compare is None else read(compare, (), instances)
    report = check(system, old)
    if style is None and output is not None and output.endswith(".xml"):
        style = "junit"
    if style == "junit":
        from capcalc.reports.junit import junit

        write(junit(report), output, force)
    elif style == "github":
        from capcalc.reports.annotations import github

        write(github(report, system.inputs.lines), output, force)
    else:
        show(document(report), style, output, force)
    if style != "table":
        for each in broken_lines(report):
            click.echo(each, err=True)
    context.exit(report.exit_code)
