"""Six tiers, every instance of the table, up to 64 hosts each: the optimum on one core."""

from __future__ import annotations

import time

import pytest

import capcalc as cc
from capcalc.advice import search
from capcalc.advice.options import options
from capcalc.advice.search import Search
from capcalc.advice.states import planned_load, states

pytestmark = pytest.mark.bench

#: Seconds of processor time for the proved optimum; measured 0.3.
LIMIT = 2.0
TEXT = """
capcalc: 1
name: six tiers
demand: {growth: 4%/month, requests: {page: {rate: 2000/s}, buy: {rate: 100/s}}}
tiers:
  web: {kind: web, instance: c7g.xlarge, hosts: 12, zones: 3, survive: zone, service_time: {page: 8ms, buy: 15ms}}
  sessions: {kind: service, instance: r7g.large, hosts: 3, service_time: 0.3ms}
  catalog: {kind: service, instance: c7g.xlarge, hosts: 6, service_time: 4ms, calls: {cache: 2}}
  orders: {kind: service, instance: c7g.large, hosts: 4, service_time: 9ms, calls: {db: {reads: 2, writes: 1}}}
  cache: {kind: cache, instance: r7g.large, hosts: 3, service_time: 0.4ms, hit_ratio: 90%, fronts: db}
  db: {kind: database, instance: r7g.2xlarge, replicas: 2, read_time: 2ms, write_time: 4ms, apply_time: 1ms, survive: replica}
calls: {page: {sessions: 1, catalog: 1.5}, buy: {sessions: 1, orders: 1}}
objectives: {page: {p95: 60ms}, buy: {p99: 200ms}, min_runway: 6 months}
instances: {families: [EVERY]}
"""


def test_six_tiers_of_every_instance() -> None:
    table = cc.load("bookshop").catalogue
    assert table is not None
    system = cc.loads(TEXT.replace("EVERY", ", ".join(sorted(set(table.family)))))
    start = time.process_time()
    within = Search(system=system, states=states(system, planned_load(system)))
    every = options(system)
    best = search.cheapest(within, search.useful(within, every))
    took = time.process_time() - start
    assert best is not None
    assert len(every) == 6
    assert all(len(option) == 64 * len(table.instance) for option in every.values())
    print(f"\n{sum(map(len, every.values())):,} options in six tiers: {took:.2f} s")
    assert took < LIMIT
    start = time.process_time()
    advice = cc.advise(system)
    print(f"the whole advice: {time.process_time() - start:.2f} s")
    assert advice.mixed.feasible
