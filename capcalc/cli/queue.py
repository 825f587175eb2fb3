"""`capcalc queue`: one station, one line of numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from capcalc.cli import epilog
from capcalc.cli.parameters import output_options, show
from capcalc.cli.stations import PARAMETERS, STATIONS, Parameter, StationModel
from capcalc.units.kinds import KINDS
from capcalc.units.parse import UnitError, parse

if TYPE_CHECKING:
    _Type = click.ParamType[Any]
else:  # older releases know no type arguments
    _Type = click.ParamType


class Quantity(_Type):
    """A number with a unit, as in scenario files; several of them between commas."""

    def __init__(self, parameter: Parameter) -> None:
        """How the number is to be read and where it may lie."""
        self.parameter = parameter
        self.name = parameter.kind

    def convert(self, value: Any, param: Any, ctx: Any) -> float | list[float]:
        """Read it, or say what would be right."""
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]
        if self.parameter.several:
            return [self._single(each.strip(), param, ctx) for each in value.split(",")]
        return self._single(value, param, ctx)

    def _single(self, text: str, param: Any, ctx: Any) -> float:
        wanted = self.parameter
        try:
            number = parse(text, wanted.kind)
        except UnitError as error:
            self.fail(f"{error}; {error.hint}", param, ctx)
        if number < 0 or (wanted.above and number == 0) or (wanted.whole and number % 1):
            needed = "a whole number" if wanted.whole else f"a {KINDS[wanted.kind].noun}"
            least = "above 0" if wanted.above else "from 0"
            self.fail(f"{text} is out of range; {needed} {least} is needed", param, ctx)
        return number


@click.group(
    name="queue",
    epilog=epilog.example("capcalc queue mmc -l 90/s --service-time 100ms --servers 12"),
)
def command() -> None:
    """Answer for one station: how busy, who waits, how long."""


def _option(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    parameter = PARAMETERS[name]
    required = parameter.default is None
    return click.option(
        *parameter.flags,
        name,
        type=Quantity(parameter),
        required=required,
        default=parameter.default,
        show_default=not required,
        help=f"{parameter.help}{' Between commas.' * parameter.several}",
    )


def _register(name: str, model: StationModel) -> None:
    """One calculator: the model's parameters, then the common output options."""

    def run(style: str | None, output: str | None, force: bool, **given: Any) -> None:
        from capcalc.reports.station import document
        from capcalc.solve.station import answer, how

        rates = {key: _formula_value(key, value) for key, value in given.items()}
        parameters = [rates[key] for key in model.parameters]
        found = answer(model.module, parameters, model.questions)
        show(document(model.title, found, how(model.module)), style, output, force)

    wrapped = output_options(run)
    for parameter in reversed(model.parameters):
        wrapped = _option(parameter)(wrapped)
    wrapped.__doc__ = f"{model.title}: {model.help}."
    line = f"capcalc queue {name} {model.example}"
    command.command(name=name, epilog=epilog.example(line))(wrapped)


def _formula_value(name: str, value: Any) -> Any:
    """What the formula takes: the rate that belongs to a time."""
    if not PARAMETERS[name].inverted:
        return value
    return [1 / each for each in value] if isinstance(value, list) else 1 / value


for _name, _model in STATIONS.items():
    _register(_name, _model)
