"""LRU behind lists of names that have to be passed first, under independent Zipf requests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from capcalc.theory.arrays import Array, Numbers, by_chunks
from capcalc.theory.caches import ranks
from capcalc.theory.caches.ranks import Places, Ranks

#: Most lists, the cache included.
MOST = 16


def hit_ratio(
    capacity: Numbers,
    objects: Numbers,
    exponent: Numbers,
    lists: Numbers = 2,
    names: Numbers | None = None,
) -> Numbers:
    r"""Share of the requests that find their object in a k-LRU cache.

    Each but the last of :math:`k` LRU lists holds names only; a request puts an object into
    the next list if its name was in the one before. For 2-LRU with :math:`g_k = 1 - e^{-pT_k}`:

    .. math:: o = \frac{g_1 g_2}{g_1 + 1 - g_2} \quad (T_1 \le T_2), \qquad o = g_1 g_2
       \quad (T_1 > T_2)

    with :math:`\sum g_1 = C_1`, :math:`\sum o = C`, :math:`h = \sum p\,o`; for more lists
    each list's share of the time takes the place of the next one's :math:`g_1`, and an object
    is taken to be in lists whose times fall by itself. Solved to 1e-10. The approximation
    itself lies at most 1.5e-4 away from simulations of 2-LRU at :math:`C \ge 1000`, 3e-4 above
    at :math:`C = 100` and 2.9e-3 above at :math:`C = 10`; more lists are not measured.

    Parameters
    ----------
    capacity : array_like
        :math:`C \ge 0`. [objects]
    objects : array_like
        :math:`N \ge 1`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.
    lists : array_like
        Whole number of lists, the cache included, 1 (LRU) to 16.
    names : array_like, optional
        Names in each of the lists before the cache, positive; as many as the cache holds
        unless given.

    Returns
    -------
    float or ndarray
        1 where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] N. Gast, B. Van Houdt, "Asymptotically exact TTL-approximations of the cache
       replacement algorithms LRU(m) and h-LRU", Proc. ITC 28, 2016.
    .. [2] V. Martina, M. Garetto, E. Leonardi, Proc. INFOCOM 2014 (the policy).

    Examples
    --------
    >>> hit_ratio(1_000, objects=10_000, exponent=0.8, lists=np.array([1, 2])).round(4)
    array([0.4367, 0.526 ])
    """
    with np.errstate(all="ignore"):
        held = capacity if names is None else names
        return by_chunks(_refined, capacity, objects, exponent, lists, held)[()]


def independent_hit_ratio(
    capacity: Numbers,
    objects: Numbers,
    exponent: Numbers,
    lists: Numbers = 2,
    names: Numbers | None = None,
) -> Numbers:
    r"""The hit ratio of k-LRU if the lists were independent of each other.

    .. math:: o = \frac{g_1 g_2}{1 - g_2 + g_1 g_2}

    An approximation that :func:`hit_ratio` improves upon by up to 1.6e-3 at
    :math:`C \ge 1000`; against simulations of 2-LRU it errs high, by 8e-4 at
    :math:`C = 100` and 3.4e-3 at :math:`C = 10`.

    Parameters
    ----------
    capacity : array_like
        :math:`C \ge 0`. [objects]
    objects : array_like
        :math:`N \ge 1`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.
    lists, names : array_like
        As for :func:`hit_ratio`.

    Returns
    -------
    float or ndarray
        1 where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] V. Martina, M. Garetto, E. Leonardi, "A unified approach to the performance analysis
       of caching systems", Proc. INFOCOM 2014 (k-LRU).

    Examples
    --------
    >>> round(float(independent_hit_ratio(100, objects=10_000, exponent=0.8)), 4)
    0.274
    """
    with np.errstate(all="ignore"):
        held = capacity if names is None else names
        return by_chunks(_independent, capacity, objects, exponent, lists, held)[()]


def characteristic_time(
    capacity: Numbers,
    objects: Numbers,
    exponent: Numbers,
    lists: Numbers = 2,
    names: Numbers | None = None,
) -> Numbers:
    r"""The number of requests for which an object stays in the cache after its last one.

    .. math:: \sum_{i=1}^N o_i = C

    with the :math:`o_i` of :func:`hit_ratio`, an approximation.

    Parameters
    ----------
    capacity : array_like
        :math:`C \ge 0`. [objects]
    objects : array_like
        :math:`N \ge 1`, counted down to a whole number.
    exponent : array_like
        Zipf's :math:`\alpha \ge 0`.
    lists, names : array_like
        As for :func:`hit_ratio`.

    Returns
    -------
    float or ndarray
        Requests; ``inf`` where everything fits, ``nan`` out of the domain.

    References
    ----------
    .. [1] N. Gast, B. Van Houdt, Proc. ITC 28, 2016 (h-LRU).

    Examples
    --------
    >>> round(float(characteristic_time(1_000, 10_000, 0.8, lists=1)), 2)
    1472.48
    """
    with np.errstate(all="ignore"):
        held = capacity if names is None else names
        return by_chunks(_time, capacity, objects, exponent, lists, held)[()]


def _refined(*arguments: Array) -> Array:
    return _solved(True, *arguments)[0]


def _independent(*arguments: Array) -> Array:
    return _solved(False, *arguments)[0]


def _time(*arguments: Array) -> Array:
    return _solved(True, *arguments)[1]


def _solved(
    improved: bool,
    capacity: Array,
    objects: Array,
    exponent: Array,
    lists: Array,
    names: Array,
) -> tuple[Array, Array]:
    """One number of lists after the other; there are few."""
    valid = (lists >= 1) & (lists <= MOST) & (lists == np.floor(lists))
    valid &= (names > 0) | ((names == 0) & (capacity == 0)) | (lists == 1)
    hit, time, part, number = ranks.partial(capacity, objects, exponent, valid)
    for count in np.unique(lists[part]).astype(int):
        same = part[lists[part] == count]
        for at, these in ranks.groups(number[same], exponent[same]):
            place = same[at]
            held = np.minimum(names[place], number[place])
            found = _through(these, capacity[place], held, number[place], count, improved)
            hit[place], time[place] = found
    return hit, time


def _through(
    these: Ranks, capacity: Array, names: Array, number: Array, count: int, improved: bool
) -> tuple[Array, Array]:
    """Hit ratios and times, list by list."""
    found = entered = np.ones(these.log_share.shape)
    previous = np.full(capacity.shape, np.inf)  # which makes the first list plain LRU
    for level in range(1, count + 1):
        size = capacity if level == count else names
        some = np.flatnonzero(size < number)
        one = _List(these, found, entered, previous, some, improved)
        start = np.where(np.isfinite(previous), previous, np.log(size))
        log_time = np.full(capacity.shape, np.inf)
        log_time[some] = ranks.solve(one.contents, size[some], start[some])
        found, entered = one.shares(log_time)
        previous = log_time
    return np.clip(these.per_request(found), 0.0, 1.0), np.exp(log_time)


@dataclass(frozen=True)
class _List:
    """A list behind another one, of which ``previous`` is the logarithm of the time."""

    these: Ranks
    found: Array  # in the list before, at a request
    entered: Array  # in the list before, right after a request
    previous: Array
    some: Places
    improved: bool

    def shares(self, log_time: Array) -> tuple[Array, Array]:
        """Chances to be in the list at a request and right after it."""
        at = np.arange(log_time.size)
        gone, recent, kept = self._kept(log_time, at)
        total = gone + kept * recent
        entered = np.where(total > 0, self.found / total, 1.0)
        return entered * recent, entered

    def contents(self, log_time: Array, at: Places) -> tuple[Array, Array]:
        at = self.some[at]
        requests = np.minimum(self.these.requests(log_time, at), ranks.MANY)
        gone, recent, kept = self._kept(log_time, at)
        total = gone + kept * recent
        late = (log_time >= self.previous[at])[:, np.newaxis] & self.improved
        growth = np.where(late, 1.0 + self.found[at], 1.0)
        there = np.where(total > 0, self.found[at] * recent / total, 1.0)
        slope = np.where(total > 0, requests * gone * self.found[at] * growth / total**2, 0.0)
        return self.these.objects(there, at), self.these.objects(slope, at)

    def _kept(self, log_time: Array, at: Places) -> tuple[Array, Array, Array]:
        r"""Parts of the chance :math:`1 - g + \kappa g` not to be there for the list's own sake.

        An object in this list that is asked for again in time comes from here alone, unless it
        is in the list before as well, with the chance :math:`\kappa` given that time.
        """
        requests = np.minimum(self.these.requests(log_time, at), ranks.MANY)
        gone, recent = np.exp(-requests), -np.expm1(-requests)
        if not self.improved:
            return gone, recent, self.found[at]
        early = (log_time < self.previous[at])[:, np.newaxis]
        both = np.where(recent > 0, self.found[at] / recent, 1.0)
        return gone, recent, np.where(early, self.entered[at], both)
