"""What the values of a column say, where its name alone would mislead."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from capcalc.results.measurements import Measurements
from capcalc.scenarios.measurements import open_metrics
from capcalc.studies.measured import measured

N = 60
START = datetime(2026, 11, 1, tzinfo=UTC)


def read(path: Path, columns: dict[str, list[object]], **told: dict[str, str]) -> Measurements:
    size = len(next(iter(columns.values())))
    times = [(START + timedelta(minutes=n)).isoformat() for n in range(size)]
    lines = [",".join(("time", *columns))]
    lines += [",".join(map(str, row)) for row in zip(times, *columns.values(), strict=True)]
    path.write_text("\n".join(lines) + "\n")
    return measured(open_metrics(str(path), **told))


def values(found: Measurements, role: str, host: str | None = None) -> np.ndarray:
    return next(e.values for e in found.of_role(role) if host in (None, e.host))


CORES = np.linspace(0.5, 3.7, N)


@pytest.mark.parametrize(
    ("name", "factor", "end"),
    [
        ("cpu_usage_cores", 1.0, ""),
        ("cpu_millicores", 1000.0, ""),
        ("cpu_percent", 100.0, ""),
        ("cpu", 1000.0, "m"),
        ("cpu_cores", 1.0, ""),
    ],
)
def test_cores_at_work(tmp_path: Path, name: str, factor: float, end: str) -> None:
    cells = [f"{round(factor * each, 4 if factor < 1000 else 0):g}{end}" for each in CORES]
    found = read(tmp_path / "cores.csv", {"rps": [7.5] * N, name: cells})
    np.testing.assert_allclose(values(found, "busy_servers"), CORES, atol=6e-4)


def test_how_many_cores_there_are(tmp_path: Path) -> None:
    found = read(tmp_path / "cores.csv", {"rps": [7.5] * N, "cpu_cores": [4] * N})
    np.testing.assert_array_equal(values(found, "servers"), 4)


def test_one_slip_above_100_per_cent_is_a_gap(tmp_path: Path) -> None:
    cells = [50.0 + n % 7 for n in range(N)]
    cells[5] = 180.0
    found = read(tmp_path / "slip.csv", {"rps": [7.5] * N, "cpu_percent": list(cells)})
    level = values(found, "utilization")
    assert np.isnan(level[5])
    assert np.isfinite(level).sum() == N - 1


def counted(rng: np.random.Generator, mean: float, size: int = N) -> list[object]:
    return list(10_000 + np.cumsum(rng.poisson(mean, size)))


@pytest.mark.parametrize("name", ["requests", "Questions", "page_hits", "requests_total"])
def test_a_counter_whatever_its_name(tmp_path: Path, name: str) -> None:
    cells = counted(np.random.default_rng(1), 300.0)
    found = read(tmp_path / "counter.csv", {name: cells})
    (series,) = found.series
    assert series.role == "requests"
    np.testing.assert_allclose(series.values[:-1], np.diff(np.array(cells, float)))
    told = read(tmp_path / "counter.csv", {name: cells}, roles={name: "requests"})
    np.testing.assert_array_equal(values(told, "requests"), cells)


def test_a_counter_that_is_reset(tmp_path: Path) -> None:
    cells = np.array(counted(np.random.default_rng(1), 300.0), float)
    cells[30:] -= cells[30] - 5
    found = read(tmp_path / "reset.csv", {"keyspace_hits": list(cells), "keyspace_misses": [3] * N})
    hits = values(found, "hits")
    assert hits[29] == 5.0
    assert np.nanmax(hits) < 400


def test_counts_are_no_counter(tmp_path: Path) -> None:
    """Also those that grow, as in a test in few steps, and a total of each day."""
    steps = read(tmp_path / "steps.csv", {"requests": [100 * n for n in range(1, 15)]})
    np.testing.assert_array_equal(values(steps, "requests"), 100 * np.arange(1, 15))
    rng = np.random.default_rng(2)
    cells = list(rng.poisson(300.0, N))
    found = read(tmp_path / "total.csv", {"total requests": cells})
    np.testing.assert_array_equal(values(found, "requests"), cells)


def test_counters_of_several_hosts(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    cells = [counted(rng, mean) for mean in (100.0, 300.0)]
    lines = ["time,host,requests"]
    for n in range(N):
        when = (START + timedelta(minutes=n)).isoformat()
        lines += [f"{when},web{host},{cells[host][n]}" for host in range(2)]
    path = tmp_path / "hosts.csv"
    path.write_text("\n".join(lines) + "\n")
    found = measured(open_metrics(str(path)))
    for host in range(2):
        expected = np.diff(np.array(cells[host], float))
        np.testing.assert_allclose(values(found, "requests", f"web{host}")[:-1], expected)


def test_a_counter_beside_an_average_tells_of_the_same_interval(tmp_path: Path) -> None:
    """Both are read at the end of it: an average of since the last reading."""
    rng = np.random.default_rng(4)
    each = rng.poisson(np.linspace(100, 2000, N))
    columns: dict[str, list[object]] = {
        "requests": list(np.cumsum(each)),
        "cpu_percent": list(each / 40.0),
    }
    found = read(tmp_path / "both.csv", columns)
    level, requests = values(found, "utilization"), values(found, "requests")
    np.testing.assert_allclose(requests[1:], level[1:] * 4000)
    assert any("interval that ends there" in note for note in found.notes)


def prometheus(path: Path, series: list[tuple[dict[str, str], list[float]]]) -> Measurements:
    result = [
        {
            "metric": labels,
            "values": [[1.7e9 + 60 * n, str(v)] for n, v in enumerate(held) if np.isfinite(v)],
        }
        for labels, held in series
    ]
    path.write_text(
        json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}})
    )
    return measured(open_metrics(str(path)))


def test_resets_of_one_prometheus_series_of_many(tmp_path: Path) -> None:
    """Two pods that only a label without a meaning here tells apart; one begins again."""
    name = {"__name__": "http_requests_total", "job": "web"}
    first = [1e6 + 300.0 * n for n in range(N)]
    second = [300.0 * n if n < 30 else 300.0 * (n - 30) for n in range(N)]
    ends = [300.0 * n if n < 40 else np.nan for n in range(N)]
    late = [np.nan if n < 50 else 5e5 + 300.0 * n for n in range(N)]
    gap = [np.nan if n == 20 else 300.0 * n for n in range(N)]
    found = prometheus(
        tmp_path / "p.json",
        [
            ({**name, "zone": str(n)}, each)
            for n, each in enumerate((first, second, ends, late, gap))
        ],
    )
    requests = values(found, "requests")
    expected = np.full(N - 1, 900.0)
    expected[:39] += 300.0
    expected[50:] += 300.0
    expected[29] -= 300.0  # what came between the last value and the reset is lost
    known = np.isfinite(requests)
    assert not known[19] or requests[19] == pytest.approx(2400 / 2)
    np.testing.assert_allclose(requests[:-1][known[:-1]], expected[known[:-1]])
    assert known.sum() >= N - 3


def test_prometheus_counters_of_a_cache(tmp_path: Path) -> None:
    series = [
        (
            {"__name__": f"redis_keyspace_{what}_total", "instance": "r1"},
            [size * n for n in range(N)],
        )
        for what, size in (("hits", 900.0), ("misses", 100.0))
    ]
    found = prometheus(tmp_path / "redis.json", series)
    np.testing.assert_allclose(values(found, "hits")[:-1], 900.0)
    np.testing.assert_allclose(values(found, "misses")[:-1], 100.0)


def test_cloudwatch_metrics_of_one_label_and_of_instances(tmp_path: Path) -> None:
    times = [(START + timedelta(minutes=n)).isoformat() for n in range(N)]

    def metric(ident: str, label: str, value: float) -> dict[str, object]:
        return {"Id": ident, "Label": label, "Timestamps": times, "Values": [value] * N}

    results = [
        metric("a", "i-0123456789abcdef0 CPUUtilization", 1.2),
        metric("b", "i-0fedcba9876543210 CPUUtilization", 0.9),
        metric("c", "app/my-alb/50dc6c495c0c9188 RequestCount", 600.0),
    ]
    path = tmp_path / "cloud.json"
    path.write_text(json.dumps({"MetricDataResults": results}))
    found = measured(open_metrics(str(path)))
    np.testing.assert_allclose(values(found, "utilization", "i-0123456789abcdef0"), 0.012)
    np.testing.assert_allclose(values(found, "utilization", "i-0fedcba9876543210"), 0.009)
    (requests,) = found.of_role("requests")
    assert (requests.tier, requests.label) == ("", "")
    np.testing.assert_array_equal(requests.values, 600.0)

    alike = [metric("a", "CPUUtilization", 1.2), metric("b", "CPUUtilization", 0.9)]
    path.write_text(json.dumps({"MetricDataResults": alike}))
    levels = [each.values[0] for each in measured(open_metrics(str(path))).of_role("utilization")]
    assert levels == pytest.approx([0.012, 0.009])


@pytest.mark.parametrize(
    "names",
    [
        ("cpu_user", "cpu_system", "cpu_iowait", "cpu_idle"),
        ("%usr", "%sys", "%iowait", "%idle"),
        ("us", "sy", "wa", "id"),
    ],
)
def test_the_parts_of_a_processors_time(tmp_path: Path, names: tuple[str, ...]) -> None:
    parts = (20.0, 10.0, 5.0, 65.0)
    columns: dict[str, list[object]] = {
        name: [part] * N for name, part in zip(names, parts, strict=True)
    }
    columns[names[3]] = [65.0 + n % 5 for n in range(N)]
    found = read(tmp_path / "parts.csv", {"rps": [7.5] * N, **columns})
    (level,) = found.of_role("utilization")
    assert (level.tier, level.label) == ("", "cpu")
    np.testing.assert_allclose(level.values, 0.35 - np.arange(N) % 5 / 100)


def test_parts_without_what_was_idle_are_not_used(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        name: [5.0] * N for name in ("cpu_user", "cpu_system", "cpu_iowait")
    }
    found = read(tmp_path / "parts.csv", {"rps": [7.5] * N, **columns})
    assert not list(found.of_role("utilization"))
    assert all("idle column is needed" in each.why for each in found.columns[2:])


def test_names_behind_a_hash(tmp_path: Path) -> None:
    """As ``sadf -d`` writes them."""
    path = tmp_path / "sadf.csv"
    lines = ["# hostname;interval;timestamp;CPU;%user;%nice;%system;%iowait;%steal;%idle"]
    for n in range(N):
        when = (START + timedelta(minutes=n)).strftime("%Y-%m-%d %H:%M:%S UTC")
        lines.append(f"web1;60;{when};-1;10.5;0.0;3.5;1.0;0.0;{80 + n % 5}.25")
    path.write_text("\n".join(lines) + "\n")
    found = measured(open_metrics(str(path)))
    assert found.time is not None
    assert found.time[0] == START.timestamp()
    (level,) = found.of_role("utilization")
    assert level.host == "web1"
    np.testing.assert_allclose(level.values, 0.1975 - np.arange(N) % 5 / 100)
