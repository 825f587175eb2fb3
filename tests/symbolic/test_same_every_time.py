"""The same formula in the same words in every process, whatever the draws of hashes are."""

from __future__ import annotations

import os
import subprocess
import sys

#: Those that came out in one form in one process and in another form in the next.
CODE = """
from capcalc.symbolic.catalogue import formulas
from capcalc.symbolic.derivatives import change

for name in ("tandem", "mixture", "fan-out", "mm1k"):
    for one in formulas(name):
        for each in one.symbols:
            if one.question in ("response_cdf", "response_quantile", "prob_any_above", "prob_wait"):
                try:
                    print(one.question, each.name, change(one, each, "elasticity").expression)
                except Exception as error:
                    print(one.question, each.name, error)
"""


def printed(hashes: int) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONHASHSEED": str(hashes)},
    )
    return done.stdout


def test_changes_read_alike_in_every_process() -> None:
    first = printed(1)
    assert first.count("\n") > 15
    assert [printed(hashes) for hashes in (2, 3)] == [first, first]
