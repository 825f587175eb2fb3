"""`capcalc failures`: what every single failure does."""

from __future__ import annotations

import click

from capcalc.cli.epilog import example
from capcalc.cli.parameters import output_options, read, scenario_options, show


@click.command(
    name="failures",
    epilog=example("capcalc failures bookshop --set tiers.db.replicas=4"),
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
    """Say what each single failure of FILE does to every tier.

    A lost host of each tier, a replica, the primary, a cache's node, contents or whole, the
    CDN, the session store, a zone: whether what is left is stable, every tier's utilization
    and p99, the share of requests to turn away, how soon it is over, and which objectives
    break. CSV has one row for each failure and tier.
    """
    from capcalc.advice.failures import failures
    from capcalc.reports.failures import document

    show(document(failures(read(file, settings, instances))), style, output, force)
