"""Values given from outside (``--set PATH=VALUE``), put into the tree before it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from capcalc.errors import CapcalcError, Problem
from capcalc.scenarios.document import Document, Path
from capcalc.scenarios.nodes import read
from capcalc.scenarios.words import did_you_mean, dotted, shown

#: Mappings whose names the file fixes: a setting changes what is there.
_FIXED = {("tiers",): "tiers are", ("demand", "requests"): "classes are"}


def apply(document: Document, settings: Mapping[str, str]) -> None:
    """Put every setting into the document's tree; what cannot be done is noted in ``found``."""
    for name, text in settings.items():
        path = tuple(name.split("."))
        try:
            value = read(text, _file(path))
        except CapcalcError as error:
            document.found += [_no_value(path, text, problem) for problem in error.problems]
            continue
        document.found += value.found or _put(document, path, value.tree)


def _file(path: Path) -> str:
    """What stands for the file's name in messages."""
    return f"--set {dotted(path)}"


def _no_value(path: Path, text: str, problem: Problem) -> Problem:
    if text.strip():
        return Problem(file=_file(path), message=problem.message, hint=problem.hint)
    hint = f"write {dotted(path)}=VALUE"
    return Problem(file=_file(path), message="a value is missing", hint=hint)


def _put(document: Document, path: Path, value: Any) -> list[Problem]:
    document.settings[path] = _file(path)
    node = document.tree
    for depth, part in enumerate(path[:-1]):
        wrong = _wrong(document, node, path, depth)
        if wrong:
            return wrong
        node = node.setdefault(part, {})
    wrong = _wrong(document, node, path, len(path) - 1)
    if not wrong:
        node[path[-1]] = value
    return wrong


def _wrong(document: Document, node: Any, path: Path, depth: int) -> list[Problem]:
    """Why the path cannot go on from this node, if it cannot."""
    above, part = path[:depth], str(path[depth])
    if not isinstance(node, dict):
        place = dotted(above) or "the file"
        return [document.problem(path, f"{place} is one value: there is nothing below it")]
    if above in _FIXED and part not in node:
        hint = did_you_mean(part, node, _FIXED[above])  # type: ignore[index]
        return [document.problem(path, f"there is no {shown(part)} in the file", hint)]
    if not part:
        return [document.problem(path, "this is no path", "write e.g. tiers.web.hosts=8")]
    return []
