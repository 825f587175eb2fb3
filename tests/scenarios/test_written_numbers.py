"""Numbers and dates as they stand in exports of many programs and countries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from capcalc.errors import UsageError
from capcalc.results.measurements import Measurements
from capcalc.scenarios.measurements import open_metrics
from capcalc.scenarios.measurements.numbers import comma_decimals, numbers_of, unit_in
from capcalc.studies.measured import measured

START = datetime(2026, 1, 1, tzinfo=UTC)


def read(path: Path, text: str, **told: dict[str, str]) -> Measurements:
    path.write_text(text, encoding="utf-8")
    return measured(open_metrics(str(path), **told))


@pytest.mark.parametrize(
    ("cell", "kind", "comma", "value"),
    [
        ("1,234", "", False, 1234.0),
        ("1,234.5", "", False, 1234.5),
        ("1.234", "", True, 1234.0),
        ("1.234.567", "", True, 1234567.0),
        ("1.234,5", "", True, 1234.5),
        ("12,5", "", True, 12.5),
        ("1\u202f234\u00a0567", "", False, 1234567.0),
        ("1'234", "", False, 1234.0),
        ("−3.5", "", False, -3.5),
        ("1e-3", "", False, 1e-3),
        ("970 ms", "time", False, 0.97),
        ("1.20 s", "time", False, 1.2),
        ("1.5 mins", "time", False, 90.0),
        ("350 µs", "time", False, 350e-6),
        ("45.2 req/s", "rate", False, 45.2),
        ("1.2k/s", "rate", False, 1200.0),
        ("1.20 K", "", False, 1200.0),
        ("3.4 Mil", "", False, 3.4e6),
        ("42.5%", "share", False, 0.425),
        ("42,5 %", "share", True, 0.425),
        ("1.5 GiB", "bytes", False, 1.5 * 2**30),
        ("$1,234.50", "money", False, 1234.5),
        ("1.234,50 €", "money", True, 1234.5),
        ("250m", "cores", False, 0.25),
        ("1.2m", "", False, 1.2e6),
    ],
)
def test_a_cell(cell: str, kind: str, comma: bool, value: float) -> None:
    found = numbers_of(np.array([cell], dtype=object), kind, comma=comma)
    assert found.values[0] == pytest.approx(value, rel=1e-12)
    assert not found.wrong[0]


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("12 ms", "rate"),
        ("3 apples", ""),
        ("1,2,3", ""),
        ("250m", "share"),
        ("5m", "time"),
        ("1 2", ""),
        ("12,34,567", ""),
        ("5 ?", ""),
    ],
)
def test_a_cell_that_is_no_such_number(cell: str, kind: str) -> None:
    found = numbers_of(np.array(["1", cell], dtype=object), kind)
    assert found.wrong.tolist() == [False, True]
    assert np.isnan(found.values[1])
    assert found.example == cell


@pytest.mark.parametrize(
    ("columns", "shows"),
    [
        ([["1.234", "999"], ["12,5", "3,0"]], "12,5"),
        ([["1.234", "999"], ["12.5", "3.0"]], ""),
        ([["1.234", "999", "12.001"]], "1.234"),
        ([["1.234", "0.999"]], ""),
        ([["1.234", "2.345"]], ""),
        ([["1,234", "999"]], ""),
        ([["1.234,5"]], "1.234,5"),
        ([["01.11.2026"], ["7"]], ""),
        ([], ""),
    ],
)
def test_what_shows_a_decimal_comma(columns: list[list[str]], shows: str) -> None:
    assert comma_decimals(columns) == shows


def test_the_unit_of_a_column_of_cells() -> None:
    assert unit_in(["970 ms", "1.20 s", "880 ms", ""]) == "ms"
    assert unit_in(["1.2 K", "900"]) == ""
    assert unit_in(["45.2 req/s", "1.2k req/s"]) == "req/s"
    assert unit_in(["12", "13", "14 ms"]) == ""


def test_a_german_export(tmp_path: Path) -> None:
    text = "Zeit;requests;CPU %;Antwort latency ms\n"
    for n in range(20):
        text += f"01.11.2026 {n:02d}:00;{'1.' if n % 2 else ''}234;{n},5;1.0{n:02d},5\n"
    found = read(tmp_path / "de.csv", text)
    told = {each.role: each.values for each in found.series}
    np.testing.assert_allclose(told["requests"], [234.0, 1234.0] * 10)
    np.testing.assert_allclose(told["utilization"], (np.arange(20) + 0.5) / 100)
    np.testing.assert_allclose(told["response_mean"], (1000 + np.arange(20) + 0.5) / 1000)
    assert any("decimal comma" in note for note in found.notes)
    assert found.time is not None
    assert found.time[0] == datetime(2026, 11, 1, tzinfo=UTC).timestamp()


def test_units_in_cells_tell_the_role(tmp_path: Path) -> None:
    text = "Time,page req,latency\n"
    text += "".join(f"2026-11-01 10:{n:02d},{n + 1}.5 req/s,{970 + n} ms\n" for n in range(20))
    found = read(tmp_path / "grafana.csv", text + "2026-11-01 10:20,1.2K req/s,1.20 s\n")
    told = {each.role: each.values for each in found.series}
    assert set(told) == {"arrival_rate", "response_mean"}
    assert told["arrival_rate"][[0, -1]].tolist() == [1.5, 1200.0]
    assert told["response_mean"][[0, -1]].tolist() == [0.97, 1.2]


@pytest.mark.parametrize(
    ("name", "first", "expected"),
    [
        ("throughput (kops/s)", "1.5", 1500.0),
        ("revenue (USD k)", "12.5", 12500.0),
        ("revenue (k€)", "12.5", 12500.0),
        ("requests (thousands)", "12.5", 12500.0),
    ],
)
def test_a_unit_in_the_name(tmp_path: Path, name: str, first: str, expected: float) -> None:
    text = f"time,{name}\n" + "".join(f"2026-11-01 10:{n:02d},{first}\n" for n in range(20))
    (series,) = read(tmp_path / "unit.csv", text).series
    assert series.values[0] == pytest.approx(expected)


def test_a_unit_that_is_not_known_is_said(tmp_path: Path) -> None:
    text = "time,latency (jiffies)\n" + "".join(f"2026-11-01 10:{n:02d},1\n" for n in range(20))
    found = read(tmp_path / "unit.csv", text)
    assert any("'jiffies' is no unit" in note for note in found.notes)


DAYS: dict[str, Callable[[datetime], str]] = {
    "%d/%m/%Y": lambda day: day.strftime("%d/%m/%Y"),
    "%m/%d/%Y": lambda day: day.strftime("%m/%d/%Y"),
    "%d/%m/%y": lambda day: day.strftime("%d/%m/%y"),
    "%d.%m.%Y": lambda day: day.strftime("%d.%m.%Y"),
    "%d-%m-%Y": lambda day: day.strftime("%d-%m-%Y"),
    "%d %b %Y": lambda day: day.strftime("%d %b %Y"),
    "%b %d, %Y": lambda day: f'"{day.strftime("%b %d, %Y")}"',
    "%Y%m%d": lambda day: day.strftime("%Y%m%d"),
    "ISO": lambda day: day.date().isoformat(),
}


@pytest.mark.parametrize("days", [12, 100])
@pytest.mark.parametrize("form", DAYS)
def test_days(tmp_path: Path, form: str, days: int) -> None:
    """Twelve days of January could all be months: that times grow evenly decides."""
    every = [START + timedelta(days=n) for n in range(days)]
    text = "date,orders\n" + "".join(f"{DAYS[form](day)},{n}\n" for n, day in enumerate(every))
    found = read(tmp_path / "days.csv", text)
    assert found.time is not None
    np.testing.assert_array_equal(found.time, [day.timestamp() for day in every])
    assert not any("either way" in note for note in found.notes)


def test_a_date_that_may_be_either_is_said_and_can_be_told(tmp_path: Path) -> None:
    text = "date,requests\n" + "".join(f"02/03/2026 10:{n:02d},{n}\n" for n in range(20))
    found = read(tmp_path / "one.csv", text)
    assert found.time is not None
    assert found.time[0] == datetime(2026, 2, 3, 10, tzinfo=UTC).timestamp()
    (note,) = [note for note in found.notes if "either way" in note]
    assert "--column 'date=time dd/mm'" in note
    found = read(tmp_path / "one.csv", text, roles={"date": "time dd/mm"})
    assert found.time is not None
    assert found.time[0] == datetime(2026, 3, 2, 10, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("form", ["%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p"])
def test_times_of_day_run_over_midnight(tmp_path: Path, form: str) -> None:
    every = [START + timedelta(minutes=90 * n) for n in range(60)]
    text = "time,requests\n" + "".join(f"{t.strftime(form)},{n}\n" for n, t in enumerate(every))
    found = read(tmp_path / "clock.csv", text)
    assert found.time is not None
    np.testing.assert_allclose(np.diff(found.time), 5400.0)
    assert not found.clock


@pytest.mark.parametrize(
    ("cells", "step"),
    [
        ([(START + timedelta(days=7 * n)).strftime("%G-W%V") for n in range(20)], 7 * 86400.0),
        ([f"{month} 2023" for month in ("Jan", "Feb", "Mar", "Apr", "May", "Jun")], 30.2 * 86400.0),
    ],
)
def test_weeks_and_months(tmp_path: Path, cells: list[str], step: float) -> None:
    text = "period,orders\n" + "".join(f"{cell},{n}\n" for n, cell in enumerate(cells))
    found = read(tmp_path / "weeks.csv", text)
    assert found.step == pytest.approx(step, rel=0.02)


@pytest.mark.parametrize(("unit", "scale"), [("ms", 1e-3), ("us", 1e-6), ("s", 1.0), ("min", 60.0)])
def test_times_from_the_start_of_the_file(tmp_path: Path, unit: str, scale: float) -> None:
    text = f"t ({unit}),requests\n" + "".join(f"{n * 10},{n}\n" for n in range(20))
    found = read(tmp_path / "rel.csv", text)
    assert found.step == pytest.approx(10 * scale)


def test_an_order_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no role"):
        read(tmp_path / "x.csv", "date,requests\n01/02/2026,3\n", roles={"date": "tyme dd/mm"})


def test_a_version_does_not_decide_how_decimals_are_written(tmp_path: Path) -> None:
    text = "time;requests;release\n"
    text += "".join(f"2026-11-01 10:{n:02d};1.{n:03d},5;2.1\n" for n in range(20))
    (series,) = read(tmp_path / "release.csv", text).series
    np.testing.assert_allclose(series.values, 1000 + np.arange(20) + 0.5)


def test_money_that_is_not_dollars_is_said(tmp_path: Path) -> None:
    text = "date,revenue (EUR)\n" + "".join(f"2026-11-{n:02d},{n}\n" for n in range(1, 20))
    found = read(tmp_path / "eur.csv", text)
    assert any("is in EUR, not converted" in note for note in found.notes)
