"""Traffic equations: expected visits to every node of a network of calls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Numbers


def visits(routing: Numbers, entry: Numbers) -> NDArray[np.float64]:
    calls, first = np.asarray(routing, dtype=float), np.asarray(entry, dtype=float)
    shape = np.broadcast_shapes(calls.shape[:-1], first.shape)
    matrix = np.broadcast_to(np.eye(shape[-1]) - np.swapaxes(calls, -1, -2), (*shape, shape[-1]))
    with np.errstate(all="ignore"):
        solution = np.linalg.solve(matrix, np.broadcast_to(first, shape)[..., np.newaxis])[..., 0]
    return np.where((solution < 0).any(-1, keepdims=True), np.nan, solution)
