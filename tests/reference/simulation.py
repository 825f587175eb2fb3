"""The event simulation: real queues, real dispatch, nothing of the solver.

A host is `servers` FCFS servers. Because arrivals reach it in the order of time, keeping the instants at which its
servers become free is the whole queue: an arrival starts at the earliest of them or at once. One heap holds the
arrivals from outside, the ends of sojourns, and departures that only a policy has to hear of.
"""

import math
import random
from collections.abc import Callable
from heapq import heapify, heappop, heappush, heapreplace
from itertools import count
from typing import Any

import mpmath
import numpy as np

from .units import number

Event = tuple[float, int, Any]


class Request:
    """One request on its way: when it came, its class, whether it counts, what it has yet to visit."""

    __slots__ = ("after", "came", "counts", "host", "klass", "todo")

    def __init__(self, came: float, klass: int, counts: bool, todo: list["Step"]) -> None:
        self.came, self.klass, self.counts, self.todo = came, klass, counts, todo
        self.host = 0
        self.after: Callable[[float, Request], None] | None = None


class Departure:
    """A sub-request or replay leaves a host whose queue length the policy looks at."""

    __slots__ = ("host", "lengths")

    def __init__(self, lengths: list[int], host: int) -> None:
        self.lengths, self.host = lengths, host


class Step:
    """One kind of visit: how it begins (the instant it ends is returned), and the visits it asks for afterwards."""

    __slots__ = ("after", "begin", "calls")

    def __init__(self) -> None:
        self.begin: Callable[[float, Request], float]
        self.after: Callable[[float, Request], None] | None = None
        self.calls: list[
            tuple[Step, int, float]
        ] = []  # last call first: (step, certain, probability of one more)


class Hosts:
    """The hosts of one station, and the policy that chooses among them."""

    def __init__(self, world: "World", hosts: int, servers: int, policy: str) -> None:
        if policy not in ("random", "hash", "round_robin", "least_connections", "central_queue"):
            raise ValueError(policy)
        self.world, self.hosts, self.policy = world, hosts, policy
        self.free = [[0.0] * servers for _ in range(hosts)]
        if policy == "central_queue":
            self.free = [[0.0] * (servers * hosts)]
        self.lengths = [0] * hosts
        self.turn = 0

    def serve(self, host: int, t: float, service: float) -> float:
        """Join the queue of one host at t; the instant of leaving."""
        free = self.free[host]
        start = free[0]
        end = (start if start > t else t) + service
        heapreplace(free, end)
        return end

    def begin(self, draw: Callable[[], float]) -> Callable[[float, Request], float]:
        """How one request enters, compiled for the policy."""
        free, uniform, hosts, lengths = self.free, self.world.uniform, self.hosts, self.lengths

        def at_random(t: float, _: Request) -> float:
            servers = free[int(uniform() * hosts)]
            start = servers[0]
            end = (start if start > t else t) + draw()
            heapreplace(servers, end)
            return end

        def in_turn(t: float, _: Request) -> float:
            self.turn = (self.turn + 1) % hosts
            return self.serve(self.turn, t, draw())

        def in_one_queue(t: float, _: Request) -> float:
            return self.serve(0, t, draw())

        def to_the_shortest(t: float, request: Request) -> float:
            host = self.shortest()
            lengths[host] += 1
            request.host = host
            return self.serve(host, t, draw())

        return {
            "round_robin": in_turn, "central_queue": in_one_queue, "least_connections": to_the_shortest,
        }.get(self.policy, at_random)  # fmt: skip

    def shortest(self) -> int:
        """The host with fewest in system, ties at random."""
        lengths = self.lengths
        fewest = min(lengths)
        if lengths.count(fewest) == 1:
            return lengths.index(fewest)
        tied = [host for host, length in enumerate(lengths) if length == fewest]
        return tied[int(self.world.uniform() * len(tied))]

    def leave(self, _: float, request: Request) -> None:
        """The request's sojourn is over."""
        self.lengths[request.host] -= 1

    def begin_at_several(
        self, branches: int, draw: Callable[[], float]
    ) -> Callable[[float, Request], float]:
        """Fan out to different hosts and wait for the slowest."""

        def everywhere(t: float, _: Request) -> float:
            return max(self.serve_aside(host, t, draw()) for host in self.different(branches))

        return everywhere

    def different(self, branches: int) -> list[int]:
        """So many different hosts, as the policy would have it."""
        if self.policy == "central_queue":
            return [0] * branches
        if self.policy == "round_robin":
            chosen = [(self.turn + i) % self.hosts for i in range(1, branches + 1)]
            self.turn = chosen[-1]
            return chosen
        if self.policy == "least_connections":
            return sorted(
                range(self.hosts), key=lambda host: (self.lengths[host], self.world.uniform())
            )[:branches]
        return self.world.random.sample(range(self.hosts), branches)

    def serve_aside(self, host: int, t: float, service: float) -> float:
        """Serve what no request carries itself: a branch or a replay; the policy hears when it leaves."""
        end = self.serve(host, t, service)
        if self.policy == "least_connections":
            self.lengths[host] += 1
            heappush(
                self.world.events, (end, next(self.world.ticket), Departure(self.lengths, host))
            )
        return end


class World:
    """All stations of one scenario, and the clock."""

    def __init__(self, scenario: dict[str, Any], vcpus: dict[str, int], seed: int) -> None:
        self.scenario, self.tiers, self.vcpus = scenario, scenario["tiers"], vcpus
        self.random = random.Random(seed)
        self.uniform = self.random.random
        self.generator = np.random.default_rng(seed)
        self.events: list[Event] = []
        self.ticket = count()
        self.stations: dict[str, Hosts] = {}
        self.steps: dict[tuple[str, str, str], Step] = {}
        self.hit_ratios: dict[str, float] = {}
        self.web = next((name for name, tier in self.tiers.items() if tier["kind"] == "web"), None)
        self.lbs = [name for name, tier in self.tiers.items() if tier["kind"] == "load_balancer"]

    # --- the machines

    def hosts_of(self, name: str, part: str = "") -> Hosts:
        """The station of a tier (of a database: its primary or replica)."""
        while "with" in self.tiers[name]:
            name, part = self.tiers[name]["with"], ""
        key = name + part
        if key not in self.stations:
            tier = self.tiers[name]
            servers = (
                int(tier["cores"])
                if "cores" in tier
                else self.vcpus[tier["instance"]]
                if "instance" in tier
                else 1
            )
            hosts = {"": tier.get("hosts", 1), ".primary": 1, ".replica": tier.get("replicas", 0)}[
                part
            ]
            policy = "random" if part == ".primary" else self.policy_of(name)
            self.stations[key] = Hosts(self, int(hosts), servers, policy)
        return self.stations[key]

    def policy_of(self, name: str) -> str:
        """The tier's own word, else the last balancer's for web and service tiers right behind it, else random."""
        tier = self.tiers[name]
        if "balancing" in tier:
            return str(tier["balancing"])
        if tier["kind"] not in ("web", "service") or not self.lbs:
            return "random"
        if self.web is not None:
            behind = name == self.web
        else:
            behind = any(name in calls for calls in self.scenario.get("calls", {}).values())
        return str(self.tiers[self.lbs[-1]].get("policy", "random")) if behind else "random"

    def draws(self, tier: dict[str, Any], key: str, klass: str) -> Callable[[], float]:
        """Service times of this kind, made in blocks."""
        time, scv = tier.get(key, 0), tier.get("scv", 1)
        mean = number(time[klass] if isinstance(time, dict) and "value" not in time else time)
        scv = number(scv.get(klass, 1) if isinstance(scv, dict) and "value" not in scv else scv)
        if scv == 0:
            return lambda: mean
        buffer: list[float] = []

        def draw() -> float:
            if not buffer:
                if scv == 1:
                    buffer.extend((self.generator.standard_exponential(20_000) * mean).tolist())
                else:
                    buffer.extend(
                        (self.generator.standard_gamma(1 / scv, 20_000) * (mean * scv)).tolist()
                    )
            return buffer.pop()

        return draw

    # --- the paths

    def step(self, name: str, what: str, klass: str) -> Step:
        """A visit to a tier by one class (of a database: read or write), made once."""
        key = name, what, klass
        if key in self.steps:
            return self.steps[key]
        step = self.steps[key] = Step()
        tier = self.tiers[name]
        if tier["kind"] == "database":
            (self.make_read if what == "read" else self.make_write)(step, name, klass)
            return step
        hosts, draw = self.hosts_of(name), self.draws(tier, "service_time", klass)
        branches = int(tier.get("fan_out", 1))
        if branches > 1:
            step.begin = hosts.begin_at_several(branches, draw)
        else:
            step.begin = hosts.begin(draw)
            step.after = hosts.leave if hosts.policy == "least_connections" else None
        if tier["kind"] != "load_balancer" and not self.scenario["demand"]["requests"][klass].get(
            "static", False
        ):
            step.calls = self.calls_of(name, klass)
        return step

    def make_read(self, step: Step, name: str, klass: str) -> None:
        """A read goes to the primary by a coin, else to a replica."""
        tier = self.tiers[name]
        draw = self.draws(tier, "read_time", klass)
        primary = self.hosts_of(name, ".primary")
        at_primary = primary.begin(draw)
        if not tier.get("replicas", 0):
            step.begin = at_primary
            step.after = primary.leave if primary.policy == "least_connections" else None
            return
        replica = self.hosts_of(name, ".replica")
        at_replica = replica.begin(draw)
        share, uniform = number(tier.get("primary_read_share", 0)), self.uniform
        listens = replica.policy == "least_connections"

        def begin(t: float, request: Request) -> float:
            request.host = -1
            return at_primary(t, request) if uniform() < share else at_replica(t, request)

        def after(t: float, request: Request) -> None:
            if request.host >= 0:
                replica.leave(t, request)

        step.begin, step.after = begin, after if listens else None

    def make_write(self, step: Step, name: str, klass: str) -> None:
        """A write is served by the primary, answered, and replayed at every replica from then on."""
        tier = self.tiers[name]
        primary = self.hosts_of(name, ".primary")
        step.begin = primary.begin(self.draws(tier, "write_time", klass))
        if primary.policy == "least_connections":
            step.after = primary.leave
        if tier.get("replicas", 0):
            replica = self.hosts_of(name, ".replica")
            replay = self.draws(tier, "apply_time" if "apply_time" in tier else "write_time", klass)

            def after(t: float, _: Request) -> None:
                for host in range(replica.hosts):
                    replica.serve_aside(host, t, replay())

            step.after = after

    def calls_of(self, name: str, klass: str) -> list[tuple[Step, int, float]]:
        """What follows a visit, last first: session get, cache miss, the class's calls, the tier's own."""
        tier = self.tiers[name]
        calls: list[tuple[str, str, float]] = []
        if name == self.web:
            calls += self.listed(self.scenario.get("calls", {}).get(klass, {}))
        own = tier.get("calls", {})
        by_class = bool(own) and all(key in self.scenario["demand"]["requests"] for key in own)
        calls += self.listed(own.get(klass, {}) if by_class else own)
        if tier["kind"] == "cache" and "fronts" in tier:
            behind = tier["fronts"]
            what = "read" if self.tiers[behind]["kind"] == "database" else "visit"
            calls.insert(0, (behind, what, 1 - self.hit_ratio(name)))
        store = tier.get("sessions", {}).get("store") if tier["kind"] == "web" else None
        if store and all(callee != store for callee, _, _ in calls):
            calls.insert(0, (store, "visit", 1.0))
        return self.compiled(calls, klass)

    def listed(self, entries: dict[str, Any]) -> list[tuple[str, str, float]]:
        """Calls as the file writes them."""
        found = []
        for name, entry in entries.items():
            if self.tiers[name]["kind"] == "database":
                found += [
                    (name, what, number(entry[what + "s"]))
                    for what in ("read", "write")
                    if what + "s" in entry
                ]
            else:
                found.append((name, "visit", number(entry)))
        return found

    def compiled(
        self, calls: list[tuple[str, str, float]], klass: str
    ) -> list[tuple[Step, int, float]]:
        return [
            (self.step(name, what, klass), math.floor(times), times - math.floor(times))
            for name, what, times in reversed(calls)
            if times > 0
        ]

    def entry(self, klass: str) -> list[tuple[Step, int, float]]:
        """Balancers, then the first web tier, else what the class calls; last first."""
        path = [(name, "visit", 1.0) for name in self.lbs]
        if self.web is not None:
            path.append((self.web, "visit", 1.0))
        elif not self.scenario["demand"]["requests"][klass].get("static", False):
            path += self.listed(self.scenario.get("calls", {}).get(klass, {}))
        return self.compiled(path, klass)

    def hit_ratio(self, name: str) -> float:
        """Given, or Che's equation summed over every object of the Zipf law."""
        if name not in self.hit_ratios:
            tier = self.tiers[name]
            if "hit_ratio" in tier:
                self.hit_ratios[name] = number(tier["hit_ratio"])
            else:
                objects = tier["objects"]
                self.hit_ratios[name] = che(
                    number(tier["capacity"]), int(number(objects["count"])), number(objects["zipf"])
                )
        return self.hit_ratios[name]

    def origin_rates(self) -> dict[str, float]:
        """Peak rates of what the CDN lets through (a Poisson stream thinned by a coin is a slower Poisson stream)."""
        demand = self.scenario["demand"]
        rates = {}
        for name, entry in demand["requests"].items():
            if "rate" in entry:
                rates[name] = number(entry["rate"])
            else:
                per_day = number(entry["per_user_day"]) * number(demand["daily_active_users"])
                rates[name] = per_day * number(demand.get("peak_to_average", 1)) / 86400
            for tier in self.tiers.values():
                if tier["kind"] == "cdn" and (
                    entry.get("static", False) or entry.get("cacheable", False)
                ):
                    rates[name] *= 1 - number(tier["hit_ratio"])
        return rates

    # --- the clock

    def run(self, requests: int, warmup: int) -> dict[str, list[float]]:
        """Let requests come until `requests` after the first `warmup` are answered; responses in order of answers."""
        rates = self.origin_rates()
        names = list(rates)
        entries = [self.entry(name) for name in names]
        total = sum(rates.values())
        bounds = np.cumsum([rates[name] / total for name in names]).tolist()
        bounds[-1] = 1.0
        responses: list[list[float]] = [[] for _ in names]
        events, ticket, uniform = self.events, self.ticket, self.uniform
        came, waiting, last = 0, requests, warmup + requests
        gap = self.draws({"service_time": 1 / total}, "service_time", "")
        events.append((gap(), next(ticket), None))
        heapify(events)
        while waiting:
            t, _, request = events[0]
            if request is None:  # an arrival from outside
                u = uniform()
                klass = next(i for i, bound in enumerate(bounds) if u < bound)
                request = Request(t, klass, warmup <= came < last, [])
                came += 1
                heapreplace(events, (t + gap(), next(ticket), None))
                heappush(events, (t, -1, request))  # ahead of everything else at this instant
                todo, calls = request.todo, entries[klass]
            elif request.__class__ is Departure:
                heappop(events)
                request.lengths[request.host] -= 1
                continue
            else:
                if request.after is not None:
                    request.after(t, request)
                todo, calls = request.todo, None
            if calls is not None:
                for step, certain, chance in calls:
                    times = certain + 1 if chance and uniform() < chance else certain
                    if times == 1:
                        todo.append(step)
                    elif times:
                        todo.extend([step] * times)
            if not todo:
                heappop(events)
                if request.counts:
                    responses[request.klass].append(t - request.came)
                    waiting -= 1
                continue
            step = todo.pop()
            for callee, certain, chance in step.calls:
                times = certain + 1 if chance and uniform() < chance else certain
                if times == 1:
                    todo.append(callee)
                elif times:
                    todo.extend([callee] * times)
            request.after = step.after
            heapreplace(events, (step.begin(t, request), next(ticket), request))
        return dict(zip(names, responses, strict=True))


def che(capacity: float, objects: int, zipf: float) -> float:
    """LRU hit ratio: the T at which the expected number of objects present is the capacity."""
    if capacity >= objects:
        return 1.0
    popularity = np.arange(1, objects + 1, dtype=float) ** -zipf
    popularity /= popularity.sum()
    low, high = 0.0, 80.0  # log T
    for _ in range(60):
        middle = (low + high) / 2
        present = -np.expm1(-popularity * math.exp(middle))
        low, high = (middle, high) if present.sum() < capacity else (low, middle)
    return float((popularity * present).sum())


def simulate(
    scenario: dict[str, Any], vcpus: dict[str, int], requests: int, seed: int, warmup: int
) -> dict[str, np.ndarray]:
    """Server-side response times of each class, sorted: of `requests` requests at the origin after `warmup` others."""
    responses = World(scenario, vcpus, seed).run(requests, warmup)
    return {name: np.sort(np.array(values)) for name, values in responses.items()}


def bracket(
    samples: list[np.ndarray] | np.ndarray, q: float | None, confidence: float = 0.99
) -> tuple[float, float]:
    """Confidence interval of a quantile (of the mean where q is None).

    `samples` is a list of independent replications (one seed each); or one array in the order of answers, which is
    cut into 20 batches. Either way no more is assumed than that the parts' estimates are independent: a t-interval.
    """
    replications = samples if isinstance(samples, list) else np.array_split(np.asarray(samples), 20)
    found = [float(part.mean() if q is None else np.quantile(part, q)) for part in replications]
    centre, spread = float(np.mean(found)), float(np.std(found, ddof=1))
    half = student(confidence, len(found) - 1) * spread / math.sqrt(len(found))
    return centre - half, centre + half


def student(confidence: float, freedom: int) -> float:
    """The t with P(|T| <= t) = confidence, by bisection on the incomplete beta function."""
    low, high = 0.0, 1e3
    for _ in range(60):
        middle = (low + high) / 2
        outside = mpmath.betainc(
            freedom / 2, 0.5, 0, freedom / (freedom + middle**2), regularized=True
        )
        low, high = (middle, high) if outside > 1 - confidence else (low, middle)
    return high
