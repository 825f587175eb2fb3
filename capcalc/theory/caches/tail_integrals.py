"""Sums over Zipf ranks as integrals, for caches that hold the most popular objects for sure."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array
from capcalc.theory.caches.exponential_integral import generalized

#: Fewer objects are summed one by one.
FEW = 200
#: The integrals miss less than exp(-28) of what they stand for.
SURE = 28.0
#: Newton steps at most.
STEPS = 100


def worth_trying(number: Array, exponent: Array) -> Array:
    """Where the integrals may hold at all."""
    log_number = np.log(number)
    return np.asarray((number > FEW) & (exponent > 0.02) & (exponent * log_number < 600))


def holds(log_scale: Array, number: Array, exponent: Array) -> Array:
    r"""Where the sums are as flat at their first rank as the integrals suppose.

    By Poisson's formula the integrals miss about :math:`\int \exp(-v x^{-\alpha} - 2\pi i x)
    dx`, whose saddle point is at :math:`x^{\alpha+1} = \alpha v / 2 \pi i`.
    """
    order = exponent + 1.0
    saddle = np.exp((np.log(exponent / (2.0 * np.pi)) + log_scale) / order)
    depth = 2.0 * np.pi * saddle * order / exponent * np.sin(0.5 * np.pi / order)
    tame = np.abs(log_scale - exponent * np.log(number)) < 600
    return np.asarray((np.minimum(np.exp(log_scale), depth) > SURE) & tame)


def solve(capacity: Array, number: Array, exponent: Array) -> Array:
    r"""Logarithm of :math:`v = T/H` where the expected contents equal the capacity.

    With :math:`u = v N^{-\alpha}` and :math:`\nu = 1/\alpha` the contents are

    .. math:: N (1 - e^{-u} + u E_\nu(u)) - e^{-u}/2 - \alpha u e^{-u} / 12 N + \dots

    by the Euler-Maclaurin formula, with the slope :math:`N \nu u E_\nu(u)` in log u.
    """
    log_u = np.log(capacity) - np.log(number) - np.log(_mass(exponent, number))
    going = np.ones(capacity.shape, dtype=bool)
    for _ in range(STEPS):
        at = np.flatnonzero(going)
        if not at.size:
            break
        value, slope = _contents(log_u[at], number[at], exponent[at])
        # no slope is left where all but a rounding error fits
        step = np.log(capacity[at] / value) * value / slope
        step = np.nan_to_num(step, nan=0.0, posinf=0.0, neginf=0.0)
        log_u[at] += np.clip(step, -3.0, 3.0)
        going[at] = np.abs(step) > 1e-9
    return np.asarray(log_u + exponent * np.log(number))


def _mass(exponent: Array, number: Array) -> Array:
    """About H N^(alpha - 1): u of the least popular object is T over N times this."""
    z = (1.0 - exponent) * np.log(number)
    phi = np.where(z != 0, np.expm1(z) / np.where(z != 0, z, 1.0), 1.0)
    return np.asarray((1.0 + np.log(number) * phi) * np.exp(-z))


def _contents(log_u: Array, number: Array, exponent: Array) -> tuple[Array, Array]:
    """Expected contents and their slope in log u."""
    u = np.exp(log_u)
    gone = np.exp(-u)
    integral = np.asarray(generalized(1.0 / exponent, u))
    first, second, third = gone * u, gone * u * (1.0 - u), gone * u * (1.0 - 3.0 * u + u * u)
    value = number * (-np.expm1(-u) + u * integral) - 0.5 * gone
    value = value + _end(number, exponent, first, second, third)
    slope = number * u * integral / exponent + 0.5 * first - exponent * second / (12.0 * number)
    return value, slope


def hit_ratio(log_scale: Array, number: Array, exponent: Array, total: Array) -> Array:
    r"""One less the misses, :math:`\frac{N^{1-\alpha}}{\alpha H} E_{1/\alpha}(u)` and ends."""
    power = exponent * np.log(number)
    u = np.exp(log_scale - power)
    gone = np.exp(-u)
    first = gone * (1.0 - u)
    second = gone * (1.0 - 3.0 * u + u * u)
    third = gone * (1.0 - 7.0 * u + 6.0 * u * u - u**3)
    misses = number * np.asarray(generalized(1.0 / exponent, u)) / exponent + 0.5 * gone
    misses = misses + _end(number, exponent, first, second, third)
    return np.asarray(1.0 - np.exp(-power) * misses / total)


def _end(number: Array, exponent: Array, first: Array, second: Array, third: Array) -> Array:
    """Derivatives at the last rank, from those in the logarithm of u."""
    cubic = exponent * (2.0 * first + exponent * (3.0 * second + exponent * third))
    return np.asarray(-exponent * first / (12.0 * number) + cubic / (720.0 * number**3))
