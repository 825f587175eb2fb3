"""An event simulation that shares nothing with the product brackets its percentiles.

The closed form takes waits beyond zero as exponential and successive visits as independent;
the error that its own output states for that is added to the simulation's 99 % interval.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import capcalc as cc
from capcalc.scenarios import examples
from capcalc.solve.words import PERCENTILE_ERROR
from reference.files import read_catalogue, read_scenario
from reference.simulation import bracket, simulate

FOLDER = Path(examples.__file__).parent
LEVELS = {"p50": 0.5, "p99": 0.99}


def check(name: str, replications: int, requests: int) -> None:
    vcpus, _ = read_catalogue(FOLDER / "data" / "aws-us-east-1.csv")
    scenario = read_scenario(FOLDER / "examples" / f"{name}.yaml")
    solution = cc.solve(cc.load(name))
    runs = [
        simulate(scenario, vcpus, requests, seed, requests // 10) for seed in range(replications)
    ]
    for request in solution.request_results:
        for measure, level in LEVELS.items():
            low, high = bracket([run[request.name] for run in runs], level)
            ours = float(getattr(request, measure))
            assert low * (1 - PERCENTILE_ERROR) <= ours <= high * (1 + PERCENTILE_ERROR), (
                f"{name} {request.name} {measure}: {ours} not in [{low}, {high}]"
            )


@pytest.mark.parametrize("name", cc.examples())
def test_brackets(name: str) -> None:
    check(name, replications=6, requests=40_000)


@pytest.mark.slow
@pytest.mark.parametrize("name", cc.examples())
def test_brackets_tightly(name: str) -> None:
    check(name, replications=20, requests=300_000)
