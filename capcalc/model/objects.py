"""What is asked for: how many objects, how popular, how large."""

from __future__ import annotations

from dataclasses import dataclass

from capcalc.units.types import Amount, Bytes, PositiveAmount


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """A catalogue of objects of Zipf popularity, and their mean size."""

    count: PositiveAmount
    zipf: Amount
    size: Bytes | None = None
