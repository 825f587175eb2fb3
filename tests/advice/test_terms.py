"""Discounts, what a host costs to run, and maxima count in every plan."""

from __future__ import annotations

from pathlib import Path

import pytest

import capcalc as cc

TABLE = """instance,vcpus,price_usd_per_hour,family
a.one,1,0.100,a
a.four,4,0.410,a
b.four,4,0.430,b
"""
TEXT = """
capcalc: 1
name: small
demand: {requests: {page: {rate: 130/s}}}
tiers: {web: {kind: web, instance: a.one, hosts: 4, service_time: 20ms, MORE}}
objectives: {page: {p99: 1s}}
instances: {families: [a, b], TERMS}
"""


def plan(tmp_path: Path, terms: str = "term: on_demand", more: str = "max_hosts: 64") -> cc.Advice:
    path = tmp_path / "table.csv"
    path.write_text(TABLE)
    text = TEXT.replace("TERMS", terms).replace("MORE", more)
    return cc.advise(cc.loads(text, instances=path))


def test_small_hosts_win_by_price_and_lose_by_what_each_costs_to_run(tmp_path: Path) -> None:
    cheap = plan(tmp_path)
    assert str(cheap.mixed.choices[0]) == "4 x a.one"
    assert cheap.mixed.cost == pytest.approx(4 * 0.1 * 730)
    run = plan(tmp_path, "operations_cost: 30")
    assert str(run.mixed.choices[0]) == "1 x a.four"
    assert run.mixed.cost == pytest.approx(0.41 * 730 + 30)
    assert run.horizontal.cost == pytest.approx(4 * (0.1 * 730 + 30))


def test_discounts_by_family(tmp_path: Path) -> None:
    all_of_them = plan(tmp_path, "discount: 0.5")
    assert all_of_them.mixed.cost == pytest.approx(4 * 0.1 * 730 / 2)
    one = plan(tmp_path, "discount: {b: 0.2}")  # .344 an hour against .4
    assert str(one.mixed.choices[0]) == "1 x b.four"
    assert one.mixed.cost == pytest.approx(0.43 * 0.8 * 730)
    less = plan(tmp_path, "discount: {b: 0.05}")  # .4085 an hour against .4
    assert str(less.mixed.choices[0]) == "4 x a.one"


def test_no_more_hosts_than_may_be(tmp_path: Path) -> None:
    most = {count: plan(tmp_path, more=f"max_hosts: {count}").horizontal for count in (4, 5)}
    assert most[4].choices[0].hosts == most[5].choices[0].hosts == 4
    busier = plan(tmp_path, "discount: 0.0", "max_utilization: 60%, max_hosts: 4")
    assert not busier.horizontal.usable  # 2.6 erlangs on 4 hosts are 65 %
    assert str(busier.mixed.choices[0]) == "2 x a.four"
    roomier = plan(tmp_path, "discount: 0.0", "max_utilization: 60%, max_hosts: 5")
    assert str(roomier.horizontal.choices[0]) == "5 x a.one"


def test_replicas_within_max_hosts() -> None:
    system = cc.load("saas")
    capped = system.replace({"tiers.db.max_hosts": 3.0, "demand.growth": 0.30})
    for each in (cc.advise(capped).mixed, cc.advise(capped).horizontal):
        assert all(choice.hosts <= 3 for choice in each.choices if choice.tier == "db")
