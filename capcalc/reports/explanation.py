"""An `Explanation` as a document: a derivation down to its inputs, as one writes it on paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from math import isfinite, isnan
from typing import Any

from capcalc.reports.document import Column, Document, Section, Table
from capcalc.reports.facts import SHOWN
from capcalc.results.explanation import Explanation, Step
from capcalc.units import format as human

STEPS = (
    Column(name="name", head="number"),
    Column(name="text", head="value"),
    Column(name="how", head="how"),
)
INPUTS = (
    Column(name="title", head="input"),
    Column(name="text", head="value"),
    Column(name="where", head="from"),
    Column(name="source", head="its source"),
)
FLAT = (
    Column(name="depth", head="depth"),
    Column(name="name", head="name"),
    Column(name="path", head="path"),
    Column(name="title", head="title"),
    Column(name="value", head="value"),
    Column(name="unit", head="unit"),
    Column(name="status", head="status"),
    Column(name="formula", head="formula"),
    Column(name="model", head="model"),
    Column(name="provenance", head="provenance"),
    Column(name="where", head="where"),
    Column(name="source", head="source"),
)
#: What stands before a part for each level above it.
LEVEL = "· "
#: Kinds of inputs that no fact has.
_OTHERS: Mapping[str, tuple[Callable[[float], str], str]] = {
    "price": (lambda value: f"{human.significant(1e9 * value)} USD/GB", "usd/byte"),
    "growth": (lambda value: f"{human.share(value)}/month", "1/month"),
    "text": (str, ""),
}
_KINDS = {**SHOWN, **_OTHERS}


def document(explanation: Explanation) -> Document:
    """The number, its derivation, its inputs, what is assumed, and the sources."""
    step = explanation.step
    return Document(
        title=f"{explanation.name}: {explanation.result} = {text(step)}",
        tables=_tables(explanation),
        sections=[
            Section(title="Station model", sentences=[step.model] if step.model else []),
            Section(
                title="What is assumed, and how far off it may be", sentences=_ended(explanation)
            ),
            Section(title="Sources", sentences=explanation.sources),
            Section(title="How to go on", sentences=_further(step)),
        ],
        flat=Table(name="explanation", title="", columns=FLAT, rows=_flat(explanation)),
        data=_data(explanation),
    )


def _tables(explanation: Explanation) -> list[Table]:
    step = explanation.step
    rows = [_row(depth, each) for depth, each in step.walk()]
    derivation = Table(name="derivation", title=_sentence(step.title), columns=STEPS, rows=rows)
    if step.provenance is not None and not step.parts:
        return [Table(name="inputs", title="Given", columns=INPUTS, rows=[_input(step)])]
    inputs = [_input(each) for each in explanation.inputs]
    title = "All inputs that it hangs on"
    return [derivation, Table(name="inputs", title=title, columns=INPUTS, rows=inputs)]


def _sentence(title: str) -> str:
    return title[:1].upper() + title[1:]


def _row(depth: int, step: Step) -> dict[str, Any]:
    return {"name": f"{LEVEL * depth}{step.name}", "text": text(step), "how": how(step)}


def how(step: Step) -> str:
    """The formula, once in names and once in numbers; or where an input is from."""
    if step.provenance is not None:
        source = f"; its source: {step.provenance.source}" if _said_by_user(step) else ""
        return f"{step.path or step.title}, {step.provenance.says}{source}"
    if step.above:
        return "as above"
    if step.cut and len(step.formula) > LONGEST:
        return "…"
    numbers = _in_numbers(step)
    formula = f"{readable(step)} = {numbers}" if numbers else readable(step)
    told = "; ".join(each for each in (formula, step.words) if each)
    return f"{told} …" if step.cut else told


def readable(step: Step) -> str:
    """The formula without its words."""
    return step.formula.removesuffix(step.words).removesuffix("; ")


#: A longer formula is not told where its parts are not.
LONGEST = 60


def _said_by_user(step: Step) -> bool:
    told = step.provenance
    return told is not None and told.kind != "table" and bool(told.source)


def _in_numbers(step: Step) -> str:
    """The formula with its parts' values in it, where it is short enough to be read."""
    if not step.expression or not step.parts or len(step.parts) > MOST_PARTS:
        return ""
    if step.expression in {part.name for part in step.parts}:
        return ""
    values = {part.name: text(part) for part in step.parts}
    return re.sub(r"[A-Za-z_]\w*", lambda match: values.get(match[0], match[0]), readable(step))


#: More parts than these are not repeated in numbers: they stand below.
MOST_PARTS = 8


def text(step: Step) -> str:
    """A value as a person reads it."""
    value = step.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if not isfinite(value):
        return human.significant(value)
    finer = _FINER.get(step.kind)
    small = step.kind != "money" or abs(value) < SMALL_CHANGE
    return finer(value) if finer and small else _KINDS[step.kind][0](value)


#: Kinds that a derivation tells with more digits than a table.
_FINER: Mapping[str, Callable[[float], str]] = {
    "number": lambda value: human.significant(value, 5),
    "rate": lambda value: f"{human.significant(value, 5)}/s",
    "money": lambda value: f"${human.significant(value, 4)}",
}
#: US dollars below which cents are not enough, as in hourly prices.
SMALL_CHANGE = 10.0


def _input(step: Step) -> dict[str, Any]:
    told = step.provenance
    return {
        "title": step.path or step.title,
        "text": text(step),
        "where": "" if told is None else told.says,
        "source": told.source if told is not None and _said_by_user(step) else None,
    }


def _ended(explanation: Explanation) -> list[str]:
    return [f"{line.rstrip('.')}." for line in explanation.assumptions]


def _further(step: Step) -> list[str]:
    """Where the tree was cut, by the paths that go on."""
    cut = [each.path for _, each in step.walk() if each.cut and not each.above and each.path]
    paths = list(dict.fromkeys(cut))[:MOST_PATHS]
    if not paths:
        return []
    return [f"… is followed up by explaining that step, e.g. {', '.join(paths)}, or by --depth"]


MOST_PATHS = 3


def _flat(explanation: Explanation) -> list[dict[str, Any]]:
    return [
        {**row, "value": _plain(row["value"]), "unit": unit(row["kind"]), "status": _status(row)}
        for row in explanation.rows()
    ]


def unit(kind: str) -> str:
    """The unit of a kind in files."""
    return _KINDS[kind][1]


def _plain(value: float | bool | str) -> float | bool | str | None:
    return None if isinstance(value, float) and isnan(value) else value


def _status(row: Mapping[str, Any]) -> str:
    value = row["value"]
    if not isinstance(value, float) or isfinite(value):
        return "ok"
    return "undefined" if isnan(value) else "saturated"


def _data(explanation: Explanation) -> dict[str, Any]:
    return {
        "name": explanation.name,
        "result": explanation.result,
        **_step(explanation.step),
        "inputs": [_step(each) for each in explanation.inputs],
        "all_assumptions": explanation.assumptions,
        "all_sources": explanation.sources,
    }


def _step(step: Step) -> dict[str, Any]:
    found = {
        "name": step.name,
        "path": step.path or None,
        "title": step.title,
        "value": step.value,
        "unit": unit(step.kind),
        "text": text(step),
        "status": _status({"value": step.value}),
    }
    if step.provenance is not None:
        return {**found, "provenance": asdict(step.provenance)}
    return {
        **found,
        "formula": step.formula,
        "latex": step.latex,
        "model": step.model or None,
        "parts": [_step(each) for each in step.parts],
        "cut": step.cut,
        "above": step.above,
        "assumptions": step.assumptions,
        "source": step.source,
        "provenance": {"kind": "derived", "says": "derived from its parts"},
    }
