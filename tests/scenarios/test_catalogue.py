"""Instance tables: what is read, and what is refused with line and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from capcalc.errors import ScenarioError, UsageError
from capcalc.scenarios.catalogue import builtin_names, read_catalogue

HEADER = "instance,vcpus,price_usd_per_hour"


def test_builtin_table() -> None:
    assert builtin_names() == ("aws-us-east-1",)
    table = read_catalogue("aws-us-east-1")
    assert len(table.instance) == 153
    row = table.position("c7g.xlarge")
    assert (table.family[row], table.vcpus[row], table.price[row]) == ("c7g", 4, 0.145)
    assert table.memory[row] == 8 * 2**30
    assert (table.region, table.term) == ("us-east-1", "on_demand")
    assert set(table.speed) == {1.0}
    assert not np.isnan(table.price).any()


def test_own_table_needs_three_columns(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(f"{HEADER}\na.s,2,0.1\nb.m,4,0.2\n")
    table = read_catalogue("own.csv", tmp_path)
    assert table.family == ("a", "b")
    assert np.isnan(table.memory).all()
    assert list(table.speed) == [1, 1]
    assert table.term == "on_demand"
    assert list(table.rows(("b",))) == [1]


def test_other_terms_are_left_out(tmp_path: Path) -> None:
    text = f"{HEADER},term,speed\na.s,2,0.1,reserved,2\na.s,2,0.2,on_demand,3\n"
    (tmp_path / "own.csv").write_text(text)
    table = read_catalogue(tmp_path / "own.csv")
    assert (list(table.price), list(table.speed)) == ([0.2], [3])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{HEADER}\na.s,2,\n", "own.csv:2: price_usd_per_hour: the cell is empty"),
        (f"{HEADER}\na.s,2,0\n", "own.csv:2: price_usd_per_hour: '0' is not a number above 0"),
        (f"{HEADER}\na.s,2,-1\n", "own.csv:2: price_usd_per_hour: '-1' is not a number above 0"),
        (f"{HEADER}\na.s,two,1\n", "own.csv:2: vcpus: 'two' is not a number above 0"),
        (f"{HEADER}\na.s,nan,1\n", "own.csv:2: vcpus: 'nan' is not a number above 0"),
        (f"{HEADER}\na.s,inf,1\n", "own.csv:2: vcpus: 'inf' is not a number above 0"),
        (f"{HEADER}\n,2,1\n", "own.csv:2: instance: the cell is empty"),
        (f"{HEADER}\na.s,2,1\nb.s,1,1\na.s,2,1\n", "own.csv:4: instance: 'a.s' is given twice"),
        (f"{HEADER}\na.s,2,1,9\n", "own.csv:2: the row has more cells"),
        ("instance,vcpus\na.s,2\n", "own.csv:1: price_usd_per_hour: this column is missing"),
        (f"{HEADER},sped\na.s,2,1,1\n", "own.csv:1: sped: unknown column; did you mean 'speed'?"),
        (f"{HEADER},speed\na.s,2,1,0\n", "own.csv:2: speed: '0' is not a number above 0"),
        (f"{HEADER}\n", "own.csv: the table has no on-demand row"),
        (f"{HEADER},term\na.s,2,1,spot\n", "own.csv: the table has no on-demand row"),
        ("instance,vcpu,price_usd_per_hour\n", "vcpu: unknown column; did you mean 'vcpus'?"),
        ("", "own.csv:1: instance: this column is missing"),
        (f'{HEADER}\n"a.s,2,1\n', "own.csv: this is not CSV"),
        ("a\0b", "own.csv: this is a binary file"),
    ],
)
def test_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "own.csv").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        read_catalogue("own.csv", tmp_path)
    assert expected in str(caught.value)


def test_several_problems_at_once(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(f"{HEADER}\na.s,0,\nb.s,2,x\n")
    with pytest.raises(ScenarioError) as caught:
        read_catalogue("own.csv", tmp_path)
    assert [problem.line for problem in caught.value.problems] == [2, 2, 3]


def test_text_of_a_file_that_is_no_table_stays_out_of_the_message(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("root:secret,0\n")
    with pytest.raises(ScenarioError) as caught:
        read_catalogue("own.csv", tmp_path)
    assert "secret" not in str(caught.value)


def test_table_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="did you mean 'aws-us-east-1'"):
        read_catalogue("aws-us-east1")
