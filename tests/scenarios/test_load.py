"""What is loaded: the examples, settings, ranges, sources, defaults, instances."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from capcalc.errors import ScenarioError, UsageError
from capcalc.model import paths
from capcalc.model.components import Cache, Cdn, Database, Web
from capcalc.model.objectives import LatencyObjective
from capcalc.scenarios import examples
from capcalc.scenarios.load import load, loads

from .base import BASE, problems_of, spoiled

SHARED = Path(__file__).parents[3] / "shared" / "scenarios"


@pytest.mark.parametrize("name", examples.names())
def test_examples_load_by_name_with_and_without_suffix(name: str) -> None:
    assert list(load(name).tiers) == list(load(f"{name}.yaml").tiers)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared files are not here")
@pytest.mark.parametrize("name", examples.names())
def test_examples_are_the_shared_files_byte_for_byte(name: str) -> None:
    file = SHARED / f"{name}.yaml"
    assert examples.text(name).encode() == file.read_bytes()
    assert load(file).name == load(name).name


@pytest.mark.skipif(not SHARED.exists(), reason="the shared files are not here")
def test_all_shared_files_are_examples() -> None:
    assert sorted(file.stem for file in SHARED.glob("*.yaml")) == list(examples.names())


def test_bookshop_as_a_whole() -> None:
    system = load("bookshop")
    web, cache, db, cdn = (system.tiers[name] for name in ("web", "cache", "db", "cdn"))
    assert isinstance(web, Web)
    assert isinstance(cache, Cache)
    assert isinstance(db, Database)
    assert isinstance(cdn, Cdn)
    assert system.demand.daily_active_users == 1.2e6
    assert system.demand.growth == pytest.approx(0.06, rel=1e-15)
    assert web.service_time == {"browse": 0.008, "search": 0.022, "cart": 0.035, "asset": 0.0002}
    assert (web.hosts, web.zones, web.survive, web.max_utilization) == (6, 3, "zone", 0.65)
    assert cache.objects is not None
    assert (cache.capacity, cache.objects.count, cache.objects.size) == (400e3, 2e6, 4000)
    assert (db.replicas, db.primary_read_share, db.max_replicas) == (2, 0.05, 15)
    assert cdn.price == pytest.approx(0.02e-9)
    assert system.objectives.requests["browse"] == LatencyObjective(p95=0.04, p99=0.12)
    assert system.objectives.min_runway == 6 * 730 * 3600
    assert system.instances is not None
    assert system.instances.families == ("c7g", "r7g")
    assert system.servers("web") == 4


def test_the_order_of_the_file_is_kept() -> None:
    tiers = load("bookshop").tiers
    assert list(tiers) == ["dns", "cdn", "lb", "web", "sessions", "cache", "db"]


def test_range_is_carried_and_stands_for_its_middle() -> None:
    system = load("newsroom")
    cdn = system.tiers["cdn"]
    assert isinstance(cdn, Cdn)
    assert cdn.hit_ratio == pytest.approx(0.935)
    assert system.inputs.ranges == {"tiers.cdn.hit_ratio": (0.9, 0.97)}


def test_middle_of_a_range_of_hosts_is_whole() -> None:
    system = loads(spoiled(("    hosts: 4\n", "    hosts: [4, 7]\n")))
    assert system.hosted()["web"].hosts == 5
    assert system.inputs.ranges == {"tiers.web.hosts": (4, 7)}


def test_source_is_carried_also_of_a_range() -> None:
    text = spoiled(
        ("page: 8ms", "page: {value: [7ms, 9ms], source: trace of May}"),
        ("reads: 1, writes", "reads: {value: 1, source: counted}, writes"),
        ("search: 1,", "search: {value: 1, source: guessed},"),
    )
    inputs = loads(text).inputs
    assert inputs.ranges == {"tiers.web.service_time.page": (0.007, 0.009)}
    assert inputs.sources == {
        "tiers.web.service_time.page": "trace of May",
        "calls.page.db.reads": "counted",
        "calls.page.search": "guessed",
    }


def test_used_defaults_are_recorded() -> None:
    assert load("saas").inputs.defaults == {
        "demand.peak_to_average": 1.0,
        "tiers.lb.cores": 1.0,
        "tiers.lb.max_utilization": 0.7,
        "tiers.api.max_utilization_after_failure": 0.9,
        "tiers.db.max_utilization": 0.7,
        "tiers.db.max_utilization_after_failure": 0.9,
    }


def test_defaults_of_a_database_depend_on_its_replicas() -> None:
    defaults = loads(BASE).inputs.defaults
    assert defaults["tiers.db.primary_read_share"] == 0.0
    assert defaults["tiers.db.apply_time"] == 0.004
    assert defaults["tiers.lb.policy"] == "random"
    assert defaults["tiers.store.hosts"] == 1.0
    alone = loads(spoiled(("replicas: 2, ", ""))).inputs.defaults
    assert not [path for path in alone if path.startswith("tiers.db.p")]
    assert "tiers.db.apply_time" not in alone


def test_a_tier_on_the_hosts_of_another_has_no_defaults_of_its_own() -> None:
    assert load("single-server").inputs.defaults == {"tiers.web.max_utilization": 0.7}


def test_settings_exchange_add_and_range() -> None:
    settings = {
        "tiers.web.hosts": "9",
        "tiers.cdn.hit_ratio": "[0.9, 97%]",
        "objectives.browse.p95": "8ms",
        "objectives.cart.p99": "1s",
        "tiers.web.cores": "2",
        "tiers.web.service_time": "{browse: 9ms, search: 1ms, cart: 1ms, asset: 1ms}",
        "tiers.lb.service_time": "{value: 1ms, source: measured}",
    }
    system = load("bookshop", settings=settings)
    assert (system.hosted()["web"].hosts, system.servers("web")) == (9, 2)
    assert system.inputs.ranges == {"tiers.cdn.hit_ratio": (0.9, 0.97)}
    assert system.inputs.sources == {"tiers.lb.service_time": "measured"}
    assert system.objectives.requests["browse"].p95 == 0.008
    assert system.objectives.requests["cart"].p99 == 1


def test_settings_make_the_parts_that_are_missing() -> None:
    system = loads(
        BASE,
        settings={
            "demand.spike.factor": "3",
            "tiers.web.pool": "{to: db, connections_per_host: 9}",
        },
    )
    assert system.demand.spike is not None
    assert system.demand.spike.factor == 3


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("tiers.web.hosts", "-3", "--set tiers.web.hosts: -3 is out of range"),
        ("tiers.web.hosts", "8ms", "--set tiers.web.hosts: '8ms' is not a number"),
        ("tiers.web.hosts", "", "--set tiers.web.hosts: a value is missing"),
        ("tiers.web.hosts", "[1", "--set tiers.web.hosts: this is not valid YAML"),
        ("tiers.web.hosst", "3", "--set tiers.web.hosst: unknown key; did you mean 'hosts'?"),
        ("tiers.wbe.hosts", "3", "there is no 'wbe' in the file; did you mean 'web'?"),
        ("demand.requests.pgae.rate", "3/s", "no 'pgae' in the file; did you mean 'page'?"),
        ("tiers.web.hosts.x", "3", "tiers.web.hosts is one value: there is nothing below it"),
        ("demnd.growth", "3", "demnd: unknown key; did you mean 'demand'?"),
        ("", "3", "--set : this is no path"),
        ("tiers..hosts", "3", "there is no '' in the file"),
        ("tiers.web.instance", "c7g.lrage", "did you mean 'c7g.large'?"),
        ("objectives.pgae.p95", "3s", "there is no request class 'pgae'; did you mean 'page'?"),
        ("calls.page.db.reads", "{value: x, source: y}", "--set calls.page.db.reads: 'x' is not"),
    ],
)  # fmt: skip
def test_wrong_settings_are_named(path: str, value: str, expected: str) -> None:
    (problem,) = problems_of(BASE, settings={path: value})
    assert expected in str(problem)
    assert str(problem).startswith("--set")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("bookshp", "did you mean 'bookshop'?"),
        ("Bookshop.yml", "did you mean 'bookshop'?"),
        ("nowhere/at/all.yaml", "built-in examples are bookshop, "),
        ("x" * 5000, "built-in examples are"),
        ("a\0b", "built-in examples are"),
    ],
)
def test_a_file_that_is_not_there(name: str, hint: str) -> None:
    with pytest.raises(UsageError, match="there is no file") as caught:
        load(name)
    assert hint in str(caught.value)


def test_nearest_file_beside_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(BASE)
    with pytest.raises(UsageError, match=r"did you mean '.*/shop\.yaml'"):
        load(tmp_path / "shpo.yaml")


def test_directories_and_binary_files_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="this is a directory"):
        load(tmp_path)
    file = tmp_path / "x.yaml"
    file.write_bytes(b"name: \xff\xfe")
    with pytest.raises(ScenarioError, match=r"x.yaml:1: this is not UTF-8 text; save it as UTF-8"):
        load(file)
    file.write_bytes(BASE.encode("utf-16"))
    with pytest.raises(ScenarioError, match="this is a binary file"):
        load(file)


def test_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + BASE.encode())
    assert load(file).hosted()["web"].hosts == 4


def test_aliases_are_copied() -> None:
    text = spoiled(
        ("kind: session_store, service_time: 1ms", "kind: session_store, service_time: &t 1ms"),
        ("kind: cache, service_time: 1ms", "kind: cache, service_time: *t"),
    )
    system = loads(text, settings={"tiers.store.service_time": "2ms"})
    leaves = {leaf.path: leaf.value for leaf in paths.leaves(system)}
    assert leaves["tiers.store.service_time"] == 0.002
    assert leaves["tiers.cache.service_time"] == 0.001


def test_own_instance_table_beside_the_file_and_from_outside(tmp_path: Path) -> None:
    table = "instance,vcpus,price_usd_per_hour\nbig.one,32,1.5\n"
    (tmp_path / "prices.csv").write_text(table)
    text = BASE.replace("    hosts: 4\n", "    hosts: 4\n    instance: big.one\n")
    text = text[: text.index("instances:")]
    (tmp_path / "shop.yaml").write_text(text + "instances: {from: prices.csv, speed: {big: 2}}\n")
    system = load(tmp_path / "shop.yaml")
    assert system.servers("web") == 32
    assert system.price("web") == 1.5
    assert system.catalogue is not None
    assert list(system.catalogue.speed) == [2]
    assert loads(text, instances=tmp_path / "prices.csv").servers("web") == 32


def test_catalogue_is_read_only_where_it_is_needed() -> None:
    assert load("microservices").catalogue is None
    assert load("newsroom").catalogue is not None


def test_import_of_capcalc_brings_neither_pydantic_nor_yaml() -> None:
    code = (
        "import capcalc, sys; print([m for m in ('pydantic', 'ruamel.yaml') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
