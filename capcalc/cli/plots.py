"""Plots that commands draw beside their answer."""

from __future__ import annotations

from pathlib import Path

from capcalc.errors import Problem, UsageError


def check(plot: str, force: bool) -> None:
    """Refuse early what could not be drawn or written in the end.

    Raises
    ------
    UsageError
        When the file is no .svg, exists, or matplotlib is not installed.
    """
    from importlib.util import find_spec

    if Path(plot).suffix.lower() != ".svg":
        hint = f"write e.g. --plot {Path(plot).stem or 'plot'}.svg"
        raise UsageError(Problem(file=plot, message="plots are drawn as .svg", hint=hint))
    if Path(plot).exists() and not force:
        raise UsageError(Problem(file=plot, message="exists", hint="add --force to overwrite it"))
    if find_spec("matplotlib") is None:
        raise UsageError(
            Problem(
                message="a plot needs matplotlib, which is not installed",
                hint="pip install 'capcalc[plot]'",
            )
        )
