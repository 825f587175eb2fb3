r"""M/G/1 by the residual service: a wait is a geometric number of residual services.

.. math:: E e^{-sW} = \frac{1 - \rho}{1 - \rho B_e(s)}, \qquad B_e(s) = \frac{1 - B(s)}{m s}
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.distributions import inversion

Complex: TypeAlias = NDArray[np.complex128]
#: Transforms of the service, of the residual service, and what the latter lacks to 1, at s.
Service: TypeAlias = Callable[[Complex], tuple[Complex, Complex, Complex]]
#: An inversion: survival and density at times.
Inversion: TypeAlias = Callable[[inversion.Transform, Numbers], tuple[Array, Array]]


def survival(
    time: Array, busy: Array, idle: Array, service: Service, invert: Inversion, *, served: bool
) -> tuple[Array, Array]:
    r"""Tail and density of the wait, or of the response if ``served``, of stable queues.

    Parameters
    ----------
    time : ndarray
        :math:`t > 0`, flat like all others. [s]
    busy, idle : ndarray
        :math:`\rho < 1` and :math:`1 - \rho`, each exact to its last digit.
    service : callable
        Of these queues, by points with the axis of nodes first.
    invert : callable
        `inversion.survival_by_hyperbola` or `inversion.survival_by_euler`.
    served : bool
        The response instead of the wait.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7, eq. 5.111.

    Examples
    --------
    >>> def exponential(s):
    ...     return 1 / (1 + s), 1 / (1 + s), s / (1 + s)
    >>> half = np.array([0.5])
    >>> survival(2 * half, half, half, exponential, inversion.survival_by_hyperbola,
    ...          served=True)[0].round(6)
    array([0.606531])
    """

    def transform(s: Complex) -> Complex:
        own, residual, missing = service(s)
        below = idle + busy * missing
        return np.asarray(idle * (own if served else residual) / below)

    tail, density = invert(transform, time)
    share = 1.0 if served else busy
    return np.asarray(np.clip(share * tail, 0.0, 1.0)), np.asarray(share * density)


def cdf(time: Array, busy: Array, idle: Array, law: Callable[..., Array], served: bool) -> Array:
    """Probability by time: all in the domain, who does not wait at once, saturated ones never.

    Parameters
    ----------
    time, busy, idle : ndarray
        Of one shape; ``nan`` out of the domain.
    law : callable
        Tail at flat times of the elements of a mask.
    served : bool
        The response instead of the wait.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> cdf(np.zeros(1), np.array([0.4]), np.array([0.6]), lambda part, time: time, served=False)
    array([0.6])
    """
    stable = idle > 0
    result = np.where(np.isnan(busy + time), np.nan, 0.0)
    inside = stable & (time > 0) & (time < np.inf)
    if inside.any():
        result[inside] = 1.0 - law(inside, time[inside])
    result[stable & (time == np.inf)] = 1.0
    result[stable & (time == 0) & (not served)] = idle[stable & (time == 0) & (not served)]
    return result


def quantile(
    level: Array,
    busy: Array,
    idle: Array,
    mean: Array,
    law: Callable[..., tuple[Array, Array]],
    served: bool,
) -> Array:
    """The time that a share does not exceed.

    Parameters
    ----------
    level, busy, idle, mean : ndarray
        Of one shape; the mean response is where the search starts. [s]
    law : callable
        Tail and density at flat times of the elements of a mask.
    served : bool
        The response instead of the wait.

    References
    ----------
    .. [1] L. Kleinrock, *Queueing Systems, vol. 1: Theory*, Wiley, 1975, sec. 5.7.

    Examples
    --------
    >>> quantile(np.array([0.5]), np.array([0.4]), np.array([0.6]), np.ones(1), print, served=False)
    array([0.])
    """
    good = (level >= 0) & (level < 1) & ~np.isnan(busy)
    stable = good & (idle > 0)
    result = np.where(good, np.inf, np.nan)
    zero = stable & ((level == 0) | ((level <= idle) & (not served)))
    result[zero] = 0.0
    some = stable & ~zero
    if some.any():
        result[some] = inversion.quantile(lambda time: law(some, time), level[some], mean[some])
    return result
