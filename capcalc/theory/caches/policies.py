"""Cache replacement policies by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import MappingProxyType

import numpy as np

from capcalc.theory.arrays import Numbers

#: Module and function of each policy, and what else the function is given.
POLICIES = MappingProxyType(
    {
        "lru": ("lru", "hit_ratio", {}),
        "fifo": ("fifo", "hit_ratio", {}),
        "random": ("fifo", "hit_ratio", {}),
        "clock": ("clock", "hit_ratio", {"counter": 1}),
        "lfu": ("lfu", "hit_ratio", {}),
        "q-lru": ("q_lru", "hit_ratio", {"insertion_probability": 0.1}),
        "2-lru": ("k_lru", "hit_ratio", {"lists": 2}),
        "s3-fifo": ("s3_fifo", "hit_ratio", {}),
    }
)
#: For each policy the capacities below which the approximation is worse, as measured: less
#: than so many objects, the error found there, and its side. The smallest comes first.
LIMITS = MappingProxyType(
    {
        "lru": ((6, 2e-3, "low"), (100, 6e-4, "low")),
        "fifo": ((6, 3.2e-3, "low"), (100, 1.1e-3, "low"), (1000, 6e-4, "low")),
        "random": ((6, 3.2e-3, "low"), (100, 1.1e-3, "low"), (1000, 6e-4, "low")),
        "clock": (),
        "lfu": (),
        "q-lru": ((10, None, ""), (100, 6e-3, "high"), (1000, 7e-4, "high")),
        "2-lru": ((10, None, ""), (100, 2.9e-3, "high")),
        "s3-fifo": ((100, None, ""),),
    }
)


def hit_ratio(
    policy: str, capacity: Numbers, objects: Numbers, exponent: Numbers, **options: Numbers
) -> Numbers:
    """Share of the requests that find their object in a cache of a policy given by name.

    Each is the approximation that the policy's own module describes, with its errors; perfect
    LFU is exact.

    Parameters
    ----------
    policy : str
        ``lru``, ``fifo``, ``random``, ``clock`` (one bit), ``lfu`` (perfect), ``q-lru`` (one
        miss of ten comes in), ``2-lru`` or ``s3-fifo``.
    capacity : array_like
        Not negative. [objects]
    objects : array_like
        At least 1, counted down to a whole number.
    exponent : array_like
        Zipf's, not negative.
    **options : array_like
        What else the policy's own function takes: ``counter``, ``insertion_probability``,
        ``lists``, ``names``, ``small``, ``ghost``, ``threshold``.

    Returns
    -------
    float or ndarray
        1 where everything fits, ``nan`` out of the domain.

    Raises
    ------
    ValueError
        For a policy that is not known; the message names those that are.

    References
    ----------
    .. [1] V. Martina, M. Garetto, E. Leonardi, "A unified approach to the performance analysis
       of caching systems", Proc. INFOCOM 2014.

    Examples
    --------
    >>> {name: round(float(hit_ratio(name, 1_000, 10_000, 0.8)), 3) for name in ("lru", "2-lru")}
    {'lru': 0.437, '2-lru': 0.526}
    """
    module, name, usual = _known(POLICIES, policy)
    function: Callable[..., Numbers]
    function = getattr(import_module(f"capcalc.theory.caches.{module}"), name)
    return function(capacity, objects, exponent, **{**usual, **options})


def validity(policy: str, capacity: Numbers) -> str | None:
    """What to know about the error of a policy's hit ratio at a size, as a sentence.

    Parameters
    ----------
    policy : str
        As for :func:`hit_ratio`, with its usual options.
    capacity : array_like
        The smallest one counts. [objects]

    Returns
    -------
    str or None
        ``None`` where simulations of independent requests agreed to 3e-4 (LRU, FIFO, CLOCK,
        q-LRU, 2-LRU) or 7e-4 (S3-FIFO).

    Raises
    ------
    ValueError
        For a policy that is not known; the message names those that are.

    References
    ----------
    .. [1] C. Fricker, P. Robert, J. Roberts, "A versatile and accurate approximation for LRU
       cache performance", Proc. ITC 24, 2012 (why small caches fit less well).

    Examples
    --------
    >>> validity("lru", 1_000)
    >>> validity("q-lru", 10)
    'With so few objects the hit ratio may be up to 0.006 too high.'
    """
    smallest = float(np.min(np.asarray(capacity, dtype=float)))
    for limit, error, side in _known(LIMITS, policy):
        if smallest < limit and error is None:
            return f"Caches of less than {limit:,} objects are not measured; expect a worse fit."
        if smallest < limit:
            return f"With so few objects the hit ratio may be up to {error:g} too {side}."
    return None


def _known(table: MappingProxyType[str, tuple], policy: str) -> tuple:  # type: ignore[type-arg]
    if policy not in table:
        raise ValueError(f"unknown policy {policy!r}: one of {', '.join(table)}")
    return table[policy]
