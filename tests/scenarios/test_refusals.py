"""Every refusal names the file, the line, what is wrong and what would be right."""

from __future__ import annotations

import jsonschema
import pytest

from capcalc.scenarios.load import loads
from capcalc.scenarios.nodes import read
from capcalc.scenarios.schema import json_schema

from .base import BASE, problems_of, spoiled

#: What stands in the base, what is put there, the line, a part of the message,
#: and whether the JSON Schema refuses it too.
TABLE = [
    # keys
    ("    hosts: 4\n", "    hosst: 4\n", 12, "tiers.web.hosst: unknown key; did you mean 'hosts'?", 1),
    ("daily_active_users", "daily_users", 3, "did you mean 'daily_active_users'?", 1),
    ("instances:", "instance:", 25, "instance: unknown key; did you mean 'instances'?", 1),
    ("p99: 300ms", "p98: 300ms", 24, "objectives.page.p98: unknown key; did you mean 'p", 1),
    ("writes: 0.1", "write: 0.1", 22, "calls.page.db.write: unknown key; did you mean 'writes'?", 1),
    ("read_time: 2ms, ", "", 20, "tiers.db.read_time: this key is missing; write e.g. read_time: 8ms", 1),
    ("read_time", "raed_time", 20, "tiers.db.raed_time: unknown key; did you mean 'read_time'?", 1),
    ("capcalc: 1\n", "", 1, "capcalc: this key is missing; capcalc: 1 is needed at the top", 1),
    ("replicas: 2,", "hosts: 3,", 20, "unknown key; a database has one primary host and `replicas`", 1),
    ("hit_ratio: 90%, fronts", "answering: true, hit_ratio: 90%, fronts", 19, "answering: unknown key", 1),
    ("\ndemand:", "\ndemmand:", 2, "demmand: unknown key; did you mean 'demand'?", 1),
    ("\ntiers:", "\ntires:", 7, "tires: unknown key; did you mean 'tiers'?", 1),
    # numbers and units
    ("page: 8ms", "page: 8 parsecs", 14, "'8 parsecs' is not a duration: unknown unit 'parsecs'", 1),
    ("cdn, hit_ratio: 90%", "cdn, hit_ratio: 120%", 8, "120% is out of range", 1),
    ("cdn, hit_ratio: 90%", "cdn, hit_ratio: 90", 8, "did you mean 90%?", 1),
    ("    hosts: 4\n", "    hosts: -3\n", 12, "-3 is out of range: a whole number at least 1", 1),
    ("    hosts: 4\n", "    hosts: 0\n", 12, "0 is out of range", 1),
    ("    hosts: 4\n", "    hosts: 2.5\n", 12, "2.5 is out of range: a whole number", 1),
    ("    hosts: 4\n", "    hosts: true\n", 12, "true is not a number", 1),
    ("    hosts: 4\n", "    hosts:\n", 12, "nothing is not a number; write e.g. 12", 1),
    ("    hosts: 4\n", "    hosts: .nan\n", 12, "nan is not a finite number", 1),
    ("    hosts: 4\n", "    hosts: .inf\n", 12, "inf is not a finite number", 1),
    ("    hosts: 4\n", "    hosts: 1e400\n", 12, "is not a finite number", 1),
    ("    hosts: 4\n", "    hosts: [1, 2, 3]\n", 12, "a list of 3 is not a number; a range is", 1),
    ("    hosts: 4\n", "    hosts: [4, 2]\n", 12, "low end is above the high; write [2, 4]", 0),
    ("    hosts: 4\n", "    hosts: {value: x, source: y}\n", 12, "'x' is not a number", 1),
    ("    hosts: 4\n", "    hosts: {valu: 4}\n", 12, "a mapping is not a number", 1),
    ("    hosts: 4\n", "    hosts: {value: 4, sauce: a}\n", 12, "did you mean 'source'?", 1),
    ("    hosts: 4\n", "    hosts: {value: 4, source: 3}\n", 12, "hosts.source: 3 is not a text", 1),
    ("    hosts: 4\n", f"    hosts: {'1' * 5000}x\n", 12, "is not a number", 1),
    ("rate: 50/s", "rate: -50/s", 6, "-50/s is out of range", 1),
    ("rate: 50/s", "rate: 50ms", 6, "'50ms' is not a rate", 1),
    ("hit_ratio: 90%, fronts: db", "capacity: 0, objects: {count: 9, zipf: 1}, fronts: db", 19, "0 is out of range: a number above 0", 1),
    ("fan_out: 2", "fan_out: 0", 17, "0 is out of range: at least 1", 1),
    ("fan_out: 2", "fan_out: 1.5", 17, "1.5 is not a whole number", 1),
    ("static: true", "static: 3", 6, "3 is not true or false", 1),
    ("10k\n", "10k\n  start: 2026-13\n", 4, "'2026-13' has not the form needed; write e.g. 2026-12", 1),
    ("10k\n", "10k\n  growth: 6%\n", 4, "'6%' is not a growth", 1),
    # words
    ("capcalc: 1\n", "capcalc: 1\nname: 12\n", 2, "name: 12 is not a text; write it in quotes", 1),
    ("kind: web\n", "kind: wbe\n", 11, "tiers.web.kind: 'wbe' is not one of dns,", 1),
    ("kind: web\n", "kind: wbe\n", 11, "did you mean 'web'?", 1),
    ("kind: web\n", "zones: 2\n", 11, "", 0),
    ("{kind: session_store, ", "{", 18, "the tier has no kind; write kind: with one of dns", 1),
    ("survive: zone", "survive: zoen", 16, "'zoen' is not one of host, zone; did you mean 'zone'?", 1),
    ("state: shared", "state: shard", 15, "did you mean 'shared'?", 1),
    ("capcalc: 1\n", "capcalc: true\n", 1, "version true of the file format is not known", 1),
    ("capcalc: 1\n", "capcalc: 1.5\n", 1, "1.5 is not one of 1", 1),
    ("capcalc: 1\n", "capcalc: 0\n", 1, "this capcalc reads 1; write capcalc: 1", 1),
    ("capcalc: 1\n", 'capcalc: 1\nname: "a\\nb"\n', 2, "characters that cannot be printed", 0),
    ("[c7g]", "c7g", 25, "'c7g' is not a list", 1),
    ("[c7g]", "[7]", 25, "7 is not a text", 1),
    ("{p99: 300ms}", "300ms", 24, "'300ms' is not a mapping; keys are mean, p50", 1),
    ("{kind: cdn, hit_ratio: 90%}", "90%", 8, "'90%' is not a mapping", 1),
    ("capcalc: 1\n", "capcalc: 2\n", 1, "version 2 of the file format is not known: this capcalc reads 1", 1),
    ("capcalc: 1\n", "capcalc: one\n", 1, "'one' is not one of 1", 1),
    # demand
    ("rate: 50/s", "rate: 50/s, per_user_day: 3", 6, "rate (line 6) and per_user_day exclude each other", 0),
    ("rate: 50/s, ", "", 6, "how often it comes is missing; give rate, or per_user_day", 0),
    ("  daily_active_users: 10k\n", "", 4, "per_user_day needs demand.daily_active_users", 0),
    # names
    ("  cdn: {", "  c.dn: {", 8, "'c.dn' is not a name", 1),
    ("  cdn: {", "  page: {", 8, "'page' is a request class already", 0),
    ("  cdn: {", "  reads: {", 8, "'reads' is a key of the file format", 0),
    ("true}\n", "true}\n    availability: {rate: 1/s}\n", 7, "'availability' is a key of the file", 0),
    ("true}\n", "true}\n    value: {rate: 1/s}\n", 7, "'value' is a key of the file", 0),
    # calls
    ("cache: 2", "cahce: 2", 22, "there is no tier 'cahce'; did you mean 'cache'?", 0),
    ("\n  page: {search", "\n  paeg: {search", 22, "there is no request class 'paeg'; did you mean 'page'?", 0),
    ("db: {reads: 1, writes: 0.1}", "db: 2", 22, "a database is asked for reads and writes; write db: {reads: 2}", 0),
    ("cache: 2", "cache: {reads: 2}", 22, "only a database takes reads and writes", 0),
    ("cache: 2", "lb: 2", 22, "lb is a load_balancer: requests pass it on their way in", 0),
    ("\n  page: {search", "\n  asset: {cache: 1}\n  page: {search", 22, "asset is static", 0),
    ("{db: {reads: 1}}", "{db: {reads: 1}, page: {cache: 1}}", 17, "page is a request class and db a tier", 0),
    ("{db: {reads: 1}}", "{page: 1}", 17, "the calls of class page are a mapping of tiers", 0),
    ("{db: {reads: 1}}", "{pgae: {cache: 1}}", 17, "no tier or request class 'pgae'; did you mean 'page'?", 0),
    ("{db: {reads: 1}}", "{page: {chache: 1}}", 17, "there is no tier 'chache'; did you mean 'cache'?", 0),
    ("{db: {reads: 1}}", "{cache: {}}", 17, "how often cache is called is missing", 0),
    ("    survive: zone\n", "    survive: zone\n    calls: {cache: 1}\n", 23, "under tiers.web.calls already", 0),
    # tiers
    ("kind: session_store, ", "kind: session_store, with: wbe, ", 18, "there is no tier 'wbe'; did you mean 'web'?", 0),
    ("kind: session_store, ", "kind: session_store, with: store, ", 18, "cannot share its own hosts", 0),
    ("kind: session_store, ", "kind: session_store, with: cdn, ", 18, "cdn is a cdn, which has no hosts", 0),
    ("fan_out: 2", "with: web", 17, "search runs on the hosts of web and has no hosts of its own", 0),
    ("store: store", "store: stor", 15, "there is no tier 'stor'; did you mean 'store'?", 0),
    ("store: store", "store: db", 15, "db is a database, not a session_store or cache", 0),
    (", store: store", "", 15, "shared sessions need a store; name as store one of store, cache", 0),
    ("state: shared", "state: none", 15, "state: none says there are no sessions", 0),
    ("90%, fronts: db", "90%, capacity: 3, fronts: db", 19, "hit_ratio and capacity (line 19) exclude each other", 0),
    ("hit_ratio: 90%, fronts: db", "fronts: db", 19, "hit_ratio, or capacity and objects is missing", 0),
    ("hit_ratio: 90%, fronts: db", "capacity: 9, fronts: db", 19, "objects is missing", 0),
    ("fronts: db", "fronts: bd", 19, "there is no tier 'bd'; did you mean 'db'?", 0),
    ("fronts: db", "fronts: cache", 19, "a cache cannot front itself", 0),
    ("fronts: db", "fronts: lb", 19, "lb is a load_balancer: it answers no misses", 0),
    ("    zones: 2\n", "", 15, "survive: zone needs the number of zones; add zones: 3", 0),
    ("    survive: zone\n", "    pool: {to: bd, connections_per_host: 3}\n", 16, "there is no tier 'bd'", 0),
    ("page: 8ms", "paeg: 8ms", 14, "there is no request class 'paeg'; did you mean 'page'?", 0),
    ("page: 8ms, ", "", 14, "class page comes here and has no service_time; add page: 10ms", 0),
    ("fan_out: 2", "fan_out: 5", 17, "5 different hosts are asked, but there are 4", 0),
    ("replicas: 2,", "replicas: 5,", 20, "5 replicas are more than max_replicas, 4", 0),
    ("replicas: 2,", "survive: replica,", 20, "there is no replica to lose", 0),
    ("    hosts: 4\n", "    instance: c7g.xlrge\n", 12, "'c7g.xlrge' is not in the table aws-us-east-1; did you mean 'c7g.xlarge'?", 0),
    ("[c7g]", "[c7gg]", 25, "there is no family 'c7gg' in the table", 0),
    ("r7g: 1.1", "r77g: 1.1", 25, "there is no family 'r77g'", 0),
    ("families", "from: aws-eu, families", 25, "there is no instance table 'aws-eu'", 0),
    ("\n  page: {p99", "\n  pgae: {p99", 24, "there is no request class 'pgae'; did you mean 'page'?", 0),
    ("  page: {p99: 300ms}", "  availabilty: 99%", 24, "did you mean 'availability'?", 1),
    # loops
    ("{db: {reads: 1}}", "{search: 1.2}", 17, "search -> search: 1.2 calls come back for each call", 0),
    ("{db: {reads: 1}}", "{web: 1}", 17, "web -> search -> web: 1 call comes back for each call", 0),
    # YAML
    ("    hosts: 4\n", "    hosts: 4\n    hosts: 5\n", 13, "the key is given twice; it stands in line 12 already", 0),
    ("    hosts: 4\n", "    hosts: !!python/object:os.system 4\n", 12, "the tag", 0),
    ("    hosts: 4\n", "    <<: {hosts: 4}\n", 12, "merge keys (<<) are not read", 0),
    ("    hosts: 4\n", "    12: 4\n", 12, "'12' is no key", 0),
    ("    hosts: 4\n", "    [a, b]: 4\n", 12, "a collection is no key", 0),
    ("    hosts: 4\n", "\thosts: 4\n", 12, "this is not valid YAML", 0),
    ("    hosts: 4\n", "    hosts: [4\n", 13, "this is not valid YAML", 0),
    ("    hosts: 4\n", "    hosts: *nothing\n", 12, "found undefined alias", 0),
    ("    hosts: 4\n", "    hosts: &a [*a]\n", None, "nested deeper than 40 or holds more than 20000 values", 0),
    ("    hosts: 4\n", f"    hosts: {'[' * 50}{']' * 50}\n", None, "nested deeper than 40", 0),
    ("    hosts: 4\n", f"    hosts: {'[' * 5000}\n", None, "nested deeper than 40", 0),
    ("capcalc: 1\n", "capcalc: 1\n---\ncapcalc: 1\n", 2, "several documents in one file", 0),
    ("capcalc: 1\n", 'capcalc: 1\nname: "\\x00\x07"\n', 2, "is not allowed in YAML", 0),
]  # fmt: skip

TABLE = [row for row in TABLE if row[3]]


@pytest.mark.parametrize(("old", "new", "line", "fragment", "in_schema"), TABLE)
def test_is_refused_where_it_stands(
    old: str, new: str, line: int | None, fragment: str, in_schema: int
) -> None:
    problems = problems_of(spoiled((old, new)))
    fitting = [problem for problem in problems if fragment in str(problem)]
    assert fitting, "\n".join(str(problem) for problem in problems)
    assert [problem.line for problem in fitting] == [line]
    assert str(fitting[0]).startswith(f"shop.yaml:{line}:" if line else "shop.yaml: ")
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("old", "new", "fragment"), [row[:2] + row[3:4] for row in TABLE if row[4]]
)
def test_schema_refuses_what_it_can(old: str, new: str, fragment: str) -> None:
    tree = read(spoiled((old, new)), "shop.yaml").tree
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(tree)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("    hosts: 4\n", "    hosst: 4\n", (12, 5)),
        ("    hosts: 4\n", "    hosts: -4\n", (12, 12)),
        ("cache: 2", "cahce: 2", (22, 21)),
        ("fronts: db", "fronts: dbb", (19, 67)),
        ("db: {reads: 1, writes", "db: {reads: 1x, writes", (22, 43)),
        ("zones: 2\n", "zones: 2\n    zones: 2\n", (14, 5)),
        ("    kind: web\n", "", (10, 3)),
    ],
)
def test_column_is_the_keys_or_the_values(old: str, new: str, place: tuple[int, int]) -> None:
    (problem,) = problems_of(spoiled((old, new)))
    assert (problem.line, problem.column) == place


def test_base_is_right() -> None:
    loads(BASE)
    jsonschema.validate(read(BASE, "shop.yaml").tree, json_schema())


def test_several_problems_are_told_at_once() -> None:
    text = spoiled(
        ("hosts: 4\n", "hosst: 4\n"),
        ("cache: 2", "cahce: 2"),
        ("page: 8ms", "page: 8 parsecs"),
        ("zones: 2\n", "zones: 2\n    zones: 3\n"),
        ("fronts: db", "fronts: bd"),
    )
    assert [problem.line for problem in problems_of(text)] == [12, 14, 15, 20, 23]


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("", "the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("---\n", "the file is empty"),
        ("just words", "'just words' is not a scenario"),
        ("[1, 2]", "[1, 2] is not a scenario"),
        ("capcalc: 1", "demand: this key is missing"),
        ("capcalc: 1\ndemand: {requests: {}}\ntiers: {}\n", "no tier serves the requests"),
        ("capcalc: 1\ndemand: {requests: {}}\ntiers: {}\n", "at least one request class"),
        ("a: \0", "this is a binary file"),
        ("x: " + "y" * 1_000_001, "the file is larger than 1 MB"),
        ("[" + "1, " * 21_000 + "1]", "holds more than 20000 values"),
    ],
)
def test_is_no_scenario(text: str, fragment: str) -> None:
    assert any(fragment in str(problem) for problem in problems_of(text))


def test_a_bomb_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (problem,) = problems_of("\n".join(lines))
    assert "more than 20000 values" in problem.message


def test_without_a_web_tier_every_class_goes_somewhere() -> None:
    text = """\
capcalc: 1
demand: {requests: {a: {rate: 1/s}, b: {rate: 1/s}}}
tiers: {s: {kind: service, service_time: 1ms}}
calls: {a: {s: 1}}
"""
    (problem,) = problems_of(text)
    assert "class b goes nowhere" in str(problem)
    assert problem.line == 2


def test_cdn_after_the_web_tier_is_refused() -> None:
    text = BASE.replace("  cdn: {kind: cdn, hit_ratio: 90%}\n", "").replace(
        "  store:", "  cdn: {kind: cdn, hit_ratio: 90%}\n  store:"
    )
    (problem,) = problems_of(text)
    assert "move it above lb" in str(problem)


def test_loop_that_converges_is_fine_and_one_that_does_not_is_named() -> None:
    loop = """\
capcalc: 1
demand: {requests: {a: {rate: 1/s}}}
tiers:
  s: {kind: service, service_time: 1ms, calls: {t: 2}}
  t: {kind: service, service_time: 1ms, calls: {s: BACK}}
calls: {a: {s: 1}}
"""
    loads(loop.replace("BACK", "0.49"))
    (problem,) = problems_of(loop.replace("BACK", "0.6"))
    assert problem.message.endswith("s -> t -> s: 1.2 calls come back for each call")
    assert problem.line == 5


def test_loops_that_only_together_never_end() -> None:
    text = """\
capcalc: 1
demand: {requests: {a: {rate: 1/s}}}
tiers:
  s: {kind: service, service_time: 1ms, calls: {t: 1, u: 1}}
  t: {kind: service, service_time: 1ms, calls: {s: 0.6}}
  u: {kind: service, service_time: 1ms, calls: {s: 0.6}}
calls: {a: {s: 1}}
"""
    (problem,) = problems_of(text)
    assert "never end" in problem.message


def test_many_problems_are_counted() -> None:
    text = BASE + "".join(f"x{n}: 1\n" for n in range(80))
    problems = problems_of(text)
    assert len(problems) == 51
    assert str(problems[-1]) == "and more: these are the first 50"


def test_names_with_control_characters_do_not_reach_the_terminal() -> None:
    problems = problems_of(BASE + '"\\e[31mred": 1\n')
    assert "\x1b" not in str(problems[0])
