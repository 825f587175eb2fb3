"""Random valid scenarios as plain YAML trees, for property tests: `@given(scenarios())`.

The structure is drawn first; then the demand is scaled so that the busiest station has a drawn utilization, between
5 % and 95 % or (one in six) between 105 % and 160 %: never at the edge of stability, where rounding would decide.
"""

import math
from typing import Any

from hypothesis import strategies as st

from .solver import load_system

INSTANCES = {"c7g.large": 2, "c7g.xlarge": 4, "r7g.large": 2, "r7g.xlarge": 4}
"""The instances used, with their vcpus as in the instance table."""

POLICIES = ["random", "round_robin", "least_connections", "central_queue"]
CLASSES = ["browse", "checkout", "login", "asset"]
SERVICES = ["orders", "catalog", "ranking", "mailer"]

Draw = Any
Tree = dict[str, Any]


def one_in(draw: Draw, n: int) -> bool:
    """True once in n draws; shrinks to False."""
    return bool(draw(st.integers(0, n - 1)) == n - 1)


def between(draw: Draw, low: float, high: float) -> float:
    """Evenly spread on a logarithmic scale, four digits."""
    return float(f"{math.exp(draw(st.floats(math.log(low), math.log(high)))):.4g}")


def seconds(draw: Draw, low: float, high: float) -> object:
    """A duration as people write it."""
    value = between(draw, low, high)
    return value if one_in(draw, 3) else f"{value * 1e3:.4g}ms"


def share(draw: Draw, low: float, high: float) -> object:
    """A probability, as a number or in per cent."""
    value = round(draw(st.floats(low, high)), 3)
    return value if one_in(draw, 3) else f"{value * 100:.4g}%"


def times(draw: Draw) -> object:
    """How often a tier is called: whole or not."""
    if one_in(draw, 2):
        return round(draw(st.floats(0.05, 2.5)), 2)
    return draw(st.integers(1, 3))


def maybe_by_class(draw: Draw, classes: list[str], one: Any) -> object:
    """One value, or a map from every class to its own."""
    if one_in(draw, 3):
        return {name: one() for name in classes}
    return one()


def machines(draw: Draw, most_hosts: int) -> Tree:
    """Hosts, and servers by cores, by instance or by default."""
    tree: Tree = {"hosts": draw(st.integers(1, most_hosts))}
    return tree | servers(draw)


def servers(draw: Draw) -> Tree:
    """The servers of a host."""
    kind = draw(st.sampled_from(["cores", "instance", "default"]))
    if kind == "cores":
        return {"cores": draw(st.integers(1, 6))}
    return {"instance": draw(st.sampled_from(sorted(INSTANCES)))} if kind == "instance" else {}


def variability(draw: Draw, classes: list[str]) -> Tree:
    """Mostly exponential, else an scv between 0.2 and 6."""
    if not one_in(draw, 3):
        return {}
    return {"scv": maybe_by_class(draw, classes, lambda: between(draw, 0.2, 6))}


def service_tier(draw: Draw, kind: str, classes: list[str], low: float, high: float) -> Tree:
    """A tier of hosts that serve."""
    tree: Tree = {"kind": kind} | machines(draw, 8)
    tree["service_time"] = maybe_by_class(draw, classes, lambda: seconds(draw, low, high))
    tree |= variability(draw, classes)
    if one_in(draw, 6):
        tree["balancing"] = draw(st.sampled_from(POLICIES))
    return tree


def database(draw: Draw, hosts_of: list[str]) -> Tree:
    """A database of its own, or on the machines of another tier."""
    tree: Tree = {"kind": "database"}
    if hosts_of and one_in(draw, 4):
        tree["with"] = draw(st.sampled_from(hosts_of))
    else:
        tree |= servers(draw)
        tree["replicas"] = draw(st.integers(0, 5))
        if tree["replicas"] and one_in(draw, 2):
            tree["apply_time"] = seconds(draw, 3e-4, 5e-3)
        if tree["replicas"] and one_in(draw, 2):
            tree["primary_read_share"] = share(draw, 0.01, 0.9)
        if tree["replicas"] and one_in(draw, 4):
            tree["balancing"] = "round_robin"
    tree["read_time"] = seconds(draw, 5e-4, 1e-2)
    tree["write_time"] = seconds(draw, 5e-4, 2e-2)
    if one_in(draw, 3):
        tree["scv"] = between(draw, 0.2, 6)
    return tree


def cache(draw: Draw, fronts: str | None) -> Tree:
    """A cache whose hit ratio is given, or follows from popularity."""
    tree: Tree = {"kind": "cache"} | machines(draw, 4) | {"service_time": seconds(draw, 1e-4, 2e-3)}
    if one_in(draw, 2):
        count = draw(st.sampled_from(["100k", "2M", 5_000_000]))
        tree["policy"] = "lru"
        tree["capacity"] = draw(st.sampled_from(["1k", 25_000, "60k"]))
        tree["objects"] = {
            "count": count,
            "size": "4kB",
            "zipf": round(draw(st.floats(0.6, 1.3)), 2),
        }
    else:
        tree["hit_ratio"] = share(draw, 0.05, 0.99)
    return tree | ({"fronts": fronts} if fronts else {})


def call_list(draw: Draw, callees: list[str], *, least: int) -> Tree:
    """Calls to some of these tiers; a database takes reads and writes."""
    chosen = (
        draw(st.lists(st.sampled_from(callees), min_size=least, max_size=3, unique=True))
        if callees
        else []
    )
    calls: Tree = {}
    for name in chosen:
        if name != "db":
            calls[name] = times(draw)
            continue
        what = draw(st.sampled_from([["reads"], ["writes"], ["reads", "writes"]]))
        calls[name] = {key: times(draw) for key in what}
    return calls


def add_service_calls(
    draw: Draw, tiers: Tree, services: list[str], classes: list[str], leaves: list[str]
) -> None:
    """Services call later services and leaves; perhaps one calls back, with a loop gain below 0.4."""
    back = len(services) >= 2 and one_in(draw, 4)
    for i, name in enumerate(services):
        callees = services[i + 1 :] + leaves
        if not callees or one_in(draw, 3):
            continue
        if not back and one_in(draw, 3):
            calls = {klass: call_list(draw, callees, least=1) for klass in classes}
        else:
            calls = call_list(draw, callees, least=1)
        tiers[name]["calls"] = calls
    if back:
        first, last = services[0], services[-1]
        tiers[first].setdefault("calls", {}).setdefault(last, 1)
        gain = draw(st.floats(0.05, 0.4)) / reach(tiers, first, last)
        tiers[last].setdefault("calls", {})[first] = float(f"{gain:.3g}")


def reach(tiers: Tree, start: str, goal: str) -> float:
    """Mean visits to `goal` by one visit to `start`, along plain calls."""
    if start == goal:
        return 1.0
    calls = tiers[start].get("calls", {})
    plain = {name: count for name, count in calls.items() if not isinstance(count, dict)}
    return math.fsum(count * reach(tiers, name, goal) for name, count in plain.items())


@st.composite
def scenarios(draw: Draw) -> Tree:
    """One scenario in the vocabulary of the files; its instances are those of INSTANCES."""
    has_web = not one_in(draw, 3)
    classes = CLASSES[: draw(st.integers(1, 4))]
    requests: Tree = {name: {} for name in classes}
    for position, name in enumerate(classes):
        if has_web and position > 0 and one_in(draw, 3):
            requests[name]["static"] = True
        elif one_in(draw, 4):
            requests[name]["cacheable"] = True
        if requests[name] or one_in(draw, 3):
            requests[name]["size"] = draw(st.sampled_from(["34kB", "1.5kB", 90_000, "2KiB"]))
    dynamic = [name for name in classes if not requests[name].get("static")]

    tiers: Tree = {}
    if one_in(draw, 3):
        tiers["dns"] = {"kind": "dns", "ttl": "5min", "lookup_time": seconds(draw, 5e-3, 5e-2)}
    if not one_in(draw, 2):
        tiers["cdn"] = cdn(draw)
    for name in ["lb", "inner_lb"][: draw(st.integers(0, 2))]:
        tiers[name] = {
            "kind": "load_balancer",
            "policy": draw(st.sampled_from(POLICIES)),
            "hosts": draw(st.integers(1, 3)),
            "service_time": seconds(draw, 1e-5, 4e-4),
        }
    if has_web:
        tiers["web"] = service_tier(draw, "web", classes, 1e-3, 5e-2)
    services = SERVICES[: draw(st.integers(0 if has_web else 1, 4))]
    for name in services:
        tiers[name] = service_tier(draw, "service", classes, 1e-3, 5e-2)
        if tiers[name]["hosts"] >= 2 and one_in(draw, 4):
            tiers[name]["fan_out"] = draw(st.integers(2, min(4, tiers[name]["hosts"])))
    has_db, has_cache = one_in(draw, 2), one_in(draw, 2)
    if has_web and one_in(draw, 3):
        tiers["web"]["sessions"] = {"state": "shared", "store": "sessions"}
        tiers["sessions"] = (
            {"kind": "session_store"}
            | machines(draw, 3)
            | {"service_time": seconds(draw, 1e-4, 1e-3)}
        )
    if has_cache:
        tiers["cache"] = cache(draw, "db" if has_db else None)
    if has_db:
        plain = [
            name for name in ["web", *services] if name in tiers and "fan_out" not in tiers[name]
        ]
        tiers["db"] = database(draw, plain)

    leaves: list[str] = [name for name in ("cache", "db") if name in tiers]
    add_service_calls(draw, tiers, services, dynamic, leaves)
    callees = services + leaves
    calls = {name: call_list(draw, callees, least=0 if has_web else 1) for name in dynamic}
    calls = {name: found for name, found in calls.items() if found}

    demand: Tree = {"requests": requests}
    by_users = one_in(draw, 2)
    if by_users:
        demand["daily_active_users"] = draw(st.sampled_from(["1.2M", "20k", 300_000]))
    if by_users or one_in(draw, 2):
        demand["peak_to_average"] = draw(st.sampled_from([1, 1.8, 3.2]))
    weights = {name: between(draw, 0.02, 5) for name in classes}
    scenario: Tree = {"capcalc": 1, "name": "random", "demand": demand, "tiers": tiers}
    if calls:
        scenario["calls"] = calls
    return scaled(draw, scenario, weights, by_users=by_users)


def cdn(draw: Draw) -> Tree:
    """A CDN whose hit ratio is one number or a range."""
    ratio: object = share(draw, 0.05, 0.97)
    if one_in(draw, 3):
        ratio = sorted([round(draw(st.floats(0.3, 0.9)), 2), round(draw(st.floats(0.3, 0.9)), 2)])
    tree = {"kind": "cdn", "hit_ratio": ratio}
    tree |= {
        "round_trip": seconds(draw, 5e-3, 3e-2),
        "origin_round_trip": seconds(draw, 1e-2, 9e-2),
    }
    return tree | ({"price": "0.02 USD/GB"} if one_in(draw, 2) else {})


def scaled(draw: Draw, scenario: Tree, weights: dict[str, float], *, by_users: bool) -> Tree:
    """Demand in the proportion of the weights, so much that the busiest station is as busy as drawn."""
    if one_in(draw, 6):
        wanted = draw(st.floats(1.05, 1.6))
    else:
        wanted = draw(st.floats(0.05, 0.95))
    requests = scenario["demand"]["requests"]
    key = "per_user_day" if by_users else "rate"
    for name, weight in weights.items():
        requests[name][key] = weight
    busiest = max(
        station.utilization for station in load_system(scenario, INSTANCES).stations.values()
    )
    for name, weight in weights.items():
        value = float(f"{weight * wanted / busiest:.6g}")
        requests[name][key] = value if by_users or one_in(draw, 2) else f"{value:.6g}/s"
    return scenario
