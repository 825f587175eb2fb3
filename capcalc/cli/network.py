"""`capcalc network`: a network of stations in, one answer out."""

from __future__ import annotations

import click

from capcalc.cli.epilog import example
from capcalc.cli.parameters import assignment, file_argument, output_options, set_option, show


@click.command(
    name="network",
    epilog=example("capcalc network thread-pool --set classes.users.population=100"),
)
@file_argument
@set_option
@click.option(
    "--method",
    type=click.Choice(["auto", "exact", "approximate"]),
    default="auto",
    show_default=True,
    help="Closed classes: exact while memory allows, always, or by the linearizer.",
)
@output_options
def command(
    file: str,
    settings: tuple[str, ...],
    method: str,
    style: str | None,
    output: str | None,
    force: bool,
) -> None:
    """Solve the open, closed or mixed network of stations in FILE.

    FILE gives classes, stations and routing, or is the name of a built-in example (capcalc init
    --list). Exact wherever a product form exists; where it does not, the answer says which
    approximation it is. A saturated network is an answer: exit code 0.
    """
    from capcalc.reports.network import document
    from capcalc.scenarios.networks import load_network
    from capcalc.solve.network import solve_network

    network = load_network(file, settings=dict(map(assignment, settings)))
    show(document(solve_network(network, method)), style, output, force)
