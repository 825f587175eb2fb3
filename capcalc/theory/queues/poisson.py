"""Poisson sums around their mode: terms to full precision at any mean."""

from __future__ import annotations

import numpy as np

from capcalc.theory.arrays import Array, in_turn
from capcalc.theory.queues import geometric

#: Terms further from the mean than so many standard deviations are below 1e-18.
WIDTH = 9.5
#: Numbers in one array of terms.
CELLS = 1 << 20


def tail_of_powers(x: Array, ratio: Array, missing: Array, count: Array) -> tuple[Array, Array]:
    r"""Mean over k, Poisson of mean x, of what powers from k on have of all of them.

    .. math:: \sum_{k<m} e^{-x} \frac{x^k}{k!} \, \frac{\rho^k + \dots + \rho^{m-1}}
              {1 + \dots + \rho^{m-1}}

    the probability that an Erlang sum of as many steps as a truncated geometric number is
    above x.

    Parameters
    ----------
    x, ratio, missing, count : ndarray, flat
        :math:`x \ge 0`; :math:`\rho` and :math:`1 - \rho`; :math:`m \ge 1`, a whole number.

    Returns
    -------
    tail, density : ndarray
        The sum and minus its derivative in x, :math:`\sum_{k<m} e^{-x} \frac{x^k}{k!}
        \frac{\rho^k}{1 + \dots + \rho^{m-1}}`.

    References
    ----------
    .. [1] B. L. Fox, P. W. Glynn, "Computing Poisson probabilities", Comm. ACM 31, 1988.

    Examples
    --------
    >>> tail_of_powers(*np.array([[2.0], [0.5], [0.5], [1.0]]))[0].round(6)
    array([0.135335])
    """
    low = np.floor(np.maximum(x - WIDTH * np.sqrt(x) - 2.0, 0.0))
    high = np.floor(x + WIDTH * np.sqrt(x) + 40.0)
    width = int((high - low).max()) + 1
    tail, density = np.empty(x.shape), np.empty(x.shape)
    step = max(1, CELLS // width)
    for start in range(0, x.size, step):
        some = slice(start, start + step)
        tail[some], density[some] = _part(
            x[some], ratio[some], missing[some], count[some], low[some], width
        )
    return tail, density


def _part(
    x: Array, ratio: Array, missing: Array, count: Array, low: Array, width: int
) -> tuple[Array, Array]:
    k = low[:, np.newaxis] + np.arange(width)
    terms = _terms(x[:, np.newaxis], k)
    base, gap, whole = (each[:, np.newaxis] for each in (ratio, missing, count))
    left = np.maximum(whole - k, 0.0)
    logged = np.where(base == 0, 0.0, geometric.log_ratio(base, gap))
    # of powers that fall the first counts most, of those that grow the last
    drop = np.where(gap < 0, 0.0, np.exp(np.where(left > 0, k * logged, 0.0)))
    drop = np.where(gap < 0, 1.0, drop)
    whole_sum = geometric.powers(ratio, missing, count)[:, np.newaxis]
    share = drop * geometric.powers(base, gap, left) / whole_sum
    one = np.where(gap < 0, np.exp(np.where(left > 0, -left * logged, -np.inf)), drop)
    one = np.where(left > 0, one / whole_sum, 0.0)
    return in_turn(terms * share), in_turn(terms * one)


def _terms(x: Array, k: Array) -> Array:
    """Poisson probabilities in a window that holds all but 1e-18, normalised to 1."""
    mode: Array = np.floor(x)
    with np.errstate(all="ignore"):
        # ratios of neighbours, multiplied outward from the mode
        up = np.where(k > mode, x / np.maximum(k, 1.0), 1.0)
        down = np.where(k < mode, (k + 1.0) / np.where(x == 0, 1.0, x), 1.0)
    rising = np.cumprod(np.where(k > mode, up, 1.0), axis=1)
    falling = np.cumprod(np.where(k < mode, down, 1.0)[:, ::-1], axis=1)[:, ::-1]
    terms: Array = np.asarray(rising * falling, dtype=float)
    return np.asarray(terms / in_turn(terms)[:, np.newaxis])
