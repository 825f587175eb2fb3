"""Parts in series, all of which are needed, and in parallel, one of which is enough."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, Numbers


def series(availabilities: Numbers) -> Numbers:
    r"""Availability of independent parts that are all needed, :math:`\prod_i A_i`.

    Parameters
    ----------
    availabilities : array_like
        :math:`A_i`, parts on the last axis.

    References
    ----------
    .. [1] K. S. Trivedi, *Probability and Statistics with Reliability, Queuing, and Computer
       Science Applications*, 2nd ed., Wiley, 2002, sec. 1.11.

    Examples
    --------
    >>> float(series([0.5, 0.5, 0.75]))
    0.1875
    """
    product: Array = np.prod(_shares(availabilities), axis=-1)
    return product[()]


def parallel(availabilities: Numbers) -> Numbers:
    r"""Availability of independent parts any of which is enough, :math:`1 - \prod_i (1 - A_i)`.

    Parameters
    ----------
    availabilities : array_like
        :math:`A_i`, parts on the last axis.

    References
    ----------
    .. [1] K. S. Trivedi, *Probability and Statistics with Reliability, Queuing, and Computer
       Science Applications*, 2nd ed., Wiley, 2002, sec. 1.11.

    Examples
    --------
    >>> float(parallel([0.5, 0.5, 0.75]))
    0.9375
    """
    return series_unavailability(availabilities)


def series_unavailability(unavailabilities: Numbers) -> Numbers:
    r"""Unavailability of parts that are all needed, :math:`-\mathrm{expm1} \sum_i \ln(1 - U_i)`.

    Parameters
    ----------
    unavailabilities : array_like
        :math:`U_i`, parts on the last axis; small ones keep their digits.

    References
    ----------
    .. [1] K. S. Trivedi, *Probability and Statistics with Reliability, Queuing, and Computer
       Science Applications*, 2nd ed., Wiley, 2002, sec. 1.11.

    Examples
    --------
    >>> print(f"{series_unavailability([1e-20, 3e-20]):.12e}")
    4.000000000000e-20
    """
    with np.errstate(all="ignore"):
        found: Array = -np.expm1(np.sum(np.log1p(-_shares(unavailabilities)), axis=-1))
        return (found + 0.0)[()]


def parallel_unavailability(unavailabilities: Numbers) -> Numbers:
    r"""Unavailability of parts any of which is enough, :math:`\prod_i U_i`.

    Parameters
    ----------
    unavailabilities : array_like
        :math:`U_i`, parts on the last axis.

    References
    ----------
    .. [1] K. S. Trivedi, *Probability and Statistics with Reliability, Queuing, and Computer
       Science Applications*, 2nd ed., Wiley, 2002, sec. 1.11.

    Examples
    --------
    >>> float(parallel_unavailability([0.5, 0.25]))
    0.125
    """
    return series(unavailabilities)


def _shares(values: Numbers) -> Array:
    """At least one axis; ``nan`` for what is no probability."""
    shares = np.atleast_1d(np.asarray(values, dtype=float))
    with np.errstate(all="ignore"):
        return np.where((shares >= 0) & (shares <= 1), shares, np.nan)
