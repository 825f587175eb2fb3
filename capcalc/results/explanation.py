"""The answer to `explain`: how one number came about, as a tree of steps down to its inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where an input comes from.

    Attributes
    ----------
    kind : str
        ``given`` in the file, ``setting`` from outside, ``range`` (its middle is used),
        ``default``, ``table`` of instances, ``constant`` or ``scenario`` (in the scenario, but
        not known where, or whether as its default).
    says : str
        The same for a person, e.g. ``bookshop.yaml line 27``.
    line : int or None
        In the file, from 1.
    source : str
        What the file, or the table, says of where it has the value from.
    """

    kind: str
    says: str
    line: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One number: a formula over its parts, or an input with its provenance.

    Attributes
    ----------
    name : str
        What it is called in the formula of which it is a part.
    path : str
        Where it is explained by itself: a path of the answer or of the file; empty for what
        stands in neither.
    title : str
        What it is, in words.
    value : float, bool or str
        In SI units.
    kind : str
        ``duration`` [s], ``rate`` [1/s], ``share``, ``size`` [bytes], ``money`` [USD] …
    formula : str
        How it follows from its parts, in their names.
    expression : str
        The same as arithmetic that can be evaluated; empty where the formula is in words.
    words : str
        The same in words, where it is not arithmetic or needs a word more.
    latex : str
        The same typeset.
    model : str
        The model of the station, where it is a station's number.
    parts : tuple of Step
        What the formula is made of.
    assumptions : tuple of str
        What this step takes for granted, and how far off it may be.
    source : str
        Where the formula is from.
    provenance : Provenance or None
        Of an input.
    cut : bool
        Whether it has parts that are not told here.
    above : bool
        Whether that is because they are told further above.
    """

    name: str
    path: str
    title: str
    value: float | bool | str
    kind: str
    formula: str = ""
    expression: str = ""
    words: str = ""
    latex: str = ""
    model: str = ""
    parts: tuple[Step, ...] = ()
    assumptions: tuple[str, ...] = ()
    source: str = ""
    provenance: Provenance | None = None
    cut: bool = False
    above: bool = False

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Step]]:
        """Itself and all steps below, depth first, with their depths."""
        yield depth, self
        for part in self.parts:
            yield from part.walk(depth + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How one number of one system came about.

    Attributes
    ----------
    name : str
        The system's.
    result : str
        The path that was asked for.
    step : Step
        The number, with its parts to the depth asked for.
    inputs : tuple of Step
        Every input that it hangs on, also below that depth, each once.
    assumptions, sources : tuple of str
        Those of all steps, each once.
    """

    name: str
    result: str
    step: Step
    inputs: tuple[Step, ...]
    assumptions: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def value(self) -> float | bool | str:
        """The number itself, in SI units."""
        return self.step.value

    @property
    def formula(self) -> str:
        """How it follows from its parts."""
        return self.step.formula

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row for each step, as deep as it stands."""
        for depth, step in self.step.walk():
            told = step.provenance
            yield {
                "depth": depth,
                "name": step.name,
                "path": step.path,
                "title": step.title,
                "value": step.value,
                "kind": step.kind,
                "formula": step.formula,
                "model": step.model,
                "provenance": "derived" if told is None else told.kind,
                "where": "" if told is None else told.says,
                "source": step.source if told is None else told.source,
            }

    @property
    def table(self) -> pd.DataFrame:
        """All steps as a DataFrame."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()))
