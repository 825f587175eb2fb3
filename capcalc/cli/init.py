"""`capcalc init`: an example to start from."""

from __future__ import annotations

import click

from capcalc.cli.epilog import example
from capcalc.cli.output import write
from capcalc.cli.parameters import force_option


@click.command(name="init", epilog=example("capcalc init newsroom -o my-site.yaml"))
@click.argument("name", required=False, default="bookshop")
@click.option("--list", "listing", is_flag=True, help="List the built-in examples.")
@click.option("-o", "--output", type=click.Path(), help="File to write; default NAME.yaml.")
@force_option
def command(name: str, listing: bool, output: str | None, force: bool) -> None:
    """Write the built-in example NAME (default: bookshop) to NAME.yaml."""
    from capcalc.scenarios import examples

    if listing:
        for each in (*examples.names(), *examples.networks()):
            click.echo(f"{each:<15} {examples.summary(each)}")
        return
    text = examples.text(name)
    target = output or f"{name.removesuffix('.yaml')}.yaml"
    write(text, target, force)
    command = "network" if name.removesuffix(".yaml") in examples.networks() else "solve"
    click.echo(f"wrote {target}; next: capcalc {command} {target}")
