"""`capcalc cache`: how much a cache of each size would hit."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from capcalc.cli.epilog import example
from capcalc.cli.parameters import output_options, show
from capcalc.errors import Problem, UsageError
from capcalc.units.parse import UnitError, parse

if TYPE_CHECKING:
    from capcalc.results.cache import CacheCurve
    from capcalc.scenarios.traces import Trace

#: As in the table of policies, which is not imported for --help.
POLICIES = ("lru", "fifo", "random", "clock", "lfu", "q-lru", "2-lru", "s3-fifo")
LEAST_KEYS = 1_000


@click.command(
    name="cache", epilog=example("capcalc cache --objects 1M --zipf 0.9 --policy s3-fifo")
)
@click.argument("trace", metavar="[TRACE]", required=False)
@click.option(
    "--log",
    "--format-of-trace",
    "form",
    type=click.Choice(["auto", "keys", "csv", "common", "json"]),
    default="auto",
    show_default=True,
    help="One key a line, CSV, common or combined access log, JSON lines.",
)
@click.option("--column", default="", help="Column of the CSV, or field of the JSON, with the key.")
@click.option(
    "--method",
    "methods",
    multiple=True,
    default=["GET"],
    show_default=True,
    help="Requests that count in access logs; 'any' for all (repeatable).",
)
@click.option("--sizes", help="Capacities in objects between commas, e.g. 100,10k,1M.")
@click.option("--keys", default="1M", show_default=True, help="Keys to follow before sampling.")
@click.option("--objects", help="Instead of a trace: so many objects, e.g. 1M.")
@click.option("--zipf", help="Instead of a trace: Zipf's exponent, e.g. 0.9.")
@click.option("--policy", type=click.Choice(POLICIES), help="Default: lru; a trace is LRU's.")
@output_options
def command(
    trace: str | None,
    objects: str | None,
    zipf: str | None,
    policy: str | None,
    sizes: str | None,
    style: str | None,
    output: str | None,
    force: bool,
    **reading: Any,
) -> None:
    """Hit ratio by cache size, from TRACE (a file or - for standard input) or from popularity.

    TRACE is measured as LRU would serve it, exactly up to 1M distinct keys and by a sample of
    them beyond, in bounded memory; names that end in .gz are unpacked. The key of an access
    log is the whole path with its query. With --objects and --zipf requests are independent.
    """
    from capcalc.reports.cache import document

    capacities = None if sizes is None else [_number("--sizes", each) for each in sizes.split(",")]
    if trace is not None:
        given = {"--objects": objects, "--zipf": zipf, "--policy": policy}
        for flag in (flag for flag, value in given.items() if value is not None):
            _refuse(flag, "a trace has a popularity of its own, and LRU", "leave TRACE out")
        curve = _measured(trace, capacities, **reading)
    elif objects is None or zipf is None:
        _refuse("", "there is nothing to count", "name a trace, or give --objects and --zipf")
    else:
        curve = _modelled(_number("--objects", objects, least=1), zipf, policy, capacities)
    show(document(curve), style, output, force)


def _modelled(
    objects: float, zipf: str, policy: str | None, sizes: list[float] | None
) -> CacheCurve:
    from capcalc.studies.cache_curves import of_popularity

    exponent = _number("--zipf", zipf, least=0)
    return of_popularity(objects, exponent, policy=policy or "lru", sizes=sizes)


def _measured(
    file: str,
    sizes: list[float] | None,
    *,
    form: str,
    column: str,
    methods: tuple[str, ...],
    keys: str,
) -> CacheCurve:
    from capcalc.scenarios.traces import Trace
    from capcalc.studies.cache_curves import of_trace, with_reading

    most_keys = int(_number("--keys", keys, least=LEAST_KEYS))
    gc.enable()  # a trace may be long
    wanted = tuple(method.upper() for method in methods)
    wanted = () if "ANY" in wanted else wanted
    trace = Trace(file=file, form=form, column=column, methods=wanted)
    curve = of_trace(_watched(trace), source=trace.name, sizes=sizes, most_keys=most_keys)
    return with_reading(
        curve,
        form=trace.form,
        unreadable=trace.unreadable,
        first_unreadable=trace.first_unreadable,
        other_methods=trace.other_methods,
    )


def _watched(trace: Trace) -> Iterator[Any]:
    """The blocks, with a bar on a terminal where the file's length is known."""
    blocks = trace.blocks()
    first = next(blocks)
    hidden = not trace.total_bytes or not sys.stderr.isatty()
    with click.progressbar(
        length=trace.total_bytes, label="reading", file=sys.stderr, hidden=hidden
    ) as progress:
        yield first
        for block in blocks:
            progress.update(trace.position() - progress.pos)
            yield block


def _number(flag: str, text: str, least: float = 0.0) -> float:
    try:
        number = parse(text.strip(), "number")
    except UnitError as error:
        raise UsageError(Problem(key=flag, message=str(error), hint=error.hint)) from None
    if not least <= number < float("inf"):
        _refuse(flag, f"{text} is out of range", f"a number from {least:,.0f} is needed")
    return number


def _refuse(flag: str, message: str, hint: str) -> Any:
    raise UsageError(Problem(key=flag, message=message, hint=hint))
