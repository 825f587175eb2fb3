"""`capcalc schema`: the JSON Schema of scenario files."""

from __future__ import annotations

import click

from capcalc.cli.epilog import example
from capcalc.cli.output import write
from capcalc.cli.parameters import force_option, output_option


@click.command(name="schema", epilog=example("capcalc schema -o scenario.schema.json"))
@click.option(
    "--sort",
    type=click.Choice(["system", "network"]),
    default="system",
    show_default=True,
    help="Files with tiers, or files with stations and routing.",
)
@output_option
@force_option
def command(sort: str, output: str | None, force: bool) -> None:
    """Print the JSON Schema of scenario files, so that editors complete and check them."""
    import json

    from capcalc.scenarios.schema import json_schema

    write(json.dumps(json_schema(sort), indent=2, ensure_ascii=False) + "\n", output, force)
