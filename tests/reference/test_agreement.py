"""`solve` against the reference solver, which shares nothing with it, to 1e-9."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

import capcalc as cc
from capcalc.scenarios import examples
from capcalc.solve.system import solve
from reference.files import read_catalogue, read_scenario
from reference.random_scenarios import INSTANCES, scenarios
from reference.solver import reference

EXAMPLES = Path(examples.__file__).parent / "examples"
TABLE = Path(examples.__file__).parent / "data" / "aws-us-east-1.csv"
PERCENTILES = ("p50", "p90", "p95", "p99", "p999")


def same(ours: object, theirs: object, what: str, rel: float = 1e-9) -> None:
    if theirs is None:
        assert ours is None, what
        return
    ours_, theirs_ = float(ours), float(theirs)  # type: ignore[arg-type]
    assert ours_ == pytest.approx(theirs_, rel=rel, abs=1e-14, nan_ok=True), what


def compare(solution: cc.Solution, theirs: dict[str, Any], quantiles: bool = True) -> None:
    for station in solution.stations:
        name = f"{station.tier}.{station.role}" if station.role else station.tier
        if float(station.hosts) == 0 or name not in theirs["stations"]:
            continue
        row = theirs["stations"][name]
        for key, value in (
            ("hosts", station.hosts),
            ("servers", station.servers),
            ("arrival_rate", station.arrival_rate),
            ("utilization", station.utilization),
            ("prob_wait", station.prob_wait),
            ("wait", station.wait),
        ):
            same(value, row[key], f"{name} {key}")
        if row["arrival_rate"] > 0:
            same(station.service_time, row["service_mean"], f"{name} service")
            same(1 + station.scv, 1 + row["service_scv"], f"{name} scv")
    for tier in solution.tier_results:
        same(tier.cost, theirs["tiers"][tier.name]["cost"], f"{tier.name} cost")
    for request in solution.request_results:
        row = theirs["requests"][request.name]
        for key in ("arrival_rate", "origin_rate", "mean", "user_mean"):
            same(getattr(request, key), row[key], f"{request.name} {key}")
        if quantiles:
            for key in (*PERCENTILES, *(f"user_{p}" for p in PERCENTILES)):
                same(getattr(request, key), row[key], f"{request.name} {key}")
    assert solution.bottleneck == theirs["bottleneck"] or np.isclose(
        float(solution.tier(solution.bottleneck).utilization or 0),
        1 / theirs["headroom"],
        rtol=1e-9,
    )
    same(solution.headroom, theirs["headroom"], "headroom")
    same(solution.first_request_delay, theirs["first_request_delay"], "first request")


@pytest.mark.parametrize("name", examples.names())
def test_examples(name: str) -> None:
    theirs = reference(read_scenario(EXAMPLES / f"{name}.yaml"), *read_catalogue(TABLE))
    system = cc.load(name)
    for tier in system.tiers:
        if getattr(system.tiers[tier], "retries", None) is not None:
            # the other solver knows first tries only
            system = system.replace({f"tiers.{tier}.retries": 0.0})
    compare(solve(system), theirs)


def text_of(tree: dict[str, Any]) -> str:
    """JSON is YAML, and keeps the order of tiers and calls."""
    return json.dumps(tree)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(scenarios())
def test_random_scenarios_means(scenario: dict[str, Any]) -> None:
    system = cc.loads(text_of(scenario), "random.yaml")
    theirs = reference(scenario, INSTANCES, {}, quantiles=False)
    prices_aside = {name: {**tier, "cost": None} for name, tier in theirs["tiers"].items()}
    solution = solve(system, quantiles=False)
    costless = tuple(_without_cost(tier) for tier in solution.tier_results)
    compare(
        replace(solution, tier_results=costless), {**theirs, "tiers": prices_aside}, quantiles=False
    )


def _without_cost(tier: Any) -> Any:
    return replace(tier, cost=None)


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(scenarios())
def test_random_scenarios_percentiles(scenario: dict[str, Any]) -> None:
    if _slow_for_the_reference(scenario):
        return
    system = cc.loads(text_of(scenario), "random.yaml")
    theirs = reference(scenario, INSTANCES, {}, defective=True)
    solution = solve(system)
    for request in solution.request_results:
        row = theirs["requests"][request.name]
        for key in (*PERCENTILES, *(f"user_{p}" for p in PERCENTILES)):
            same(getattr(request, key), row[key], f"{request.name} {key}", rel=1e-6)


def _slow_for_the_reference(scenario: dict[str, Any]) -> bool:
    """Several fan-outs take the reference tens of seconds."""
    return sum("fan_out" in tier for tier in scenario["tiers"].values()) > 1
