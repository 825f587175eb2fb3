"""`capcalc`: the group, which imports a subcommand only when it runs."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import Any

import click

from capcalc import __version__
from capcalc.cli.epilog import example
from capcalc.errors import CapcalcError

#: Subcommands by name, each in a module of its own, with the line that --help shows.
COMMANDS = {
    "init": "Write a commented example scenario to start from.",
    "solve": "Utilization, latency, bottleneck, headroom and cost of a scenario.",
    "advise": "Scale vertically or horizontally: plans, cost, break-even, reasons.",
    "plan": "What growth breaks when, what to do by then, and what it costs.",
    "check": "Gates for continuous integration: objectives, runway, cost, changes.",
    "failures": "What every single failure does to every tier.",
    "report": "The whole answer as one offline HTML page, with tables and plots.",
    "explain": "How one number came about: formula, inputs, assumptions, source.",
    "fit": "Estimate a scenario's numbers from measurements, with intervals.",
    "validate": "Set the prediction beside measurements, and say why it does not fit.",
    "sweep": "Solve a grid of what-ifs to CSV.",
    "queue": "One-off station calculator: M/M/c, M/G/1, Erlang A, priorities and more.",
    "cache": "Hit ratio by cache size, measured on a trace or from popularity.",
    "network": "Open, closed or mixed network of stations: exact where that is possible.",
    "formula": "The closed form of a model: symbols, assumptions, derivatives, source.",
    "schema": "The JSON Schema of scenario files, for editors.",
}


class Lazy(click.Group):
    """A group whose commands are imported when they are used, so that --help is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order in which people need them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import one command."""
        if name not in COMMANDS:
            return None
        module = import_module(f"capcalc.cli.{name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest command for a misspelt one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], list(COMMANDS), 1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(COMMANDS)}"
            ctx.fail(f"no such command '{args[0]}'; {hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Turn every error that capcalc raises on purpose into its lines and exit code."""
        try:
            return super().invoke(ctx)
        except CapcalcError as error:
            for problem in error.problems:
                click.echo(f"capcalc: {problem}", err=True)
            ctx.exit(error.exit_code)


@click.command(
    cls=Lazy,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=example("capcalc solve bookshop"),
)
@click.version_option(__version__, prog_name="capcalc")
def main() -> None:
    """How much machinery a web system needs: closed forms, in milliseconds."""


def run() -> None:
    """Entry point; a closed pipe or Ctrl-C ends quietly.

    The collector of cyclic garbage finds nothing in a short command and costs a tenth of its
    time, most of it while modules are imported.
    """
    gc.disable()
    try:
        main(prog_name="capcalc")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    run()
