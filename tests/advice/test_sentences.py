"""Sentences say what is so, and vanish when the numbers change."""

from __future__ import annotations

import capcalc as cc

TEXT = """
capcalc: 1
name: small
demand: {growth: 5%/month, requests: {page: {rate: RATE/s}}}
tiers:
  web: {kind: web, hosts: 2, cores: 2, service_time: 20ms}
objectives: {page: {p95: LIMIT}, min_runway: 6 months}
"""


def advice(rate: float, limit: str) -> cc.Advice:
    return cc.advise(cc.loads(TEXT.replace("RATE", str(rate)).replace("LIMIT", limit)))


def test_an_objective_below_the_service_time_is_out_of_reach() -> None:
    found = advice(50, "30ms")  # 20 ms exponential alone has a p95 of 59.9 ms
    (sentence,) = found.infeasible
    assert "page p95 is 59.9 ms" in sentence
    assert "an objective of page p95 of" in sentence
    assert "min_runway" not in sentence
    assert found.mixed.nearest
    assert not found.mixed.feasible
    assert not any("keeps every objective" in reason for reason in found.reasons)


def test_an_objective_that_can_be_kept_is_not() -> None:
    found = advice(50, "100ms")
    assert found.infeasible == ()
    assert found.mixed.feasible
    assert any("keeps every objective" in reason for reason in found.reasons)


def test_too_much_for_today_names_what_breaks() -> None:
    found = advice(130, "100ms")  # 130 x 1.05^6 x 20 ms / 4 = 87 % busy
    assert found.recommendation != "today"
    assert "web is 87.1 % busy (limit 70 %)" in found.today.why_not
    assert any("will not do" in reason for reason in found.reasons)
    assert found.planned_load > 1.34
    assert found.planned_load < 1.3401


def test_a_single_host_is_a_single_point_of_failure() -> None:
    tier = advice(10, "100ms").tiers[0]
    assert tier.mixed.choices[0].hosts == 1
    assert not any("single point of failure" in reason for reason in tier.reasons)  # today stays
    alone = cc.advise(
        cc.loads(
            TEXT.replace("RATE", "10").replace("LIMIT", "100ms").replace("hosts: 2", "hosts: 1")
        )
    )
    assert any("single point of failure" in reason for reason in alone.tiers[0].reasons)


def test_zone_rounding_only_where_zones_are_lost() -> None:
    system = cc.load("bookshop")
    web = next(tier for tier in cc.advise(system).tiers if tier.tier == "web")
    assert any("host number 7 buys no load" in reason for reason in web.reasons)
    eight = cc.advise(system.replace({"tiers.web.hosts": 8.0}))
    web = next(tier for tier in eight.tiers if tier.tier == "web")
    assert not any("host number 9" in reason for reason in web.reasons)  # of 9, 6 stay; of 8, 5
