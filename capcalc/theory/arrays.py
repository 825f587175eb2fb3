"""What all formulas share: the type of a number, and element-wise helpers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

#: One value, or an array of them; everything broadcasts.
Numbers: TypeAlias = float | NDArray[np.float64]
Array: TypeAlias = NDArray[np.float64]

#: Elements worked on at a time, so that intermediate arrays stay in the cache.
CHUNK = 16_384
_SPLITTER = 134217729.0  # 2**27 + 1


def broadcast(*values: Numbers) -> tuple[Array, ...]:
    """The values as arrays of floats in their common shape."""
    return tuple(np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values)))


def two_product(first: Numbers, second: Numbers) -> tuple[Array, Array]:
    """Product of two numbers as a rounded value and its exact error.

    References
    ----------
    .. [1] T. J. Dekker, "A floating-point technique for extending the available precision",
       Numer. Math. 18, 1971, sec. 5.
    """
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    with np.errstate(all="ignore"):
        product = first * second
        one, two = _SPLITTER * first, _SPLITTER * second
        high_1, high_2 = one - (one - first), two - (two - second)
        low_1, low_2 = first - high_1, second - high_2
        error = ((high_1 * high_2 - product) + high_1 * low_2 + low_1 * high_2) + low_1 * low_2
    return product, np.where(np.isfinite(error), error, 0.0)


def spare_rate(arrival_rate: Numbers, service_rate: Numbers, servers: Numbers) -> Array:
    r"""The rate left over, :math:`c\mu - \lambda`, rounded once. [1/s]"""
    product, error = two_product(servers, service_rate)
    with np.errstate(all="ignore"):
        spare: Array = (product - np.asarray(arrival_rate, dtype=float)) + error
        return spare


def per_host(arrival_rate: Numbers, hosts: Numbers) -> Array:
    """The rate at one of n hosts that share all alike; ``nan`` for less than one. [1/s]"""
    rate, count = broadcast(arrival_rate, hosts)
    with np.errstate(all="ignore"):
        return np.where(count >= 1, rate / count, np.nan)


def places(servers: Numbers, hosts: Numbers) -> Array:
    """Servers of n hosts together; ``nan`` for less than one host or less than one server."""
    each, count = broadcast(servers, hosts)
    with np.errstate(all="ignore"):
        return np.where((each >= 1) & (count >= 1), each * count, np.nan)


def in_turn(terms: Array) -> Array:
    """Sum along the last axis from its start, so that zeros after the end change nothing."""
    total: Array = np.cumsum(terms, axis=-1)[..., -1]
    return total


def by_chunks(function: Callable[..., Array], *values: Numbers) -> Array:
    """Apply a function of flat arrays piece by piece."""
    arrays = broadcast(*values)
    shape, flat = arrays[0].shape, [array.ravel() for array in arrays]
    result = np.empty(flat[0].size)
    for start in range(0, result.size, CHUNK):
        window = slice(start, start + CHUNK)
        result[window] = function(*(array[window] for array in flat))
    return result.reshape(shape)
