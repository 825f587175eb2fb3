"""`capcalc solve`: one scenario in, one answer out."""

from __future__ import annotations

import click

from capcalc.cli.epilog import example
from capcalc.cli.parameters import output_options, read, scenario_options, show


@click.command(
    name="solve",
    epilog=example("capcalc solve bookshop --set tiers.web.hosts=8 --format json"),
)
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
    """Report utilization, latency, bottleneck, headroom and cost of FILE.

    FILE is a scenario or the name of a built-in example (capcalc init --list). A saturated
    system is an answer: exit code 0, status "saturated".
    """
    from capcalc.reports.solution import document
    from capcalc.solve.system import solve

    show(document(solve(read(file, settings, instances))), style, output, force)
