"""What commands have in common: the scenario, its settings, the format, where output goes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from capcalc.cli.output import write

if TYPE_CHECKING:
    from capcalc.model.system import System
    from capcalc.reports.document import Document

F = TypeVar("F", bound=Callable[..., Any])

file_argument = click.argument("file", metavar="FILE")

set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change any input, e.g. --set tiers.web.hosts=8 (repeatable).",
)
instances_option = click.option(
    "--instances",
    type=click.Path(dir_okay=False),
    help="Your own instance table: CSV with instance, vcpus, price_usd_per_hour.",
)
format_option = click.option(
    "--format",
    "style",
    type=click.Choice(["table", "csv", "json", "markdown"]),
    help="Default: table on a terminal, csv when piped.",
)
output_option = click.option(
    "-o", "--output", type=click.Path(), help="Write to this file instead of the screen."
)
force_option = click.option("--force", is_flag=True, help="Overwrite an existing output file.")


def scenario_options(function: F) -> F:
    """FILE, --set and --instances."""
    return file_argument(set_option(instances_option(function)))


def output_options(function: F) -> F:
    """--format, -o and --force."""
    return format_option(output_option(force_option(function)))


def read(file: str, settings: tuple[str, ...], instances: str | None) -> System:
    """The system of a file or built-in example, with the settings put in."""
    from capcalc.scenarios.load import load

    return load(file, settings=dict(map(assignment, settings)), instances=instances)


def assignment(text: str) -> tuple[str, str]:
    """Split ``PATH=VALUE``."""
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise click.UsageError(f"'{text}' is not PATH=VALUE, e.g. tiers.web.hosts=8")
    return path.strip(), value.strip()


def show(document: Document, style: str | None, output: str | None, force: bool) -> None:
    """Render in the format asked for, to the screen or to a file."""
    from capcalc.reports import text

    chosen = style or _style_for(output)
    if chosen == "table":
        color = output is None and sys.stdout.isatty()
        rendered = text.terminal(document, width=_width(), color=color)
    else:
        rendered = text.FORMATS[chosen](document)
    write(rendered, output, force)


def _style_for(output: str | None) -> str:
    """By the file's ending, else a table for a person and CSV for a program."""
    endings = {".json": "json", ".md": "markdown", ".csv": "csv", ".txt": "table"}
    if output is not None:
        return endings.get(Path(output).suffix, "csv")
    return "table" if sys.stdout.isatty() else "csv"


def _width() -> int:
    """The terminal's width; wide enough for the tables where there is none."""
    from shutil import get_terminal_size

    return max(80, get_terminal_size((140, 24)).columns)
