"""Model -> Solution, in closed form.

The package bears the name of its one public function, so that it can be called itself:
``capcalc.solve(system)`` is :func:`capcalc.solve.system.solve`, whichever was imported first.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capcalc.model.system import System
    from capcalc.results.solution import Solution


class _Solve(ModuleType):
    """A package that answers a call."""

    def __call__(self, system: System, *, quantiles: bool = True) -> Solution:
        """See :func:`capcalc.solve.system.solve`."""
        from capcalc.solve.system import solve

        return solve(system, quantiles=quantiles)


sys.modules[__name__].__class__ = _Solve
