"""The reference: one scenario, solved with plain loops over scalars straight from the rulings.

Nothing here is shared with the product. The order of the text is the order of the reasoning: read the tiers, thin the
demand, write down who calls whom, count visits, load the stations, find waits, add up responses, price the machines.
"""

import cmath
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import mpmath

from . import waits
from .inversion import Slowest, quantile
from .units import number

QUANTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99, "p999": 0.999}
HOURS_PER_MONTH = 730
STABILITY_MARGIN = 1e-9
WITHOUT_STATION = ("dns", "cdn")

Node = tuple[str, str]
"""A tier and what is asked of it: visit, read or write."""


# --- what is written in the file -------------------------------------------------------------------------------------


@dataclass
class Class:
    """One request class."""

    name: str
    rate: float  # peak demand, before the CDN
    mean_rate: float  # peak / peak_to_average
    static: bool
    cacheable: bool
    size: float | None


@dataclass
class Station:
    """One host set."""

    key: str
    tier: str
    hosts: int
    servers: int
    policy: str
    flows: list[tuple[float, float, float]] = field(
        default_factory=list
    )  # (rate, mean service, scv)
    rate: float = 0.0
    mean: float = 0.0
    scv: float = 1.0
    utilization: float = 0.0
    prob_wait: float = 0.0
    wait: float = 0.0


def read_classes(demand: dict[str, Any]) -> dict[str, Class]:
    """Peak rates: `rate`, or per_user_day x daily active users x peak_to_average / 86,400."""
    peak_to_average = number(demand.get("peak_to_average", 1))
    classes = {}
    for name, entry in demand["requests"].items():
        if "rate" in entry:
            rate = number(entry["rate"])
        else:
            users = number(demand["daily_active_users"])
            rate = number(entry["per_user_day"]) * users * peak_to_average / 86400
        size = number(entry["size"]) if "size" in entry else None
        static, cacheable = bool(entry.get("static", False)), bool(entry.get("cacheable", False))
        classes[name] = Class(name, rate, rate / peak_to_average, static, cacheable, size)
    return classes


def owner(tiers: dict[str, Any], name: str) -> str:
    """The tier whose machines this tier runs on (`with:`), itself if its own."""
    while "with" in tiers[name]:
        name = tiers[name]["with"]
    return name


def entry_tiers(scenario: dict[str, Any]) -> list[str]:
    """The tiers next behind the balancers: the first web tier, else all that the classes call."""
    tiers = scenario["tiers"]
    web = first_web(tiers)
    if web is not None:
        return [web]
    called = []
    for calls in scenario.get("calls", {}).values():
        called += [name for name in calls if name not in called]
    return called


def first_web(tiers: dict[str, Any]) -> str | None:
    """The web tier at which requests enter."""
    return next((name for name, tier in tiers.items() if tier["kind"] == "web"), None)


def balancers(tiers: dict[str, Any]) -> list[str]:
    """All balancers, in the order of the file, which is the order of the path."""
    return [name for name, tier in tiers.items() if tier["kind"] == "load_balancer"]


def policy(scenario: dict[str, Any], name: str) -> str:
    """How requests are spread over the hosts of a tier.

    `balancing` on the tier wins. Else the last balancer's policy holds for the web and service tiers next behind it;
    everything else (balancers' own hosts, caches, replicas, tiers further behind) is random.
    """
    tiers = scenario["tiers"]
    if "balancing" in tiers[name]:
        return str(tiers[name]["balancing"])
    before = balancers(tiers)
    spread = tiers[name]["kind"] in ("web", "service") and name in entry_tiers(scenario)
    return str(tiers[before[-1]].get("policy", "random")) if before and spread else "random"


def whole(value: object) -> int:
    """A count of hosts, cores, replicas or branches."""
    result = number(value)
    if result != int(result):
        raise ValueError(f"not a whole number: {value!r}")
    return int(result)


def make_stations(scenario: dict[str, Any], vcpus: dict[str, int]) -> dict[str, Station]:
    """One station a tier; primary and replica for a database; none for a tier that joins another."""
    tiers = scenario["tiers"]
    stations = {}
    for name, tier in tiers.items():
        if tier["kind"] in WITHOUT_STATION or "with" in tier:
            continue
        servers = (
            whole(tier["cores"])
            if "cores" in tier
            else vcpus[tier["instance"]]
            if "instance" in tier
            else 1
        )
        spread = policy(scenario, name)
        if tier["kind"] == "database":
            stations[name + ".primary"] = Station(name + ".primary", name, 1, servers, "random")
            if replicas := whole(tier.get("replicas", 0)):
                stations[name + ".replica"] = Station(
                    name + ".replica", name, replicas, servers, spread
                )
        else:
            stations[name] = Station(name, name, whole(tier.get("hosts", 1)), servers, spread)
    return stations


def per_class(entry: object, name: str) -> float:
    """A number that holds for all classes, or a map class -> number."""
    if isinstance(entry, dict) and "value" not in entry:
        return number(entry[name])
    return number(entry)


def scv_of(tier: dict[str, Any], name: str) -> float:
    """Exponential unless given; a class missing in a map is exponential too."""
    entry = tier.get("scv", 1)
    if isinstance(entry, dict) and "value" not in entry and name not in entry:
        return 1.0
    return per_class(entry, name)


# --- hit ratios ------------------------------------------------------------------------------------------------------


def cache_hit_ratio(tier: dict[str, Any]) -> float:
    """Given, or LRU under a Zipf law (MODELS a4): solve the occupancy for u = p_N T, read the misses at u."""
    if "hit_ratio" in tier:
        if "capacity" in tier:
            raise ValueError("both hit_ratio and capacity are given")
        return number(tier["hit_ratio"])
    if tier.get("policy", "lru") != "lru":
        raise ValueError(tier["policy"])
    capacity, count = number(tier["capacity"]), number(tier["objects"]["count"])
    return lru_hit_ratio(capacity, count, number(tier["objects"]["zipf"]))


def lru_hit_ratio(capacity: float, count: float, alpha: float) -> float:
    """LRU with `capacity` of `count` objects whose popularity is rank^-alpha."""
    if capacity >= count:
        return 1.0
    if capacity < 50:
        raise ValueError("the integral form needs a capacity of 50")
    with mpmath.workdps(30):
        n, a = mpmath.mpf(count), mpmath.mpf(alpha)
        harmonic = mpmath.harmonic(n) if a == 1 else mpmath.zeta(a) - mpmath.zeta(a, n + 1)
        wanted = (mpmath.mpf(capacity) + mpmath.mpf("0.5")) / n
        if wanted >= 1:
            return 1.0

        def excess(log_u: Any) -> Any:
            return 1 - mpmath.expint(1 + 1 / a, mpmath.exp(log_u)) / a - wanted

        low, high = mpmath.mpf(-60), mpmath.mpf(6)
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if excess(middle) < 0 else (low, middle)
        misses = n ** (1 - a) / (a * harmonic) * mpmath.expint(1 / a, mpmath.exp(low))
        return float(1 - misses)


# --- who calls whom --------------------------------------------------------------------------------------------------


class Paths:
    """The calls of one request class: `root` and, of every node, [(node, mean count)] one after another."""

    def __init__(self, scenario: dict[str, Any], request: Class) -> None:
        self.scenario, self.tiers, self.request = scenario, scenario["tiers"], request
        web = first_web(self.tiers)
        self.root: list[tuple[Node, float]] = [
            ((name, "visit"), 1.0) for name in balancers(self.tiers)
        ]
        self.root += [((web, "visit"), 1.0)] if web is not None else self.class_calls()
        self.below: dict[Node, list[tuple[Node, float]]] = {}
        self.order: list[Node] = []  # callees before callers, as far as there is no cycle
        self.cyclic = False
        self.explore(self.root, set())

    def explore(self, calls: list[tuple[Node, float]], above: set[Node]) -> None:
        for node, _ in calls:
            if node in above:
                self.cyclic = True
            elif node not in self.below:
                self.below[node] = list(self.calls_of(node))
                self.explore(self.below[node], above | {node})
                self.order.append(node)

    def calls_of(self, node: Node) -> Iterator[tuple[Node, float]]:
        """What one visit asks of others after its own service."""
        name, _ = node
        tier, request = self.tiers[name], self.request
        if request.static or tier["kind"] in ("load_balancer", "database"):
            return
        mine = self.class_calls() if name == first_web(self.tiers) else []
        own = tier.get("calls", {})
        if own and all(key in self.scenario["demand"]["requests"] for key in own):
            own = own.get(request.name, {})
        mine += self.read_calls(own)
        store = tier.get("sessions", {}).get("store") if tier["kind"] == "web" else None
        if store is not None and all(callee != store for (callee, _), _ in mine):
            yield (store, "visit"), 1.0
        if tier["kind"] == "cache" and "fronts" in tier:
            behind = tier["fronts"]
            read = "read" if self.tiers[behind]["kind"] == "database" else "visit"
            if (miss := 1 - cache_hit_ratio(tier)) > 0:
                yield (behind, read), miss
        yield from mine

    def class_calls(self) -> list[tuple[Node, float]]:
        """The calls of the class at the top of the file; a static class makes none."""
        return (
            []
            if self.request.static
            else self.read_calls(self.scenario.get("calls", {}).get(self.request.name, {}))
        )

    def read_calls(self, entries: dict[str, Any]) -> list[tuple[Node, float]]:
        """`{cache: 6, db: {reads: 1, writes: 0.05}}` as nodes with counts; absent calls are left out."""
        found = []
        for name, entry in entries.items():
            if self.tiers[name]["kind"] == "database":
                if not set(entry) <= {"reads", "writes"}:
                    raise ValueError(f"a database takes reads and writes only: {name}")
                found += [
                    ((name, what[:-1]), number(entry[what]))
                    for what in ("reads", "writes")
                    if what in entry
                ]
            else:
                found.append(((name, "visit"), number(entry)))
        return [(node, count) for node, count in found if count > 0]

    def visits(self) -> dict[Node, float]:
        """Mean visits of every node by one request: v = root + v x calls, iterated to 1e-15."""
        found = dict.fromkeys(self.order, 0.0)
        for _ in range(1_000_000):
            before = dict(found)
            found = dict.fromkeys(self.order, 0.0)
            for node, count in self.root:
                found[node] += count
            for caller in reversed(self.order):
                amount = found[caller] if not self.cyclic else before[caller]
                for node, count in self.below[caller]:
                    found[node] += amount * count
            if not self.cyclic or all(abs(found[n] - before[n]) <= 1e-15 * found[n] for n in found):
                return found
            if max(found.values()) > 1e9:
                break
        raise ValueError("the calls do not converge: each makes more than one further")

    def mean(self, own: dict[Node, float]) -> float:
        """Mean response: a node's own sojourn, then its calls', summed from the leaves to the root."""
        total = dict.fromkeys(self.order, 0.0)
        for _ in range(1_000_000):
            before = dict(total)
            for node in self.order:
                total[node] = own[node] + sum(
                    count * total[callee] for callee, count in self.below[node]
                )
            if not self.cyclic or all(
                total[n] == before[n] or total[n] - before[n] <= 1e-16 * total[n] for n in total
            ):
                break
        return sum(count * total[node] for node, count in self.root)

    def transform(self, own: dict[Node, Callable[[complex], complex]], s: complex) -> complex:
        """The same for E exp(-s response): sums become products, means become powers."""
        total = dict.fromkeys(self.order, 1 + 0j)
        alone = {node: own[node](s) for node in self.order}
        for _ in range(100_000):
            change = 0.0
            for node in self.order:
                value = alone[node]
                for callee, count in self.below[node]:
                    value *= several(total[callee], count)
                change = max(change, abs(value - total[node]))
                total[node] = value
            if not self.cyclic or change <= 1e-16:
                break
        result = 1 + 0j
        for node, count in self.root:
            result *= several(total[node], count)
        return result


def several(one: complex, count: float) -> complex:
    """floor(count) certain calls, and one more with the remaining probability."""
    certain = math.floor(count)
    return one**certain * (1 - (count - certain) + (count - certain) * one)


# --- what a visit does to stations -----------------------------------------------------------------------------------


@dataclass
class Part:
    """One station that may serve a node: with this probability, for so long, in so many parallel sub-requests."""

    weight: float
    station: Station
    mean: float
    scv: float
    branches: int = 1


def parts(
    scenario: dict[str, Any], stations: dict[str, Station], node: Node, request: str
) -> list[Part]:
    """Who serves this node."""
    name, what = node
    tier = scenario["tiers"][name]
    scv = scv_of(tier, request)
    if tier["kind"] != "database":
        station = stations[owner(scenario["tiers"], name)]
        branches = whole(tier.get("fan_out", 1))
        if branches > station.hosts:
            raise ValueError(f"{name}: fan_out above hosts")
        default = {"service_time": 0.0} if tier["kind"] == "load_balancer" else {}
        return [
            Part(
                1.0, station, per_class({**default, **tier}["service_time"], request), scv, branches
            )
        ]
    if "with" in tier:
        if tier.get("replicas", 0):
            raise ValueError(f"{name}: a database with another tier has no replicas")
        primary, replica = stations[owner(scenario["tiers"], name)], None
    else:
        primary, replica = stations[name + ".primary"], stations.get(name + ".replica")
    if what == "write":
        return [Part(1.0, primary, per_class(tier["write_time"], request), scv)]
    mean = per_class(tier["read_time"], request)
    share = 1.0 if replica is None else number(tier.get("primary_read_share", 0))
    both = [Part(share, primary, mean, scv)]
    if replica is not None:
        both.append(Part(1 - share, replica, mean, scv))
    return [part for part in both if part.weight > 0]


def load(
    scenario: dict[str, Any], stations: dict[str, Station], node: Node, request: str, rate: float
) -> None:
    """Put the flow of one node on its stations; a write is applied at every replica."""
    for part in parts(scenario, stations, node, request):
        part.station.flows.append((rate * part.weight * part.branches, part.mean, part.scv))
    name, what = node
    replica = stations.get(name + ".replica")
    if what == "write" and replica is not None:
        tier = scenario["tiers"][name]
        apply_time = per_class(tier.get("apply_time", tier["write_time"]), request)
        replica.flows.append((rate * replica.hosts, apply_time, scv_of(tier, request)))


def settle(station: Station, writes: float, exact_emk: waits.ExactWait | None) -> None:
    """Mixture, utilization and wait of one station from its flows. `writes` are replayed at each of its hosts."""
    station.rate = sum(rate for rate, _, _ in station.flows)
    if station.rate <= 0:
        return
    station.mean = sum(rate * mean for rate, mean, _ in station.flows) / station.rate
    if station.mean <= 0:
        return
    square = sum(rate * mean**2 * (1 + scv) for rate, mean, scv in station.flows) / station.rate
    station.scv = square / station.mean**2 - 1
    hosts, servers = station.hosts, station.servers
    offered = station.rate * station.mean
    station.utilization = offered / (hosts * servers)
    if station.utilization >= 1 - STABILITY_MARGIN:
        station.prob_wait, station.wait = 1.0, math.inf
        return
    together = station.policy in ("least_connections", "central_queue")
    groups = 1 if together else hosts
    station.prob_wait = waits.erlang_c(hosts * servers // groups, offered / groups)
    what = (station.rate, station.mean, station.scv, hosts, servers)
    if station.policy in ("random", "hash"):
        station.wait = waits.wait_random(*what)
    elif station.policy == "central_queue":
        station.wait = waits.wait_central(*what)
    elif station.policy == "least_connections":
        station.wait = waits.wait_least_connections(*what)
    elif station.policy != "round_robin":
        raise ValueError(station.policy)
    elif writes > 0:  # replicas: reads in turn, replays of writes as they come
        each = station.rate / hosts
        arrival_scv = ((each - writes) / hosts + writes) / each
        station.wait = waits.wait_regular(each, station.mean, station.scv, arrival_scv, servers)
    else:
        station.wait = waits.wait_round_robin(*what, exact_emk=exact_emk)


def sojourn(found: list[Part]) -> tuple[float, Callable[[complex], complex]]:
    """Wait and own service of one node (of the slowest branch where it fans out): mean and transform."""
    laws = [branch_transform(part) for part in found]
    mean = 0.0
    for part, law in zip(found, laws, strict=True):
        mean += part.weight * (
            law.average if isinstance(law, Slowest) else part.station.wait + part.mean
        )
    return mean, lambda s: sum(
        (part.weight * law(s) for part, law in zip(found, laws, strict=True)), 0j
    )


def branch_transform(part: Part) -> Callable[[complex], complex]:
    station, mean, scv = part.station, part.mean, part.scv
    if math.isinf(station.wait):
        return lambda _: 0j  # never answered
    waits_at_all = station.wait > 0
    prob, theta = (
        (station.prob_wait, station.prob_wait / station.wait) if waits_at_all else (0.0, 1.0)
    )
    if part.branches > 1 and mean > 0:
        return Slowest(part.branches, prob, theta, mean, scv)

    def law(s: complex) -> complex:
        own = (1 + scv * mean * s) ** (-1 / scv) if scv > 0 else cmath.exp(-mean * s)
        return own * (1 - prob + prob * theta / (theta + s))

    return law


# --- the answer ------------------------------------------------------------------------------------------------------


@dataclass
class System:
    """A scenario with its classes, paths and settled stations."""

    scenario: dict[str, Any]
    classes: dict[str, Class]
    stations: dict[str, Station]
    paths: dict[str, Paths]
    hits: dict[str, float]  # share that the CDN answers
    origin: dict[str, float]  # what it lets through
    tier_rate: dict[str, float]


def load_system(
    scenario: dict[str, Any], vcpus: dict[str, int], exact_emk: waits.ExactWait | None = None
) -> System:
    """Thin the demand, count the visits, load the stations, find their waits."""
    tiers = scenario["tiers"]
    classes = read_classes(scenario["demand"])
    stations = make_stations(scenario, vcpus)
    cdns = [tier for tier in tiers.values() if tier["kind"] == "cdn"]

    hits, paths, visits = {}, {}, {}
    for name, request in classes.items():
        may_hit = request.static or request.cacheable
        hits[name] = 1 - math.prod(1 - number(cdn["hit_ratio"]) for cdn in cdns) if may_hit else 0.0
        paths[name] = Paths(scenario, request)
        visits[name] = paths[name].visits()
    origin = {name: request.rate * (1 - hits[name]) for name, request in classes.items()}

    tier_rate: dict[str, float] = dict.fromkeys(tiers, 0.0)
    writes: dict[str, float] = dict.fromkeys(tiers, 0.0)
    for name in classes:
        for node, count in visits[name].items():
            rate = origin[name] * count
            tier_rate[node[0]] += rate
            writes[node[0]] += rate if node[1] == "write" else 0.0
            load(scenario, stations, node, name, rate)
    for key, station in stations.items():
        settle(station, writes[station.tier] if key.endswith(".replica") else 0.0, exact_emk)
    return System(scenario, classes, stations, paths, hits, origin, tier_rate)


def response(system: System, name: str) -> tuple[float, Callable[[complex], complex]]:
    """Server-side response of one class: mean and transform E exp(-s R)."""
    paths = system.paths[name]
    sojourns = {
        node: sojourn(parts(system.scenario, system.stations, node, name)) for node in paths.order
    }
    laws = {node: law for node, (_, law) in sojourns.items()}
    mean = paths.mean({node: mean for node, (mean, _) in sojourns.items()})
    return mean, lambda s: paths.transform(laws, s)


def reference(
    scenario: dict[str, Any],
    vcpus: dict[str, int],
    prices: dict[str, float],
    *,
    exact_emk: waits.ExactWait | None = None,
    quantiles: bool = True,
    defective: bool = False,
) -> dict[str, Any]:
    """Solve one scenario. Seconds, requests per second, US dollars a month.

    `exact_emk` replaces the approximate wait under round robin where the mixture is exponential and hosts have several
    servers. `quantiles=False` leaves them out. `defective=True` lets a class that only sometimes meets a saturated
    station keep the finite quantiles of its other paths (else every one is inf).
    """
    system = load_system(scenario, vcpus, exact_emk)
    tiers, classes, stations = scenario["tiers"], system.classes, system.stations
    requests = {}
    for name, request in classes.items():
        requests[name] = answer(system, request, quantiles, defective)

    busiest = max(stations.values(), key=lambda station: station.utilization)
    idle = busiest.utilization == 0
    return {
        "tiers": tier_table(scenario, stations, classes, system.tier_rate, prices),
        "stations": {key: station_row(station) for key, station in stations.items()},
        "requests": requests,
        "bottleneck": None if idle else busiest.tier,
        "headroom": math.inf if idle else 1 / busiest.utilization,
        "first_request_delay": sum(
            number(t.get("lookup_time", 0)) for t in tiers.values() if t["kind"] == "dns"
        ),
        "cost": monthly_total(scenario, classes, prices),
    }


def answer(system: System, request: Class, quantiles: bool, defective: bool) -> dict[str, float]:
    """Mean and quantiles of one class, at the server and (round trips to the edge added) for the user."""
    hit = system.hits[request.name]
    mean, transform = response(system, request.name)
    cdns = [tier for tier in system.scenario["tiers"].values() if tier["kind"] == "cdn"]
    edge = sum(number(cdn.get("round_trip", 0)) for cdn in cdns)
    beyond = sum(number(cdn.get("origin_round_trip", 0)) for cdn in cdns)
    row = {
        "arrival_rate": request.rate,
        "origin_rate": system.origin[request.name],
        "mean": mean,
        "user_mean": edge + missed(hit, beyond + mean),
    }
    if not quantiles:
        return row

    guess = mean if math.isfinite(mean) else service_alone(system, request.name)

    def server_quantile(q: float) -> float:
        if math.isinf(mean) and not defective:
            return math.inf
        return 0.0 if guess == 0 else quantile(transform, q, guess)

    for label, q in QUANTILES.items():
        row[label] = server_quantile(q)
    for label, q in QUANTILES.items():
        if hit == 0:
            row["user_" + label] = edge + beyond + row[label]
        elif q <= hit:
            row["user_" + label] = edge
        else:
            row["user_" + label] = edge + beyond + server_quantile((q - hit) / (1 - hit))
    return row


def service_alone(system: System, name: str) -> float:
    """Mean response if nobody waited: a scale where waits are infinite."""
    paths = system.paths[name]
    found = {node: parts(system.scenario, system.stations, node, name) for node in paths.order}
    return paths.mean(
        {node: sum(part.weight * part.mean for part in found[node]) for node in paths.order}
    )


def missed(hit: float, rest: float) -> float:
    """What a request pays on average beyond the edge."""
    return (1 - hit) * rest if hit < 1 else 0.0


def station_row(station: Station) -> dict[str, float]:
    return {
        "hosts": station.hosts,
        "servers": station.servers,
        "arrival_rate": station.rate,
        "service_mean": station.mean,
        "service_scv": station.scv,
        "utilization": station.utilization,
        "prob_wait": station.prob_wait,
        "wait": station.wait,
    }


def tier_cost(
    scenario: dict[str, Any], name: str, classes: dict[str, Class], prices: dict[str, float]
) -> float | None:
    """USD a month; None where nothing has a price; 0 for a tier on another's machines."""
    tier = scenario["tiers"][name]
    if tier["kind"] == "cdn" and "price" in tier:
        bytes_a_second = sum(
            request.mean_rate * (request.size or 0.0) for request in classes.values()
        )
        return number(tier["price"]) * bytes_a_second * HOURS_PER_MONTH * 3600
    if "with" in tier:
        return (
            0.0
            if tier_cost(scenario, owner(scenario["tiers"], name), classes, prices) is not None
            else None
        )
    if tier.get("instance") not in prices:
        return None
    hosts = (
        1 + whole(tier.get("replicas", 0))
        if tier["kind"] == "database"
        else whole(tier.get("hosts", 1))
    )
    return HOURS_PER_MONTH * hosts * prices[tier["instance"]]


def monthly_total(
    scenario: dict[str, Any], classes: dict[str, Class], prices: dict[str, float]
) -> float | None:
    """Of all that has a price; None if nothing has."""
    known = [tier_cost(scenario, name, classes, prices) for name in scenario["tiers"]]
    return (
        sum(cost for cost in known if cost is not None)
        if any(cost is not None for cost in known)
        else None
    )


def tier_table(
    scenario: dict[str, Any],
    stations: dict[str, Station],
    classes: dict[str, Class],
    rates: dict[str, float],
    prices: dict[str, float],
) -> dict[str, dict[str, Any]]:
    """Of every tier: visits per second, its stations, what it costs, the hit ratio of a cache."""
    table: dict[str, dict[str, Any]] = {}
    for name, tier in scenario["tiers"].items():
        everything = sum(request.rate for request in classes.values())
        rate = (
            everything if tier["kind"] == "cdn" else None if tier["kind"] == "dns" else rates[name]
        )
        home = owner(scenario["tiers"], name)
        row = {
            "kind": tier["kind"],
            "arrival_rate": rate,
            "cost": tier_cost(scenario, name, classes, prices),
        }
        row["stations"] = [key for key, station in stations.items() if station.tier == home]
        if tier["kind"] in ("cache", "cdn"):
            row["hit_ratio"] = (
                cache_hit_ratio(tier) if tier["kind"] == "cache" else number(tier["hit_ratio"])
            )
        table[name] = row
    return table
