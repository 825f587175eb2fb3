"""Units at the door."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capcalc.units import format as human
from capcalc.units.kinds import KINDS
from capcalc.units.parse import UnitError, parse


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("8ms", "duration", 0.008),
        ("0.05ms", "duration", 5e-5),
        ("250 ms", "duration", 0.25),
        ("12us", "duration", 12e-6),
        ("12µs", "duration", 12e-6),
        ("5min", "duration", 300.0),
        ("6 months", "duration", 6 * 730 * 3600.0),
        ("2 days", "duration", 172800.0),
        ("9k/s", "rate", 9000.0),
        ("1.4k/s", "rate", 1400.0),
        ("5M/day", "rate", 5e6 / 86400),
        ("150 rps", "rate", 150.0),
        ("2.5k req/s", "rate", 2500.0),
        ("30 req/min", "rate", 0.5),
        ("94%", "share", 0.94),
        ("0.94", "share", 0.94),
        ("34kB", "size", 34_000.0),
        ("64GiB", "size", 64 * 2.0**30),
        ("2 MB", "size", 2e6),
        ("0.02 USD/GB", "price", 0.02e-9),
        ("48 USD", "money", 48.0),
        ("6%/month", "growth", 0.06),
        ("100%/year", "growth", 2 ** (1 / 12) - 1),
        ("1.2M", "number", 1.2e6),
        ("400k", "number", 4e5),
        ("4Ki", "number", 4096.0),
        ("1_000", "number", 1000.0),
        ("1e3", "number", 1000.0),
        ("-3", "number", -3.0),
    ],
)
def test_what_people_write(text: str, kind: str, value: float) -> None:
    assert parse(text, kind) == pytest.approx(value, rel=1e-15)
    assert re.match(KINDS[kind].pattern(), text)


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("8 parsecs", "duration", "unknown unit 'parsecs'"),
        ("8mss", "duration", "unknown unit 'mss'"),
        ("ms", "duration", "is not a duration"),
        ("", "number", "is not a number"),
        ("9k/fortnight", "rate", "unknown unit"),
        ("34KB", "size", "unknown unit 'KB'"),
        ("8ms", "share", "unknown unit 'ms'"),
        ("1,000", "number", "unknown unit"),
        ("nan", "number", "is not a number"),
        ("inf", "duration", "is not a duration"),
        ("1e", "number", "unknown unit 'e'"),
    ],
)
def test_what_is_refused(text: str, kind: str, part: str) -> None:
    with pytest.raises(UnitError, match=re.escape(part)) as refused:
        parse(text, kind)
    assert refused.value.hint


@given(st.text(max_size=12), st.sampled_from(sorted(KINDS)))
def test_any_text_is_read_or_refused(text: str, kind: str) -> None:
    try:
        value = parse(text, kind)
    except UnitError:
        return
    assert isinstance(value, float)
    assert re.match(KINDS[kind].pattern(), text), "the schema's pattern must admit what is read"


@given(st.floats(1e-9, 1e9))
def test_durations_read_back(seconds: float) -> None:
    text = human.duration(seconds).replace("µs", "us").replace(",", "")
    assert parse(text, "duration") == pytest.approx(seconds, rel=0.006)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (human.duration(0.0123), "12.3 ms"),
        (human.duration(0), "0"),
        (human.duration(float("inf")), "∞"),
        (human.duration(7200), "2 h"),
        (human.share(0.65), "65 %"),
        (human.share(0.0004137), "0.0414 %"),
        (human.dollars(5736.2), "$5,736"),
        (human.dollars(4.783), "$4.78"),
        (human.rate(1160.9), "1,161/s"),
        (human.size(34000), "34 kB"),
        (human.significant(0.00001234), "0.0000123"),
        (human.significant(float("nan")), "–"),
    ],
)
def test_how_numbers_are_shown(text: str, shown: str) -> None:
    assert text == shown


def test_a_share_that_is_not_whole_is_not_shown_as_whole() -> None:
    assert human.share(0.9995) == "99.95 %"
    assert human.share(0.99999) == "99.999 %"
    assert human.share(1.0) == "100 %"
    assert human.share(1.0004) == "100 %"


def test_whole_months_are_read_as_months() -> None:
    assert human.duration(6 * 730 * 3600.0) == "6 months"
    assert human.duration(730 * 3600.0) == "30.4 days"
    assert human.duration(100 * 86400.0) == "100 days"
