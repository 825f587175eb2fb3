"""From drafts to what is told: a tree cut at a depth, and all that it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from capcalc.advice.explain.draft import Draft
from capcalc.advice.explain.latex import readable, typeset
from capcalc.results.explanation import Explanation, Step

#: How the source of a formula begins that needs no proof: sums, products, definitions.
DEFINED = "definition"


def explanation(name: str, result: str, draft: Draft, depth: int) -> Explanation:
    """The explanation of one number, its tree no deeper than ``depth`` levels of parts."""
    every = list(_all(draft))
    inputs = {
        (each.path, each.title, each.value): _step(_own_name(each), each, 0, {})
        for each in every
        if each.provenance is not None and each.provenance.kind != "constant"
    }
    sources = (each.source for each in every if each.provenance is None)
    return Explanation(
        name=name,
        result=result,
        step=_step(result.rpartition(".")[2], draft, depth, {}),
        inputs=tuple(inputs.values()),
        assumptions=_grouped(_once(line for each in every for line in each.assumptions)),
        sources=_once(line for line in sources if line and not line.startswith(DEFINED)),
    )


def _own_name(draft: Draft) -> str:
    return draft.path.rpartition(".")[2] or draft.title


def _all(draft: Draft) -> Iterator[Draft]:
    """The number and all below it, each once, depth first."""
    met: set[int] = set()
    waiting = [draft]
    while waiting:
        each = waiting.pop()
        if id(each) not in met:
            met.add(id(each))
            yield each
            waiting += [part for _, part in reversed(each.parts)]


def _once(lines: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))


def _grouped(lines: tuple[str, ...]) -> tuple[str, ...]:
    """What holds for several stations is told once, with all their names."""
    names: dict[str, list[str]] = {}
    for line in lines:
        name, colon, rest = line.partition(": ")
        names.setdefault(rest if colon else "", []).append(name)
    found = []
    for line in lines:
        name, colon, rest = line.partition(": ")
        alike = names[rest] if colon else [name]
        if name == alike[0] or not colon:
            found.append(f"{', '.join(alike)}: {rest}" if colon else line)
    return tuple(found)


def _step(name: str, draft: Draft, depth: int, told: dict[int, int]) -> Step:
    """One step; ``told`` are the drafts told so far, and how deep: those are not told again."""
    above = bool(draft.parts) and told.get(id(draft), 0) >= max(depth, 1)
    shown = () if above or depth <= 0 else draft.parts
    if shown:
        told[id(draft)] = depth
    formula = "; ".join(each for each in (readable(draft.expression), draft.words) if each)
    latex = draft.latex or (typeset(draft.expression) if draft.expression else "")
    return Step(
        name=name,
        path=draft.path,
        title=draft.title,
        value=draft.value,
        kind=draft.kind,
        formula=formula,
        expression=draft.expression,
        words=draft.words,
        latex=latex,
        model=draft.model,
        parts=tuple(_step(part, each, depth - 1, told) for part, each in shown),
        assumptions=draft.assumptions,
        source=draft.source,
        provenance=draft.provenance,
        cut=bool(draft.parts) and not shown,
        above=above,
    )
