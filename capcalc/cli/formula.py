"""`capcalc formula`: the closed form of a model, with its assumptions and its source."""

from __future__ import annotations

import click

from capcalc.cli.epilog import example
from capcalc.cli.output import write
from capcalc.cli.parameters import force_option, output_option


@click.command(
    name="formula",
    epilog=example("capcalc formula mmc mean_wait --derivative arrival_rate"),
)
@click.argument("model", required=False)
@click.argument("question", required=False)
@click.option("--list", "listing", is_flag=True, help="List the models.")
@click.option(
    "--derivative",
    metavar="PARAMETER",
    help="Add the derivative by a parameter, by its name or its symbol.",
)
@click.option(
    "--elasticity",
    metavar="PARAMETER",
    help="Add the per cent of change for one per cent of a parameter.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "latex"]),
    default="text",
    show_default=True,
    help="Lines for a terminal, or a fragment of LaTeX.",
)
@output_option
@force_option
def command(
    model: str | None,
    question: str | None,
    listing: bool,
    derivative: str | None,
    elasticity: str | None,
    style: str,
    output: str | None,
    force: bool,
) -> None:
    """Print the formulas of MODEL, or the one for QUESTION: symbols, assumptions, source."""
    from capcalc.symbolic import catalogue

    if listing:
        write(catalogue.listing(), output, force)
        return
    if model is None:
        raise click.UsageError("which MODEL? capcalc formula --list names them")
    if question is None:
        formulas = catalogue.formulas(model)
    else:
        formulas = (catalogue.formula(model, question),)
    from capcalc.symbolic import derivatives, typeset
    from capcalc.symbolic.page import page

    changes = derivatives.changes(formulas, derivative=derivative, elasticity=elasticity)
    render = typeset.as_latex if style == "latex" else typeset.as_text
    write(render(page(formulas, changes)), output, force)
