"""YAML text to a plain tree, with the line and column of every key and value."""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from capcalc.errors import Problem, ScenarioError
from capcalc.scenarios.document import Document, Path, Place
from capcalc.scenarios.words import shown

MOST_BYTES = 1_000_000
MOST_NODES = 20_000
DEEPEST = 40

_STANDARD = "tag:yaml.org,2002:"
_TEXTS = ("str", "timestamp", "value")


class _TooMuchError(Exception):
    """More nodes than any scenario has."""


class _CountingComposer(Composer):
    """Stops while the file is read, before memory does."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self.warn_double_anchors = False
        self.composed = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.composed += 1
        if self.composed > MOST_NODES:
            raise _TooMuchError
        return super().compose_node(parent, index)


def decode(content: bytes, file: str) -> str:
    """The text of a file that is UTF-8, not empty, not binary and not too large.

    Raises
    ------
    ScenarioError
        In words, when it is none of these.
    """
    if len(content) > MOST_BYTES:
        raise _refused(file, "the file is larger than 1 MB", "a scenario is a few kB of YAML")
    if b"\0" in content:
        raise _refused(file, "this is a binary file", "a scenario is a YAML text in UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(file, "this is not UTF-8 text", "save it as UTF-8", line) from None


def read(text: str, file: str) -> Document:
    """Read one YAML document into plain dicts, lists and scalars.

    Parameters
    ----------
    text : str
        The YAML text.
    file : str
        Its name, for messages.

    Returns
    -------
    Document
        The tree, and where everything stands; duplicate keys are among its ``problems``.

    Raises
    ------
    ScenarioError
        When the text is empty, no YAML, several documents, too deep or too large.
    """
    root = _composed(text, file)
    if root is None or (isinstance(root, ScalarNode) and root.value == ""):
        raise _refused(file, "the file is empty", "start from an example, e.g. `capcalc init`")
    tree = _Tree(file)
    try:
        plain = tree.plain(root, ())
    except (_TooMuchError, RecursionError):
        raise _too_much(file) from None
    return Document(tree=plain, file=file, keys=tree.keys, values=tree.values, found=tree.found)


def _composed(text: str, file: str) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _CountingComposer
    yaml.max_depth = DEEPEST
    try:
        return yaml.compose(text)
    except (_TooMuchError, RecursionError, MaxDepthExceededError):
        raise _too_much(file) from None
    except MarkedYAMLError as error:
        raise _no_yaml(error, file) from None
    except ReaderError as error:
        message = f"the character {shown(error.character)} is not allowed in YAML"
        raise _refused(file, message, line=text.count("\n", 0, error.position) + 1) from None
    except (YAMLError, ValueError, IndexError, AssertionError, AttributeError) as error:
        raise _refused(file, f"this is not YAML that can be read: {error}") from None


def _no_yaml(error: MarkedYAMLError, file: str) -> ScenarioError:
    mark = error.problem_mark or error.context_mark
    place = (mark.line + 1, mark.column + 1) if mark else (None, None)
    reason = error.problem or error.context or "it cannot be read"
    if "another document" in reason:
        return _refused(file, "several documents in one file", "keep one a file", *place)
    hint = "indent with spaces, not tabs" if "\\t" in reason else ""
    return _refused(file, f"this is not valid YAML: {reason}", hint, *place)


def _too_much(file: str) -> ScenarioError:
    message = f"the file is nested deeper than {DEEPEST} or holds more than {MOST_NODES} values"
    return _refused(file, message, "aliases count as often as they are used")


def _refused(
    file: str, message: str, hint: str = "", line: int | None = None, column: int | None = None
) -> ScenarioError:
    return ScenarioError(Problem(message=message, file=file, line=line, column=column, hint=hint))


class _Tree:
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
            raise _TooMuchError
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
        key = ".".join(str(part) for part in path)
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
