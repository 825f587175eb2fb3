"""How far off the named approximations of the mean wait in G/G/c are: a kept table of errors."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from capcalc.theory.arrays import Array, Numbers

#: What sentences call the formulas, and the functions that compute them.
NAMES = {
    "heavy_traffic": "Kingman's heavy-traffic formula",
    "kingman_bound": "Kingman's bound",
    "marchal": "Marchal's formula",
    "kraemer_langenbach_belz": "Kraemer and Langenbach-Belz' formula",
    "allen_cunneen": "Allen and Cunneen's formula",
    "bolch": "Bolch's formula",
    "sakasegawa": "Sakasegawa's formula",
    "lee_longton": "Lee and Longton's formula",
}
#: A wait that counts in a sentence, in services: relative errors of less mean nothing.
LEAST = 0.01
#: What a cell of the table is told by, in the words of sentences.
_AXES = {
    "arrival_scv": "arrival scv {}",
    "scv": "service scv {}",
    "servers": "{} servers",
    "utilization": "load {}",
}


@dataclass(frozen=True)
class _Cells:
    """The lines of the table of one formula."""

    arrival_scv: Array
    scv: Array
    servers: Array
    utilization: Array
    exact_wait: Array
    relative_error: Array


def errors(
    formula: str,
    *,
    servers: Numbers | None = None,
    utilization: Numbers | None = None,
    arrival_scv: Numbers | None = None,
    scv: Numbers | None = None,
    least_wait: float = 0.0,
) -> tuple[Numbers, Numbers]:
    r"""Range of the relative error of an approximate mean wait, as measured near some parameters.

    Compared with exact waits of D/M/c, M/D/c and all of E_k, M and H_2 as arrivals and service,
    with 1, 2, 8 and 32 servers, 30 to 95 % load and squared coefficients of variation of 0.25,
    0.5, 1 and 4 (at 4 two laws of service with different third moments). A parameter between two
    values of the table takes both; above 95 % load it is as at 95 %, where errors fall towards 0.
    The ranges are of what was measured, and no bounds: two moments do not fix the wait.

    Parameters
    ----------
    formula : str
        ``kraemer_langenbach_belz`` (:func:`capcalc.theory.queues.ggc.mean_wait`, also of gg1),
        ``heavy_traffic``, ``kingman_bound`` and ``marchal`` of gg1, ``allen_cunneen``, ``bolch``
        and ``sakasegawa`` of ggc, ``lee_longton`` (:func:`capcalc.theory.queues.mgc.mean_wait`).
    servers, utilization, arrival_scv, scv : array_like, optional
        What is known of the station; they broadcast. Left out, any value matches.
    least_wait : float
        Cells with a shorter exact wait are left out. [services]

    Returns
    -------
    low, high : float or ndarray
        0.05 is 5 % too high; ``nan`` where nothing was measured.

    Raises
    ------
    ValueError
        For an unknown formula.

    References
    ----------
    .. [1] G. Latouche, V. Ramaswami, "A logarithmic reduction algorithm for
       quasi-birth-death processes", J. Appl. Probab. 30, 1993 (the exact waits).
    .. [2] W. Whitt, "Approximations for the GI/G/m queue", Prod. Oper. Manag. 2(2), 1993.

    Examples
    --------
    >>> low, high = errors("kraemer_langenbach_belz", servers=1, utilization=0.9)
    >>> round(float(low), 3), round(float(high), 3)
    (-0.042, 0.013)
    """
    cells = _cells(formula)
    chosen = _matching(cells, servers, utilization, arrival_scv, scv, least_wait)
    some = chosen.any(axis=-1)
    low = np.where(chosen, cells.relative_error, np.inf).min(axis=-1)
    high = np.where(chosen, cells.relative_error, -np.inf).max(axis=-1)
    return np.where(some, low, np.nan)[()], np.where(some, high, np.nan)[()]


def sentence(
    formula: str,
    *,
    servers: float | None = None,
    utilization: float | None = None,
    arrival_scv: float | None = None,
    scv: float | None = None,
) -> str:
    """What :func:`errors` found, in a sentence for people; waits below 1 % of a service left out.

    Parameters
    ----------
    formula : str
        As for :func:`errors`.
    servers, utilization, arrival_scv, scv : float, optional
        As for :func:`errors`.

    Raises
    ------
    ValueError
        For an unknown formula.

    References
    ----------
    .. [1] G. Latouche, V. Ramaswami, "A logarithmic reduction algorithm for
       quasi-birth-death processes", J. Appl. Probab. 30, 1993 (the exact waits).

    Examples
    --------
    >>> print(sentence("marchal", utilization=0.9))
    Marchal's formula: -3.6 % to +6.7 % off the exact mean wait in 22 measured cases (arrival
    scv 0 to 4, service scv 0 to 4, 1 server, load 0.9)
    """
    cells = _cells(formula)
    known = (servers, utilization, arrival_scv, scv)
    chosen = _matching(cells, *known, LEAST)
    count = int(chosen.sum())
    if count == 0:
        return f"{NAMES[formula]}: nothing was measured near these parameters"
    found = cells.relative_error[chosen]
    every = count == int(_matching(cells, *known, 0.0).sum())
    where = "" if every else f" with a wait of {100 * LEAST:g} % of a service or more"
    low, high = _percent(found.min()), _percent(found.max())
    off = "exact" if low == high == "0 %" else f"{low} to {high} off the exact mean wait"
    spans = (words.format(_span(getattr(cells, name)[chosen])) for name, words in _AXES.items())
    given = ", ".join(spans).replace(" 1 servers,", " 1 server,")
    return f"{NAMES[formula]}: {off} in {count} measured cases{where} ({given})"


def _matching(
    cells: _Cells,
    servers: Numbers | None,
    utilization: Numbers | None,
    arrival_scv: Numbers | None,
    scv: Numbers | None,
    least_wait: float,
) -> NDArray[np.bool_]:
    """Which lines are next to the parameters, on either side; lines are the last axis."""
    chosen = np.asarray(cells.exact_wait >= least_wait)
    if utilization is not None:
        load, top = np.asarray(utilization, dtype=float), cells.utilization.max()
        utilization = np.where((load > top) & (load < 1), top, load)
    known = {
        "servers": servers,
        "utilization": utilization,
        "arrival_scv": arrival_scv,
        "scv": scv,
    }
    for name, value in known.items():
        if value is not None:
            chosen = chosen & _beside(getattr(cells, name), value)
    return chosen


def _beside(column: Array, value: Numbers) -> NDArray[np.bool_]:
    """Lines at the nearest values of a column that are not above, and not below, a value."""
    wanted = np.asarray(value, dtype=float)[..., np.newaxis]
    below = np.where(column <= wanted, column, -np.inf).max(axis=-1, keepdims=True)
    above = np.where(column >= wanted, column, np.inf).min(axis=-1, keepdims=True)
    inside = np.isfinite(below) & np.isfinite(above)
    return np.asarray(inside & ((column == below) | (column == above)))


def _percent(error: float) -> str:
    """Two digits and a sign."""
    share = 100.0 * error
    text = f"{share:+.0f}" if abs(share) >= 10 else f"{share:+.1f}"
    return "0 %" if float(text) == 0 else f"{text} %"


def _span(values: Array) -> str:
    low, high = values.min(), values.max()
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


@cache
def _cells(formula: str) -> _Cells:
    if formula not in NAMES:
        raise ValueError(f"no formula {formula!r} is in the table; there are {', '.join(NAMES)}")
    with Path(__file__).with_suffix(".csv").open(newline="") as stream:
        head, *lines = csv.reader(stream)
    own = [dict(zip(head, line, strict=True)) for line in lines if line[0] == formula]
    columns = (*_AXES, "exact_wait", "relative_error")
    return _Cells(**{name: np.array([float(line[name]) for line in own]) for name in columns})
