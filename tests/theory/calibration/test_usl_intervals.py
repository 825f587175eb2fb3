"""The scalability law fitted: published fits, intervals that cover, bounds at zero."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from shared import SHARED

from capcalc.theory.calibration.usl_intervals import fit
from capcalc.theory.scaling import usl

PUBLIC = SHARED / "data" / "real" / "public"
SIZES = np.repeat([1.0, 2, 4, 8, 16, 24, 32, 48], 3)


def table(name: str, size: str, throughput: str) -> tuple[list[float], list[float]]:
    with (PUBLIC / name).open() as file:
        rows = list(csv.DictReader(file))
    return [float(row[size]) for row in rows], [float(row[throughput]) for row in rows]


@pytest.mark.skipif(not PUBLIC.exists(), reason="the shared measurements are not here")
def test_the_published_fit_of_cisco() -> None:
    found = fit(*table("cisco_mysql_usl.csv", "concurrency", "throughput"))
    assert found.contention.value == pytest.approx(0.02671591, rel=2e-4)
    assert found.coherency.value == pytest.approx(0.0007690945, rel=2e-4)
    assert found.single.value == pytest.approx(995.6486, rel=2e-4)
    assert int(found.peak_size.value) == 35
    assert found.peak_throughput.value == pytest.approx(12341, rel=1e-3)
    assert found.mean_absolute_error <= 0.02


@pytest.mark.skipif(not PUBLIC.exists(), reason="the shared measurements are not here")
def test_the_published_fit_of_sdm91() -> None:
    found = fit(*table("usl_specsdm91.csv", "load", "throughput"))
    assert found.peak_size.value == pytest.approx(96.51956, rel=1e-5)
    # the first point is an outlier; it lies far below the law
    assert found.residuals[0] == found.residuals.min() < -0.2


@pytest.mark.parametrize(
    ("contention", "coherency"), [(0.05, 0.001), (0.02, 0.0), (0.1, 0.0001), (0.0, 0.0005)]
)
def test_coverage(contention: float, coherency: float) -> None:
    rng = np.random.default_rng(1)
    truth = np.array(
        [
            100.0,
            contention,
            coherency,
            float(usl.peak_size(contention, coherency)),
            float(usl.peak_throughput(100.0, contention, coherency))
            if coherency
            else 100.0 / contention,
        ]
    )
    exact = np.asarray(usl.throughput(SIZES, 100.0, contention, coherency))
    held = np.zeros(5)
    for _ in range(250):
        found = fit(SIZES, exact * (1 + 0.03 * rng.standard_normal(SIZES.size)))
        ends = np.array([(each.low, each.high) for each in found[:5]])
        held += (ends[:, 0] <= truth) & (truth <= ends[:, 1])
    # of a true 95 % fewer than 90 % of 250 happen once in 1,000 times
    assert (held / 250 >= 0.90).all(), held / 250


def test_exact_points_are_found_exactly() -> None:
    found = fit(SIZES, usl.throughput(SIZES, 10.0, 0.05, 0.001))
    assert found.contention.value == pytest.approx(0.05, rel=1e-9)
    assert found.coherency.value == pytest.approx(0.001, rel=1e-9)
    assert found.mean_absolute_error < 1e-12
    assert found.peak_size.value == pytest.approx(np.sqrt(0.95 / 0.001))


def test_bounds_at_zero_are_honest() -> None:
    rng = np.random.default_rng(4)
    found = fit(SIZES, 10.0 * SIZES * (1 + 0.02 * rng.standard_normal(SIZES.size)))
    assert found.contention.low == 0.0
    assert found.coherency.low == 0.0
    assert found.peak_size.high == np.inf


@pytest.mark.parametrize(
    ("size", "throughput"),
    [([1, 2, 3], [1, 2, 3]), ([1, 1, 2, 2], [1, 1, 2, 2]), ([], []), ([0, 0, 0, 0, 0], [1] * 5)],
)
def test_too_little_is_unknown(size: list[float], throughput: list[float]) -> None:
    found = fit(size, throughput)
    assert np.isnan(found.contention.value)
    assert np.isnan(found.peak_size.high)


@pytest.mark.parametrize("alike", [False, True])
@pytest.mark.parametrize(
    ("sizes", "repeats", "contention", "coherency"),
    [
        ([1, 2, 4, 8, 16, 32], 1, 0.05, 0.001),
        ([1, 2, 4, 8, 16, 32], 3, 0.05, 0.001),
        ([1, 4, 16, 64], 4, 0.0, 0.001),
    ],
)
def test_coverage_of_the_peak_that_hangs_on_few_points(
    sizes: list[float], repeats: int, contention: float, coherency: float, *, alike: bool
) -> None:
    """Errors in proportion to the throughput, and of one size."""
    rng = np.random.default_rng(3)
    n = np.repeat(np.array(sizes, dtype=float), repeats)
    exact = np.asarray(usl.throughput(n, 100.0, contention, coherency))
    truth = float(usl.peak_throughput(100.0, contention, coherency))
    scale = 0.015 * exact.max() if alike else 0.03 * exact
    held = [
        found.peak_throughput.low <= truth <= found.peak_throughput.high
        for found in (fit(n, exact + scale * rng.standard_normal(n.size)) for _ in range(200))
    ]
    # of a true 95 % fewer than 90 % of 200 happen once in 1,000 times
    assert np.mean(held) >= 0.90, np.mean(held)


def test_the_peak_is_no_lower_than_the_measurements_allow() -> None:
    """One degree of freedom must not make a peak possible that was exceeded already."""
    found = fit([2, 4, 4, 8, 16], [90, 220, 190, 308, 443])
    assert found.peak_throughput.low > 50
    assert found.peak_throughput.low <= found.peak_throughput.value <= found.peak_throughput.high
