"""Series of several hosts brought together: what each of them counted adds up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from capcalc.results.measurements import Series
from capcalc.studies.measured.source import Array

__all__ = ["averaged", "lived", "over_hosts", "summed"]


def over_hosts(series: Iterable[Series]) -> list[Series]:
    """One series for each role, tier and label: the sum over the hosts that are named.

    A series without a host is taken to be of all of them, and then it alone counts; of several
    series of one host the first does.

    Parameters
    ----------
    series : iterable of Series
        Counts, rates or busy servers, of any tiers.

    Returns
    -------
    list of Series
        In the order in which each role, tier and label came first.
    """
    found: dict[tuple[str, str, str], dict[str, Series]] = {}
    for each in series:
        found.setdefault((each.role, each.tier, each.label), {}).setdefault(each.host, each)
    return [hosts[""] if "" in hosts else _one(list(hosts.values())) for hosts in found.values()]


def _one(hosts: Sequence[Series]) -> Series:
    if len(hosts) == 1:
        return hosts[0]
    names = ", ".join(dict.fromkeys(each.column for each in hosts if each.column))
    return replace(hosts[0], host="", values=summed(hosts), column=names)


def summed(series: Sequence[Series]) -> Array:
    """The sum over hosts; ``nan`` where one of them has a gap, and where none was there."""
    values = np.stack([each.values for each in series])
    there = lived(values)
    total = np.where(there, values, 0.0).sum(axis=0)
    return np.where(there.any(axis=0), total, np.nan)


def averaged(series: Sequence[Series]) -> Array:
    """The mean over the hosts that are there; ``nan`` where one of them has a gap."""
    values = np.stack([each.values for each in series])
    return np.asarray(summed(series) / np.maximum(lived(values).sum(axis=0), 1))


def lived(values: Array) -> NDArray[np.bool_]:
    """From each host's first value to its last: before and after it was not there.

    Parameters
    ----------
    values : array_like, shape (hosts, intervals)
        ``nan`` where nothing was measured.

    Returns
    -------
    ndarray of bool, shape (hosts, intervals)
        Also true in gaps between two values of a host.
    """
    known = np.isfinite(values)
    begun = np.maximum.accumulate(known, axis=1)
    goes_on = np.maximum.accumulate(known[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(begun & goes_on)
