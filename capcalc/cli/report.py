"""`capcalc report`: the whole answer as one offline page."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from capcalc.cli.epilog import example
from capcalc.cli.output import write
from capcalc.cli.parameters import force_option, output_option, read, scenario_options
from capcalc.errors import NoVerdict, Problem, UsageError

if TYPE_CHECKING:
    from capcalc.model.system import System
    from capcalc.reports.page.answers import Answers

T = TypeVar("T")


@click.command(name="report", epilog=example("capcalc report bookshop -o report.html"))
@scenario_options
@output_option
@force_option
def command(
    file: str,
    settings: tuple[str, ...],
    instances: str | None,
    output: str | None,
    force: bool,
) -> None:
    """Write all answers about FILE into one HTML page, with tables and plots.

    What saturates first, latencies, every single failure, bigger or more machines, growth month
    by month, warnings, assumptions and inputs. The page needs no network and no script; without
    -o it goes to what the output is piped into.
    """
    from capcalc.reports.page.assemble import page

    _check(file, output, force)
    write(page(answers(read(file, settings, instances))), output, force)


def answers(system: System) -> Answers:
    """Ask everything; what has no answer says why."""
    from capcalc.advice.failures import failures
    from capcalc.advice.system import advise
    from capcalc.advice.timeline import plan
    from capcalc.reports.page.answers import Answers
    from capcalc.solve.system import solve

    why: dict[str, str] = {}

    def ask(part: str, question: Callable[[System], T]) -> T | None:
        try:
            return question(system)
        except NoVerdict as error:
            why[part] = "; ".join(map(str, error.problems))
            return None

    return Answers(
        system=system,
        solution=solve(system),
        failures=ask("failures", failures),
        advice=ask("advice", advise),
        timeline=ask("growth", plan),
        unanswered=why,
    )


def _check(file: str, output: str | None, force: bool) -> None:
    """Refuse early what could not be written in the end."""
    if output is None and sys.stdout.isatty():
        hint = f"add -o {Path(file).stem or 'report'}.html, or pipe it somewhere"
        raise UsageError(Problem(message="a page is no text for a terminal", hint=hint))
    if output is not None and Path(output).exists() and not force:
        raise UsageError(Problem(file=output, message="exists", hint="add --force to overwrite it"))
