"""Grids of what-ifs: every combination of values, solved in one pass a piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from capcalc.model import paths
from capcalc.model.system import System
from capcalc.results.solution import Solution
from capcalc.results.sweeps import Sweep
from capcalc.solve.system import solve

if TYPE_CHECKING:
    from capcalc.units.types import Numbers

#: Scenarios in one piece of a streamed sweep.
PIECE = 65_536


def sweep(
    system: System, values: Mapping[str, Sequence[Any] | NDArray[Any]], *, quantiles: bool = False
) -> Sweep:
    """Solve every combination of values.

    Parameters
    ----------
    system : System
        What is not varied.
    values : mapping of path to sequence
        E.g. ``{"tiers.web.hosts": range(1, 65), "tiers.web.instance": ["c7g.large"]}``. The
        outer product is taken, axes in this order. Names (an instance, a policy) change the
        structure and are solved one after another; numbers all at once.
    quantiles : bool
        Whether to compute percentiles too; much more work.

    Returns
    -------
    Sweep
        One row for each scenario in ``.frame``; arrays in ``.solution`` where all axes are
        numbers.

    Raises
    ------
    UsageError
        For a path that does not exist.
    """
    axes = {path: _axis(system, path, given) for path, given in values.items()}
    solutions = tuple(
        solve(system.replace({**names, **grid}), quantiles=quantiles)
        for names, grid in _structures(system, axes)
    )
    return Sweep(axes=axes, names=_named(system, axes), solutions=solutions)


def pieces(
    system: System, values: Mapping[str, Sequence[Any] | NDArray[Any]], *, quantiles: bool = False
) -> Iterator[Sweep]:
    """The same sweep in pieces along its first axis, for grids larger than memory."""
    axes = {path: _axis(system, path, given) for path, given in values.items()}
    first, whole = next(iter(axes.items()))
    others = int(np.prod([len(axis) for path, axis in axes.items() if path != first]))
    step = max(1, (PIECE if not quantiles else PIECE // 16) // max(1, others))
    for start in range(0, len(whole), step):
        yield sweep(system, {**axes, first: whole[start : start + step]}, quantiles=quantiles)


def _axis(system: System, path: str, given: Sequence[Any] | NDArray[Any]) -> NDArray[Any]:
    leaf = paths.find(system, path)
    dtype = float if leaf.quantity is not None else object
    return np.asarray(list(given) if not isinstance(given, np.ndarray) else given, dtype=dtype)


def _named(system: System, axes: Mapping[str, NDArray[Any]]) -> tuple[str, ...]:
    return tuple(path for path in axes if paths.find(system, path).quantity is None)


def _structures(
    system: System, axes: Mapping[str, NDArray[Any]]
) -> Iterator[tuple[dict[str, Any], dict[str, Numbers]]]:
    """Every combination of names, each with the whole grid of numbers."""
    named = _named(system, axes)
    numeric = [path for path in axes if path not in named]
    grid = {
        path: axes[path].reshape([-1 if other == path else 1 for other in numeric])
        for path in numeric
    }
    for combination in product(*(axes[path] for path in named)):
        yield dict(zip(named, combination, strict=True)), dict(grid)


__all__ = ["Solution", "Sweep", "pieces", "sweep"]
