"""Work that is taken back when its caller gives up: an overloaded tier that stays up."""

from __future__ import annotations

import numpy as np
import pytest

import capcalc as cc
from capcalc.errors import ScenarioError
from capcalc.theory.queues import mmc_patience

TEXT = """
capcalc: 1
demand: {{requests: {{page: {{rate: 160/s}}}}}}
tiers:
  web: {{kind: web, hosts: 2, cores: 4, service_time: 40ms, balancing: random, {more}}}
"""


def system(more: str) -> cc.System:
    return cc.loads(TEXT.format(more=more))


def test_every_host_is_a_queue_with_a_fixed_patience() -> None:
    solution = cc.solve(system("timeout: 100ms, on_timeout: cancel"))
    left = float(mmc_patience.prob_loss(80.0, 25.0, 4.0, 0.1))
    assert solution.fact("web", "abandoned") == pytest.approx(left, rel=1e-12)
    assert solution.fact("web", "timed_out") == pytest.approx(left, rel=1e-12)
    wait = float(mmc_patience.mean_wait(80.0, 25.0, 4.0, 0.1))
    assert solution.tier("web").wait == pytest.approx(wait, rel=1e-12)


def test_overload_sheds_itself_where_work_is_taken_back() -> None:
    more = "timeout: 100ms, retries: 2"
    given_up = cc.solve(
        system(f"{more}, on_timeout: cancel").replace({"demand.requests.page.rate": 600.0})
    )
    goes_on = cc.solve(system(more).replace({"demand.requests.page.rate": 600.0}))
    assert np.isfinite(given_up.request("page").mean)
    assert np.isinf(goes_on.request("page").mean)
    assert float(np.asarray(given_up.tier("web").utilization)) > 3
    assert any("it stays up" in each for each in given_up.warnings)
    # what is served is what two hosts of four servers can serve
    tries = float(np.asarray(given_up.fact("web", "attempts")))
    served = 600 * tries * (1 - float(np.asarray(given_up.fact("web", "abandoned"))))
    assert served == pytest.approx(200.0, rel=1e-2)


def test_the_default_is_told_and_the_other_way_is_worse() -> None:
    solution = cc.solve(system("timeout: 200ms, retries: 1"))
    assert (solution.defaults or {})["tiers.web.on_timeout"] == "goes_on"


def test_other_laws_are_named() -> None:
    solution = cc.solve(system("timeout: 100ms, on_timeout: cancel, scv: 4"))
    assert any("scv is not 1" in each for each in solution.warnings)


def test_sweeps_equal_one_by_one() -> None:
    rates = np.array([0.0, 10.0, 160.0, 200.0, 2_000.0])
    base = system("timeout: 100ms, on_timeout: cancel, retries: 1")
    swept = cc.solve(base.replace({"demand.requests.page.rate": rates}))
    for place, rate in enumerate(rates):
        alone = cc.solve(base.replace({"demand.requests.page.rate": float(rate)}))
        for name in ("wait", "utilization", "response"):
            one = float(np.asarray(getattr(alone.tier("web"), name)))
            assert getattr(swept.tier("web"), name)[place] == pytest.approx(one, rel=1e-12)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("on_timeout: cancel", "there is no timeout"),
        ("timeout: 1s, on_timeout: cancel, max_connections: 9", "not modelled together"),
    ],
)
def test_refused(more: str, says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        system(more)
