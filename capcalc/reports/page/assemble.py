"""The whole page: one file that asks nothing of any other place."""

from __future__ import annotations

from collections.abc import Iterator

from capcalc.reports import solution
from capcalc.reports.page import overview
from capcalc.reports.page.advising import advising
from capcalc.reports.page.answers import Answers
from capcalc.reports.page.failing import failing
from capcalc.reports.page.glossary import glossary
from capcalc.reports.page.growing import growing
from capcalc.reports.page.inputs import inputs
from capcalc.reports.page.latency import latency
from capcalc.reports.page.markup import Markup, element, joined
from capcalc.reports.page.style import STYLE
from capcalc.reports.page.tables import sentences, table

#: Nothing may be loaded from anywhere, and no script may run.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)


def page(found: Answers) -> str:
    """The answers as one HTML page: the same text for the same answers.

    Parameters
    ----------
    found : Answers
        What `solve`, `failures`, `advise` and `plan` found of one system.

    Returns
    -------
    str
        HTML5 without scripts, with inline SVG and its own style sheet. All text is escaped.
    """
    parts = list(_parts(found))
    body = element(
        "body",
        element(
            "header",
            element("p", "capacity report", class_="soft"),
            element("h1", found.system.name),
            overview.answer(found),
            _contents(parts),
        ),
        element("main", [_part(*each) for each in parts]),
    )
    whole = element("html", _head(found), body, lang="en")
    return f"<!DOCTYPE html>\n{whole}"


def _head(found: Answers) -> Markup:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="generator", content="capcalc"),
        element("title", f"{found.system.name}: capacity report"),
        element("link", rel="icon", href="data:,"),
        element("style", Markup(STYLE)),
    )


def _parts(found: Answers) -> Iterator[tuple[str, str, Markup]]:
    """Anchor, heading and content; a part that has nothing to say is left out."""
    told = solution.document(found.solution)
    waits = found.unanswered
    made = (
        ("system", "The system", overview.system(found, told)),
        ("first", "What saturates first", overview.first(found, told)),
        ("latency", "Latency", latency(found.solution, told)),
        ("failures", "Single failures", failing(found.failures, waits.get("failures"))),
        ("advice", "Bigger or more machines", advising(found.advice, waits.get("advice"))),
        ("growth", "Growth", growing(found.timeline, waits.get("growth"))),
        ("warnings", "Warnings", sentences(_warnings(found))),
        ("assumptions", "How the numbers were got", sentences(found.solution.assumptions)),
        (
            "defaults",
            "Defaults used",
            sentences(solution.defaults(found.solution.defaults or {})),
        ),
        ("inputs", "Inputs", table(inputs(found.system))),
        ("words", "Words", glossary()),
    )
    yield from (each for each in made if each[2])


def _warnings(found: Answers) -> list[str]:
    """What any of the answers warns of, each once."""
    told = (found.solution, found.failures, found.advice, found.timeline)
    return list(dict.fromkeys(said for each in told if each is not None for said in each.warnings))


def _contents(parts: list[tuple[str, str, Markup]]) -> Markup:
    links = [element("li", element("a", head, href=f"#{name}")) for name, head, _ in parts]
    return element("nav", element("ul", links), aria_label="Contents")


def _part(name: str, head: str, content: Markup) -> Markup:
    return joined(
        element(
            "section",
            element("h2", head, id=f"{name}-head"),
            content,
            id=name,
            aria_labelledby=f"{name}-head",
        )
    )
