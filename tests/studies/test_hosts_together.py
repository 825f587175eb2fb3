"""Several hosts, each with its own counts: the tier's numbers are their sums."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from measured_queues import Measured, measure

import capcalc as cc
from capcalc.results.fit import Fit
from capcalc.results.measurements import Measurements, Series
from capcalc.scenarios.measurements import open_metrics
from capcalc.studies.calibrate import Context, fitted
from capcalc.studies.measured import measured
from capcalc.studies.measured.hosts import lived, over_hosts, summed
from capcalc.studies.measured.joined import joined
from capcalc.studies.validate import validated

TRUTH = {"page": 0.015, "api": 0.03}
RATES = (14.0, 8.0)
FILE = """\
capcalc: 1
demand: {requests: {page: {rate: 28/s}, api: {rate: 16/s}}}
tiers: {web: {kind: web, hosts: 2, service_time: {page: 15ms, api: 30ms}}}
"""


@pytest.fixture(scope="module")
def hosts() -> list[Measured]:
    rng = np.random.default_rng(5)
    return [
        measure(rng, intervals=240, rates=RATES, service_times=tuple(TRUTH.values()), most=0.8)
        for _ in range(2)
    ]


def prometheus(path: Path, series: dict[tuple[str, ...], np.ndarray]) -> str:
    """Series by their labels, as one answer to a range query."""
    result = [
        {
            "metric": dict(part.split("=") for part in labels),
            "values": [[1.7e9 + 60 * n, str(value)] for n, value in enumerate(values)],
        }
        for labels, values in series.items()
    ]
    path.write_text(
        json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}})
    )
    return str(path)


def within(fit: Fit, tier: str = "web") -> None:
    found = {each.label: each for each in fit.estimates if each.name == "service_time"}
    assert set(found) >= set(TRUTH)
    for name, truth in TRUTH.items():
        assert found[name].low <= truth <= found[name].high
        assert found[name].value == pytest.approx(truth, rel=0.1)
        assert found[name].tier == tier


def test_prometheus_counts_on_every_host(hosts: list[Measured], tmp_path: Path) -> None:
    requests, busy = {}, {}
    for number, host in enumerate(hosts):
        for place, name in enumerate(TRUTH):
            labels = ("__name__=http_requests_total", "job=web", f"instance=web{number}")
            counted = np.cumsum(host.completions[:, place] * host.step)
            requests[(*labels, f"route={name}")] = counted
        labels = ("__name__=node_cpu_seconds_total", "job=web", f"instance=web{number}", "cpu=0")
        busy[(*labels, "mode=user")] = np.cumsum(host.utilization * host.step)
    files = [
        measured(open_metrics(prometheus(tmp_path / f"{name}.json", series)))
        for name, series in (("requests", requests), ("cpu", busy))
    ]
    both = joined(files)
    assert both is not None
    within(fitted([both], Context()))
    system = cc.loads(FILE)
    told = validated(system, [both])
    level = next(each for each in told.compared if each.quantity == "busy_servers")
    assert abs(level.error) < 0.1
    whole = np.nanmean(sum(host.completions.sum(axis=1) for host in hosts))
    assert np.nanmean(level.load) == pytest.approx(whole, rel=0.02)


def test_a_row_for_each_host(hosts: list[Measured], tmp_path: Path) -> None:
    lines = ["timestamp,host,page_requests,api_requests,cpu_percent"]
    for n in range(240):
        for number, host in enumerate(hosts):
            counts = np.round(host.completions[n] * host.step)
            lines.append(
                f"2026-11-01T{n // 60:02d}:{n % 60:02d}:00Z,web{number},{counts[0]:.0f},"
                f"{counts[1]:.0f},{100 * host.utilization[n]:.2f}"
            )
    path = tmp_path / "hosts.csv"
    path.write_text("\n".join(lines) + "\n")
    fit = fitted([measured(open_metrics(str(path)))], Context(tier="web", servers=1.0))
    within(fit)
    rates = {each.label: each.value for each in fit.estimates if each.name == "arrival_rate"}
    for place, name in enumerate(TRUTH):
        whole = sum(host.completions[:, place].mean() for host in hosts)
        assert rates[name] == pytest.approx(whole, rel=1e-3)


def series(values: list[float], host: str = "", column: str = "c") -> Series:
    return Series(role="requests", host=host, values=np.array(values, float), column=column)


def test_a_series_without_a_host_is_of_all() -> None:
    total = series([5, 6])
    assert over_hosts([series([1, 2], "a"), total, series([4, 4], "b")]) == [total]


def test_a_host_counts_once() -> None:
    found = over_hosts([series([1, 2], "a"), series([7, 7], "a"), series([4, 4], "b", "d")])
    assert [each.values.tolist() for each in found] == [[5.0, 6.0]]
    assert found[0].host == ""
    assert found[0].column == "c, d"


def test_hosts_that_come_and_go() -> None:
    nan = np.nan
    rows = [series([1, 2, nan, nan, nan], "a"), series([nan, 3, 4, nan, 5], "b")]
    np.testing.assert_array_equal(summed(rows), [1, 5, 4, nan, 5])
    there = lived(np.stack([each.values for each in rows]))
    np.testing.assert_array_equal(
        there, [[True, True, False, False, False], [False, True, True, True, True]]
    )


def test_an_autoscaled_tier_is_recovered(hosts: list[Measured]) -> None:
    """The second host is there in the middle third only."""
    there = np.arange(240) // 80 == 1
    made = []
    for number, host in enumerate(hosts):
        shown = np.where(there | (number == 0), 1.0, np.nan)
        columns = {"utilization": host.utilization} | {
            f"throughput {name}": host.completions[:, place] for place, name in enumerate(TRUTH)
        }
        for name, values in columns.items():
            role, _, label = name.partition(" ")
            made.append(
                Series(
                    role=role,
                    tier="" if label else "web",
                    host=f"web{number}",
                    label=label or "cpu",
                    values=values * shown,
                    column=name,
                )
            )
    both = Measurements(
        source="m",
        form="table",
        rows=240,
        time=np.arange(240) * 60.0,
        step=60.0,
        series=tuple(made),
    )
    within(fitted([both], Context(servers=1.0)))


def test_columns_told_twice_are_of_two_hosts(hosts: list[Measured], tmp_path: Path) -> None:
    """A column for each host, and nothing in the names that says so."""
    names = [f"{kind}{number}" for number in "xy" for kind in ("p", "a", "c")]
    lines = [",".join(("timestamp", *names))]
    for n in range(240):
        cells = [
            f"{value:.4f}"
            for host in hosts
            for value in (*host.completions[n], 100 * host.utilization[n])
        ]
        lines.append(",".join((f"2026-11-01T{n // 60:02d}:{n % 60:02d}:00Z", *cells)))
    path = tmp_path / "wide.csv"
    path.write_text("\n".join(lines) + "\n")
    told = {f"p{n}": "throughput page" for n in "xy"} | {f"c{n}": "utilization cpu %" for n in "xy"}
    told |= {f"a{n}": "throughput api" for n in "xy"}
    one = measured(open_metrics(str(path), roles=told | dict.fromkeys(names[3:], "ignore")))
    assert [each.host for each in one.series] == ["", "", ""]
    both = measured(open_metrics(str(path), roles=told))
    assert {each.host for each in both.series} == set(names)
    fit = fitted([both], Context(tier="web", servers=1.0))
    within(fit)
    background = next(each for each in fit.estimates if each.name == "background")
    assert background.low <= 0.06 <= background.high
