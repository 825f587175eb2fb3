"""Ranges as a person writes them on the command line: ``1:64``, ``1M:3M:x5``, ``a,b,c``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capcalc.errors import Problem, UsageError
from capcalc.model import paths
from capcalc.model.system import System
from capcalc.units.parse import UnitError, parse
from capcalc.units.types import Quantity

#: More values than this on one axis are refused: a slip of the keyboard, most likely.
MOST = 10_000_000


def values(system: System, path: str, text: str) -> NDArray[np.float64] | list[str]:
    """The values of one axis.

    Parameters
    ----------
    system : System
        Tells what kind of quantity stands at the path.
    path : str
    text : str
        ``START:STOP[:STEP]`` whole steps, end included; ``START:STOP:xCOUNT`` evenly spaced;
        ``a,b,c`` a list. Units as in a scenario file.

    Raises
    ------
    UsageError
        For an unknown path, a value that cannot be read, or an empty range.
    """
    quantity = paths.find(system, path).quantity
    if quantity is None:
        return [part.strip() for part in text.split(",")]
    try:
        found = _numbers(text, quantity)
    except UnitError as error:
        raise _refused(path, str(error), error.hint) from None
    if not quantity.holds(found).all():
        raise _refused(path, f"{text} leaves its domain", f"{quantity.range()} is needed")
    return found


def _numbers(text: str, quantity: Quantity) -> NDArray[np.float64]:
    parts = text.split(":")
    if len(parts) == 1:
        return np.array([parse(part, quantity.kind) for part in text.split(",")])
    if len(parts) > 3:
        raise UnitError(f"{text!r} is not a range", "write START:STOP[:STEP], START:STOP:xCOUNT")
    start, stop = parse(parts[0], quantity.kind), parse(parts[1], quantity.kind)
    if len(parts) == 3 and parts[2].strip().startswith("x"):
        return np.linspace(start, stop, _count(parts[2].strip()[1:], text))
    step = parse(parts[2], quantity.kind) if len(parts) == 3 else 1.0
    return _stepped(text, start, stop, step)


def _count(text: str, whole: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MOST:
        raise UnitError(f"{whole!r} has no valid count", "write e.g. 1M:3M:x5")
    return int(text)


def _stepped(text: str, start: float, stop: float, step: float) -> NDArray[np.float64]:
    if step <= 0 or stop < start or (stop - start) / step > MOST:
        raise UnitError(
            f"{text!r} is an empty or endless range", "write START:STOP:STEP, START <= STOP"
        )
    steps = np.arange(int(np.floor((stop - start) / step + 1e-9)) + 1, dtype=float)
    return np.asarray(start + step * steps)


def _refused(path: str, message: str, hint: str) -> UsageError:
    return UsageError(Problem(key=f"--vary {path}", message=message, hint=hint))
