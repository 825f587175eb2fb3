"""Published cases of Zipf sums and LRU, and the O(1) forms for huge catalogues."""

from __future__ import annotations

from typing import Any

import pytest
from shared import cases

from capcalc.theory.caches import lru
from capcalc.theory.caches.zipf import harmonic

SUMS = cases("models.json", "zipf.harmonic")
HITS = cases("models.json", "cache.lru_che.hit_ratio")
TIMES = cases("models.json", "cache.lru_che.T_requests")
HUGE = cases("models.json", "cache.lru_zipf_O1.hit_ratio")


def place(case: dict[str, Any]) -> tuple[float, float, float]:
    given = case["params"]
    return float(given["C"]), float(given["N"]), float(given["alpha"])


@pytest.mark.parametrize("case", SUMS, ids=lambda case: case["id"])
def test_harmonic(case: dict[str, Any]) -> None:
    given = case["params"]
    found = float(harmonic(float(given["N"]), float(given["alpha"])))
    assert found == pytest.approx(case["expected"], rel=case["rtol"])


@pytest.mark.parametrize("case", HITS, ids=lambda case: case["id"])
def test_hit_ratio(case: dict[str, Any]) -> None:
    assert float(lru.hit_ratio(*place(case))) == pytest.approx(case["expected"], rel=case["rtol"])


@pytest.mark.parametrize("case", TIMES, ids=lambda case: case["id"])
def test_characteristic_time(case: dict[str, Any]) -> None:
    found = float(lru.characteristic_time(*place(case)))
    assert found == pytest.approx(case["expected"], rel=case["rtol"])


@pytest.mark.parametrize("case", HUGE, ids=lambda case: case["id"])
def test_huge_catalogues(case: dict[str, Any]) -> None:
    found = float(lru.fast_hit_ratio(*place(case)))
    assert found == pytest.approx(case["expected"], rel=case["rtol"])


def test_there_are_cases() -> None:
    assert min(map(len, (SUMS, HITS, TIMES, HUGE))) >= 4
