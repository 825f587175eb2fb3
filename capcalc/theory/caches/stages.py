"""Any row of caches, from the users' own to the last before the origin, each of what it gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from capcalc.theory.arrays import Array, Numbers
from capcalc.theory.caches.ranks import MANY, ROUNDING, Places, by_rule, ranks, rules, solve

#: Shares below it are rounding.
NOTHING = 1e-14


@dataclass(frozen=True)
class Catalogue:
    """Objects of one kind, and who asks for them.

    Attributes
    ----------
    request_rate : array_like
        Poisson requests for all of them. [1/s]
    objects : array_like
        N, counted down to a whole number; of each owner.
    exponent : array_like
        Zipf's exponent.
    owners : array_like
        Users who each have objects of their own; 1 where all share them.
    change_rate : array_like
        Changes of one object's content. [1/s]
    stale_window : array_like
        How long after its maximum age an object may be served while it is fetched again. [s]
    """

    request_rate: Numbers
    objects: Numbers
    exponent: Numbers
    owners: Numbers = 1.0
    change_rate: Numbers = 0.0
    stale_window: Numbers = 0.0


@dataclass(frozen=True)
class Stage:
    """Equal caches side by side, least recently used out first, that all requests pass.

    Attributes
    ----------
    caches : array_like
        How many share the requests.
    capacity : array_like
        Of each. [objects]
    max_age : sequence of array_like
        After which an object has to be fetched again, by catalogue; for ever where empty. [s]
    scattered : bool
        Whether a request may meet any of the caches; else who asks always asks the same one.
    """

    caches: Numbers = 1.0
    capacity: Numbers = np.inf
    max_age: Sequence[Numbers] = field(default=())
    scattered: bool = False


@dataclass(frozen=True)
class Passed:
    """What a stage does with what reaches it, one array for each catalogue.

    Attributes
    ----------
    hit_ratio : tuple of ndarray
        Share of the requests that reach it which it answers; 0 where none does.
    unchanged : tuple of ndarray
        Share of them that find their object too old, but as it is at the origin: 304.
    stale : tuple of ndarray
        Share of them that are answered with an object too old while it is fetched again.
    object_rate : tuple of ndarray
        Requests for the most popular object at one of the caches. [1/s]
    """

    hit_ratio: tuple[Array, ...]
    unchanged: tuple[Array, ...]
    stale: tuple[Array, ...]
    object_rate: tuple[Array, ...]


def hit_ratios(catalogues: Sequence[Catalogue], stages: Sequence[Stage]) -> tuple[Passed, ...]:
    r"""Hit ratios of every stage of a row of caches, never multiplied from each other's.

    An approximation. Each object's requests that pass a cache are taken to come a time
    :math:`S` apart at least and an exponential time on top, with the right mean:

    .. math:: \frac 1\nu = \frac 1m - S, \qquad P_0(T) = (1 - m \min(T, S)) e^{-\nu (T - S)^+}

    The next cache, with b such streams, has it for a request with probability

    .. math:: h = \min\left(1 - P_0(T)^{b-1} e^{-\nu (T - S)^+},\;
       \frac{M}{1 + M}\right), \qquad \sum (1 - P_0(T)^b) = C

    with M the mean number of requests within its maximum age D after a fetch. The first is
    :func:`capcalc.theory.caches.hierarchy.parent_hit_ratio`, which says how far off it may be
    (0.01 for tiers of nearly one size); the second is exact for independent requests; the
    smaller of the two is too high by up to 0.057 where both are equal. An object's age is
    counted from its fetch by each cache, not from the origin's answer. Expired objects keep
    their place, so that what is too old is there still with probability :math:`h_1 - h`, h_1
    being the first. It is unchanged with probability :math:`e^{-\mu D} r / (r + \mu)` and asked for
    within a window w with :math:`1 - e^{-r w}`, both for Poisson requests at rate r. A stream
    that is scattered over caches keeps its shift at each.

    Parameters
    ----------
    catalogues : sequence of Catalogue
        They share the room of every cache.
    stages : sequence of Stage
        From the users on.

    Returns
    -------
    tuple of Passed
        One for each stage; every number in the common shape of all that was given, ``nan`` out
        of the domain.

    References
    ----------
    .. [1] V. Martina, M. Garetto, E. Leonardi, "A unified approach to the performance analysis
       of caching systems", Proc. INFOCOM 2014, sec. V.
    .. [2] J. Jung, A. W. Berger, H. Balakrishnan, "Modeling TTL-based Internet caches", Proc.
       INFOCOM 2003.

    Examples
    --------
    >>> pages = Catalogue(request_rate=50.0, objects=10_000, exponent=0.8)
    >>> edge, parent = hit_ratios([pages], [Stage(4, 200), Stage(1, 1_000)])
    >>> parent.hit_ratio[0].round(4)
    np.float64(0.2685)
    """
    given = [
        number
        for each in catalogues
        for number in (
            each.request_rate,
            each.objects,
            each.exponent,
            each.owners,
            each.change_rate,
            each.stale_window,
        )
    ]
    for stage in stages:
        given += [stage.caches, stage.capacity, *(stage.max_age or [np.inf] * len(catalogues))]
    arrays = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in given))
    shape = arrays[0].shape
    flat = np.stack([array.ravel() for array in arrays])
    catalogue = flat[: 6 * len(catalogues)].reshape(len(catalogues), 6, -1)
    row = flat[6 * len(catalogues) :].reshape(len(stages), 2 + len(catalogues), -1)
    with np.errstate(all="ignore"):
        found = _found(catalogue, row, [stage.scattered for stage in stages])
    return tuple(_passed(stage.reshape(4, len(catalogues), *shape)) for stage in found)


def _passed(numbers: Array) -> Passed:
    hit, unchanged, stale, rate = map(tuple, numbers)
    return Passed(hit_ratio=hit, unchanged=unchanged, stale=stale, object_rate=rate)


def _found(catalogue: Array, row: Array, scattered: list[bool]) -> Array:
    """What is in ``Passed`` by stage, quantity, catalogue and element."""
    rate, objects, exponent, owners, change, window = np.moveaxis(catalogue, 1, 0)
    number = np.floor(objects)
    valid = (rate >= 0) & (rate < np.inf) & (number >= 1) & (number < np.inf)
    valid &= (exponent >= 0) & (exponent < np.inf) & (owners >= 1) & (owners < np.inf)
    valid &= (change >= 0) & (window >= 0)
    valid = valid.all(axis=0) & (row[:, 0] >= 1).all(axis=0) & (row[:, 0] < np.inf).all(axis=0)
    valid &= (row[:, 1:] >= 0).all(axis=(0, 1))
    found = np.full((len(row), 4, *rate.shape), np.nan)
    part = np.flatnonzero(valid)
    steep = _steepness(row[:, 1][:, part], number[:, part])
    which = [rules(*each, steep) for each in zip(number[:, part], exponent[:, part], strict=True)]
    for some, rule in by_rule(np.concatenate(which)):
        at = part[some]
        streams = [
            _independent(each, rule[2 * place : 2 * place + 2])
            for place, each in enumerate(catalogue[:, :, at])
        ]
        for place, stage in enumerate(row[:, :, at]):
            streams, answer = _through(streams, catalogue[:, 4:, at], stage, scattered[place])
            found[place][:, :, at] = answer
    return found


def _steepness(capacities: Array, number: Array) -> Array:
    """As of a parent of other size: what a larger cache lacks ends steeply."""
    held = np.where((capacities > 0) & np.isfinite(capacities), capacities, 1.0)
    ratio = held.max(axis=0, initial=1.0) / held.min(axis=0, initial=np.inf)
    return np.asarray(1.0 + np.log1p(np.minimum(ratio, number.max(axis=0, initial=1.0))))


@dataclass(frozen=True)
class _Stream:
    """The requests for each object of a catalogue, one row an element, one column a node.

    They come from so many sources (without end: divisible at will), each with this rate and
    at least a shift apart.
    """

    weights: Array
    log_rate: Array
    log_shift: Array
    sources: Array

    def meeting(self, caches: Array, scattered: bool) -> tuple[_Stream, Array, Array]:
        """As one cache sees it: each branch, how many, and how many caches see an object."""
        divisible = np.isinf(self.sources)
        spread = divisible | (scattered & (caches > 1))
        seeing = np.where(spread, caches, np.minimum(self.sources, caches))
        sources = np.where(divisible, 1.0, self.sources)
        branches = np.where(spread, sources, sources / seeing)
        less = np.where(spread, np.log(caches), 0.0)[:, np.newaxis]
        weights = self.weights * (seeing / caches)[:, np.newaxis]
        return _Stream(weights, self.log_rate - less, self.log_shift, branches), branches, seeing

    def past(self, log_time: Array, at: Places) -> tuple[Array, Array, Array]:
        """Minus the logarithms of no request within a time up to the shift and beyond.

        And how fast their sum rises with the logarithm of the time.
        """
        rate, shift = self.log_rate[at], self.log_shift[at]
        time = log_time[:, np.newaxis]
        near = np.exp(rate + np.minimum(time, shift))
        fast = np.exp(np.minimum(self.log_fast[at] + time, MANY))
        fast = np.where(rate > -np.inf, fast, 0.0)
        beyond = fast * -np.expm1(np.minimum(shift - time, 0.0))
        rise = np.where(time < shift, near / (1.0 - near), fast)
        return -np.log1p(-near), beyond, rise

    @property
    def log_fast(self) -> Array:
        """Logarithm of the rate once the shift is over."""
        close = np.exp(np.minimum(self.log_rate + self.log_shift, -ROUNDING))
        return np.asarray(self.log_rate - np.log1p(-close))


def _independent(catalogue: Array, rule: tuple[int, ...]) -> _Stream:
    """Poisson requests for every object, of its owner where it has one."""
    rate, objects, exponent, owners = catalogue[:4]
    found = ranks(np.floor(objects), exponent, rule[0], rule[1])
    log_rate = found.log_share + (np.log(rate) - np.log(owners))[:, np.newaxis]
    return _Stream(
        found.weights * owners[:, np.newaxis],
        log_rate,
        np.full((rate.size, 1), -np.inf),
        np.where(owners > 1, 1.0, np.inf),
    )


def _through(
    streams: list[_Stream], changes: Array, stage: Array, scattered: bool
) -> tuple[list[_Stream], Array]:
    """What one stage lets through, and its answers by quantity and catalogue."""
    caches, capacity, ages = stage[0], stage[1], stage[2:]
    met = [stream.meeting(caches, scattered) for stream in streams]
    log_stay = _stay(met, capacity)
    answer = np.zeros((4, len(streams), caches.size))
    passed = []
    for place, (stream, branches, seeing) in enumerate(met):
        age = ages[place]
        kept = _kept(stream, branches, log_stay)
        hit = np.minimum(kept, _young(stream, branches, age))
        rate = np.exp(stream.log_rate)
        asked = branches[:, np.newaxis] * rate
        same, soon = _of_old(asked, age, *changes[place])
        for row, value in enumerate((hit, (kept - hit) * same, (kept - hit) * soon)):
            answer[row, place] = _per_request(stream.weights * rate, value)
        answer[3, place] = asked.max(axis=1)
        missed = _missed(stream, branches, seeing, hit, np.minimum(log_stay, np.log(age)))
        passed.append(_spread(missed, streams[place].weights))
    return passed, answer


def _per_request(weight: Array, value: Array) -> Array:
    """Mean over requests; 0 where there are none."""
    total = weight.sum(axis=1)
    share = np.einsum("ij,ij->i", weight, value) / np.where(total > 0, total, 1.0)
    # what is left of a difference that is zero counts for nothing
    return np.where((total > 0) & (share > NOTHING), np.minimum(share, 1.0), 0.0)


def _of_old(asked: Array, age: Array, change_rate: Array, window: Array) -> tuple[Array, Array]:
    """Of what is asked for when too old: unchanged at the origin; soon enough to be served."""
    change = change_rate[:, np.newaxis]
    young = np.exp(-np.where(change > 0, change * age[:, np.newaxis], 0.0))
    both = np.where(asked + change > 0, asked + change, 1.0)
    late = np.where(window > 0, window, 0.0)[:, np.newaxis]
    within = np.where((asked > 0) & (late > 0), asked * late, 0.0)
    return young * np.where(change > 0, asked / both, 1.0), -np.expm1(-within)


def _spread(stream: _Stream, weights: Array) -> _Stream:
    """All objects again, not those of one cache."""
    return _Stream(weights, stream.log_rate, stream.log_shift, stream.sources)


def _stay(met: list[tuple[_Stream, Array, Array]], capacity: Array) -> Array:
    """Logarithm of the time that a cache keeps an object after its last request."""
    held = sum((stream.weights.sum(axis=1) for stream, _, _ in met), np.zeros(capacity.size))
    asked = sum((np.exp(stream.log_rate).sum(axis=1) for stream, _, _ in met), np.zeros(1))
    log_stay = np.where((capacity >= held * (1 - 1e-12)) | (asked <= 0), np.inf, -np.inf)
    part = np.flatnonzero((capacity > 0) & (log_stay < 0))
    if not part.size:
        return log_stay
    some = [
        (_Stream(s.weights[part], s.log_rate[part], s.log_shift[part], s.sources[part]), b[part])
        for s, b, _ in met
    ]

    def contents(log_time: Array, at: Places) -> tuple[Array, Array]:
        there, slope = np.zeros(at.size), np.zeros(at.size)
        for stream, branches in some:
            count = branches[at, np.newaxis]
            near, beyond, rise = stream.past(log_time, at)
            gone = count * (near + beyond)
            there += np.einsum("ij,ij->i", stream.weights[at], -np.expm1(-gone))
            slope += np.einsum("ij,ij->i", stream.weights[at], np.exp(-gone) * count * rise)
        return there, slope

    rate = sum(
        (b * np.einsum("ij,ij->i", s.weights, np.exp(s.log_rate)) for s, b in some),
        np.zeros(part.size),
    )
    log_stay[part] = solve(contents, capacity[part], np.log(capacity[part]) - np.log(rate))
    return log_stay


def _kept(stream: _Stream, branches: Array, log_stay: Array) -> Array:
    """Node by node, whether the object has not been evicted when it is asked for."""
    near, beyond, _ = stream.past(log_stay, np.arange(log_stay.size))
    count = branches[:, np.newaxis]
    found = -np.expm1(-(count - 1.0) * near - count * beyond)
    return np.where(log_stay[:, np.newaxis] == -np.inf, 0.0, found)


def _young(stream: _Stream, branches: Array, age: Array) -> Array:
    """Node by node, the share of requests within the maximum age: M / (1 + M)."""
    rate, limit = np.exp(stream.log_rate), age[:, np.newaxis]
    shift = np.exp(stream.log_shift)
    fast = np.exp(stream.log_fast) * shift
    left = np.maximum(limit - shift, 0.0)
    # of the same source: at first as fast as requests come after the shift, in the long run
    # at the mean rate, with what the regularity adds
    extra = 0.5 * np.square(fast / (1.0 + fast))
    own = rate * left
    own = own + np.where(
        extra > 0, extra * -np.expm1(-own * fast / np.where(extra > 0, extra, 1.0)), 0.0
    )
    others = (branches[:, np.newaxis] - 1.0) * np.where(rate > 0, rate * limit, 0.0)
    count = np.where(rate > 0, own + others, 0.0)
    return np.where(np.isinf(limit), 1.0, count / (1.0 + count))


def _missed(
    stream: _Stream, branches: Array, seeing: Array, hit: Array, log_apart: Array
) -> _Stream:
    """The requests that go on, from every cache that sees the object."""
    one = (branches == 1.0)[:, np.newaxis]
    shift = np.maximum(np.where(one, stream.log_shift, -np.inf), log_apart[:, np.newaxis])
    log_rate = stream.log_rate + np.log(branches)[:, np.newaxis] + np.log1p(-np.minimum(hit, 1.0))
    return _Stream(stream.weights, log_rate, np.where(shift < np.inf, shift, -np.inf), seeing)
