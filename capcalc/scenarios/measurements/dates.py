"""Which of the many ways of writing a date a column has."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np

from capcalc.scenarios.measurements.blocks import Array, Tally

__all__ = ["DAY_FIRST", "MONTH_FIRST", "Chosen", "clock_times", "fitting", "read", "said"]

#: As the user tells them.
DAY_FIRST, MONTH_FIRST = "dd/mm", "mm/dd"
_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
_AMBIGUOUS = {
    MONTH_FIRST: ("%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y"),
    DAY_FIRST: ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y"),
}
_PLAIN = ("%Y/%m/%d", "%d.%m.%Y", "%d.%m.%y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y")
_PLAIN_TOO = ("%b %d, %Y", "%B %d, %Y", "%d.%m.%Y,", "%d/%b/%Y", "%a, %d %b %Y")
#: Formats that are tried after ISO 8601, those with an order of their own last.
_SURE = (
    "%d/%b/%Y:%H:%M:%S %z",
    "%a %b %d %H:%M:%S %Y",
    "%Y-%m-%d %H:%M:%S,%f",
    "%Y-%m-%d %H:%M:%S %Z",
    "%Y-%m-%d %I:%M:%S %p",
    "%Y-%m-%d %I:%M %p",
    "%a, %d %b %Y %H:%M:%S %Z",
    *(day + time for day in (*_PLAIN, *_PLAIN_TOO) for time in _TIMES),
    "%Y%m%d%H%M%S",
    "%Y%m%d",
    "%b %Y",
    "%B %Y",
    "%b-%y",
    "%b-%Y",
    "%m/%Y",
    "%G-W%V-%u",
)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[AP]M)?", re.IGNORECASE)
#: Texts that a format is chosen by, and values that decide between day and month.
_SAMPLE, _MANY = 200, 20_000
_MOST = 0.9
_DAY = 86_400.0


class Chosen(NamedTuple):
    """A format, and whether another would have done as well."""

    form: str
    unsure: bool


def read(texts: Any, form: str, *, utc: bool = True) -> Any:
    """Moments (in UTC, else as they are written); none where a text is no such date."""
    import pandas as pd

    if form.startswith("%G"):
        texts = texts.str.replace(r"^(\d{4})-?W(\d{2})$", r"\1-W\2-1", regex=True)
    return pd.to_datetime(texts, format=form, errors="coerce", utc=utc)


def fitting(column: Any, told: str = "") -> Chosen:
    """The format that reads most of the first values.

    Where day and month may be either, it is the one in which times grow, in even steps.
    """
    texts = column.dropna().astype(str).str.strip()
    sample = texts.head(_SAMPLE)
    best, most = "ISO8601", _share(sample, "ISO8601")
    if most == 1.0:
        return Chosen(best, False)
    ambiguous = [
        day + time
        for order, days in _AMBIGUOUS.items()
        if told in ("", order)
        for day in days
        for time in _TIMES
    ]
    for form in (*_SURE, *ambiguous):
        share = _share(sample, form)
        if share > most + 1e-9:
            best, most = form, share
    if best not in ambiguous or told:
        return Chosen(best, False)
    return _order(texts.head(_MANY), best)


def _share(sample: Any, form: str) -> float:
    return float(read(sample, form).notna().mean()) if len(sample) else 0.0


def _order(texts: Any, best: str) -> Chosen:
    """Day or month first: what reads more, else grows more often, else in more even steps."""
    other = best.replace("%m", "%\0").replace("%d", "%m").replace("%\0", "%d")
    scores = {form: _score(texts, form) for form in (best, other)}
    if scores[best] == scores[other]:
        american = best if best.startswith("%m") else other
        return Chosen(american, True)
    return Chosen(max(scores, key=lambda form: scores[form]), False)


def _score(texts: Any, form: str) -> tuple[float, float, float]:
    found = read(texts, form)
    times = found.dropna().to_numpy(dtype="datetime64[ns]").astype(np.int64) / 1e9
    moves, steps = np.diff(times), np.diff(np.unique(times))
    turned = min(int((moves < 0).sum()), int((moves > 0).sum()))
    usual = float(np.median(steps)) if steps.size else 0.0
    even = float(np.mean(np.abs(steps - usual) < 1e-3 * usual)) if steps.size else 0.0
    return round(float(found.notna().mean()), 3), -float(turned), round(even, 3)


def clock_times(column: Any, last: float | None) -> Array | None:
    """Seconds of times of day alone, from one midnight to the next; None if they are none."""
    texts = column.dropna().astype(str).str.strip()
    sample = texts.head(_SAMPLE)
    if not len(sample) or float(sample.str.fullmatch(_CLOCK).mean()) < _MOST:
        return None
    import pandas as pd

    texts = column.astype(str).str.strip()
    half = texts.str.contains(r"[AaPp][Mm]$", regex=True)
    plain = texts.str.replace(r"^(\d{1,2}:\d{2})$", r"\1:00", regex=True)
    seconds = pd.to_timedelta(plain.where(~half, None), errors="coerce").dt.total_seconds()
    twelve = texts.where(half, None).str.replace(r"\s+", "", regex=True).str.upper()
    for form in ("%I:%M:%S%p", "%I:%M%p"):
        moments = pd.to_datetime(twelve, format=form, errors="coerce")
        seconds = seconds.fillna((moments - moments.dt.normalize()).dt.total_seconds())
    found = seconds.to_numpy(dtype=float)
    known = np.flatnonzero(np.isfinite(found))
    before = found[known[:1]] if last is None else np.array([last % _DAY])
    falls = np.diff(found[known], prepend=before) < -_DAY / 2
    found[known] += _DAY * (np.cumsum(falls) + (0 if last is None else last // _DAY))
    return np.asarray(found)


def said(chosen: Chosen, tally: Tally, name: str, example: str) -> None:
    """Say which order day and month were taken in, where it matters."""
    if not chosen.form.startswith(("%m/%d", "%d/%m", "%m-%d", "%d-%m")):
        return
    month = chosen.form.startswith("%m")
    order = "month/day/year" if month else "day/month/year"
    if chosen.unsure:
        tally.note(
            f"dates such as {example!r} may be read either way: taken as {order}; if they are not,"
            f" tell --column '{name}=time {DAY_FIRST if month else MONTH_FIRST}'"
        )
    else:
        tally.note(f"dates are read as {order}")
