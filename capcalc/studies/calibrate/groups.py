"""Rows of a table without time, put together by what its texts say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from capcalc.results.measurements import Measurements
from capcalc.theory.arrays import Array

#: Groups of rows that are told apart.
MOST_GROUPS = 12


def groups(
    measured: Measurements, good: NDArray[np.bool_], size: Array
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Rows that have the same texts and more than one size.

    Columns of texts that differ in every row do not count. Rows that are alone with their texts
    are put together by all columns but one, if that one changes with the size and only with it
    (such as the kind of instance): the group's name then says so.
    """
    columns = {
        name: texts
        for name, texts in measured.texts.items()
        if 1 < len(set(texts)) <= MOST_GROUPS and len(set(texts)) < len(texts)
    }
    if not columns:
        yield "", good
        return
    alone, told = good.copy(), 0
    for left_out in (None, *columns):
        keys = _keys([texts for name, texts in columns.items() if name != left_out], good.size)
        for key in dict.fromkeys(keys[alone]):
            rows = alone & (keys == key)
            if left_out is not None and not _goes_with(columns[left_out], size, rows):
                continue
            if np.unique(size[rows]).size >= 2 and told < MOST_GROUPS:
                told += 1
                also = f" ({left_out} varies with it)" if left_out is not None else ""
                yield f"{key}{also}".strip(), rows
                alone = alone & ~rows


def _keys(columns: Sequence[tuple[str, ...]], rows: int) -> NDArray[np.str_]:
    """The texts of each row, one after another."""
    if not columns:
        return np.full(rows, "")
    return np.array([" ".join(part for part in row if part) for row in zip(*columns, strict=True)])


def _goes_with(texts: tuple[str, ...], size: Array, rows: NDArray[np.bool_]) -> bool:
    """Whether each size has one text, and each text one size."""
    pairs = {(size[row], texts[row]) for row in np.flatnonzero(rows)}
    return len({one for one, _ in pairs}) == len({two for _, two in pairs}) == len(pairs)
