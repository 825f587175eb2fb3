"""Files of measurements in all forms: what each column is, units, times, gaps, resets, sizes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shared import SHARED

from capcalc.errors import UsageError
from capcalc.results.measurements import Measurements
from capcalc.scenarios.measurements import open_metrics
from capcalc.scenarios.measurements.roles import guessed
from capcalc.studies.measured import measured, tables

HOUR = 3600.0


def read(file: Path, **options: object) -> Measurements:
    return measured(open_metrics(str(file), **options))  # type: ignore[arg-type]


def write(folder: Path, text: str, name: str = "m.csv") -> Path:
    file = folder / name
    file.write_bytes(text.encode())
    return file


def values(found: Measurements, role: str, label: str = "", tier: str = "") -> np.ndarray:
    series = next(e for e in found.of_role(role) if e.label == label and e.tier == tier)
    return series.values


@pytest.mark.parametrize(
    ("name", "role", "tier", "label", "unit"),
    [
        ("timestamp", "time", "", "", ""),
        ("t_s", "time", "", "", "s"),
        ("ds", "time", "", "", ""),
        ("web_cpu_percent", "utilization", "web", "cpu", "percent"),
        ("db cpu %", "utilization", "db", "cpu", "%"),
        ("CPUUtilization", "utilization", "", "cpu", "%"),
        ("memory_used_pct", "utilization", "", "memory", "pct"),
        ("disk_util", "utilization", "", "disk", ""),
        ("app_cpu_pct(1 vCPU)", "utilization", "", "cpu", "pct"),
        ("worker0_cpu_s", "busy_total", "worker0", "cpu", "s"),
        ("busy_servers_mean", "busy_servers", "", "", ""),
        ("browse_rps", "arrival_rate", "", "browse", "rps"),
        ("offered_rps", "arrival_rate", "", "", "rps"),
        ("ok_rps", "throughput", "", "", "rps"),
        ("lb requests/min", "arrival_rate", "lb", "", "requests/min"),
        ("RequestCount", "requests", "", "", ""),
        ("requests_browse", "requests", "", "browse", ""),
        ("http_requests_total", "requests_total", "", "", ""),
        ("p95_ms", "response_p95", "", "", "ms"),
        ("latency_mean_ms", "response_mean", "", "", "ms"),
        ("avg response time (ms)", "response_mean", "", "", "ms"),
        ("latency_ms", "response", "", "", "ms"),
        ("service_ms", "service_time", "", "", "ms"),
        ("cache_hits", "hits", "cache", "", ""),
        ("redis_hit_rate", "hit_ratio", "redis", "", ""),
        ("db_writes", "writes", "db", "", ""),
        ("apply_ms", "apply_time", "", "", "ms"),
        ("concurrency", "concurrency", "", "", ""),
        ("load", "load", "", "", ""),
        ("throughput", "throughput", "", "", ""),
        ("DAU", "daily_active_users", "", "", ""),
        ("new users", "new_users", "", "", ""),
        ("orders", "orders", "", "", ""),
        ("revenue_usd", "revenue", "", "", "usd"),
        ("retention", "retention", "", "", ""),
        ("value", "value", "", "", ""),
        ("cpu_limit_millicores", "", "", "", "millicores"),
        ("one-hit-wonder ratio (%)", "", "", "", "%"),
        ("target_rate_rps", "", "", "", "rps"),
        ("latency_ci95_ms", "", "", "", "ms"),
        ("framework", "", "", "", ""),
    ],
)
def test_roles_are_guessed_from_names(
    name: str, role: str, tier: str, label: str, unit: str
) -> None:
    column = guessed(name)
    assert (column.role, column.tier, column.label) == (role, tier, label)
    assert column.unit == unit
    assert column.why


def test_a_plain_table_in_si_units(tmp_path: Path) -> None:
    text = "time,browse_rps,web_cpu_pct,p95_ms,cache_hits,cache_misses\n"
    text += "".join(
        f"2026-11-01T00:{m:02d}:00Z,{10 + m},{20 + m},{30 + m},90,10\n" for m in range(20)
    )
    found = read(write(tmp_path, text))
    assert found.step == 60.0
    assert found.clock
    assert found.time is not None
    assert found.time[0] == pd.Timestamp("2026-11-01", tz="UTC").timestamp()
    np.testing.assert_allclose(values(found, "arrival_rate", "browse"), np.arange(10, 30))
    np.testing.assert_allclose(values(found, "utilization", "cpu", "web"), np.arange(20, 40) / 100)
    np.testing.assert_allclose(values(found, "response_p95"), np.arange(30, 50) / 1000)
    assert not found.dropped
    assert all(column.why for column in found.columns)


@pytest.mark.parametrize(
    ("first", "second", "seconds"),
    [
        ("2026-11-01 00:00:00", "2026-11-01 00:05:00", 300),
        ("2026-11-01T00:00:00+01:00", "2026-11-01T00:05:00+01:00", 300),
        ("1793491200", "1793491260", 60),
        ("1793491200000", "1793491260000", 60),
        ("01/Nov/2026:00:00:00 -0400", "01/Nov/2026:00:00:30 -0400", 30),
        ("11/01/2026 00:00", "11/01/2026 01:00", 3600),
        ("01.11.2026 00:00", "01.11.2026 01:00", 3600),
        ("2026/11/01 00:00:00", "2026/11/01 00:00:10", 10),
        ("2026-11-01", "2026-11-02", 86400),
    ],
)
def test_times_in_all_forms(tmp_path: Path, first: str, second: str, seconds: float) -> None:
    found = read(write(tmp_path, f"time,requests\n{first},1\n{second},2\n"))
    assert found.time is not None
    assert found.clock
    assert found.time[1] - found.time[0] == pytest.approx(seconds)


def test_a_time_zone_is_told_or_said(tmp_path: Path) -> None:
    file = write(tmp_path, "time,requests\n2026-07-01 12:00,1\n2026-07-01 13:00,2\n")
    assert any("UTC" in note for note in read(file).notes)
    berlin = read(file, time_zone="Europe/Berlin")
    assert berlin.time is not None
    assert berlin.time[0] == pd.Timestamp("2026-07-01T10:00Z").timestamp()
    with pytest.raises(UsageError, match="did you mean 'Europe/Berlin'"):
        read(file, time_zone="Europe/Berlinn")


def test_the_hour_in_which_clocks_change_is_left_out_and_said(tmp_path: Path) -> None:
    rows = "".join(f"2026-10-25 {h:02d}:30,{h}\n" for h in range(6))
    found = read(write(tmp_path, f"time,requests\n{rows}"), time_zone="Europe/Berlin")
    assert any("clocks are changed" in each.why for each in found.dropped)


def test_gaps_doubles_and_disorder_are_mended_in_the_open(tmp_path: Path) -> None:
    rows = [(m, m) for m in range(30) if m not in (7, 8)]
    rows += [(3, 3), (4, 8)]
    rows[10], rows[11] = rows[11], rows[10]
    text = "time,requests\n" + "".join(f"2026-11-01T00:{m:02d}:00Z,{v}\n" for m, v in rows)
    found = read(write(tmp_path, text))
    got = values(found, "requests")
    assert np.isnan(got[[7, 8]]).all()
    assert got[3] == 3
    assert got[4] == 6  # 4 and 8 stood there
    assert np.isfinite(got).sum() == 28
    notes = " ".join(found.notes)
    assert "2 of 30 intervals are missing" in notes
    assert "stand more than once" in notes
    assert "not in the order of time" in notes


def test_counters_are_differenced_and_resets_survived(tmp_path: Path) -> None:
    text = "time,http_requests_total\n"
    total = [100, 160, 220, 280, 30, 90, 150]
    text += "".join(f"{1793491200 + 60 * n},{v}\n" for n, v in enumerate(total))
    found = read(write(tmp_path, text))
    np.testing.assert_allclose(values(found, "requests")[:6], [60, 60, 60, 30, 60, 60])
    assert any("reset 1 times" in note for note in found.notes)


def test_what_is_impossible_is_a_gap_and_counted(tmp_path: Path) -> None:
    text = "time,requests,cpu_pct\n" + "".join(f"{60 * n},10,50\n" for n in range(10))
    text += "600,-1,50\n660,ten,50\n720,10,250\n780,inf,50\n840,,50\n"
    found = read(write(tmp_path, text))
    got = values(found, "requests")
    assert np.isfinite(got).sum() == 11
    assert np.isnan(values(found, "utilization", "cpu")[12])
    told = {each.why: each for each in found.dropped}
    assert any("negative" in why for why in told)
    assert any("text in 'requests'" in why and told[why].first_line == 13 for why in told)
    assert any("above 100 %" in why for why in told)
    assert any("infinite" in why for why in told)


def test_per_cent_is_seen_by_its_size_and_units_can_be_told(tmp_path: Path) -> None:
    text = "time,cpu,rt\n" + "".join(f"{60 * n},{50 + n},{200 + n}\n" for n in range(10))
    file = write(tmp_path, text)
    found = read(file)
    assert values(found, "utilization", "cpu").max() == pytest.approx(0.59)
    assert any("per cent" in note for note in found.notes)
    told = read(file, roles={"cpu": "utilization db cpu %", "rt": "response_mean ms"})
    assert values(told, "utilization", "cpu", "db")[0] == pytest.approx(0.5)
    assert values(told, "response_mean")[0] == pytest.approx(0.2)
    assert not next(c for c in told.columns if c.name == "cpu").guessed


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        ({"cpuu": "utilization"}, "did you mean 'cpu'"),
        ({"cpu": "utilisation"}, "did you mean 'utilization'"),
        ({"cpu": "utilization web cpu ms"}, "not measured in ms"),
        ({"cpu": "utilization web cpu % more"}, "one word too many"),
        ({"cpu": ""}, "is no role"),
    ],
)
def test_wrong_roles_are_refused_with_what_would_be_right(
    tmp_path: Path, roles: Mapping[str, str], message: str
) -> None:
    file = write(tmp_path, "time,cpu\n0,1\n60,2\n")
    with pytest.raises(UsageError, match=message):
        read(file, roles=roles)


def test_ln_and_ignore(tmp_path: Path) -> None:
    file = write(tmp_path, '"ds","y","z"\n"2026-01-01",2.0,1\n"2026-01-02",3.0,1\n')
    found = read(file, roles={"y": "requests ln", "z": "ignore"})
    np.testing.assert_allclose(values(found, "requests"), np.exp([2.0, 3.0]))
    assert len(found.series) == 1
    assert any("tell" in c.why or "told" in c.why for c in found.columns if c.name == "z")


def test_a_long_table_is_split_by_tier_host_and_class(tmp_path: Path) -> None:
    rows = "".join(
        f"{60 * n},{tier},{tier}-{host},{n + 10 * host}\n"
        for n in range(6)
        for tier in ("web", "db")
        for host in (1, 2)
    )
    found = read(write(tmp_path, f"time,tier,host,cpu_pct\n{rows}"))
    assert {(e.tier, e.host) for e in found.of_role("utilization")} == {
        ("web", "web-1"),
        ("web", "web-2"),
        ("db", "db-1"),
        ("db", "db-2"),
    }
    one = next(e for e in found.of_role("utilization") if e.host == "db-2")
    np.testing.assert_allclose(one.values, (20 + np.arange(6)) / 100)


def test_separators_thousands_and_decimal_commas(tmp_path: Path) -> None:
    semi = write(tmp_path, "time;requests;p95_ms\n0;1.200;3,5\n60;1.300;4,5\n", "a.csv")
    found = read(semi)
    np.testing.assert_allclose(values(found, "requests"), [1200, 1300])
    np.testing.assert_allclose(values(found, "response_p95"), [0.0035, 0.0045])
    tab = write(tmp_path, "time\trequests\n0\t5\n60\t6\n", "b.tsv")
    np.testing.assert_allclose(values(read(tab), "requests"), [5, 6])
    marked = tmp_path / "c.csv"
    marked.write_bytes(b"\xef\xbb\xbftime,requests\r\n0,5\r\n60,6\r\n")
    np.testing.assert_allclose(values(read(marked), "requests"), [5, 6])


def test_events_become_intervals_and_samples(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    time = np.cumsum(rng.exponential(0.01, 20_000))
    latency = rng.exponential(20.0, time.size)
    file = tmp_path / "requests.csv.gz"
    with gzip.open(file, "wt") as text:
        text.write("t_s,latency_ms,status\n")
        text.writelines(f"{t:.6f},{ms:.4f},200\n" for t, ms in zip(time, latency, strict=True))
    found = read(file, interval=10.0)
    assert found.form == "events"
    assert found.step == 10.0
    counts = values(found, "requests")
    expected = np.bincount((time // 10).astype(int))
    np.testing.assert_allclose(counts[:-1], expected[:-1])
    sample = next(found.samples_of("response"))
    assert sample.n == 20_000
    assert sample.mean == pytest.approx(latency.mean() / 1000, rel=1e-6)
    assert sample.scv == pytest.approx(latency.var() / latency.mean() ** 2, rel=1e-6)
    for p, value in sample.quantiles.items():
        assert value == pytest.approx(np.quantile(latency, p) / 1000, rel=0.011)
    assert sample.batches[:, 0].sum() == pytest.approx(20_000, abs=100)
    gaps = next(found.samples_of("interarrival"))
    assert gaps.mean == pytest.approx(np.diff(time).mean(), rel=1e-4)
    inside = (time >= 10) & (time < 20)
    assert values(found, "response_mean")[1] == pytest.approx(
        latency[inside].mean() / 1000, rel=1e-6
    )
    p95 = np.quantile(latency[inside], 0.95) / 1000
    assert values(found, "response_p95")[1] == pytest.approx(p95, rel=0.03)


def test_prometheus_range_queries(tmp_path: Path) -> None:
    def series(labels: Mapping[str, str], numbers: list[float]) -> dict[str, object]:
        return {
            "metric": labels,
            "values": [[1793491200 + 60 * n, str(v)] for n, v in enumerate(numbers)],
        }

    name = "http_requests_total"
    result = [
        series(
            {"__name__": name, "job": "web", "instance": "w1", "handler": "/buy", "code": "200"},
            [0, 60, 120, 180],
        ),
        series(
            {"__name__": name, "job": "web", "instance": "w1", "handler": "/buy", "code": "500"},
            [0, 6, 12, 18],
        ),
        series(
            {"__name__": "node_cpu_seconds_total", "job": "node", "instance": "w1", "mode": "user"},
            [0, 20, 40, 60],
        ),
        series(
            {
                "__name__": "node_cpu_seconds_total",
                "job": "node",
                "instance": "w1",
                "mode": "system",
            },
            [0, 10, 20, 30],
        ),
        series(
            {"__name__": "node_cpu_seconds_total", "job": "node", "instance": "w1", "mode": "idle"},
            [0, 90, 180, 270],
        ),
    ]
    tree = {"status": "success", "data": {"resultType": "matrix", "result": result}}
    found = read(write(tmp_path, json.dumps(tree), "p.json"))
    assert found.form == "prometheus"
    requests = next(found.of_role("requests"))
    assert (requests.tier, requests.label) == ("web", "/buy")
    np.testing.assert_allclose(requests.values[:3], 66)
    busy = next(found.of_role("busy_servers"))
    np.testing.assert_allclose(busy.values[:3], 0.5)


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"status": "error", "error": "query timed out"}, "query timed out"),
        ({"status": "success", "data": {"resultType": "vector", "result": []}}, "instant query"),
        ({"status": "success", "data": {"resultType": "matrix", "result": []}}, "no series"),
    ],
)
def test_prometheus_answers_that_say_nothing(
    tmp_path: Path, tree: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        read(write(tmp_path, json.dumps(tree), "p.json"))


def test_cloudwatch_json_and_console_csv(tmp_path: Path) -> None:
    points = [
        {"Timestamp": f"2026-11-01T00:{m:02d}:00Z", "Average": 40.0 + m, "Unit": "Percent"}
        for m in (5, 0, 10)
    ]
    statistics = {"Label": "CPUUtilization", "Datapoints": points}
    found = read(write(tmp_path, json.dumps(statistics), "a.json"))
    assert found.form == "cloudwatch"
    np.testing.assert_allclose(values(found, "utilization", "cpu"), [0.40, 0.45, 0.50])
    stamps = [f"2026-11-01T00:{m:02d}:00Z" for m in (0, 5, 10)]
    data = {
        "MetricDataResults": [
            {"Label": "RequestCount", "Timestamps": stamps, "Values": [10, 20, 30]}
        ]
    }
    found = read(write(tmp_path, json.dumps(data), "b.json"))
    np.testing.assert_allclose(values(found, "requests"), [10, 20, 30])
    console = "Full label,CPUUtilization\nLabel,CPUUtilization\nId,m1\nPeriod,300\n"
    console += "2026/11/01 00:00:00,40\n2026/11/01 00:05:00,50\n"
    found = read(write(tmp_path, console, "c.csv"))
    np.testing.assert_allclose(values(found, "utilization", "cpu"), [0.4, 0.5])


def test_json_of_records_columns_and_lines(tmp_path: Path) -> None:
    records = [
        {"timestamp": 1793491200 + 60 * n, "requests": n, "cpu": {"percent": 5.0}} for n in range(4)
    ]
    for name, text in {
        "a.json": json.dumps(records),
        "b.json": json.dumps(
            {"timestamp": [r["timestamp"] for r in records], "requests": [0, 1, 2, 3]}
        ),
        "c.json": "\n".join(json.dumps(each) for each in records) + "\n",
    }.items():
        found = read(write(tmp_path, text, name))
        np.testing.assert_allclose(values(found, "requests"), [0, 1, 2, 3])
        assert found.step == 60


def test_access_logs_with_times(tmp_path: Path) -> None:
    lines = [
        f'10.0.0.{n % 9} - - [01/Nov/2026:00:00:{n % 60:02d} +0000] "GET /{"a.css" if n % 3 else "buy?x=1"} HTTP/1.1" '
        f'{500 if n % 10 == 0 else 200} 512 "-" "curl" 0.{n % 60:03d}'
        for n in range(60)
    ]
    lines[7] = "nonsense"
    found = read(write(tmp_path, "\n".join(lines), "access.log"), interval=10.0)
    assert found.form == "access log"
    assert found.clock
    dynamic = next(e for e in found.of_role("requests") if e.label == "dynamic")
    static = next(e for e in found.of_role("requests") if e.label == "static")
    assert np.nansum(dynamic.values) == 20
    assert np.nansum(static.values) == 39
    assert found.dropped[0].first_line == 8
    sample = next(e for e in found.samples_of("response") if e.label == "dynamic")
    assert sample.mean == pytest.approx(np.mean([n / 1000 for n in range(0, 60, 3)]))
    assert np.nansum(next(found.of_role("errors")).values) == 6


def test_parquet(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    file = tmp_path / "m.parquet"
    pd.DataFrame(
        {
            "timestamp": pd.date_range("2026-11-01", periods=5, freq="5min", tz="UTC"),
            "requests": [1.0, 2, 3, 4, 5],
        }
    ).to_parquet(file)
    found = read(file)
    assert found.step == 300
    assert found.clock
    np.testing.assert_allclose(values(found, "requests"), [1, 2, 3, 4, 5])


def test_long_tables_are_pooled_and_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    n = 45_000
    monkeypatch.setattr(tables, "MOST_ROWS", 20_000)
    monkeypatch.setattr(tables, "MOST_BINS", 5_000)
    monkeypatch.setattr("capcalc.scenarios.measurements.tables.ROWS", 10_000)
    frame = pd.DataFrame({"time": 1793491200 + np.arange(n), "requests": 2, "cpu_pct": 50.0})
    file = tmp_path / "long.csv"
    frame.to_csv(file, index=False)
    found = read(file)
    assert found.time is not None
    assert len(found.time) <= 5_001
    requests = values(found, "requests")
    assert np.nansum(requests) == pytest.approx(2 * n, rel=0.001)
    np.testing.assert_allclose(values(found, "utilization", "cpu"), 0.5)
    assert any("pooled" in note for note in found.notes)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared measurements are not here")
def test_real_files_read_as_they_are() -> None:
    real = SHARED / "data" / "real"
    nasa = read(real / "public" / "nasa_requests_per_minute.csv")
    assert values(nasa, "requests").mean() == pytest.approx(41.0, abs=0.1)
    assert values(nasa, "requests").max() == 409
    assert nasa.step == 60
    run = read(real / "measured" / "mm1_nginx_r70" / "requests.csv.gz")
    sample = next(run.samples_of("response"))
    assert sample.n == 12_510
    assert sample.mean == pytest.approx(0.02114, rel=1e-3)
    assert sample.quantiles[0.99] == pytest.approx(0.08539, rel=0.011)


def log_lines(n: int = 120) -> str:
    paths = ["/cart/add?id=1", "/browse/2", "/img/logo.png"]
    return "".join(
        f'1.2.3.4 - - [01/Nov/2026:00:{k // 60:02d}:{k % 60:02d} +0000] "GET {paths[k % 3]} HTTP/1.1" 200 {1000 * (k % 3 + 1)} 0.0{k % 9 + 1}\n'
        for k in range(n)
    )


def test_paths_are_named_by_the_users_patterns(tmp_path: Path) -> None:
    file = write(tmp_path, log_lines(), "access.log")
    found = read(file, classes={"buy": "^/cart", "static": r"\.png"})
    assert {e.label for e in found.of_role("requests")} == {"", "buy", "static", "other"}
    sizes = {e.label: e.mean for e in found.samples_of("size")}
    assert sizes == {"buy": 1000, "other": 2000, "static": 3000}
    lines = "\n".join(
        json.dumps({"time": 1793491200 + k, "path": f"/cart/{k}", "latency_ms": 5.0 + k % 3})
        for k in range(60)
    )
    told = read(write(tmp_path, lines, "l.json"), classes={"buy": "^/cart"})
    assert {e.label for e in told.samples_of("response")} == {"buy"}
    with pytest.raises(UsageError, match="no regular expression"):
        read(file, classes={"buy": "("})


def test_far_values_are_kept_and_said(tmp_path: Path) -> None:
    rows = "".join(f"{60 * n},{100 + n % 5}\n" for n in range(60)).replace("600,100", "600,99999")
    found = read(write(tmp_path, f"time,requests\n{rows}"))
    assert values(found, "requests").max() == 99999
    assert any("far from the others" in note and "1e+05" in note for note in found.notes)
    plain = read(write(tmp_path, f"time,requests\n{rows.replace('99999', '101')}"))
    assert not any("far from" in note for note in plain.notes)


def test_whole_seconds_do_not_tell_how_irregular_arrivals_are(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    exact = np.cumsum(rng.exponential(0.05, 4000))
    coarse = "".join(f"{int(t)},{5 + k % 3}\n" for k, t in enumerate(exact))
    found = read(write(tmp_path, f"t_s,latency_ms\n{coarse}"))
    assert not list(found.samples_of("interarrival"))
    assert any("cannot be told" in note for note in found.notes)
    fine = "".join(f"{t:.6f},{5 + k % 3}\n" for k, t in enumerate(exact))
    sample = next(read(write(tmp_path, f"t_s,latency_ms\n{fine}")).samples_of("interarrival"))
    assert sample.scv == pytest.approx(1.0, abs=0.1)
