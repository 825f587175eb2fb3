"""`capcalc explain`: how one number came about."""

from __future__ import annotations

import click

from capcalc.cli.epilog import example
from capcalc.cli.parameters import assignment, output_options, read, scenario_options, show


@click.command(
    name="explain",
    epilog=example("capcalc explain bookshop tiers.web.response_p99"),
)
@scenario_options
@click.argument("result", metavar="RESULT")
@click.option(
    "--depth",
    type=click.IntRange(0, 12),
    default=2,
    show_default=True,
    help="Levels of steps to tell.",
)
@output_options
def command(
    file: str,
    settings: tuple[str, ...],
    instances: str | None,
    result: str,
    depth: int,
    style: str | None,
    output: str | None,
    force: bool,
) -> None:
    """Say how RESULT of FILE came about: formula, inputs and where they are from, assumptions.

    RESULT is a path in the answer of `solve`, such as tiers.web.response_p99,
    tiers.db.primary.utilization, requests.browse.p99, tiers.db.lag, headroom or cost; or a
    path of the file, such as tiers.web.hosts. CSV has one row for each step.
    """
    from capcalc.advice.explain import explain
    from capcalc.reports.explanation import document

    system = read(file, settings, instances)
    given = [assignment(text)[0] for text in settings]
    name, lines = _places(file)
    found = explain(system, result, depth=depth, file=name, lines=lines, settings=given)
    show(document(found), style, output, force)


def _places(file: str) -> tuple[str, dict[str, int]]:
    """The name of the file, and the line in which each path of it stands."""
    from capcalc.scenarios import nodes, sources

    found = sources.read(file)
    document = nodes.read(found.text, found.name)
    places = {**document.keys, **document.values}
    return found.name, {".".join(map(str, path)): line for path, (line, _) in places.items()}
