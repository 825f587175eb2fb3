"""Numbers as people and programs write them: grouped, with a comma or a point, with a unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from capcalc.scenarios.measurements import words
from capcalc.scenarios.measurements.blocks import Array

__all__ = ["Numbers", "comma_decimals", "numbers_of", "unit_in"]

_EMPTY = ["", "-", "–", "—", "NaN", "nan", "null", "NULL", "None", "N/A", "NA", "n/a", "undefined"]
_INFINITE = ["inf", "-inf", "+inf", "infinity"]
#: What may stand between groups of three digits, beside a comma or a point.
_SPACES = "' \u00a0\u202f\u2009"
_CELL = re.compile(rf"^[$€£]?\s*([-+]?[\d.,{_SPACES}]*\d(?:[eE][-+]?\d+)?)\s*([^\d.,\s]\D*?)?$")
#: Cells that can only have a decimal comma, and only a decimal point: groups have three digits.
_COMMA = re.compile(r"[-+]?(?:\d+,(?:\d{1,2}|\d{4,})|0,\d+|\d{1,3}(?:\.\d{3})+,\d+)\D*")
_POINT = re.compile(r"[-+]?(?:\d*\.(?:\d{1,2}|\d{4,})|0\.\d+|\d{1,3}(?:,\d{3})+\.\d+)\D*")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+")
#: The share of cells that has to have a unit for the column to have it.
_MOST = 0.8
_LARGE = {"k": 1e3, "m": 1e6, "mil": 1e6, "mio": 1e6, "g": 1e9, "b": 1e9, "bil": 1e9, "t": 1e12}
_MORE_TIMES = {"min": 60.0, "minute": 60.0, "h": 3600.0, "hour": 3600.0, "d": 86400.0}


class Numbers(NamedTuple):
    """What one column says."""

    #: ``nan`` where there is none; those with a unit of their own in SI
    values: Array
    #: which have a unit of their own
    own: NDArray[np.bool_]
    #: where a text stands instead of a number
    wrong: NDArray[np.bool_]
    #: the first such text
    example: str


def comma_decimals(columns: Iterable[Sequence[str]]) -> str:
    """The cell that shows that a file writes decimals with a comma; "" where none does.

    1,234 and 1.234 may be either: what else the file has decides. Cells that are whole below a
    thousand and have groups of three digits above it show it too, as no fraction is like that.
    """
    shows, grouped = "", ""
    for cells in columns:
        texts = [cell.strip() for cell in cells]
        if any(_POINT.fullmatch(text) for text in texts):
            return ""
        shows = shows or next((text for text in texts if _COMMA.fullmatch(text)), "")
        large = [text for text in texts if _GROUPED.fullmatch(text)]
        small = [text for text in texts if re.fullmatch(r"\d{1,3}", text)]
        if large and small and len(large) + len(small) == sum(map(bool, texts)):
            grouped = grouped or large[0]
    return shows or grouped


def unit_in(cells: Sequence[str]) -> str:
    """The unit that most cells of a column have behind their number; "" where they have none."""
    found: dict[str, int] = {}
    filled = 0
    for cell in cells:
        text = cell.strip()
        if text in _EMPTY:
            continue
        filled += 1
        match = _CELL.match(text)
        low = (match[2] or "").strip().lower() if match else ""
        for _, unit in _split(low) if low else ():
            if unit in words.UNITS:
                found[unit] = found.get(unit, 0) + 1
                break
    kinds: dict[str, int] = {}
    for unit, count in found.items():
        kinds[words.UNITS[unit][1]] = kinds.get(words.UNITS[unit][1], 0) + count
    kind = max(kinds, key=lambda name: kinds[name], default="")
    if kind in ("", "count", "ln") or kinds[kind] < _MOST * filled:
        return ""
    return max((u for u in found if words.UNITS[u][1] == kind), key=lambda unit: found[unit])


def numbers_of(raw: Any, kind: str = "", *, comma: bool = False) -> Numbers:
    """The numbers of a column.

    Groups of digits, a currency in front, and a unit behind them are understood.

    Parameters
    ----------
    raw : array_like
        Numbers or texts.
    kind : str
        Of the units that the column may have: time, rate, share, bytes, money; "" for counts.
    comma : bool
        Whether a comma stands before decimals and a point between groups of three digits.
    """
    import pandas as pd

    column = pd.Series(raw)
    none = np.zeros(len(column), dtype=bool)
    if column.dtype != object and not pd.api.types.is_string_dtype(column.dtype):
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
        return Numbers(values, none, none, "")
    texts = column.astype("string").str.strip().str.replace("−", "-")
    empty = texts.isna() | texts.isin(_EMPTY)
    plain = texts.where(~texts.str.contains(".", regex=False), None) if comma else texts
    found = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    infinite = texts.str.lower().isin(_INFINITE)
    rest = np.flatnonzero(np.isnan(found) & ~empty.to_numpy(dtype=bool, na_value=True))
    own = none.copy()
    which, alike = pd.factorize(texts.iloc[rest])
    cells = [_cell(str(text), kind, comma) for text in alike]
    found[rest] = np.array([value for value, _ in cells])[which]
    own[rest] = np.array([unit for _, unit in cells], dtype=bool)[which]
    wrong = np.zeros(len(column), dtype=bool)
    wrong[rest] = np.isnan(found[rest])
    wrong &= ~infinite.to_numpy(dtype=bool, na_value=False)
    example = str(texts.iloc[int(np.argmax(wrong))]) if wrong.any() else ""
    return Numbers(found, own, wrong, example)


def _cell(text: str, kind: str, comma: bool) -> tuple[float, bool]:
    """The number in one cell, in SI if it has a unit of its own."""
    match = _CELL.match(text)
    if match is None:
        return np.nan, False
    digits, unit = match.groups()
    value = _value(digits, comma)
    factor, own = _unit(unit or "", kind)
    return value * factor, own


def _value(digits: str, comma: bool) -> float:
    """Digits to a number; ``nan`` where groups are not of three."""
    group, point = (".", ",") if comma else (",", ".")
    digits = re.sub(f"[{_SPACES}]", "_", digits)
    for between in (re.escape(group), "_"):
        grouped = rf"[-+]?\d{{1,3}}(?:{between}\d{{3}})+(?:{re.escape(point)}\d+)?"
        if re.fullmatch(grouped, digits):
            return float(digits.replace("_", "").replace(group, "").replace(point, "."))
    if re.fullmatch(r"[-+]?\d+,\d+", digits):
        return float(digits.replace(",", "."))
    try:
        return np.nan if "_" in digits else float(digits)
    except ValueError:
        return np.nan


def _unit(unit: str, kind: str) -> tuple[float, bool]:
    """What is behind a number: its factor, and whether it makes it SI; ``nan`` if not known."""
    low = unit.strip().lower()
    if not low:
        return 1.0, False
    if unit == "m" and kind in ("cores", "share"):
        # millicores, as Kubernetes writes them; of a share nobody knows what they are of
        return (1e-3, True) if kind == "cores" else (np.nan, False)
    for large, rest in _split(low) if kind not in ("time", "share") else [(1.0, low)]:
        factor = _known(rest, kind)
        if factor is not None:
            return large * factor, bool(rest) and kind != "money"
    return np.nan, False


def _split(unit: str) -> Iterable[tuple[float, str]]:
    """As it stands, and with a sign of thousands in front: "k req/s"."""
    yield 1.0, unit
    match = re.match(r"(k|mil|mio|bil|m|b|g|t)\s*(.*)$", unit)
    if match:
        yield _LARGE[match[1]], match[2].strip()


def _known(unit: str, kind: str) -> float | None:
    if not unit:
        return 1.0
    if kind == "time" and unit.rstrip("s") in _MORE_TIMES:
        return _MORE_TIMES[unit.rstrip("s")]
    if unit in words.UNITS:
        factor, which = words.UNITS[unit]
        return factor if which == kind and which != "ln" else None
    if kind == "" and re.fullmatch(r"req(uest)?s?|users?|orders?|visits?|sessions?|hits?", unit):
        return 1.0
    return None
