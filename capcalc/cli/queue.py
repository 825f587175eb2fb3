"""`capcalc queue`: one station, one line of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isnan
from typing import TYPE_CHECKING, Any

import click

from capcalc.cli import epilog
from capcalc.cli.parameters import output_options, show
from capcalc.errors import ScenarioError
from capcalc.units.kinds import KINDS
from capcalc.units.parse import UnitError, parse

F = Callable[..., Any]


if TYPE_CHECKING:
    _FloatType = click.ParamType[float]
else:  # older releases know no type arguments
    _FloatType = click.ParamType


class Quantity(_FloatType):
    """A number with a unit, as in scenario files."""

    def __init__(self, kind: str, *, above: bool = False, whole: bool = False) -> None:
        """``kind`` is a key of `units.kinds.KINDS`."""
        self.name, self.above, self.whole = kind, above, whole

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """Read it, or say what would be right."""
        try:
            number = value if isinstance(value, float) else parse(str(value), self.name)
        except UnitError as error:
            self.fail(f"{error}; {error.hint}", param, ctx)
        if number < 0 or (self.above and number == 0) or (self.whole and number % 1):
            needed = "a whole number" if self.whole else f"a {KINDS[self.name].noun}"
            self.fail(f"{value} is out of range; {needed} above 0 is needed", param, ctx)
        return number


RATE = click.option("--arrival-rate", "-l", type=Quantity("rate"), required=True, help="e.g. 90/s")
SERVICE = click.option(
    "--service-time",
    "-s",
    type=Quantity("duration", above=True),
    required=True,
    help="Mean, of one server, e.g. 100ms",
)
SERVERS = click.option(
    "--servers", "-c", type=Quantity("number", above=True, whole=True), required=True
)
LOAD = click.option(
    "--offered-load", "-a", type=Quantity("number"), required=True, help="Erlangs: rate x time."
)
SCV = click.option("--scv", type=Quantity("number"), default=1.0, help="Of the service time.")


@click.group(
    name="queue",
    epilog=epilog.example("capcalc queue mmc -l 90/s --service-time 100ms --servers 12"),
)
def command() -> None:
    """Answer for one station: how busy, who waits, how long."""


def model(name: str, line: str, *options: Callable[[F], F]) -> Callable[[F], click.Command]:
    """Register a calculator: its parameters, then the common output options."""

    def register(function: F) -> click.Command:
        wrapped = output_options(function)
        for option in reversed(options):
            wrapped = option(wrapped)
        return command.command(name=name, epilog=epilog.example(line))(wrapped)

    return register


@model("mmc", "capcalc queue mmc -l 90/s -s 100ms -c 12 --format json", RATE, SERVICE, SERVERS)
def mmc_command(arrival_rate: float, service_time: float, servers: float, **output: Any) -> None:
    """M/M/c: c servers and one queue."""
    from capcalc.theory.queues import mmc

    _answer("M/M/c", mmc, (arrival_rate, 1 / service_time, servers), output)


@model("mm1", "capcalc queue mm1 -l 8/s -s 100ms", RATE, SERVICE)
def mm1_command(arrival_rate: float, service_time: float, **output: Any) -> None:
    """M/M/1: one server."""
    from capcalc.theory.queues import mm1

    _answer("M/M/1", mm1, (arrival_rate, 1 / service_time), output)


@model("mg1", "capcalc queue mg1 -l 8/s -s 100ms --scv 4", RATE, SERVICE, SCV)
def mg1_command(arrival_rate: float, service_time: float, scv: float, **output: Any) -> None:
    """M/G/1: one server, gamma service of any scv (Pollaczek-Khinchine)."""
    from capcalc.theory.queues import mg1

    _answer("M/G/1", mg1, (arrival_rate, 1 / service_time, scv), output)


@model("erlang-b", "capcalc queue erlang-b -c 20 -a 16", SERVERS, LOAD)
def erlang_b_command(servers: float, offered_load: float, **output: Any) -> None:
    """Erlang B: share of arrivals that find all servers busy and are lost."""
    from capcalc.theory.queues import erlang

    lost = float(erlang.erlang_b(servers, offered_load))
    _show(
        "Erlang B",
        {"prob_loss": lost, "log_prob_loss": float(erlang.log_erlang_b(servers, offered_load))},
        output,
    )


@model("erlang-c", "capcalc queue erlang-c -c 12 -a 9", SERVERS, LOAD)
def erlang_c_command(servers: float, offered_load: float, **output: Any) -> None:
    """Erlang C: share of arrivals that have to wait."""
    from capcalc.theory.queues import erlang

    waits = float(erlang.erlang_c(servers, offered_load))
    _show(
        "Erlang C",
        {"prob_wait": waits, "log_prob_wait": float(erlang.log_erlang_c(servers, offered_load))},
        output,
    )


def _answer(
    title: str, theory: Any, parameters: tuple[float, ...], output: Mapping[str, Any]
) -> None:
    from capcalc.results.solution import PERCENTILES

    questions = (
        "utilization",
        "prob_wait",
        "mean_wait",
        "mean_response",
        "mean_queue_length",
        "mean_number",
    )
    found = {name: float(getattr(theory, name)(*parameters)) for name in questions}
    for name, level in PERCENTILES.items():
        found[f"response_{name}"] = float(theory.response_quantile(level, *parameters))
    _show(title, found, output)


def _show(title: str, found: Mapping[str, float], output: Mapping[str, Any]) -> None:
    if any(isnan(value) for value in found.values()):
        raise ScenarioError("these parameters have no answer")
    from capcalc.reports.station import document

    show(document(title, found), output["style"], output["output"], output["force"])
