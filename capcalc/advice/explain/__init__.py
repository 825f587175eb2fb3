"""`explain`: how one number of the answer came about, down to the inputs that it rests on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches

from capcalc.advice.explain import edges, facts, flows, requests, stations, tiers, visits, whole
from capcalc.advice.explain.book import Book
from capcalc.advice.explain.inputs import Origins
from capcalc.advice.explain.tree import explanation
from capcalc.errors import Problem, UsageError
from capcalc.model import paths
from capcalc.model.system import System
from capcalc.results.explanation import Explanation
from capcalc.solve.chunks import shape_of

#: Levels of parts that are told unless another number is asked for.
DEPTH = 2
_NOTHING: Mapping[str, int] = {}


def explain(
    system: System,
    result: str,
    *,
    depth: int = DEPTH,
    file: str = "",
    lines: Mapping[str, int] = _NOTHING,
    settings: Collection[str] = (),
) -> Explanation:
    """How one number came about: formula, inputs with provenance, assumptions, source.

    Parameters
    ----------
    system : System
        One scenario; no field may be an array.
    result : str
        A path in the answer of :func:`solve`, as ``tiers.web.response_p99``,
        ``tiers.db.primary.utilization``, ``requests.browse.p99`` or ``headroom``; a fact, as
        ``tiers.db.lag``; or a path of the file, whose provenance is then told.
    depth : int
        Levels of parts in the tree; inputs, assumptions and sources are those of all levels.
    file : str
        The name of the file for places; as it was loaded, unless given.
    lines : mapping of str to int
        The line of each path that the file gives; as it was loaded, unless given.
    settings : collection of str
        Paths that were given from outside; as it was loaded, unless given.

    Returns
    -------
    Explanation
        Its value is exactly the one that :func:`solve` answers.

    Raises
    ------
    UsageError
        For a path that is neither in the answer nor in the file, with the nearest that are;
        when a field is an array.

    Examples
    --------
    >>> import capcalc as cc
    >>> found = explain(cc.load("bookshop"), "tiers.web.utilization")
    >>> found.formula
    'arrival_rate × service_time / (hosts × servers)'
    >>> round(found.value, 4)
    0.5007
    """
    known = system.inputs
    origins = Origins(
        file=file or known.file, lines=lines or known.lines, settings=settings or known.settings
    )
    book = _book(system, origins)
    path = result.strip()
    if path in book.pages:
        draft = book.draft(path)
    else:
        plain = _without_top(path)
        if not book.has(plain):
            raise _unknown(system, path, dict.fromkeys((*book.pages, *book.inputs())))
        path, draft = plain, book.input(plain)
    return explanation(system.name, path, draft, depth)


def explainable(system: System) -> tuple[str, ...]:
    """Every path of the answer that :func:`explain` knows."""
    return tuple(_book(system, Origins()).pages)


def _book(system: System, origins: Origins) -> Book:
    if shape_of(system):
        raise UsageError("explain takes one scenario, not a sweep of them")
    book = Book(system, origins)
    for room in (stations, flows, visits, edges, requests, whole, tiers, facts):
        book.enter(room.entries(book))
    return book


def _without_top(path: str) -> str:
    """A default or a range of the answer is an input."""
    top, _, rest = path.partition(".")
    return rest if top in ("defaults", "ranges", "inputs") else path


def _unknown(system: System, path: str, known: Iterable[str]) -> UsageError:
    if _may_be_set(system, path):
        hint = f"give it in the file, or try --set {path}=VALUE"
        return UsageError(Problem(key=path, message="has no value in this scenario", hint=hint))
    shown = [each for each in known if not each.startswith(("visits.", "first_visits."))]
    near = get_close_matches(path, shown, 3, 0.6)
    near = near or [each for each in shown if path and path in each][:3]
    hint = f"did you mean {' or '.join(near)}?" if near else _HINT
    return UsageError(Problem(key=path, message="there is no such result or input", hint=hint))


def _may_be_set(system: System, path: str) -> bool:
    """Whether the file could have a value at this path."""
    try:
        paths.find(system, path)
    except UsageError:
        return False
    return True


_HINT = "results are e.g. tiers.web.utilization, requests.browse.p99, headroom, cost"
