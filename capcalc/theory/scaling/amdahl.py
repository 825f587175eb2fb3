"""Amdahl's law: a fixed piece of work of which a part cannot be shared."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers, broadcast


def speedup(processors: Numbers, serial_fraction: Numbers) -> Numbers:
    r"""How many times faster n processors are, :math:`1 / (s + (1 - s)/n)`.

    Parameters
    ----------
    processors : array_like
        :math:`n \ge 1`.
    serial_fraction : array_like
        :math:`0 \le s \le 1`.

    References
    ----------
    .. [1] G. M. Amdahl, "Validity of the single processor approach to achieving large scale
       computing capabilities", AFIPS Conf. Proc. 30, 1967.

    Examples
    --------
    >>> round(float(speedup(16, 0.05)), 4)
    9.1429
    """
    n, serial = broadcast(processors, serial_fraction)
    with np.errstate(all="ignore"):
        good = (n >= 1) & (serial >= 0) & (serial <= 1)
        return np.where(good, 1.0 / (serial + (1.0 - serial) / n), np.nan)[()]


def efficiency(processors: Numbers, serial_fraction: Numbers) -> Numbers:
    r"""Speedup of each processor, :math:`1 / (1 + s (n - 1))`.

    Parameters
    ----------
    processors, serial_fraction : array_like
        As for :func:`speedup`.

    References
    ----------
    .. [1] G. M. Amdahl, AFIPS Conf. Proc. 30, 1967.

    Examples
    --------
    >>> round(float(efficiency(8, 0.05)), 6)
    0.740741
    """
    n, serial = broadcast(processors, serial_fraction)
    with np.errstate(all="ignore"):
        good = (n >= 1) & (serial >= 0) & (serial <= 1)
        extra = np.where(serial == 0, 0.0, serial * (n - 1.0))
        return np.where(good, 1.0 / (1.0 + extra), np.nan)[()]


def limit(serial_fraction: Numbers) -> Numbers:
    r"""Speedup that no number of processors exceeds, :math:`1/s`.

    Parameters
    ----------
    serial_fraction : array_like
        As for :func:`speedup`.

    References
    ----------
    .. [1] G. M. Amdahl, AFIPS Conf. Proc. 30, 1967.

    Examples
    --------
    >>> float(limit(0.05))
    20.0
    """
    serial = np.asarray(serial_fraction, dtype=float)
    with np.errstate(all="ignore"):
        return np.where((serial >= 0) & (serial <= 1), 1.0 / np.abs(serial), np.nan)[()]
