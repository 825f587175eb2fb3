"""A crowd that comes before new hosts do, and hosts that fail and are repaired."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import capcalc as cc
from capcalc.theory.queues import breakdowns, mmc
from capcalc.theory.scaling import spikes

TEXT = """
capcalc: 1
demand:
  requests: {{page: {{rate: 100/s}}}}
  {spike}
tiers:
  web: {{kind: web, hosts: 10, cores: 4, service_time: 200ms, {more}}}
"""


def solved(spike: str, more: str) -> cc.Solution:
    return cc.solve(cc.loads(TEXT.format(spike=spike, more=more)))


def test_a_spike_by_hand() -> None:
    """20 erlangs on 40 servers, half busy; three times that after a minute."""
    solution = solved("spike: {factor: 3, ramp: 60s}", "boot_time: 30s")
    assert solution.fact("web", "spike_absorbed") == pytest.approx(2.0)
    assert solution.fact("web", "spike_utilization") == pytest.approx(1.5)
    # twice the load after 30 s: 40 / (0.9 x 4) = 11.1
    assert solution.fact("web", "spike_hosts") == 12
    assert solution.fact("web", "spike_backlog") == 0.0
    assert solution.fact("web", "autoscaling_target") == pytest.approx(0.45)
    (told,) = [each for each in solution.warnings if "a spike of 3" in each]
    assert "hold 12 hosts instead of 10" in told
    assert not any("not modelled" in each for each in solution.warnings)


def test_a_spike_that_is_borne_is_not_warned_of() -> None:
    solution = solved("spike: {factor: 1.5}", "boot_time: 30s")
    assert not any("spike" in each for each in solution.warnings)


def test_newsroom_cannot_scale_into_its_spike() -> None:
    told = [each for each in cc.solve(cc.load("newsroom")).warnings if "spike" in each]
    assert len(told) == 1
    assert "autoscaling cannot help" in told[0]


def test_how_soon_is_not_known() -> None:
    solution = solved("spike: {factor: 5, ramp: 60s}", "max_utilization: 60%")
    assert any("give tiers.web.boot_time" in each for each in solution.warnings)


@given(
    time=st.floats(0, 1e4),
    busy=st.floats(0.01, 3.0),
    factor=st.floats(1, 20),
    ramp=st.floats(0, 1e3),
)
def test_the_backlog_is_the_integral_of_what_is_not_served(
    time: float, busy: float, factor: float, ramp: float
) -> None:
    steps = np.linspace(0, time, 20_001)
    over = np.maximum(np.asarray(spikes.load_factor(steps, factor, ramp)) - 1 / busy, 0.0)
    expected = 100.0 * float(np.trapezoid(over, steps))
    found = float(np.asarray(spikes.backlog(time, 100.0, busy, factor, ramp)))
    assert found == pytest.approx(expected, rel=2e-2, abs=1e-6 + 100 * time * factor * 1e-4)


def test_trap_04_breakdowns_are_not_a_slower_server() -> None:
    """Three hosts of one server, MTTF 1,000, MTTR 100, 1.5 requests for each service time."""
    text = TEXT.format(spike="", more="").replace("rate: 100/s", "rate: 1.5/s")
    text = text.replace(
        "hosts: 10, cores: 4, service_time: 200ms, ",
        "hosts: 3, cores: 1, service_time: 1s, balancing: central_queue, availability: 90.909090909090907%, repair_time: 100s",
    )
    solution = cc.solve(cc.loads(text))
    expected = float(breakdowns.mean_number(1.5, 1.0, 3.0, 1e-3, 1e-2))
    found = float(np.asarray(solution.fact("web", "number_with_breakdowns")))
    assert found == pytest.approx(expected, rel=1e-9)
    assert found == pytest.approx(3.596254443215681, rel=1e-6)
    slower = float(mmc.mean_number(1.5, 1 / 1.1, 3.0))
    assert slower == pytest.approx(2.0083, abs=1e-3)  # naive
    answer = float(np.asarray(solution.fact("web", "response_with_breakdowns")))
    assert answer == pytest.approx(found / 1.5, rel=1e-12)


def test_trap_12_no_mean_over_a_range_is_taken() -> None:
    """A range of loads that reaches saturation: solved at its middle, and said so."""
    text = TEXT.format(spike="", more="").replace("rate: 100/s", "rate: [100, 260]")
    solution = cc.solve(cc.loads(text))
    middle = cc.solve(cc.loads(text.replace("[100, 260]", "180/s")))
    assert float(np.asarray(solution.request("page").mean)) == float(
        np.asarray(middle.request("page").mean)
    )
    assert any("solved at its middle" in each for each in solution.warnings)
    swept = cc.solve(
        cc.loads(text).replace({"demand.requests.page.rate": np.array([100.0, 180.0, 260.0])})
    )
    assert np.isinf(np.asarray(swept.request("page").mean)[2])
