"""What is shown of the formulas: sentences, equations as text and as LaTeX."""

from __future__ import annotations

import re

import pytest

from capcalc.errors import UsageError
from capcalc.symbolic.catalogue import MODELS, formula, formulas, listing
from capcalc.symbolic.derivatives import changes
from capcalc.symbolic.formula import Formula, Root
from capcalc.symbolic.notation import ANSWERS
from capcalc.symbolic.page import page
from capcalc.symbolic.printers import beside, inline, latex, pretty
from capcalc.symbolic.typeset import WIDTH, as_latex, as_text

ALL = [each for name in MODELS for each in formulas(name)]
IDS = [f"{each.name}-{each.question}" for each in ALL]


@pytest.mark.parametrize("one", ALL, ids=IDS)
def test_everything_is_said(one: Formula) -> None:
    assert one.title == MODELS[one.name].title
    assert one.meaning
    assert one.assumptions
    assert re.search(r"\b1[89]\d\d\b|\b20\d\d\b", one.source), "a source has a year"
    for sentence in (*one.assumptions, one.validity):
        assert sentence[0].isupper() or sentence[0] == "s", sentence
        assert sentence.endswith("."), sentence
        assert "  " not in sentence
    exact = one.validity.startswith(("Exact", "This bound", "These bounds"))
    assert exact == (one.relation != "≈") or "Exact for" in one.validity, one.validity
    for parameter in one.symbols:
        assert parameter.name.isidentifier()
        assert parameter.meaning
        assert parameter.unit in ("", "s", "1/s", "erlangs")
    names = [each.name for each in one.symbols]
    assert len(set(names)) == len(names)
    for each in one.definitions:
        assert each.meaning
        assert each.value is not None


@pytest.mark.parametrize("name", MODELS)
def test_models_are_whole(name: str) -> None:
    found = formulas(name)
    assert found
    questions = [each.question for each in found]
    assert len(set(questions)) == len(questions)
    for each in found:
        if each.question in ANSWERS:
            assert each.answer == ANSWERS[each.question][0]
        assert formula(name, each.question) is not None


def test_names_are_found() -> None:
    assert formulas("M/M/c") == formulas("mmc") == formulas("MMC")
    assert formulas("erlang_b") == formulas("erlang-b")
    assert formula("mmc", "mean-wait") == formula("mmc", "mean_wait")
    assert formula("mm1", "mean_wait").parameter("lambda") is not None
    assert formula("mm1", "mean_wait").parameter("λ") is not None
    assert formula("mm1", "mean_wait").parameter("servers") is None
    assert len(listing().splitlines()) == len(MODELS)


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (lambda: formulas("mmk"), "did you mean 'mmck'?"),
        (lambda: formulas("zzz"), "there are: mm1, mmc"),
        (lambda: formula("mm1", "mean_wat"), "did you mean 'mean_wait'?"),
        (
            lambda: changes(formulas("mm1"), derivative="servers", elasticity=None),
            "mm1 has no parameter 'servers'",
        ),
        (
            lambda: changes((formula("mm1", "mean_wait"),), derivative=None, elasticity="tim"),
            "mean_wait of mm1 does not depend on 'tim'",
        ),
        (
            lambda: changes((formula("em1", "mean_wait"),), derivative="phases", elasticity=None),
            "there is no closed form of how mean_wait of em1 changes with phases",
        ),
    ],
)
def test_refusals(call: object, part: str) -> None:
    with pytest.raises(UsageError, match=re.escape(part)):
        call()  # type: ignore[operator]


def test_equations_line_up() -> None:
    one = formula("mmc", "mean_wait")
    assert beside("W_q", "≈", one.expression) == [
        "      C(c, a)",
        "W_q ≈ ───────",
        "      c⋅μ - λ",
    ]
    assert (
        pretty(formula("mm1", "response_quantile").expression).splitlines()[0].strip()
        == "-ln(1 - p)"
    )
    assert inline(formula("mm1", "mean_response").expression) == "1/(μ - λ)"
    assert pretty(formula("asymptotic-bounds", "mean_response").expression).startswith("max(D, ")
    assert inline(ANSWERS["prob_loss"][0]) == "P_loss"
    assert latex(one.expression) == r"\frac{C{\left(c,a \right)}}{c \mu - \lambda}"


def test_a_page_of_text() -> None:
    text = as_text(page((formula("mmc", "mean_wait"),)))
    for part in (
        "M/M/c: Poisson arrivals",
        "mean_wait: mean time in queue [s]",
        "where C(c, a) is Erlang C, the share of arrivals that wait",
        "where B(c, a) is Erlang B",
        "  λ  arrival_rate: mean rate of arrivals [1/s]",
        "  • The station is not saturated: λ < cμ.",
        "Validity: Exact under these assumptions.",
        "Source: L. Kleinrock",
    ):
        assert part in text
    assert "time allowed" not in text, "only what occurs is explained"


@pytest.mark.parametrize("name", MODELS)
def test_pages_fit(name: str) -> None:
    text = as_text(page(formulas(name)))
    for line in text.splitlines():
        assert len(line) <= WIDTH + 20, line
        assert line == line.rstrip()
    for each in formulas(name):
        assert f"{each.question}: {each.meaning}" in text.replace("\n", " ")
        for sentence in (*each.assumptions, each.validity, each.source):
            assert sentence in re.sub(r"\s+", " ", text)
    assert "Dummy" not in text


def test_what_holds_for_one_question_stands_beside_it() -> None:
    text = as_text(page(formulas("mmcc")))
    assert text.count("Here the service times are exponential.") == 2
    assert text.count("Requests arrive independently") == 1
    text = as_text(page(formulas("md1")))
    assert text.count("Source: ") == 2


def test_roots_say_where_they_lie() -> None:
    text = as_text(page((formula("em1", "mean_wait"),)))
    assert "where σ is the share of arrivals that wait, the root between 0 and λ/μ of:" in text
    text = as_text(page((formula("mmc", "response_quantile"),)))
    assert "response that a share p does not exceed [s]; tₚ is the root above 0 of" in text.replace(
        "response time", "response"
    )
    assert "1 - p = " in text


def test_changes_say_what_they_are() -> None:
    one = formula("mmc", "mean_wait")
    text = as_text(page((one,), changes((one,), derivative="lambda", elasticity="arrival_rate")))
    assert "derivative of mean_wait by arrival_rate [s per 1/s]" in text
    assert "dW_q/dλ = " in text
    assert "d ln W_q/d ln λ = " in text
    text = as_text(page((one,), changes((one,), derivative="servers", elasticity="c")))
    assert "change of mean_wait with one more of servers [s]" in text
    assert "W_q(c + 1) − W_q(c) = " in text
    assert "W_q(c + 1)/W_q(c) − 1 = " in text
    one = formula("asymptotic-bounds", "throughput")
    text = as_text(page((one,), changes((one,), derivative="think_time", elasticity=None)))
    assert "This is how the bound changes." in text


def test_long_derivatives_come_in_steps() -> None:
    one = formula("mmck", "mean_wait")
    text = as_text(page((one,), changes((one,), derivative="arrival_rate", elasticity=None)))
    assert re.search(r"where \S+ is the derivative of L_q by λ:", text)


def mathtext(inside: str) -> None:
    """Refuse what is not well-formed LaTeX, as far as matplotlib's own typesetter knows it."""

    from matplotlib.mathtext import MathTextParser

    MathTextParser("path").parse(f"${inside}$")


@pytest.mark.parametrize("one", ALL, ids=IDS)
def test_latex_is_well_formed(one: Formula) -> None:
    lefts = [each.left for each in one.definitions if isinstance(each, Root)]
    values = [each.value for each in one.definitions]
    for each in (one.answer, one.expression, *lefts, *values):
        inside = latex(each)
        if r"\begin{cases}" in inside:
            assert one.name in ("gg1", "ggc")
            assert inside.count(r"\begin") == inside.count(r"\end")
        else:
            mathtext(inside)


@pytest.mark.parametrize("name", MODELS)
def test_latex_pages(name: str) -> None:
    text = as_latex(page(formulas(name)))
    assert text.isascii() or set(re.sub(r"[\x00-\x7f]", "", text)) <= set("ü"), text
    for opening, closing in (("{", "}"), (r"\[", r"\]"), (r"\begin{", r"\end{")):
        assert text.count(opening) == text.count(closing)
    prose = re.sub(r"\\\[.*?\\\]|\$.*?\$", "", text)
    assert not re.search(r"(?<!\\)[_^%&#$]", prose), prose
    assert text.count(r"\[") >= len(formulas(name))


def test_latex_of_changes() -> None:
    for name, parameter in (("mm1", "arrival_rate"), ("mmc", "servers"), ("em1", "lambda")):
        one = formula(name, "mean_wait")
        found = page((one,), changes((one,), derivative=parameter, elasticity=parameter))
        for each in found.equations:
            mathtext(f"{each.left[1]} = {latex(each.right)}")
