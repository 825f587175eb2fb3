"""YAML nodes to plain dicts, lists and scalars, their places noted."""

from __future__ import annotations

from typing import Any

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from capcalc.errors import Problem
from capcalc.scenarios.document import Path, Place
from capcalc.scenarios.words import dotted, shown

MOST_NODES = 20_000
DEEPEST = 40

_STANDARD = "tag:yaml.org,2002:"
_TEXTS = ("str", "timestamp", "value")


class TooMuchError(Exception):
    """More values, or deeper ones, than any scenario has."""


class Tree:
    """Nodes to plain values; aliases are copied out, and counted."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self.found: list[Problem] = []
        self._count = 0

    def plain(self, node: Any, path: Path) -> Any:
        """The plain value of a node, its place noted."""
        self._count += 1
        if self._count > MOST_NODES or len(path) > DEEPEST:
            raise TooMuchError
        self.values[path] = _place(node)
        if not _standard(node):
            self._note(node, path, f"the tag {shown(str(node.tag))} is not read", "leave it out")
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.plain(item, (*path, place)) for place, item in enumerate(node.value)]
        return _scalar(node.tag.removeprefix(_STANDARD), node.value)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        plain: dict[str, Any] = {}
        for key, value in node.value:
            if self._is_good(key, path, plain):
                below = (*path, key.value)
                self.keys[below] = _place(key)
                plain[key.value] = self.plain(value, below)
        return plain

    def _is_good(self, key: Any, path: Path, plain: dict[str, Any]) -> bool:
        tag = str(key.tag).removeprefix(_STANDARD)
        if tag == "merge":
            self._note(key, path, "merge keys (<<) are not read", "write the keys out")
        elif not isinstance(key, ScalarNode) or tag not in _TEXTS:
            named = shown(key.value) if isinstance(key, ScalarNode) else "a collection"
            self._note(key, path, f"{named} is no key", "keys are words; quote it if it is a name")
        elif key.value in plain:
            first = self.keys[*path, key.value][0]
            hint = f"it stands in line {first} already"
            self._note(key, (*path, key.value), "the key is given twice", hint)
        else:
            return True
        return False

    def _note(self, node: Any, path: Path, message: str, hint: str) -> None:
        line, column = _place(node)
        key = dotted(path)
        self.found.append(
            Problem(message=message, file=self.file, line=line, column=column, key=key, hint=hint)
        )


def _place(node: Any) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _standard(node: Any) -> bool:
    tag = str(node.tag)
    if isinstance(node, MappingNode):
        return tag == f"{_STANDARD}map"
    if isinstance(node, SequenceNode):
        return tag == f"{_STANDARD}seq"
    names = (*_TEXTS, "int", "float", "bool", "null", "merge")
    return tag in [f"{_STANDARD}{name}" for name in names]


def _scalar(tag: str, text: str) -> Any:
    """A scalar's value; whatever is not a plain number or truth value stays the text it is."""
    try:
        if tag == "int":
            return _whole(text.replace("_", ""))
        if tag == "float":
            return float(_special(text.replace("_", "").lower()))
    except ValueError:
        return text
    if tag == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return None if tag == "null" else text


def _special(text: str) -> str:
    return text.replace(".inf", "inf").replace(".nan", "nan")


def _whole(text: str) -> int:
    bases = {"0x": 16, "0o": 8, "0b": 2}
    return int(text, bases.get(text.lstrip("+-")[:2].lower(), 10))
