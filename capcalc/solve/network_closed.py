"""Closed and mixed networks: exact where they have a product form and fit into memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from capcalc.errors import NoVerdict
from capcalc.results.network import Bound
from capcalc.solve.network_arrays import Arrays
from capcalc.solve.network_found import Found, shares
from capcalc.solve.network_open import without_product_form
from capcalc.theory.arrays import Array

_MEANS = "means only: the law of a cycle is not known"
_EXACT = (
    "product form (convolution), exact",
    (
        "closed network of product form: convolution and mean value analysis that subtract "
        "nothing, exact (Buzen 1973; Reiser, Lavenberg 1980)"
    ),
)
_MIXED = (
    "product form (open and closed classes), exact",
    (
        "open classes take servers away from closed ones and wait behind them: product form, "
        "exact (Lazowska et al. 1984, sec. 7.4)"
    ),
)
_LINEARIZER = (
    "linearizer, an approximation",
    (
        "linearizer (Chandy, Neuse 1982), an approximation: throughput within 0.6 % for single "
        "servers; several servers as one quick server and a delay (Seidmann 1987), which alone "
        "may be 20 % off"
    ),
)


def solve_closed(arrays: Arrays, method: str) -> Found:
    """Mean values of a network with closed classes, by a method of `solve_network`."""
    found = _solved(arrays, method)
    reasons = without_product_form(arrays)
    if reasons:
        text = f"no product form, which is taken all the same: {'; '.join(reasons)}"
        return found.warned(text)
    return found


def _solved(arrays: Arrays, method: str) -> Found:
    if arrays.open_classes:
        return _mixed(arrays)
    if method == "approximate":
        return _approximate(arrays)
    try:
        return _one_class(arrays) if len(arrays.classes) == 1 else _several_classes(arrays)
    except NoVerdict as error:
        if method == "exact":
            raise
        return _approximate(arrays).warned(f"too many populations for an exact answer: {error}")


def _one_class(arrays: Arrays) -> Found:
    from capcalc.theory.networks import convolution

    solved = convolution.solve(
        arrays.populations[..., 0],
        arrays.demands[..., 0, :],
        arrays.think_times[..., 0],
        arrays.servers,
    )
    throughput = np.asarray(solved.throughput)[..., np.newaxis]
    residence, number = solved.residence_time, solved.mean_number
    return _found(
        arrays, _EXACT, throughput, residence[..., np.newaxis, :], number[..., np.newaxis, :]
    )


def _several_classes(arrays: Arrays) -> Found:
    from capcalc.theory.networks import multiclass

    solved = multiclass.solve(
        arrays.populations, arrays.demands, arrays.think_times, arrays.servers
    )
    throughput = np.asarray(solved.throughput)
    return _found(arrays, _EXACT, throughput, solved.residence_time, solved.mean_number)


def _approximate(arrays: Arrays) -> Found:
    from capcalc.theory.networks import linearizer

    solved = linearizer.solve(
        arrays.populations, arrays.demands, arrays.think_times, arrays.servers
    )
    throughput = np.asarray(solved.throughput)
    return _found(arrays, _LINEARIZER, throughput, solved.residence_time, solved.mean_number)


def _mixed(arrays: Arrays) -> Found:
    from capcalc.theory.networks import mixed

    comes, stays = list(arrays.open_classes), list(arrays.closed_classes)
    demands = arrays.demands
    solved = mixed.solve(
        arrays.arrival_rates[..., comes],
        demands[..., comes, :],
        arrays.populations[..., stays],
        demands[..., stays, :],
        arrays.think_times[..., stays],
        arrays.servers,
    )
    throughput = _in_file_order(
        arrays, arrays.arrival_rates[..., comes], np.asarray(solved.closed.throughput), 1
    )
    residence = _in_file_order(arrays, solved.residence_time, solved.closed.residence_time, 2)
    number = _in_file_order(arrays, solved.mean_number, solved.closed.mean_number, 2)
    return _found(arrays, _MIXED, throughput, residence, number)


def _in_file_order(arrays: Arrays, comes: Array, stays: Array, depth: int) -> Array:
    """Open and closed classes back at their places; ``depth`` counts axes from the classes' on."""
    tail = comes.shape[len(comes.shape) - depth + 1 :]
    shape = np.broadcast_shapes(
        comes.shape[: comes.ndim - depth], stays.shape[: stays.ndim - depth]
    )
    result = np.empty((*shape, len(arrays.classes), *tail))
    for classes, part in ((arrays.open_classes, comes), (arrays.closed_classes, stays)):
        for at, place in enumerate(classes):
            index: tuple[Any, ...] = (..., place, *(slice(None),) * (depth - 1))
            taken: tuple[Any, ...] = (..., at, *(slice(None),) * (depth - 1))
            result[index] = part[taken]
    return result


def _found(
    arrays: Arrays, how: Sequence[str], throughput: Array, residence: Array, number: Array
) -> Found:
    return Found(
        method=how[0],
        throughput=throughput,
        residence_time=residence,
        number=number,
        utilization=shares(arrays, throughput),
        percentiles={},
        assumptions=(how[1], _MEANS),
    )


def bounds(arrays: Arrays) -> tuple[Bound, ...]:
    """Asymptotic bounds of each closed class on its own, if there is no other."""
    if len(arrays.classes) != 1 or arrays.open_classes:
        return ()
    from capcalc.theory.networks import bounds as theory

    demands, think = arrays.demands[..., 0, :], arrays.think_times[..., 0]
    found = theory.asymptotic(arrays.populations[..., 0], demands, think, arrays.servers)
    return (
        Bound(
            request_class=arrays.classes[0],
            throughput_low=found.throughput_lower,
            throughput_high=found.throughput_upper,
            saturation_population=theory.knee(demands, think, arrays.servers),
        ),
    )
