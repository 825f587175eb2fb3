"""Gustafson's law: work that grows with the machine, in the same time."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Numbers, broadcast


def speedup(processors: Numbers, serial_fraction: Numbers) -> Numbers:
    r"""How much more n processors do in the same time, :math:`s + (1 - s) n`.

    Parameters
    ----------
    processors : array_like
        :math:`n \ge 1`.
    serial_fraction : array_like
        :math:`0 \le s \le 1`, as a share of the time on the parallel machine.

    References
    ----------
    .. [1] J. L. Gustafson, "Reevaluating Amdahl's law", Commun. ACM 31(5), 1988.

    Examples
    --------
    >>> float(speedup(16, 0.05))
    15.25
    """
    n, serial = broadcast(processors, serial_fraction)
    with np.errstate(all="ignore"):
        good = (n >= 1) & (serial >= 0) & (serial <= 1)
        shared = np.where(serial == 1, 0.0, (1.0 - serial) * n)
        return np.where(good, serial + shared, np.nan)[()]
