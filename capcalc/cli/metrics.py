"""Files of measurements on the command line: columns told, read with a bar, in bounded memory."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from capcalc.errors import Problem, UsageError

if TYPE_CHECKING:
    from capcalc.results.measurements import Measurements

F = TypeVar("F", bound=Callable[..., Any])

files_argument = click.argument("metrics", metavar="METRICS...", nargs=-1, required=True)
column_option = click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="NAME=ROLE",
    help="What a column is, e.g. --column 'cpu=utilization web %' or --column 'note=ignore'.",
)
zone_option = click.option(
    "--time-zone", metavar="ZONE", help="Of times without one, e.g. Europe/Berlin (default UTC)."
)
interval_option = click.option(
    "--interval", metavar="TIME", help="Length of the intervals that events are counted in."
)


def _print_roles(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """List what a column may be, and end."""
    if not wanted or context.resilient_parsing:
        return
    from capcalc.results.measurements import ROLES

    width = max(map(len, ROLES))
    for role, meaning in ROLES.items():
        click.echo(f"{role:{width}}  {meaning}")
    context.exit()


roles_option = click.option(
    "--roles",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_roles,
    help="List what a column may be, and exit.",
)
class_option = click.option(
    "--class",
    "classes",
    multiple=True,
    metavar="NAME=REGEX",
    help="Request classes of paths in logs, e.g. --class 'buy=^/(cart|buy)' (repeatable).",
)
tier_option = click.option(
    "--tier", default="", metavar="TIER", help="The tier of columns that do not name one."
)


def reading_options(function: F) -> F:
    """--tier, --column, --roles, --class, --time-zone and --interval."""
    inner = roles_option(class_option(zone_option(interval_option(function))))
    return tier_option(column_option(inner))


def read(
    files: Sequence[str],
    columns: Sequence[str],
    classes: Sequence[str],
    time_zone: str | None,
    interval: str | None,
) -> list[Measurements]:
    """Read all files, one after another, with a bar on a terminal."""
    from capcalc.scenarios.measurements import open_metrics
    from capcalc.studies.measured import measured

    gc.enable()  # files may be long
    roles = dict(map(_role, columns))
    step = None if interval is None else seconds("--interval", interval)
    kinds = dict(map(_class, classes))
    names = {file: [column.name for column in open_metrics(file).columns] for file in files}
    _check(roles, [name for each in names.values() for name in each])
    found = []
    for file in files:
        here = {name.strip().lower() for name in names[file]}
        told = {name: role for name, role in roles.items() if name.lower() in here}
        metrics = open_metrics(file, roles=told, time_zone=time_zone, interval=step, classes=kinds)
        found.append(measured(metrics, _watched(metrics)))
    return found


def _check(roles: Mapping[str, str], names: Sequence[str]) -> None:
    """A column that is told has to be in one of the files."""
    from capcalc.scenarios.measurements.roles import unknown

    wrong = unknown(names, roles)
    if wrong is not None:
        raise wrong


def _role(text: str) -> tuple[str, str]:
    name, equals, role = text.rpartition("=")
    if not equals or not name.strip() or not role.strip():
        raise UsageError(
            Problem(
                key="--column",
                message=f"{text!r} is not NAME=ROLE",
                hint="e.g. --column 'cpu=utilization web %'",
            )
        )
    return name.strip(), role.strip()


def _class(text: str) -> tuple[str, str]:
    name, equals, pattern = text.partition("=")
    if not equals or not name.strip() or not pattern:
        raise UsageError(
            Problem(
                key="--class",
                message=f"{text!r} is not NAME=REGEX",
                hint="e.g. --class 'buy=^/(cart|buy)'",
            )
        )
    return name.strip(), pattern


def seconds(flag: str, text: str) -> float:
    """A length of time that an option tells. [s]"""
    from capcalc.units.parse import UnitError, parse

    try:
        found = parse(text, "duration")
    except UnitError as error:
        raise UsageError(Problem(key=flag, message=str(error), hint=error.hint)) from None
    if not 0 < found < float("inf"):
        raise UsageError(
            Problem(key=flag, message=f"{text} is no length of time", hint="e.g. 1min")
        )
    return found


def _watched(metrics: Any) -> Iterator[Any]:
    """The blocks, with a bar on a terminal where the file's length is known."""
    hidden = not metrics.total_bytes or not sys.stderr.isatty()
    with click.progressbar(
        length=metrics.total_bytes, label=f"reading {metrics.name}", file=sys.stderr, hidden=hidden
    ) as progress:
        for block in metrics.blocks():
            progress.update(metrics.position() - progress.pos)
            yield block
