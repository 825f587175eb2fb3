"""What priority queues share: capacity left over by each class and those before it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers, two_product

#: Loads are summed to some 1e-31; less than this left over is nothing.
NOTHING = 1e-30


def grid(*values: Numbers) -> tuple[Array, ...]:
    """The values as arrays of floats in their common shape, with a last axis of classes.

    Parameters
    ----------
    *values : array_like
        Numbers of any unit, by class.

    References
    ----------
    .. [1] C. R. Harris et al., "Array programming with NumPy", Nature 585, 2020 (broadcasting).

    Examples
    --------
    >>> [each.shape for each in grid([1, 2], 3)]
    [(2,), (2,)]
    """
    return tuple(
        np.array(each)
        for each in np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(value, dtype=float)) for value in values)
        )
    )


def stations(rates: Numbers, *values: Numbers) -> tuple[Array, ...]:
    """Rates by class, and numbers of the whole station with an axis of one class added.

    Parameters
    ----------
    rates : array_like
        Rates by class. [1/s]
    *values : array_like
        Numbers of the station, without an axis of classes.

    References
    ----------
    .. [1] C. R. Harris et al., "Array programming with NumPy", Nature 585, 2020 (broadcasting).

    Examples
    --------
    >>> [each.tolist() for each in stations([1, 2], 3)]
    [[1.0, 2.0], [3.0, 3.0]]
    """
    flat = (np.asarray(value, dtype=float)[..., np.newaxis] for value in values)
    return grid(rates, *flat)


def spare_loads(rates: Array, speeds: Array) -> Array:
    r"""The part of one server left over, :math:`1 - \sum_{j \le k} \lambda_j / \mu_j`, by class.

    Quotients and sums are carried in pairs of doubles, so that the result is rounded once.

    Parameters
    ----------
    rates, speeds : ndarray
        :math:`\lambda_k`, :math:`\mu_k` in their common shape. [1/s]

    References
    ----------
    .. [1] T. J. Dekker, "A floating-point technique for extending the available precision",
       Numer. Math. 18, 1971.

    Examples
    --------
    >>> spare_loads(np.array([0.25, 0.75]), np.ones(2))
    array([0.75, 0.  ])
    """
    with np.errstate(all="ignore"):
        load = rates / speeds
        product, error = two_product(load, speeds)
        rest = ((rates - product) - error) / speeds
        rest = np.where(np.isfinite(rest), rest, 0.0)
        spare = _less(np.ones(rates.shape[:-1]), load, rest)
        return np.where(np.abs(spare) < NOTHING, 0.0, spare)


def spare_rates(rates: Array, speed: Array, servers: Array) -> Array:
    r"""The rate left over, :math:`c\mu - \sum_{j \le k} \lambda_j`, by class, rounded once.

    Parameters
    ----------
    rates, speed, servers : ndarray
        :math:`\lambda_k`, :math:`\mu` [1/s] and :math:`c` in their common shape.

    References
    ----------
    .. [1] T. J. Dekker, "A floating-point technique for extending the available precision",
       Numer. Math. 18, 1971.

    Examples
    --------
    >>> spare_rates(np.array([0.5, 1.5]), np.ones(2), np.full(2, 2.0))
    array([1.5, 0. ])
    """
    with np.errstate(all="ignore"):
        product, error = two_product(servers, speed)
        return _less(product[..., 0], rates, np.zeros_like(rates), error[..., 0])


def _less(start: Array, parts: Array, rests: Array, low: Numbers = 0.0) -> Array:
    """The start less the running sums of parts and their rests, in pairs of doubles."""
    high, left = start, np.broadcast_to(np.asarray(low, dtype=float), start.shape)
    spare = np.empty(parts.shape)
    for k in range(parts.shape[-1]):
        part = -parts[..., k]
        total = high + part
        seen = total - high
        error = (high - (total - seen)) + (part - seen)
        left = left + (np.where(np.isfinite(error), error, 0.0) - rests[..., k])
        high = total + left
        left = np.where(np.isfinite(high), left - (high - total), 0.0)
        spare[..., k] = high
    return spare


def before(values: Array, first: Numbers) -> Array:
    """Values of the class before; ``first`` for class 0.

    Parameters
    ----------
    values : ndarray
        Numbers by class.
    first : array_like
        For class 0: a number, or an array whose class 0 is taken.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 2: Computer Applications*, Wiley, 1976, sec. 3.1.

    Examples
    --------
    >>> before(np.array([1.0, 2.0, 3.0]), 0.0)
    array([0., 1., 2.])
    """
    shifted = np.empty(values.shape)
    shifted[..., :1] = first if np.ndim(first) == 0 else np.asarray(first)[..., :1]
    shifted[..., 1:] = values[..., :-1]
    return shifted


def valid(rates: Array, speeds: Array, others: Array) -> NDArray[np.bool_]:
    """Whether rates, speeds and other non-negative finite numbers have a meaning, by class.

    Parameters
    ----------
    rates, speeds : ndarray
        Rates of arrivals and of services. [1/s]
    others : ndarray
        Numbers that are finite and not negative.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 2: Computer Applications*, Wiley, 1976, sec. 3.1.

    Examples
    --------
    >>> valid(np.array([1.0, -1.0]), np.ones(2), np.ones(2))
    array([ True, False])
    """
    with np.errstate(all="ignore"):
        good: NDArray[np.bool_] = (
            (rates >= 0) & (rates < np.inf) & (speeds > 0) & (others >= 0) & (others < np.inf)
        )
        return good
