"""`capcalc queue`: one station, one line of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from capcalc.cli import epilog
from capcalc.cli.parameters import output_options, show
from capcalc.cli.stations import PARAMETERS, STATIONS, Parameter, StationModel
from capcalc.errors import Problem, UsageError
from capcalc.units.kinds import KINDS
from capcalc.units.parse import UnitError, parse

#: Shares may miss their sum by so much: they are written in decimals.
NEAR = 1e-9

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
    required = parameter.default is None and not parameter.optional
    return click.option(
        *parameter.flags,
        name,
        type=Quantity(parameter),
        required=required,
        default=parameter.default,
        show_default=parameter.default is not None,
        help=f"{parameter.help}{' Between commas.' * parameter.several}",
    )


def _register(name: str, model: StationModel) -> None:
    """One calculator: the model's parameters, then the common output options."""

    def run(style: str | None, output: str | None, force: bool, **given: Any) -> None:
        from capcalc.reports.station import document
        from capcalc.solve.station import answer, how

        taken = {key: _formula_value(key, given[key]) for key in model.parameters}
        parameters = {key: value for key, value in taken.items() if value is not None}
        _fitting(given)
        found = answer(model.module, parameters, model.questions)
        told = how(model.module, parameters, found)
        show(document(model.title, found, told), style, output, force)

    wrapped = output_options(run)
    for parameter in reversed(model.parameters):
        wrapped = _option(parameter)(wrapped)
    wrapped.__doc__ = f"{model.title}: {model.help}."
    line = f"capcalc queue {name} {model.example}"
    command.command(name=name, epilog=epilog.example(line))(wrapped)


def _fitting(given: Mapping[str, Any]) -> None:
    """Lists are as long as one another, and shares make 1."""
    lists = {key: value for key, value in given.items() if isinstance(value, list)}
    longest = max(lists, key=lambda key: len(lists[key]), default="")
    for key, value in lists.items():
        if len(value) not in (1, len(lists[longest])):
            message = f"{len(value)} values, but {PARAMETERS[longest].flags[0]} has "
            hint = "give as many, or one for all"
            flag, count = PARAMETERS[key].flags[0], len(lists[longest])
            raise UsageError(Problem(key=flag, message=f"{message}{count}", hint=hint))
    total = sum(given.get("probabilities", [1.0]))
    if abs(total - 1.0) > NEAR:
        flag = PARAMETERS["probabilities"].flags[0]
        message = f"the shares add up to {total:.6g}"
        raise UsageError(Problem(key=flag, message=message, hint="they must make 1"))


def _formula_value(name: str, value: Any) -> Any:
    """What the formula takes: the rate that belongs to a time."""
    if value is None or not PARAMETERS[name].inverted:
        return value
    return [1 / each for each in value] if isinstance(value, list) else 1 / value


for _name, _model in STATIONS.items():
    _register(_name, _model)
