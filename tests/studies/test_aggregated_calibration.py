"""Caches, mixes, Little's law, arrivals and scaling: what a hostile file must not make them say."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import ArrayLike

from capcalc.results.fit import Estimate, Fit
from capcalc.results.measurements import Measurements, Sample, Series
from capcalc.studies.calibrate import Context, fitted


def series(role: str, values: ArrayLike, tier: str = "", host: str = "", label: str = "") -> Series:
    return Series(
        role=role,
        tier=tier,
        host=host,
        label=label,
        values=np.asarray(values, dtype=float),
        column=role,
    )


def timed(*columns: Series, step: float = 60.0) -> Measurements:
    n = columns[0].values.size
    return Measurements(
        source="a.csv",
        form="table",
        rows=n,
        time=np.arange(n) * step,
        step=step,
        series=columns,
    )


def rows(*columns: Series, texts: Mapping[str, Sequence[str]] | None = None) -> Measurements:
    return Measurements(
        source="t.csv",
        form="table",
        rows=columns[0].values.size,
        series=columns,
        texts={name: tuple(each) for name, each in (texts or {}).items()},
    )


def fit(measured: Measurements, context: Context | None = None) -> Fit:
    return fitted([measured], context or Context())


def one(found: Fit, name: str, tier: str = "", label: str = "") -> Estimate:
    (each,) = [e for e in found.named(name, tier) if e.label == label]
    return each


def sample(times: np.ndarray, length: int, role: str = "interarrival") -> Sample:
    cut = times[: times.size // length * length].reshape(-1, length)
    batches = np.stack([np.full(len(cut), length), cut.sum(axis=1), (cut**2).sum(axis=1)], axis=1)
    return Sample(
        role=role,
        n=times.size,
        mean=float(times.mean()),
        scv=float(times.var() / times.mean() ** 2),
        batches=batches,
    )


def events(times: np.ndarray, length: int) -> Measurements:
    return Measurements(
        source="e.csv", form="events", rows=times.size, samples=(sample(times, length),)
    )


def test_hits_of_each_host_are_set_beside_its_own_misses() -> None:
    found = fit(
        timed(
            series("hits", [90] * 10, "cache", "a"),
            series("misses", [10] * 10, "cache", "a"),
            series("hits", [100] * 10, "cache", "b"),
            series("misses", [300] * 10, "cache", "b"),
        )
    )
    # (90 + 100) of (100 + 400) lookups, not 100 of 110
    assert one(found, "hit_ratio", "cache").value == pytest.approx(190 / 500)


def test_a_gap_of_one_host_leaves_the_others_in() -> None:
    found = fit(
        timed(
            series("hits", [90, np.nan, 90, 90], "cache", "a"),
            series("misses", [10, 10, 10, 10], "cache", "a"),
            series("hits", [50, 50, 50, np.nan], "cache", "b"),
            series("misses", [50, 50, 50, np.nan], "cache", "b"),
        )
    )
    assert one(found, "hit_ratio", "cache").value == pytest.approx((270 + 150) / (300 + 300))
    assert one(found, "hit_ratio", "cache").n == 4


def test_requests_that_are_not_lookups_give_no_ratio_above_one() -> None:
    found = fit(timed(series("hits", [900] * 10), series("requests", [100] * 10)))
    assert not found.named("hit_ratio")
    assert any("9 hits for each request" in text for text in found.left_out)


def test_ratios_are_weighted_with_what_was_asked() -> None:
    asked = np.array([1000.0, 10.0] * 20)
    ratios = np.array([0.9, 0.1] * 20)
    found = fit(timed(series("hit_ratio", ratios, "cache"), series("throughput", asked, "cache")))
    expected = (0.9 * 1000 + 0.1 * 10) / 1010
    assert one(found, "hit_ratio", "cache").value == pytest.approx(expected)
    alone = fit(timed(series("hit_ratio", ratios, "cache")))
    assert one(alone, "hit_ratio", "cache").value == pytest.approx(0.5)
    missed = fit(timed(series("miss_ratio", 1 - ratios, "cache")))
    assert one(missed, "hit_ratio", "cache").value == pytest.approx(0.5)


def test_slow_ratios_are_called_a_guess() -> None:
    rng = np.random.default_rng(3)
    slow = 0.8 + 0.002 * np.cumsum(rng.standard_normal(60))
    assert (
        "guess" in one(fit(timed(series("hit_ratio", slow, "cache"))), "hit_ratio", "cache").caution
    )
    quick = 0.8 + 0.002 * rng.standard_normal(60)
    assert not one(fit(timed(series("hit_ratio", quick, "cache"))), "hit_ratio", "cache").caution


def test_what_caches_let_through_row_by_row() -> None:
    found = fit(
        rows(
            series("miss_ratio", [0.0043, np.nan, 0.5]),
            series("arrival_rate", [11_400, 5, 10]),
            texts={"cluster": ["one", "two", "three"]},
        )
    )
    assert {e.label: e.value for e in found.named("backend_rate")} == pytest.approx(
        {"one": 49.02, "three": 5.0}
    )


def test_writes_of_two_hosts_are_brought_together() -> None:
    found = fit(
        timed(
            series("reads", [100] * 8, "db", "a"),
            series("writes", [100] * 8, "db", "a"),
            series("reads", [800] * 8, "db", "b"),
            series("writes", [0] * 8, "db", "b"),
        )
    )
    assert one(found, "write_share", "db").value == pytest.approx(0.1)


def test_an_apply_time_of_gaps_only_is_no_estimate() -> None:
    found = fit(timed(series("apply_time", [np.nan] * 9, "db"), series("lag", [0.1] * 9, "db")))
    assert not found.named("apply_time")
    assert one(found, "lag", "db").value == pytest.approx(0.1)


def test_littles_law_takes_rate_and_response_of_the_same_tier() -> None:
    found = fit(
        timed(
            series("response_mean", [0.2] * 20, "web"),
            series("response_mean", [0.01] * 20, "db"),
            series("throughput", [300.0] * 20, "db"),
            series("throughput", [50.0] * 20, "web"),
            series("concurrency", [3.0] * 20, "db"),
        )
    )
    assert one(found, "concurrency", "web").value == pytest.approx(10.0)
    assert one(found, "concurrency", "db").value == pytest.approx(3.0)
    # 3 at the database is right there, and says nothing of the web tier
    assert not any("Little" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("said", "words"),
    [(8.0, "wait, think or time out"), (3.0, "measured elsewhere"), (5.2, ""), (4.8, "")],
)
def test_the_sentence_on_little_hangs_on_the_tenth(said: float, words: str) -> None:
    found = fit(
        timed(
            series("response_mean", [0.1] * 20),
            series("throughput", [50.0] * 20),
            series("concurrency", [said] * 20),
        )
    )
    told = [warning for warning in found.warnings if "Little" in warning]
    assert bool(told) == bool(words)
    assert all(words in warning for warning in told)


def test_counts_without_a_length_of_interval_are_no_rate() -> None:
    found = fit(rows(series("response_mean", [0.1] * 5), series("requests", [1e6] * 5)))
    assert not found.named("concurrency")


def test_poisson_arrivals_are_called_so_and_nothing_is_said_of_stretches() -> None:
    times = np.random.default_rng(5).exponential(0.01, 20_000)
    found = fit(events(times, 50))
    assert one(found, "arrival_scv").low < 1 < one(found, "arrival_scv").high
    over = one(found, "arrival_dispersion", label="over 50 arrivals")
    assert over.low < 1 < over.high
    assert [w for w in found.warnings if "Poisson" in w]
    assert not [w for w in found.warnings if "stretch" in w or "dispersion" in w]


def test_bursts_that_one_gap_does_not_show_are_told_with_the_load_that_sees_them() -> None:
    rng = np.random.default_rng(6)
    level = np.repeat(rng.choice([0.3, 1.7], 400), 100)
    times = rng.exponential(1.0, level.size) / level
    found = fit(events(times, 100))
    over = one(found, "arrival_dispersion", label="over 100 arrivals")
    cut = times.reshape(400, 100).sum(axis=1)
    assert over.value == pytest.approx(100 * cut.var(ddof=1) / cut.mean() ** 2)
    assert over.low < over.value < over.high
    told = next(w for w in found.warnings if "over 100 arrivals" in w)
    assert "90 % busy" in told  # 1 - 1 / sqrt(100)
    assert "more irregular" in told


def test_paced_arrivals_make_up_for_each_other() -> None:
    rng = np.random.default_rng(7)
    due = np.arange(20_001) * 1.0 + rng.uniform(-0.45, 0.45, 20_001)
    found = fit(events(np.diff(due), 50))
    assert any("more even than a Poisson" in w for w in found.warnings)
    assert any("over 50 arrivals they are more even" in w for w in found.warnings)


def test_a_handful_of_arrivals_has_no_verdict() -> None:
    found = fit(events(np.array([1.0, 2.0, 0.5, 1.5, 1.0]), 1))
    assert math.isnan(one(found, "arrival_scv").low)
    assert not [w for w in found.warnings if "Poisson" in w]


def test_poisson_arrivals_that_follow_the_day_are_explained_by_it() -> None:
    minutes = np.arange(1440 * 4)
    usual = 60 * (1 + 0.9 * np.sin(2 * np.pi * minutes / 1440))
    rng = np.random.default_rng(8)
    steady = fit(timed(series("requests", rng.poisson(usual))))
    (told,) = [w for w in steady.warnings if "Poisson stream" in w]
    assert "the daily profile explains it" in told
    moved = usual * np.exp(0.3 * rng.standard_normal(usual.size))
    (told,) = [
        w
        for w in fit(timed(series("requests", rng.poisson(moved)))).warnings
        if "Poisson stream" in w
    ]
    assert "without the daily profile still" in told


def test_the_peak_over_the_mean_is_counted() -> None:
    counts = [40.0] * 50 + [400.0] + [np.nan]
    found = one(fit(timed(series("requests", counts))), "peak_over_mean", label="at 60 s")
    assert found.value == pytest.approx(400 / ((50 * 40 + 400) / 51))
    assert found.low == found.value == found.high


def test_rows_that_differ_by_the_kind_of_instance_are_one_group() -> None:
    found = fit(
        rows(
            series("load", [2, 4, 8, 16, 2, 4, 8, 16]),
            series("throughput", [90, 180, 360, 720, 90, 180, 200, 205]),
            texts={
                "study": ["new"] * 4 + ["old"] * 4,
                "instance": ["s", "m", "l", "xl"] * 2,
            },
        )
    )
    labels = {e.label for e in found.named("contention")}
    assert labels == {"new (instance varies with it)", "old (instance varies with it)"}
    assert one(found, "contention", label="new (instance varies with it)").value == pytest.approx(
        0, abs=1e-6
    )


def test_systems_of_their_own_are_not_one_group() -> None:
    found = fit(
        rows(
            series("load", [1, 2, 1, 2, 4, 8]),
            series("throughput", [10, 20, 5, 9, 50, 60]),
            texts={"engine": ["a", "a", "b", "b", "c", "d"]},
        )
    )
    # neither a nor b has sizes enough for the law, and c and d are alone: nothing is mixed
    assert not found.named("contention")


def test_a_law_that_says_nothing_is_not_written_down() -> None:
    rng = np.random.default_rng(1)

    def cores(n: np.ndarray, x: np.ndarray) -> Estimate:
        measured = rows(Series(role="servers", values=n, column="cores"), series("throughput", x))
        return one(fit(measured, Context(tier="web")), "contention", "web")

    few = cores(np.array([1.0, 2, 3, 4]), np.array([10.0, 23.0, 24.0, 41.0]))
    assert few.path == ""
    assert "measure more sizes" in few.caution
    sizes = np.repeat([1.0, 2, 4, 8, 16, 32], 3)
    exact = 10 * sizes / (1 + 0.05 * (sizes - 1))
    many = cores(sizes, exact * (1 + 0.01 * rng.standard_normal(sizes.size)))
    assert many.path == "tiers.web.scaling.contention"
    assert many.low <= 0.05 <= many.high
    assert not many.caution


@pytest.mark.parametrize(
    ("times", "told"),
    [
        (np.full(12, 2.0), True),
        (np.linspace(2.0, 8.0, 12), False),
        (np.linspace(8.0, 2.0, 12), False),
    ],
)
def test_flat_responses_are_told_and_others_not(times: np.ndarray, told: bool) -> None:
    found = fit(
        rows(series("throughput", np.linspace(9_000, 12_000, 12)), series("response_mean", times))
    )
    assert any("do not grow with the load" in w for w in found.warnings) == told


def test_the_flat_response_of_other_systems_is_not_told() -> None:
    found = fit(
        rows(
            series("throughput", np.linspace(9_000, 12_000, 12)),
            series("response_mean", np.full(12, 2.0)),
            texts={"framework": [str(i) for i in range(12)]},
        )
    )
    assert not any("do not grow" in w for w in found.warnings)


def test_zipf_from_ranks_and_from_how_many_have_how_many() -> None:
    counts = np.random.default_rng(3).multinomial(
        300_000, (weights := np.arange(1.0, 5001) ** -0.8) / weights.sum()
    )
    ranked = np.sort(counts[counts > 0])[::-1]
    by_rank = fit(rows(series("rank", np.arange(1, ranked.size + 1)), series("requests", ranked)))
    many, objects = np.unique(ranked, return_counts=True)
    by_number = fit(rows(series("requests", many), series("objects", objects)))
    assert one(by_rank, "zipf").value == pytest.approx(0.8, abs=0.02)
    assert one(by_number, "zipf").value == pytest.approx(one(by_rank, "zipf").value, abs=1e-12)
    assert one(by_number, "zipf").n == ranked.size
    assert "not Zipf" not in one(by_rank, "zipf").caution


def test_popularity_of_two_powers_is_called_rough_and_the_interval_holds_both() -> None:
    ranks = np.arange(1.0, 5001)
    weights = np.where(ranks <= 200, ranks**-0.3, 200**0.9 * ranks**-1.2)
    found = one(fit(rows(series("rank", ranks), series("requests", 1e5 * weights))), "zipf")
    assert "not Zipf's" in found.caution
    assert found.low == pytest.approx(0.3, abs=0.01)
    assert found.value > 0.5


def test_a_scv_that_a_few_long_times_carry_is_called_a_guess() -> None:
    rng = np.random.default_rng(2)

    def scv_of(times: np.ndarray) -> Estimate:
        measured = Measurements(
            source="e.csv",
            form="events",
            rows=times.size,
            samples=(sample(times, 20, "service_time"),),
        )
        return one(fit(measured, Context(tier="web")), "scv", "web")

    assert "a few long times" in scv_of(rng.lognormal(0, 2.0, 2000)).caution
    assert not scv_of(rng.exponential(1.0, 2000)).caution
