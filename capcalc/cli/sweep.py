"""`capcalc sweep`: a grid of what-ifs, piece by piece, to CSV."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from typing import IO, TYPE_CHECKING, Any

import click

from capcalc.cli.epilog import example
from capcalc.cli.output import replacing
from capcalc.cli.parameters import assignment, force_option, read, scenario_options

if TYPE_CHECKING:
    from capcalc.results.sweeps import Sweep


@click.command(
    name="sweep",
    epilog=example(
        "capcalc sweep bookshop --vary tiers.web.hosts=3:12 --vary tiers.cdn.hit_ratio=80%:95%:x4"
    ),
)
@scenario_options
@click.option(
    "--vary",
    "varied",
    multiple=True,
    required=True,
    metavar="PATH=RANGE",
    help="START:STOP[:STEP], START:STOP:xCOUNT or a,b,c (repeatable: all combinations).",
)
@click.option("--quantiles", is_flag=True, help="Percentiles too; much more work.")
@click.option("-o", "--output", type=click.Path(), help="CSV file to write; default: the screen.")
@force_option
def command(
    file: str,
    settings: tuple[str, ...],
    instances: str | None,
    varied: tuple[str, ...],
    quantiles: bool,
    output: str | None,
    force: bool,
) -> None:
    """Solve FILE for every combination of values and write one CSV row for each."""
    from capcalc.studies.ranges import values
    from capcalc.studies.sweep import pieces

    gc.enable()  # a sweep may run for long
    system = read(file, settings, instances)
    axes = {path: values(system, path, text) for path, text in map(assignment, varied)}
    total = 1
    for axis in axes.values():
        total *= len(axis)
    target = nullcontext(sys.stdout) if output is None else replacing(output, force)
    with target as stream:
        _write(stream, pieces(system, axes, quantiles=quantiles), total, output is not None)


def _write(stream: IO[str], parts: Iterator[Sweep], total: int, bar: bool) -> None:
    """Rows piece by piece; a progress bar on the terminal while a file is written."""
    hidden = not bar or not sys.stderr.isatty()
    with click.progressbar(
        length=total, label="scenarios", file=sys.stderr, hidden=hidden
    ) as progress:
        for position, part in enumerate(parts):
            _rows(stream, part.columns(), header=position == 0)
            progress.update(len(part))


def _rows(stream: IO[str], columns: dict[str, Any], *, header: bool) -> None:
    import csv

    from capcalc.reports.text import cell

    writer = csv.writer(stream, lineterminator="\n")
    if header:
        writer.writerow(columns)
    lists = [column.tolist() for column in columns.values()]
    writer.writerows([cell(value) for value in row] for row in zip(*lists, strict=True))
