"""Estimates written into scenario files: nothing else changes, and what is written loads."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import capcalc as cc
from capcalc.errors import ScenarioError, UsageError
from capcalc.results.fit import Estimate
from capcalc.scenarios import examples
from capcalc.scenarios.beginning import begun
from capcalc.scenarios.edits import edited
from capcalc.scenarios.saving import updated
from capcalc.units.parse import parse
from capcalc.units.write import written


def estimate(path: str, value: float, low: float, high: float, unit: str = "s") -> Estimate:
    return Estimate(
        name="x",
        path=path,
        value=value,
        low=low,
        high=high,
        unit=unit,
        n=288,
        method="m",
        file="cpu.csv",
    )


def changed_lines(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


def test_a_value_in_a_flow_map_is_exchanged_and_nothing_else() -> None:
    text = examples.text("bookshop")
    saved = updated(
        text, "shop.yaml", [estimate("tiers.web.service_time.browse", 0.00731, 0.0071, 0.0075)]
    )
    told = '{value: [7.1ms, 7.5ms], source: "measured in cpu.csv: 7.31ms, n = 288, 95% interval"}'
    assert changed_lines(text, saved.text) == [
        "-    service_time: {browse: 8ms, search: 22ms, cart: 35ms, asset: 0.2ms}",
        f"+    service_time: {{browse: {told}, search: 22ms, cart: 35ms, asset: 0.2ms}}",
    ]
    system = cc.loads(saved.text)
    found = system.inputs.ranges["tiers.web.service_time.browse"]
    assert found == pytest.approx((0.0071, 0.0075))
    assert system.inputs.sources["tiers.web.service_time.browse"].startswith("measured in cpu.csv")
    assert saved.written[0][:2] == ("tiers.web.service_time.browse", "8ms")


def test_the_comment_behind_a_value_stays() -> None:
    text = examples.text("bookshop")
    saved = updated(text, "f", [estimate("tiers.db.apply_time", 0.0016, 0.0015, 0.0017)])
    old, new = changed_lines(text, saved.text)
    assert old.split("#")[1] == new.split("#")[1]
    assert cc.loads(saved.text).tiers["db"].apply_time == pytest.approx(0.0016)


def test_new_keys_are_added_where_they_belong() -> None:
    text = examples.text("bookshop")
    both = [
        estimate("tiers.web.scaling.contention", 0.05, 0.04, 0.06, "share"),
        estimate("tiers.web.scaling.coherency", 0.001, 0.0, 0.002, "share"),
        estimate("demand.visits_per_user_day", 3, 2.9, 3.1, "1"),
    ]
    saved = updated(text, "f", both)
    assert not saved.left_out
    system = cc.loads(saved.text)
    assert system.inputs.ranges["tiers.web.scaling.contention"] == (0.04, 0.06)
    assert system.inputs.ranges["tiers.web.scaling.coherency"] == (0.0, 0.002)
    assert system.inputs.ranges["demand.visits_per_user_day"] == (2.9, 3.1)
    assert all(line[0] == "+" for line in changed_lines(text, saved.text))


def test_one_number_for_all_classes_becomes_one_for_each() -> None:
    text = """\
capcalc: 1
name: two
demand: {requests: {page: {rate: 10/s}, buy: {rate: 1/s}}}
tiers:
  web:
    kind: web
    service_time: 20ms  # from the vendor
"""
    saved = updated(text, "f", [estimate("tiers.web.service_time.page", 0.012, 0.011, 0.013)])
    web = cc.loads(saved.text).tiers["web"]
    assert dict(web.service_time) == pytest.approx({"page": 0.012, "buy": 0.020})
    assert "# from the vendor" in saved.text


def test_what_would_not_load_is_left_out_and_said() -> None:
    text = examples.text("bookshop")
    wrong = [
        estimate("tiers.cache.hit_ratio", 0.8, 0.79, 0.81, "share"),
        estimate("demand.requests.browse.rate", 100, 90, 110, "1/s"),
        estimate("tiers.nope.service_time", 1, 1, 1),
    ]
    saved = updated(text, "f", wrong)
    assert saved.text == text
    assert not saved.written
    reasons = dict(saved.left_out)
    assert "exclude each other" in reasons["tiers.cache.hit_ratio"]
    assert "exclude each other" in reasons["demand.requests.browse.rate"]
    assert "kind" in reasons["tiers.nope.service_time"]


def test_ends_are_rounded_outwards_and_kept_in_the_domain() -> None:
    text = examples.text("bookshop")
    saved = updated(
        text,
        "f",
        [
            estimate("demand.peak_to_average", 1.02, 0.93, 1.123456, "1"),
            estimate("tiers.web.service_time.search", 0.01234567, 0.012345671, 0.01234999),
        ],
    )
    system = cc.loads(saved.text)
    assert system.inputs.ranges["demand.peak_to_average"] == (1.0, 1.124)
    low, high = system.inputs.ranges["tiers.web.service_time.search"]
    assert low == pytest.approx(0.01234)
    assert high == pytest.approx(0.01235)


def test_a_counted_number_has_no_range() -> None:
    text = examples.text("bookshop")
    nan = float("nan")
    counted = estimate("tiers.lb.service_time", 1e-5, 1e-5, 1e-5)
    unsure = estimate("tiers.db.read_time", 0.003, nan, nan)
    saved = updated(text, "f", [counted, unsure])
    assert (
        'service_time: {value: 10us, source: "measured in cpu.csv, n = 288, counted"}' in saved.text
    )
    assert (
        'read_time: {value: 3ms, source: "measured in cpu.csv, n = 288, no interval"}' in saved.text
    )
    assert "tiers.db.read_time" not in cc.loads(saved.text).inputs.ranges


def test_a_number_with_a_source_is_exchanged_whole() -> None:
    text = """\
capcalc: 1
demand: {requests: {page: {rate: 10/s}}}
tiers:
  web:
    kind: web
    service_time:
      value: 20ms   # guessed
      source: a friend

    hosts: 2
"""
    saved = updated(text, "f", [estimate("tiers.web.service_time", 0.012, 0.011, 0.013)])
    system = cc.loads(saved.text)
    assert system.inputs.ranges["tiers.web.service_time"] == (0.011, 0.013)
    assert system.tiers["web"].hosts == 2
    assert "a friend" not in saved.text


def test_again_with_the_same_estimates_changes_nothing() -> None:
    once = updated(
        examples.text("saas"), "f", [estimate("demand.growth", 0.05, 0.04, 0.06, "per month")]
    )
    twice = updated(once.text, "f", [estimate("demand.growth", 0.05, 0.04, 0.06, "per month")])
    assert twice.text == once.text
    assert once.written[0][0] == "demand.growth"


def test_behind_an_alias_is_refused() -> None:
    text = "a: &x {b: 1}\nc: *x\n"
    with pytest.raises(ScenarioError, match=r"f:2:1: c: an alias"):
        edited(text, "f", {("c", "b"): "2"})


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("a:\n", ("a",), "a: 7\n"),
        ("a: {}\n", ("a", "b"), "a: {b: 7}\n"),
        ("a: {b: 1, }\n", ("a", "c"), "a: {b: 1, c: 7 }\n"),
        ("a:\r\n  b: 1\r\n", ("a", "c"), "a:\r\n  b: 1\r\n  c: 7\r\n"),
        ("a:\n  b: 1\n# end\n", ("a", "c", "d"), "a:\n  b: 1\n  c: {d: 7}\n# end\n"),
        ("a:\n  - 1\n", ("b",), "a:\n  - 1\nb: 7\n"),
        ("a: 1", ("b",), "a: 1\nb: 7"),
        ('"a": "x"  # c\n', ("a",), '"a": 7  # c\n'),
        ("a: 'x: {'\nb: 2\n", ("b",), "a: 'x: {'\nb: 7\n"),
        ("ä: ü\nb: 2\n", ("b",), "ä: ü\nb: 7\n"),
        ("a: 1\r\nb: 2\r\n", ("a",), "a: 7\r\nb: 2\r\n"),
    ],
)
def test_edits(text: str, path: tuple[str, ...], expected: str) -> None:
    assert edited(text, "f", {path: "7"}) == expected


def test_a_new_file_from_estimates() -> None:
    found = [
        estimate("demand.requests.page.rate", 120, 118, 122, "1/s"),
        estimate("tiers.app.service_time.page", 0.012, 0.011, 0.013),
        estimate("tiers.app.scv", 1.4, 1.2, 1.6, "1"),
    ]
    saved = begun("shop.yaml", found)
    system = cc.loads(saved.text)
    assert system.name == "shop"
    assert system.tiers["app"].kind == "web"
    assert system.inputs.ranges["demand.requests.page.rate"] == (118.0, 122.0)
    assert system.inputs.ranges["tiers.app.scv"] == (1.2, 1.6)
    assert float(cc.solve(system).tier("app").utilization) == pytest.approx(120 * 0.012)


def test_too_little_for_a_new_file_is_said() -> None:
    with pytest.raises(UsageError, match="the rate of a request class"):
        begun("shop.yaml", [estimate("tiers.app.service_time", 0.012, 0.011, 0.013)])
    with pytest.raises(UsageError, match="the service time of a tier"):
        begun("shop.yaml", [estimate("demand.requests.page.rate", 1, 1, 1, "1/s")])


KINDS = ["duration", "rate", "share", "growth", "size", "money", "number"]


@given(
    st.floats(min_value=1e-9, max_value=1e12),
    st.sampled_from(KINDS),
    st.sampled_from(["nearest", "down", "up"]),
)
def test_written_quantities_are_read_back(value: float, kind: str, rounding: str) -> None:
    back = parse(written(value, kind, rounding), kind)  # type: ignore[arg-type]
    assert back == pytest.approx(value, rel=1.01e-3)
    slack = 1e-12 * value
    if rounding == "down":
        assert back <= value + slack
    if rounding == "up":
        assert back >= value - slack
