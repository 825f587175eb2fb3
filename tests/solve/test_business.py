"""Cost of users and revenue at risk, by hand."""

from __future__ import annotations

import numpy as np
import pytest

import capcalc as cc

TEXT = """
capcalc: 1
demand:
  daily_active_users: {users}
  peak_to_average: 2
  requests: {{page: {{per_user_day: 50, static: true, size: 100kB}}}}
  business: {{orders_per_user_day: 0.02, order_value: 30 USD}}
tiers:
  cdn: {{kind: cdn, hit_ratio: 50%, price: 0.05 USD/GB}}
  web: {{kind: web, instance: c7g.xlarge, hosts: 4, service_time: 20ms, max_utilization: 50%}}
"""


def test_cost_and_revenue_by_hand() -> None:
    solution = cc.solve(cc.loads(TEXT.format(users="864k")))
    # 864,000 x 50 x 2 / 86,400 = 1,000/s at the peak, half of it at the web tier
    edge = 500 * 100e3 * 730 * 3600 * 0.05 / 1e9
    hosts = 4 * 0.145 * 730
    assert solution.cost == pytest.approx(edge + hosts, rel=1e-12)
    assert solution.fact("", "cost_per_thousand_users") == pytest.approx(
        (edge + hosts) / 864, rel=1e-12
    )
    busy = 500 * 0.02 / 16
    assert solution.fact("", "marginal_cost_per_thousand_users") == pytest.approx(
        (edge + hosts * busy / 0.5) / 864, rel=1e-12
    )
    assert solution.fact("", "orders_per_hour") == pytest.approx(864e3 * 0.02 * 2 / 24, rel=1e-12)
    assert solution.fact("", "revenue_at_risk_per_hour") == pytest.approx(43_200.0, rel=1e-12)


def test_bookshop_is_worth_what_its_example_says() -> None:
    solution = cc.solve(cc.load("bookshop"))
    assert solution.fact("", "revenue_at_risk_per_hour") == pytest.approx(92_160.0, rel=1e-12)
    assert not any("business" in each for each in solution.warnings)


def test_sweeps_equal_one_by_one() -> None:
    users = np.array([1e3, 1e5, 864e3])
    system = cc.loads(TEXT.format(users="864k"))
    swept = cc.solve(system.replace({"demand.daily_active_users": users}))
    for place, count in enumerate(users):
        alone = cc.solve(system.replace({"demand.daily_active_users": float(count)}))
        for name in ("cost_per_thousand_users", "marginal_cost_per_thousand_users"):
            many = np.asarray(swept.fact("", name))[place]
            assert many == pytest.approx(float(np.asarray(alone.fact("", name))), rel=1e-12)


def test_orders_without_users_are_named() -> None:
    text = TEXT.format(users="864k").replace("daily_active_users: 864k", "growth: 1%/month")
    solution = cc.solve(cc.loads(text.replace("per_user_day: 50", "rate: 10/s")))
    assert any("needs demand.daily_active_users" in each for each in solution.warnings)
    assert not any(each.tier == "" for each in solution.fact_results)
