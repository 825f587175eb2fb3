"""Large sweeps in pieces that stay in the processor's cache, put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from capcalc.model import paths
from capcalc.model.system import System
from capcalc.results.solution import Solution

#: Scenarios solved at a time: intermediate arrays of this length fit a second-level cache.
CHUNK = 16_384
#: With percentiles every scenario holds some hundred complex numbers at once.
CHUNK_WITH_QUANTILES = 1_024


def shape_of(system: System) -> tuple[int, ...]:
    """The common shape of all arrays in a system."""
    return np.broadcast_shapes(*(np.shape(leaf.value) for leaf in paths.numeric(system)))


def parts(system: System, quantiles: bool) -> tuple[Iterator[System], int]:
    """The system cut along its longest axis, and that axis."""
    shape = shape_of(system)
    limit = CHUNK_WITH_QUANTILES if quantiles else CHUNK
    size = int(np.prod(shape))
    if size <= limit:
        return iter((system,)), 0
    axis = int(np.argmax(shape))
    step = max(1, limit * shape[axis] // size)
    return _cut(system, shape, axis, step), axis


def _cut(system: System, shape: tuple[int, ...], axis: int, step: int) -> Iterator[System]:
    arrays = {leaf.path: leaf.value for leaf in paths.numeric(system) if np.ndim(leaf.value)}
    for start in range(0, shape[axis], step):
        window = slice(start, start + step)
        changes = {path: _window(array, shape, axis, window) for path, array in arrays.items()}
        yield system.replace(changes)


def _window(array: Any, shape: tuple[int, ...], axis: int, window: slice) -> Any:
    """The part of an array along one axis of the common shape; whole where it is constant."""
    own = axis - (len(shape) - array.ndim)
    if own < 0 or array.shape[own] == 1:
        return array
    return array[(slice(None),) * own + (window,)]


def joined(solutions: list[Solution], axis: int) -> Solution:
    """The solutions of all parts as one."""
    if len(solutions) == 1:
        return solutions[0]
    whole: Solution = _join(solutions, [solution.shape for solution in solutions], axis)
    return whole


def _join(values: list[Any], shapes: list[tuple[int, ...]], axis: int) -> Any:
    first = values[0]
    if isinstance(first, np.ndarray | np.generic):
        whole = [np.broadcast_to(v, shape) for v, shape in zip(values, shapes, strict=True)]
        return np.concatenate(whole, axis=axis)
    if isinstance(first, tuple) and first and is_dataclass(first[0]):
        return tuple(_join(list(each), shapes, axis) for each in zip(*values, strict=True))
    if isinstance(first, tuple) and first and isinstance(first[0], str):
        return tuple(dict.fromkeys(text for texts in values for text in texts))
    if is_dataclass(first) and not isinstance(first, type):
        names = [field.name for field in fields(first) if field.name != "shape"]
        merged = {name: _join([getattr(v, name) for v in values], shapes, axis) for name in names}
        if isinstance(first, Solution):
            merged["shape"] = np.shape(merged["defined"])
        return replace(first, **merged)
    return first


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """The same results with every number changed."""
    result = value
    if isinstance(value, np.ndarray | np.generic | float):
        result = change(value)
    elif isinstance(value, tuple) and value and is_dataclass(value[0]):
        result = tuple(mapped(each, change) for each in value)
    elif is_dataclass(value) and not isinstance(value, type):
        kept = {
            f.name: mapped(getattr(value, f.name), change)
            for f in fields(value)
            if f.name != "shape"
        }
        result = replace(value, **kept)
    elif isinstance(value, Mapping):
        result = value
    return result
