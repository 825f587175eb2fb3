"""A small scenario with one of everything, and ways to spoil it."""

from __future__ import annotations

import pytest

from capcalc.errors import Problem, ScenarioError
from capcalc.scenarios.load import loads

BASE = """\
capcalc: 1
demand:
  daily_active_users: 10k
  requests:
    page: {per_user_day: 20}
    asset: {rate: 50/s, static: true}
tiers:
  cdn: {kind: cdn, hit_ratio: 90%}
  lb: {kind: load_balancer, service_time: 1ms}
  web:
    kind: web
    hosts: 4
    zones: 2
    service_time: {page: 8ms, asset: 1ms}
    sessions: {state: shared, store: store}
    survive: zone
  search: {kind: service, hosts: 4, service_time: 5ms, fan_out: 2, calls: {db: {reads: 1}}}
  store: {kind: session_store, service_time: 1ms}
  cache: {kind: cache, service_time: 1ms, hit_ratio: 90%, fronts: db}
  db: {kind: database, replicas: 2, max_replicas: 4, read_time: 2ms, write_time: 4ms}
calls:
  page: {search: 1, cache: 2, db: {reads: 1, writes: 0.1}}
objectives:
  page: {p99: 300ms}
instances: {families: [c7g], speed: {r7g: 1.1}}
"""


def spoiled(*changes: tuple[str, str]) -> str:
    """The base with some texts exchanged; each has to occur exactly once."""
    text = BASE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def problems_of(text: str, **given: object) -> tuple[Problem, ...]:
    """What is wrong with a text."""
    with pytest.raises(ScenarioError) as caught:
        loads(text, "shop.yaml", **given)  # type: ignore[arg-type]
    assert caught.value.exit_code == 2
    return caught.value.problems
