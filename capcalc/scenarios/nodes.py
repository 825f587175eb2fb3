"""YAML text to a plain tree, with the line and column of every key and value."""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.reader import ReaderError

from capcalc.errors import Problem, ScenarioError
from capcalc.scenarios.document import Document
from capcalc.scenarios.tree import DEEPEST, MOST_NODES, TooMuchError, Tree
from capcalc.scenarios.words import shown

MOST_BYTES = 1_000_000


class _CountingComposer(Composer):
    """Stops while the file is read, before memory does."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self.warn_double_anchors = False
        self.composed = self.nested = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.composed += 1
        self.nested += 1
        if self.composed > MOST_NODES or self.nested > DEEPEST:
            raise TooMuchError
        node = super().compose_node(parent, index)
        self.nested -= 1
        return node


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
    root = compose(text, file)
    if root is None or (isinstance(root, ScalarNode) and root.value == ""):
        raise _refused(file, "the file is empty", "start from an example, e.g. `capcalc init`")
    tree = Tree(file)
    try:
        plain = tree.plain(root, ())
    except (TooMuchError, RecursionError):
        raise _too_much(file) from None
    return Document(tree=plain, file=file, keys=tree.keys, values=tree.values, found=tree.found)


def compose(text: str, file: str) -> Any:
    """The nodes of one YAML document, with their marks; None for an empty text."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _CountingComposer
    try:
        return yaml.compose(text)
    except (TooMuchError, RecursionError):
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
