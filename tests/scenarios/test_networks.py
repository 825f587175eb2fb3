"""Network files: what loads, what is refused and in which words."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import numpy as np
import pytest

from capcalc.errors import CapcalcError, UsageError
from capcalc.model import rounds
from capcalc.scenarios import examples
from capcalc.scenarios.load import load
from capcalc.scenarios.networks import load_network
from capcalc.scenarios.nodes import read
from capcalc.scenarios.schema import json_schema

GOOD = """capcalc: 1
classes:
  browse: {arrival_rate: 60/s, entry: web}
  batch: {population: 4, think_time: 10s, entry: db}
stations:
  web: {service_time: 2ms}
  db: {service_time: {browse: 1ms, batch: [8ms, 12ms]}}
routing:
  browse: {web: {db: 70%}}
"""


def refused(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "network.yaml"
    file.write_text(text)
    with pytest.raises(CapcalcError) as error:
        load_network(file)
    return [str(problem).replace(str(file), "F") for problem in error.value.problems]


@pytest.mark.parametrize("name", examples.networks())
def test_examples_load(name: str) -> None:
    network = load_network(name)
    assert network.name == name
    for each in network.classes:
        assert rounds.reached(network, each)


def test_numbers_ranges_and_defaults(tmp_path: Path) -> None:
    file = tmp_path / "network.yaml"
    file.write_text(GOOD.replace(", entry: db", ""))
    network = load_network(file, settings={"stations.web.servers": "3"})
    assert network.stations["web"].servers == 3
    assert network.stations["db"].service("batch") == pytest.approx(0.01)
    assert network.inputs.ranges == {"stations.db.service_time.batch": (0.008, 0.012)}
    assert network.inputs.defaults == {"classes.batch.entry": "web"}
    assert network.replace({"classes.batch.population": np.array([1.0, 2.0])}).classes[
        "batch"
    ].population == pytest.approx([1.0, 2.0])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("entry: web", "entry: wep", "F:3:39: classes.browse.entry: there is no station 'wep'; did you mean 'web'?"),
        ("60/s,", "60/s, population: 2,", "F:3:3: classes.browse: both arrival_rate and population are given; arrival_rate: makes the class open, population: closed"),
        ("arrival_rate: 60/s, ", "", "F:3:3: classes.browse: neither is given; arrival_rate: makes the class open, population: closed"),
        ("arrival_rate: 60/s", "arrival_rat: 60/s", "F:3:12: classes.browse.arrival_rat: unknown key; did you mean 'arrival_rate'?"),
        ("60/s", "sixty", "F:3:26: classes.browse.arrival_rate: 'sixty' is not a rate; write e.g. 900/s, 9k/s, 5M/day"),
        ("60/s,", "60/s, think_time: 1s,", "F:3:32: classes.browse.think_time: an open class has none; leave it out"),
        ("2ms}", "2ms, discipline: pss}", "F:6:40: stations.web.discipline: 'pss' is not one of fcfs, ps, lcfs_pr, delay; did you mean 'ps'?"),
        ("2ms}", "2ms, servers: 1.5}", "F:6:37: stations.web.servers: 1.5 is out of range: a whole number at least 1 is needed"),
        ("2ms}", "0}", "F:6:23: stations.web.service_time: 0 is out of range: a number above 0 is needed"),
        ("batch: [", "bach: [", "F:7:36: stations.db.service_time.bach: there is no class 'bach'; did you mean 'batch'?"),
        ("batch: [8ms, 12ms]", "buy: 1ms", "F:7:36: stations.db.service_time.buy: there is no class 'buy'; classes are browse, batch"),
        (", batch: [8ms, 12ms]", "", "F:7:8: stations.db.service_time: class batch comes here and has no service_time; add batch: 10ms"),
        ("db: 70%", "bd: 70%", "F:9:18: routing.browse.web.bd: there is no station 'bd'; did you mean 'db'?"),
        ("db: 70%", "db: 70%, web: 40%", "F:9:12: routing.browse.web: the probabilities add up to 1.1; at most 1; the rest leaves"),
        ("db: 70%", "db: 70%, exit: 20%", "F:9:12: routing.browse.web: the probabilities add up to 0.9; with exit they must make 1; without it the rest leaves"),
        ("db: 70%}", "db: 70%}, db: {db: 100%}", "F:9:3: routing.browse: browse never leaves db; let the probabilities of a row make less than 1"),
        ("entry: db", "entry: {db: 50%, web: 40%}", "F:4:43: classes.batch.entry: the shares add up to 0.9; they must make 1"),
        ("  browse: {web: {db: 70%}}", "  web: {db: {web: 1}}", "F:9:9: routing.web.db: a mapping is not a probability; routing is by station, or by class and then by station"),
        ("stations:\n  web: {service_time: 2ms}\n", "stations: {}\nx:\n", "F:5:1: stations: there is no station; name at least one"),
        ("  web: {ser", "  browse: {ser", "F:6:3: stations.browse: 'browse' is a class already; rename one of them"),
        ("entry: web", "entry: web, visits: {db: 1}", "F:3:44: classes.browse.visits: visits and entry are given; keep one"),
    ],
)  # fmt: skip
def test_refusals(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    assert message in refused(tmp_path, GOOD.replace(old, new, 1))


def test_a_closed_round_needs_one_beginning(tmp_path: Path) -> None:
    text = GOOD + "  batch: {db: {web: 1}, web: {db: 1}}\n"
    text = text.replace("{browse: 1ms, batch: [8ms, 12ms]}", "1ms")
    network = tmp_path / "round.yaml"
    network.write_text(text)
    assert rounds.trapped(load_network(network), "batch") == ["web", "db"]
    (problem,) = refused(tmp_path, text.replace("entry: db", "entry: {db: 50%, web: 50%}"))
    assert "goes round for ever in web, db, so one round has no beginning" in problem
    away = text.replace("db: {web: 1}, web: {db: 1}", "db: {web: 1}, web: {web: 1}")
    (problem,) = refused(tmp_path, away)
    assert "batch never comes back from web" in problem


def test_files_of_the_other_sort_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(CapcalcError, match="describes a network of stations; use `capcalc network"):
        load("thread-pool")
    with pytest.raises(CapcalcError, match="describes a system of tiers; use `capcalc solve"):
        load_network("bookshop")
    with pytest.raises(UsageError, match="did you mean 'thread-pool'"):
        load_network("thread-pol")
    assert refused(tmp_path, "- 1")[0].startswith("F:1:1: [1] is not a scenario")


def test_schema_says_what_the_door_says(tmp_path: Path) -> None:
    schema = json_schema("network")
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for name in examples.networks():
        validator.validate(read(examples.text(name), name).tree)
    validator.validate(read(GOOD, "good").tree)
    for old, new in (("60/s", "sixty"), ("2ms}", "2ms, discipline: pss}"), ("70%", "170%")):
        assert not validator.is_valid(read(GOOD.replace(old, new, 1), "bad").tree)
        assert refused(tmp_path, GOOD.replace(old, new, 1))
