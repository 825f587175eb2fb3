"""Whatever is in a file: a system, or an error in words; never anything else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capcalc.errors import CapcalcError
from capcalc.model.paths import in_domain
from capcalc.scenarios import examples, nodes
from capcalc.scenarios.load import loads

BITS = [
    "{", "}", "[", "]", ":", ": ", ",", "\n", "  ", "\t", "-", "- ", "&a ", "*a", "!!str ", "!x ",
    "#", "'", '"', "|", ">", "%", "@", "0", "-1", "1e999", ".nan", "null", "~", "true", "<<: ",
    "8 parsecs", "120%", "[1, 2]", "{value: 1, source: x}", "web", "db", "kind: ", "calls: ",
    "with: web", "hosts: ", "---\n", "...\n", "? ", "\x07", "\u2028", "é", "1_0", "0x1F", "=",
]  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["web", "db", "8ms", "94%", "browse", "lru", "cache", "service", "zone"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["db", "web", "value", "reads", "browse", "x"]), inner)
    ),
    max_leaves=4,
)
QUIET = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def survives(text: str, **given: Any) -> None:
    """Load it; what comes back is valid, what is raised is ours."""
    outcome = attempted(lambda: loads(text, "fuzz.yaml", **given))
    if isinstance(outcome, CapcalcError):
        assert outcome.problems
        assert all(problem.message for problem in outcome.problems)
    else:
        assert in_domain(outcome)


def attempted(load: Callable[[], Any]) -> Any:
    """What is loaded, or the error in words."""
    try:
        return load()
    except CapcalcError as error:
        return error


@QUIET
@given(st.sampled_from(examples.names()), st.data())
def test_texts_with_pieces_exchanged(name: str, data: st.DataObject) -> None:
    text = examples.text(name)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 12))
        bit = data.draw(st.sampled_from(BITS) | st.text(max_size=4))
        text = text[:start] + bit + text[start + length :]
    survives(text)


@cache
def places(name: str) -> list[tuple[str | int, ...]]:
    document = nodes.read(examples.text(name), name)
    return [path for path in document.values if path and all(isinstance(p, str) for p in path)]


def flow(value: Any) -> str:
    """A value as YAML flow text."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {flow(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(flow(each) for each in value)}]"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return {None: "null", True: "true", False: "false"}.get(value, str(value))


@QUIET
@given(st.sampled_from(examples.names()), st.data())
def test_values_exchanged_anywhere(name: str, data: st.DataObject) -> None:
    paths = data.draw(st.lists(st.sampled_from(places(name)), min_size=1, max_size=3))
    settings = {".".join(map(str, path)): flow(data.draw(VALUES)) for path in paths}
    survives(examples.text(name), settings=settings)


@QUIET
@given(st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=3))
def test_settings_of_any_text(given_settings: dict[str, str]) -> None:
    survives(examples.text("saas"), settings=given_settings)


@QUIET
@given(st.text() | st.lists(st.sampled_from(BITS), max_size=30).map("".join))
def test_any_text(text: str) -> None:
    survives(text)


@QUIET
@given(st.binary())
def test_any_bytes(content: bytes) -> None:
    outcome = attempted(lambda: nodes.read(nodes.decode(content, "fuzz.yaml"), "fuzz.yaml"))
    assert not isinstance(outcome, CapcalcError) or outcome.problems
