"""Values put into the text of a YAML file; every other character of it stays as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.nodes import MappingNode, ScalarNode

from capcalc.errors import Problem, ScenarioError
from capcalc.scenarios.document import Path
from capcalc.scenarios.nodes import compose
from capcalc.scenarios.words import dotted


@dataclass(frozen=True, slots=True)
class Edit:
    """New text for the characters from ``start`` to ``end``."""

    start: int
    end: int
    text: str


def edited(text: str, file: str, values: Mapping[Path, str]) -> str:
    """The text with values at their paths exchanged or, where there are none, added.

    Parameters
    ----------
    text : str
        A YAML file that can be read.
    file : str
        Its name, for messages.
    values : mapping of path to str
        What to write, as YAML on one line (flow style).

    Raises
    ------
    ScenarioError
        When a value stands where it cannot be exchanged: behind an alias, or below a list.
    """
    for path, value in values.items():
        edit = _edit(compose(text, file), path, 0, value, text, file)
        text = f"{text[: edit.start]}{edit.text}{text[edit.end :]}"
    return text


def _edit(node: Any, path: Path, depth: int, value: str, text: str, file: str) -> Edit:
    """What to do at a node that stands for ``path[:depth]``."""
    if depth == len(path):
        return Edit(node.start_mark.index, _end(node), value)
    if not isinstance(node, MappingNode):
        return Edit(node.start_mark.index, _end(node), _nested(path[depth:], value))
    for key, below in node.value:
        if key.value == str(path[depth]):
            if below.start_mark.index < key.end_mark.index:
                raise _aliased(path[: depth + 1], key, file)
            if below.start_mark.index == below.end_mark.index:  # nothing stands here yet
                place = text.index(":", key.end_mark.index) + 1
                return Edit(place, place, f" {_nested(path[depth + 1 :], value)}")
            return _edit(below, path, depth + 1, value, text, file)
    return _added(node, f"{path[depth]}: {_nested(path[depth + 1 :], value)}", text)


def _nested(path: Path, value: str) -> str:
    for key in reversed(path):
        value = f"{{{key}: {value}}}"
    return value


def _end(node: Any) -> int:
    """Where the last character of a node's text is; block collections end with their last leaf."""
    if isinstance(node, ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    if isinstance(last, tuple):
        return max(_end(last[0]), _end(last[1]))
    return _end(last)


def _added(node: MappingNode, entry: str, text: str) -> Edit:
    if node.flow_style:
        close = node.end_mark.index - 1
        inner = text[:close].rstrip()
        place = len(inner)
        lead = "" if inner.endswith(("{", ",")) else ","
        return Edit(place, place, f"{lead}{'' if inner.endswith('{') else ' '}{entry}")
    line_end = text.find("\n", _end(node))
    place = len(text) if line_end < 0 else line_end
    newline = "\n"
    if text[place - 1 : place + 1] == "\r\n":
        place, newline = place - 1, "\r\n"
    return Edit(place, place, f"{newline}{' ' * node.start_mark.column}{entry}")


def _aliased(path: Path, key: Any, file: str) -> ScenarioError:
    return ScenarioError(
        Problem(
            file=file,
            line=key.start_mark.line + 1,
            column=key.start_mark.column + 1,
            key=dotted(path),
            message="an alias (*name) stands here, which other places share",
            hint="write the value out, so that it can be measured on its own",
        )
    )
