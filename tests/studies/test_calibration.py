"""From measurements to estimates: hosts, aggregated metrics, scaling, arrivals; and into scenarios."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from measured_queues import measure
from shared import SHARED

import capcalc as cc
from capcalc.results.fit import Estimate, Fit
from capcalc.results.measurements import Measurements, Series
from capcalc.scenarios.measurements import open_metrics
from capcalc.scenarios.saving import updated
from capcalc.studies.calibrate import Context, fitted
from capcalc.studies.measured import measured
from capcalc.studies.measured.joined import joined
from capcalc.studies.validate import validated

REAL = SHARED / "data" / "real"
real_data = pytest.mark.skipif(not REAL.exists(), reason="the shared measurements are not here")

TWO = """\
capcalc: 1
demand: {requests: {browse: {rate: 12/s}, search: {rate: 8/s}}}
tiers: {web: {kind: web, service_time: {browse: 10ms, search: 10ms}}}
"""


def table(series: dict[str, np.ndarray], step: float = 60.0, source: str = "m.csv") -> Measurements:
    """Series by ``role``, ``role label`` or ``role/tier label``."""
    made = []
    for name, values in series.items():
        role, _, label = name.partition(" ")
        role, _, tier = role.partition("/")
        resource = label or ("cpu" if role == "utilization" else "")
        made.append(
            Series(
                role=role, tier=tier, label=resource, values=np.asarray(values, float), column=name
            )
        )
    length = made[0].values.size
    return Measurements(
        source=source,
        form="table",
        rows=length,
        time=np.arange(length) * step,
        step=step,
        series=tuple(made),
    )


def one(fit: Fit, name: str, label: str = "", tier: str = "") -> Estimate:
    return next(e for e in fit.estimates if (e.name, e.label, e.tier) == (name, label, tier))


def real(*parts: str, **roles: str) -> Measurements:
    return measured(open_metrics(str(REAL.joinpath(*parts)), roles=roles))


def test_two_classes_of_one_tier() -> None:
    seen = measure(
        np.random.default_rng(2), intervals=300, rates=(12.0, 8.0), service_times=(0.015, 0.03)
    )
    metrics = table(
        {
            "throughput browse": seen.completions[:, 0],
            "throughput search": seen.completions[:, 1],
            "utilization/web": seen.utilization,
        }
    )
    fit = fitted([metrics], Context(system=cc.loads(TWO)))
    for name, truth in (("browse", 0.015), ("search", 0.03)):
        found = one(fit, "service_time", name, "web")
        assert found.low <= truth <= found.high
        assert found.path == f"tiers.web.service_time.{name}"
        assert found.source == f"measured in m.csv, n = {found.n}, 95% interval"
        assert found.n > 290
    background = one(fit, "background", "cpu", "web")
    assert background.low <= 0.03 <= background.high
    saved = updated(TWO, "two.yaml", fit.estimates)
    system = cc.loads(saved.text)
    low, high = system.inputs.ranges["tiers.web.service_time.search"]
    assert low <= 0.03 <= high
    check = validated(system, [metrics])
    busy = next(e for e in check.compared if e.quantity == "utilization")
    assert busy.verdict == "good"


def test_servers_and_hosts_multiply_the_demand() -> None:
    seen = measure(
        np.random.default_rng(3), intervals=150, rates=(60.0,), service_times=(0.04,), servers=4
    )
    metrics = table({"throughput": seen.completions[:, 0], "utilization/web": seen.utilization})
    assert one(
        fitted([metrics], Context(servers=4)), "service_time", "", "web"
    ).value == pytest.approx(0.04, rel=0.05)
    bare = fitted([metrics], Context())
    assert one(bare, "service_time", "", "web").value == pytest.approx(0.01, rel=0.05)
    assert any("--servers" in warning for warning in bare.warnings)


def test_primary_and_replicas_are_told_apart() -> None:
    text = """\
capcalc: 1
demand: {requests: {page: {rate: 100/s}}}
tiers:
  web: {kind: web, service_time: 1ms}
  db: {kind: database, cores: 2, replicas: 2, read_time: 1ms, write_time: 1ms, apply_time: 1ms, primary_read_share: 10%}
calls: {page: {db: {reads: 2, writes: 0.5}}}
"""
    rng = np.random.default_rng(1)
    rate = rng.uniform(20, 120, 200)
    # utilization of 2 servers: reads 3 ms, writes 6 ms, applies 2 ms
    primary = (
        (0.2 * rate * 0.003 + 0.5 * rate * 0.006) / 2 + 0.01 + 0.001 * rng.standard_normal(200)
    )
    replica = (
        (0.9 * rate * 0.003 + 0.5 * rate * 0.002) / 2 + 0.01 + 0.001 * rng.standard_normal(200)
    )
    metrics = Measurements(
        source="db.csv",
        form="table",
        rows=200,
        time=np.arange(200) * 60.0,
        step=60.0,
        series=(
            Series(role="throughput", values=rate),
            Series(role="utilization", tier="db", host="primary", label="cpu", values=primary),
            Series(role="utilization", tier="db", host="replica-1", label="cpu", values=replica),
            Series(role="utilization", tier="db", host="replica-2", label="cpu", values=replica),
        ),
    )
    fit = fitted([metrics], Context(system=cc.loads(text)))
    # reads and writes of one class always come together: what they take together is known
    mixes = [e for e in fit.estimates if e.label == "the usual mix" and e.tier == "db"]
    assert mixes[0].value == pytest.approx((0.2 * 0.003 + 0.5 * 0.006) / 0.7, rel=0.02)
    assert mixes[1].value == pytest.approx((1.8 * 0.003 + 1.0 * 0.002) / 2.8, rel=0.02)
    assert any("come together" in e.caution for e in fit.estimates)


def test_load_and_busy_time_in_two_files() -> None:
    seen = measure(np.random.default_rng(5), intervals=240, rates=(20.0,))
    load = table({"throughput": seen.completions[:, 0]}, source="lb.csv")
    host = table({"utilization/web": seen.utilization}, source="host.csv")
    fit = fitted([load, host], Context())
    found = one(fit, "service_time", "", "web")
    assert found.low <= 0.02 <= found.high
    assert found.file == "lb.csv, host.csv"
    together = joined([load, host])
    assert together is not None
    assert len(together.series) == 2
    coarse = table({"utilization/web": seen.utilization.reshape(-1, 4).mean(axis=1)}, step=240.0)
    both = joined([load, coarse])
    assert both is not None
    assert both.step == 240
    np.testing.assert_allclose(
        both.series[0].values, seen.completions[:, 0].reshape(-1, 4).mean(axis=1)
    )


def test_doubts_are_told() -> None:
    seen = measure(np.random.default_rng(6), intervals=200, rates=(14.0,))
    rate, busy = seen.completions[:, 0], seen.utilization
    said = {
        "clocks": {"throughput": rate[:-2], "utilization/web": busy[2:]},
        "hardly varies": {
            "throughput": 20 + 0.1 * np.sin(np.arange(200)),
            "utilization/web": 0.4 + 0 * busy,
        },
        "explain only": {
            "throughput": rate,
            "utilization/web": np.random.default_rng(1).uniform(0.2, 0.6, 200),
        },
        "at the end a request costs": {
            "throughput": rate,
            "utilization/web": busy * np.linspace(0.6, 1.0, 200),
        },
        "costs more the busier": {
            "throughput": rate,
            "utilization/web": np.minimum(busy * (0.3 + 2 * busy), 1),
        },
        "above 90 %": {"throughput": rate, "utilization/web": np.minimum(busy * 4, 1.0)},
    }
    for words, series in said.items():
        fit = fitted([table(series)], Context())
        assert any(words in warning for warning in fit.warnings), (words, fit.warnings)
    plain = fitted([table({"throughput": rate, "utilization/web": busy})], Context())
    assert not [w for w in plain.warnings if any(words in w for words in said)]


def test_hits_mix_and_littles_law() -> None:
    rng = np.random.default_rng(4)
    lookups = rng.poisson(1000, 200)
    hits = rng.binomial(lookups, 0.93)
    rate = rng.uniform(40, 60, 200)
    metrics = table(
        {
            "hits/cache": hits,
            "misses/cache": lookups - hits,
            "reads/db": rng.poisson(900, 200),
            "writes/db": rng.poisson(100, 200),
            "throughput": rate,
            "response_mean": np.full(200, 0.1),
            "concurrency": np.full(200, 12.0),
        }
    )
    fit = fitted([metrics], Context())
    found = one(fit, "hit_ratio", "", "cache")
    assert found.low <= 0.93 <= found.high
    assert found.path == "tiers.cache.hit_ratio"
    assert one(fit, "write_share", "", "db").value == pytest.approx(0.1, abs=0.01)
    assert one(fit, "concurrency").value == pytest.approx(5.0, rel=0.03)
    assert any(
        "Little's law does not hold" in warning and "12" in warning for warning in fit.warnings
    )


def test_nothing_to_say_is_said() -> None:
    fit = fitted([table({"queue_length": np.arange(10.0)})], Context())
    assert not fit.estimates
    assert "nothing could be estimated" in fit.left_out[0]
    value = fitted([table({"value": np.arange(10.0)})], Context())
    assert any("--column" in text for text in value.left_out)


def test_narrower_interval_wins_a_place() -> None:
    seen = measure(np.random.default_rng(2), intervals=300, rates=(20.0,))
    short = table(
        {"throughput": seen.completions[:40, 0], "utilization/web": seen.utilization[:40]},
        source="a.csv",
    )
    long = Measurements(
        source="b.csv",
        form="table",
        rows=300,
        time=1e6 + np.arange(300) * 60.0,  # other hours: not brought together
        step=60.0,
        series=table(
            {"throughput": seen.completions[:, 0], "utilization/web": seen.utilization}
        ).series,
    )
    fit = fitted([short, long], Context())
    placed = [e for e in fit.estimates if e.path == "tiers.web.service_time"]
    assert [e.file for e in placed] == ["b.csv"]
    assert any("narrower" in text for text in fit.left_out)


@real_data
def test_the_rails_study_names_a_shared_bottleneck() -> None:
    fit = fitted([real("public", "aws_rails_vertical_horizontal.csv")], Context())
    old = [w for w in fit.warnings if w.startswith("old horizontal") and "database" in w]
    assert len(old) == 1
    assert not [w for w in fit.warnings if w.startswith("new") and "database" in w]


@real_data
def test_replicas_under_a_limit_and_without() -> None:
    words = " ".join(fitted([real("public", "k8s_go_replicas_closed.csv")], Context()).warnings)
    assert "50 node01, vus = 30: from replicas = 1 to 2 throughput grows 1.72 times" in words
    assert "none node01, vus = 30: from replicas = 1 to 2 throughput does not grow" in words


@real_data
def test_configured_connections_are_not_the_concurrency() -> None:
    fit = fitted([real("public", "servo_bench_closed_loop.csv")], Context())
    warning = next(w for w in fit.warnings if "Little's law" in w)
    assert "237" in warning
    assert "400" in warning
    assert any("errors or timeouts" in w for w in fit.warnings)


@real_data
def test_nasa_is_bursty() -> None:
    fit = fitted([real("public", "nasa_requests_per_minute.csv")], Context())
    assert one(fit, "index_of_dispersion", "at 60 s").value == pytest.approx(21, abs=0.5)
    assert any("without the daily profile" in warning for warning in fit.warnings)


@real_data
@pytest.mark.parametrize(
    ("run", "mean", "scv"),
    [
        ("mm1_nginx_r70", 0.005195, 0.971),
        ("md1_r80", 0.005132, 0.019),
        ("cpu_nginx_r50", 0.00756, 0.034),
    ],
)
def test_service_logs_of_real_servers(run: str, mean: float, scv: float) -> None:
    fit = fitted([real("measured", run, "services.csv.gz")], Context(tier="web"))
    found = one(fit, "service_time", "", "web")
    assert found.value == pytest.approx(mean, rel=0.002)
    assert found.low < mean < found.high
    assert one(fit, "scv", "", "web").value == pytest.approx(scv, rel=0.03)
    assert "hand over" in found.caution


@real_data
def test_cpu_of_real_servers_is_rate_times_service() -> None:
    """The utilization law on processors: psutil's CPU = lambda S within 2 %."""
    for run, service in (("cpu_nginx_r30", 0.011503), ("cpu_nginx_r50", 0.00756)):
        host = real("measured", run, "host.csv", worker0_cpu_s="busy_total web cpu")
        load = real("measured", run, "requests.csv.gz")
        fit = fitted([host, load], Context())
        found = one(fit, "service_time", "if nothing else runs there", "web")
        assert found.value == pytest.approx(service, rel=0.025)


@real_data
@pytest.mark.parametrize(
    ("run", "servers", "service", "tolerance"),
    [
        ("mm1_nginx_r30", 1, 0.005415, 0.15),
        ("mm1_nginx_r70", 1, 0.00542, 0.10),
        ("mmc_hap_c2_r50", 2, 0.010873, 0.15),
        ("mmc_hap_c4_r50", 4, 0.010784, 0.15),
    ],
)
def test_predictions_of_real_queues(
    run: str, servers: int, service: float, tolerance: float
) -> None:
    """Effective service times of INDEX (hand-over gap in them), responses beside the measured."""
    text = f"""\
capcalc: 1
demand: {{requests: {{page: {{rate: 100/s}}}}}}
tiers:
  lb: {{kind: load_balancer, policy: central_queue, service_time: 0us}}
  web: {{kind: web, hosts: {servers}, service_time: {service * 1000}ms}}
"""
    found = validated(cc.loads(text), [real("measured", run, "requests.csv.gz")])
    mean = next(e for e in found.compared if e.quantity == "response_mean")
    # 0.6 to 1.2 ms of network and proxy are in every response (INDEX)
    assert mean.measured - 0.0012 <= mean.predicted * (1 + tolerance)
    assert mean.predicted * (1 - tolerance) <= mean.measured
    p95 = next(e for e in found.compared if e.quantity == "response_p95")
    assert abs(p95.error) <= 0.25


def test_the_built_in_day_holds_what_it_was_made_with(tmp_path: Path) -> None:
    """Simulated with 14.1 ms, 0.52 ms and 3 % of one server of background."""
    system = cc.load("single-server")
    metrics = measured(open_metrics("web-day"))
    fit = fitted([metrics], Context(system=system))
    for name, truth in (("page", 0.0141), ("asset", 0.00052)):
        found = one(fit, "service_time", name, "web")
        assert found.low <= truth <= found.high
    assert one(fit, "background", "cpu", "web").value == pytest.approx(0.0306, abs=0.002)
    assert any("db does on the same hosts" in warning for warning in fit.warnings)


@real_data
def test_a_real_loss_system() -> None:
    """Four workers without a queue: 10.9 % of the requests were turned away."""
    text = """\
capcalc: 1
demand: {requests: {page: {rate: 198/s}}}
tiers: {web: {kind: web, cores: 4, service_time: 10.06ms, max_connections: 4}}
"""
    found = validated(cc.loads(text), [real("measured", "erlangb_c4_a2", "intervals_5s.csv")])
    errors = {each.quantity: each.error for each in found.compared}
    assert abs(errors["throughput"]) < 0.03
    assert abs(errors["utilization"]) < 0.03
    assert abs(errors["response_mean"]) < 0.1


@real_data
@pytest.mark.parametrize(
    ("run", "policy", "tolerance"),
    [("nginx_rr_c4_r70", "round_robin", 0.25), ("nginx_lc_c4_r70", "least_connections", 0.15)],
)
def test_real_balancers(run: str, policy: str, tolerance: float) -> None:
    text = f"""\
capcalc: 1
demand: {{requests: {{page: {{rate: 280/s}}}}}}
tiers:
  lb: {{kind: load_balancer, policy: {policy}, service_time: 0us}}
  web: {{kind: web, hosts: 4, service_time: 10.32ms}}
"""
    found = validated(cc.loads(text), [real("measured", run, "intervals_5s.csv")], tier="web")
    mean = next(each for each in found.compared if each.quantity == "response_mean")
    assert abs(mean.error) <= tolerance
    busy = next(each for each in found.compared if each.quantity == "utilization")
    # the application's own log leaves the hand-over out: 10.1 of 10.32 ms
    assert busy.error == pytest.approx(0.022, abs=0.02)


def test_resources_are_kept_apart() -> None:
    """Disk and processor have demands of their own; memory is only told; a scenario has the processor's."""
    seen = measure(np.random.default_rng(9), intervals=200, rates=(20.0,))
    rate = seen.completions[:, 0]
    rng = np.random.default_rng(1)
    metrics = Measurements(
        source="host.csv",
        form="table",
        rows=200,
        time=np.arange(200) * 60.0,
        step=60.0,
        series=(
            Series(role="throughput", values=rate),
            Series(role="utilization", tier="db", label="cpu", values=seen.utilization),
            Series(
                role="utilization",
                tier="db",
                label="disk",
                values=0.004 * rate + 0.05 + 0.002 * rng.standard_normal(200),
            ),
            Series(
                role="utilization", tier="db", label="memory", values=np.linspace(0.6, 0.95, 200)
            ),
        ),
    )
    fit = fitted([metrics], Context())
    disk = one(fit, "service_time", "disk", "db")
    assert disk.low <= 0.004 <= disk.high
    assert disk.path == ""
    cpu = one(fit, "service_time", "", "db")
    assert cpu.low <= 0.02 <= cpu.high
    assert cpu.path == "tiers.db.service_time"
    assert one(fit, "background", "disk", "db").value == pytest.approx(0.05, abs=0.005)
    assert one(fit, "memory_used", "", "db").value == pytest.approx(0.775, abs=0.01)
    assert any("memory was up to 95 % full" in warning for warning in fit.warnings)
