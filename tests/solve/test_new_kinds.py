"""Message queues, object stores, and that a new kind of tier is one file."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import capcalc as cc
from capcalc.errors import ScenarioError
from capcalc.theory.balancing import central_queue

ROOT = Path(__file__).parent.parent.parent
TEXT = """
capcalc: 1
demand:
  peak_to_average: 2
  requests:
    upload: {rate: 50/s}
    view: {rate: 900/s}
tiers:
  web: {kind: web, hosts: 4, cores: 4, service_time: 6ms}
  jobs: {kind: message_queue, hosts: 2, service_time: 0.5ms, workers: resize}
  resize: {kind: service, hosts: 5, cores: 4, service_time: 300ms, calls: {files: 1, db: {writes: 2}}}
  files: {kind: object_store, hosts: 3, cores: 400, service_time: 30ms, size: 2MB,
          bandwidth: 400Mbit/s, price_per_request: 0.0000004 USD, price: 0.09 USD/GB}
  db: {kind: database, cores: 4, read_time: 2ms, write_time: 4ms}
calls:
  upload: {jobs: 1, db: {writes: 1}}
  view: {files: 1}
"""


def test_nobody_waits_for_the_workers() -> None:
    solution = cc.solve(cc.loads(TEXT))
    upload = solution.request("upload")
    parts = [solution.tier(name).response for name in ("web", "jobs", "db")]
    assert upload.mean == pytest.approx(float(sum(parts)), rel=1e-9)
    assert solution.tier("resize").arrival_rate == 50
    assert solution.tier("files").arrival_rate == 950
    assert solution.tier("db").arrival_rate == pytest.approx(50 + 100)


def test_free_workers_pull_the_next_message() -> None:
    solution = cc.solve(cc.loads(TEXT))
    wait = float(central_queue.mean_wait(50.0, 1 / 0.3, 4, 5, 1.0))
    assert solution.tier("resize").wait == pytest.approx(wait, rel=1e-12)
    done = float(solution.tier("jobs").response) + wait + 0.3
    assert solution.fact("jobs", "completion_time") == pytest.approx(done, rel=1e-12)
    assert solution.fact("jobs", "catch_up") == pytest.approx(60 * 0.75 / 0.25, rel=1e-12)


def test_a_backlog_is_named_though_nobody_waits() -> None:
    rates = np.array([50.0, 66.0, 70.0])
    system = cc.loads(TEXT)
    solution = cc.solve(system.replace({"demand.requests.upload.rate": rates}))
    assert np.isfinite(solution.request("upload").p99).all()
    np.testing.assert_array_equal(np.isinf(solution.fact("jobs", "catch_up")), [False, False, True])
    late = cc.solve(system.replace({"demand.requests.upload.rate": 70.0}))
    assert any("cannot keep up with jobs" in warning for warning in late.warnings)
    lost = cc.failures(system).failure("resize loses a host")
    assert lost.tier("resize").utilization == pytest.approx(0.9375)


def test_object_store_takes_the_transfer_and_its_price() -> None:
    solution = cc.solve(cc.loads(TEXT))
    files = solution.tier("files")
    assert files.response == pytest.approx(0.030 + 2e6 / 50e6, rel=1e-9)
    assert solution.fact("files", "bytes") == pytest.approx(950 * 2e6)
    month = 730 * 3600 / 2
    cost = 950 * month * (0.0000004 + 2e6 * 0.09e-9)
    assert files.cost == pytest.approx(cost, rel=1e-12)
    assert solution.cost == pytest.approx(cost, rel=1e-12)
    assert not any("files" in w for w in solution.warnings if w.startswith("no price"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("workers: resize", "workers: resizer", "did you mean 'resize'?"),
        ("workers: resize", "workers: jobs", "a tier cannot be its own"),
        (", workers: resize", "", "tiers.jobs.workers: this key is missing"),
        ("bandwidth: 400Mbit/s", "bandwidth: 400Mbit", "unknown unit"),
        ("bandwidth: 400Mbit/s", "bandwidth: 0", "above 0"),
    ],
)
def test_mistakes_are_named(old: str, new: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        cc.loads(TEXT.replace(old, new))
    assert message in str(caught.value)


NEW = '''"""A lock service: one lock at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from capcalc.model.components.hosted import Hosted, Site
from capcalc.model.work import Serve, Step
from capcalc.units.types import Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Locks(Hosted):
    """Holds a lock for a while."""

    kind: Literal["locks"] = "locks"
    hold_time: Seconds

    def work(self, site: Site, port: str) -> tuple[Step, ...]:
        """One lock."""
        return (Serve(role="", label=site.request_class, service_time=self.hold_time),)
'''
USE = """
import capcalc as cc
system = cc.loads('''
capcalc: 1
demand: {requests: {page: {rate: 5/s}}}
tiers: {lock: {kind: locks, hold_time: 100ms}}
calls: {page: {lock: 1}}
''')
print(float(cc.solve(system).tier("lock").utilization), len(cc.failures(system).results))
"""


def test_a_new_kind_of_tier_is_one_file(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "capcalc", tmp_path / "capcalc", ignore=ignored)
    (tmp_path / "capcalc" / "model" / "components" / "locks.py").write_text(NEW)
    run = subprocess.run(
        [sys.executable, "-c", USE], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["0.5", "1"]
