"""Percentiles through a scenario file, and that no trap of the list goes without its tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import capcalc as cc

TESTS = Path(__file__).parent.parent
CHAIN = """
capcalc: 1
demand: {requests: {page: {rate: 0.000000001/s}}}
tiers:
  web: {kind: web, hosts: 1, service_time: 1s, calls: {second: 1}}
  second: {kind: service, hosts: 1, service_time: 5s, calls: {third: 1}}
  third: {kind: cache, hosts: 1, service_time: 0.5s, hit_ratio: 80%, fronts: slow}
  slow: {kind: database, read_time: 20s, write_time: 1s}
"""


def test_trap_07_percentiles_of_tiers_do_not_add_up() -> None:
    """Exponential times of 1, 5 and .5 s after each other, nobody waiting."""
    solution = cc.solve(cc.loads(CHAIN.replace("80%", "100%")))
    added = sum(float(solution.tier(name).response_p99) for name in ("web", "second", "third"))
    assert added == pytest.approx(29.9336, rel=1e-4)  # naive
    assert solution.request("page").p99 == pytest.approx(24.668371, rel=1e-5)


def test_trap_08_hits_and_misses_have_a_long_tail() -> None:
    """A fifth of all requests takes 20 s more."""
    answer = cc.solve(cc.loads(CHAIN)).request("page")
    assert answer.mean == pytest.approx(10.5, rel=1e-6)
    for name, value in (("p50", 6.27471), ("p90", 23.2137), ("p95", 35.3604), ("p99", 67.2035)):
        assert getattr(answer, name) == pytest.approx(value, rel=1e-5)
    # naive: one exponential 48.35, a gamma of two moments 60.59
    assert answer.p999 == pytest.approx(113.2522, rel=1e-5)


def _named(folders: tuple[str, ...]) -> set[int]:
    texts = (path.read_text() for folder in folders for path in (TESTS / folder).rglob("test_*.py"))
    return {int(number) for text in texts for number in re.findall(r"def test_trap_(\d+)_", text)}


@pytest.mark.parametrize("folders", [("theory",), ("solve", "advice")], ids=["theory", "files"])
def test_every_trap_has_a_test_named_after_it(folders: tuple[str, ...]) -> None:
    assert _named(folders) == set(range(1, 17))
