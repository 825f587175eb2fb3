"""Sums over Zipf ranks: the first one by one, the others by quadrature in the logarithm."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from capcalc.theory.arrays import Array

#: The first three derivatives in the logarithm of the expected requests.
Derivatives: TypeAlias = Callable[[Array], tuple[Array, Array, Array]]
#: Ranks summed one by one, panels of the others, nodes of a panel.
HEAD, PANELS, NODES = 64, 32, 16
_GAUSS, _WEIGHTS = np.polynomial.legendre.leggauss(NODES)
_PLACES = ((np.arange(PANELS)[:, np.newaxis] + 0.5 * (1.0 + _GAUSS)) / PANELS).ravel()
_SHARES = np.tile(0.5 * _WEIGHTS / PANELS, PANELS)
#: Newton steps at most.
STEPS = 200
#: Elements at a time: each has some six hundred nodes.
BLOCK = 256


def solve(capacity: Array, number: Array, exponent: Array, start: Array) -> Array:
    """Logarithm of T/H where the expected contents equal the capacity, from a guess at it."""
    result = np.empty(capacity.shape)
    for first in range(0, capacity.size, BLOCK):
        part = slice(first, first + BLOCK)
        result[part] = _solve(capacity[part], number[part], exponent[part], start[part])
    return result


def hit_ratio(log_scale: Array, number: Array, exponent: Array, total: Array) -> Array:
    """Share of requests for what is there."""
    result = np.empty(log_scale.shape)
    for start in range(0, log_scale.size, BLOCK):
        part = slice(start, start + BLOCK)
        result[part] = _hit_ratio(log_scale[part], number[part], exponent[part], total[part])
    return result


def _solve(capacity: Array, number: Array, exponent: Array, start: Array) -> Array:
    """Newton in the logarithms; as the sum is concave there, monotone after the first step."""
    log_scale = start.copy()
    log_ranks, weights = _ranks(number)
    powers = exponent[:, np.newaxis] * log_ranks
    going = np.ones(capacity.shape, dtype=bool)
    for _ in range(STEPS):
        at = np.flatnonzero(going)
        if not at.size:
            break
        requests = np.exp(log_scale[at, np.newaxis] - powers[at])
        gone = np.exp(-requests)
        value = (weights[at] * -np.expm1(-requests)).sum(axis=1)
        value = value + _ends(log_scale[at], number[at], exponent[at], _there)
        slope = (weights[at] * requests * gone).sum(axis=1)
        # no slope is left where all but a rounding error fits
        step = np.log(capacity[at] / value) * value / slope
        step = np.nan_to_num(step, nan=0.0, posinf=0.0, neginf=0.0)
        log_scale[at] += np.clip(step, -3.0, 3.0)
        going[at] = np.abs(step) > 1e-9
    return log_scale


def _hit_ratio(log_scale: Array, number: Array, exponent: Array, total: Array) -> Array:
    log_ranks, weights = _ranks(number)
    requests = np.exp(log_scale[:, np.newaxis] - exponent[:, np.newaxis] * log_ranks)
    found = (weights * requests * -np.expm1(-requests)).sum(axis=1)
    found = found + _ends(log_scale, number, exponent, _asked)
    return np.asarray(found * np.exp(-log_scale) / total)


def _ranks(number: Array) -> tuple[Array, Array]:
    """Logarithms of the ranks at which to evaluate, and the number each stands for."""
    span = np.log(np.maximum(number + 0.5, HEAD + 0.5) / (HEAD + 0.5))[:, np.newaxis]
    tail = np.log(HEAD + 0.5) + span * _PLACES
    head = np.arange(1, HEAD + 1)
    there = (head <= number[:, np.newaxis]).astype(float)
    logs = np.broadcast_to(np.log(head), there.shape)
    return (
        np.concatenate([logs, tail], axis=1),
        np.concatenate([there, np.exp(tail) * span * _SHARES], axis=1),
    )


def _ends(log_scale: Array, number: Array, exponent: Array, derivatives: Derivatives) -> Array:
    """Euler-Maclaurin's derivatives at both ends of the quadrature (midpoint form)."""
    here = _end(log_scale, np.full(number.shape, HEAD + 0.5), exponent, derivatives)
    there = _end(log_scale, number + 0.5, exponent, derivatives)
    return np.where(number > HEAD, there - here, 0.0)


def _end(log_scale: Array, rank: Array, exponent: Array, derivatives: Derivatives) -> Array:
    """The correction at one end."""
    first, second, third = derivatives(np.exp(log_scale - exponent * np.log(rank)))
    cubic = exponent * (2.0 * first + exponent * (3.0 * second + exponent * third))
    return np.asarray(exponent * first / (24.0 * rank) - 7.0 / 5760.0 * cubic / rank**3)


def _there(w: Array) -> tuple[Array, Array, Array]:
    """Derivatives of 1 - exp(-w) in log w."""
    gone = np.exp(-w)
    return w * gone, w * (1.0 - w) * gone, w * (1.0 - 3.0 * w + w * w) * gone


def _asked(w: Array) -> tuple[Array, Array, Array]:
    """Derivatives of w (1 - exp(-w)) in log w."""
    found = -np.expm1(-w)
    first, second, third = _there(w)
    return (
        w * (found + first),
        w * (found + 2.0 * first + second),
        w * (found + 3.0 * first + 3.0 * second + third),
    )
