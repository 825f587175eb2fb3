"""Predictions beside measurements of simulated queues: right where the model is, told why where not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import capcalc as cc
from capcalc.model.system import System
from capcalc.results.measurements import Measurements, Sample, Series
from capcalc.results.validation import Compared, Validation
from capcalc.studies.validate import validated
from capcalc.studies.validate.driving import without_chance

Array = NDArray[np.float64]
STEP, INTERVALS, SERVICE = 300.0, 48, 0.02
RATES = 5.0 + 37.0 * (0.5 - 0.5 * np.cos(np.arange(INTERVALS) / INTERVALS * 4 * np.pi))
TEXT = """\
capcalc: 1
name: one
demand: {requests: {page: {rate: 20/s}}}
tiers: {web: {kind: web, service_time: TIME}}
"""


def scenario(service_time: str = "20ms") -> System:
    return cc.loads(TEXT.replace("TIME", service_time))


def queue(
    seed: int = 1,
    batch: int = 1,
    slower: Callable[[Array, Array], Array] = lambda times, load: np.ones(times.size),
) -> dict[str, Array]:
    """One FCFS server over two days in small: arrivals, waits by Lindley's recursion, busy time."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(RATES * STEP / batch) * batch
    starts = np.arange(INTERVALS) * STEP
    groups = [
        np.sort(rng.uniform(s, s + STEP, n // batch)) for s, n in zip(starts, counts, strict=True)
    ]
    arrivals = np.repeat(np.concatenate(groups), batch)
    place = (arrivals // STEP).astype(int)
    services = rng.exponential(SERVICE, arrivals.size)
    services = services * slower(arrivals / (INTERVALS * STEP), RATES[place] / RATES.max())
    gaps = services[:-1] - np.diff(arrivals)
    walk = np.concatenate([[0.0], np.cumsum(gaps)])
    waits = walk - np.minimum.accumulate(walk)
    responses = waits + services
    ends = np.arange(1, INTERVALS) * STEP
    begun, done = arrivals + waits, arrivals + responses
    # work is in the intervals in which it is done
    edges = np.concatenate([[0.0], ends, [np.inf]])
    total = np.concatenate([[0.0], np.cumsum(services)])
    after = np.searchsorted(done, edges[1:], side="right")
    level = total[np.minimum(after, services.size)]
    partly = np.where(
        after < services.size,
        np.clip(edges[1:] - begun[np.minimum(after, services.size - 1)], 0, None),
        0,
    )
    busy = np.diff(
        np.concatenate([[0.0], np.where(np.isfinite(level + partly), level + partly, total[-1])])
    )
    return {
        "requests": np.bincount(place, minlength=INTERVALS).astype(float),
        "utilization": np.minimum(busy / STEP, 1.0),
        "response_mean": np.bincount(place, responses, INTERVALS)
        / np.bincount(place, minlength=INTERVALS),
        "interarrival": np.diff(arrivals),
    }


def measurements(values: dict[str, Array], tier: str = "", **changed: Array) -> Measurements:
    values = {**values, **changed}
    gaps = values.pop("interarrival")
    gaps = gaps / gaps.mean()
    series = tuple(
        Series(role=role, tier="web" if role == "utilization" else tier, values=each, column=role)
        for role, each in values.items()
    )
    sample = Sample(
        role="interarrival", n=gaps.size, mean=float(gaps.mean()), scv=float(gaps.var())
    )
    return Measurements(
        source="web.csv",
        form="table",
        rows=INTERVALS,
        time=np.arange(INTERVALS) * STEP,
        step=STEP,
        series=series,
        samples=(sample,),
    )


def compared(found: Validation, quantity: str) -> Compared:
    return next(each for each in found.compared if each.quantity == quantity)


def told(found: Validation) -> str:
    return "\n".join(found.findings)


def test_the_true_model_is_good() -> None:
    found = validated(scenario(), [measurements(queue())])
    assert [each.quantity for each in found.compared] == ["utilization", "response_mean"]
    assert {each.verdict for each in found.compared} == {"good"}
    busy = compared(found, "utilization")
    assert busy.measured == pytest.approx(RATES.mean() * SERVICE, rel=0.02)
    assert abs(busy.error) < 0.02
    assert abs(compared(found, "response_mean").error) < 0.1
    assert not found.findings
    assert not found.left_out


def test_prediction_is_that_of_solve_at_every_load() -> None:
    metrics = measurements(queue())
    found = compared(validated(scenario(), [metrics]), "response_mean")
    rate = without_chance(next(metrics.of_role("requests")).values / STEP, STEP)
    alone = [
        float(cc.solve(scenario().replace({"demand.requests.page.rate": r})).request("page").mean)
        for r in rate
    ]
    np.testing.assert_allclose(found.predicted_values, alone, rtol=1e-12)


def test_a_service_time_that_is_too_short_is_named() -> None:
    found = validated(scenario("15ms"), [measurements(queue())])
    assert compared(found, "utilization").verdict in ("rough", "off")
    assert "web: it is 1.3" in told(found)
    assert "times as busy as predicted at every load" in told(found)


def test_background_work_is_named() -> None:
    values = queue()
    found = validated(scenario(), [measurements(values, utilization=values["utilization"] + 0.1)])
    assert "of it is busy without any request" in told(found)
    share = float(told(found).split("web: ")[1].split(" %")[0])
    assert share == pytest.approx(10, abs=1)


def test_a_constant_delay_is_outside_the_queues() -> None:
    values = queue()
    found = validated(
        scenario(), [measurements(values, response_mean=values["response_mean"] + 0.015)]
    )
    text = told(found)
    assert "outside the queues" in text
    assert float(text.split("responses are ")[1].split(" ms")[0]) == pytest.approx(15, abs=2)


def test_batches_are_told_from_a_constant_delay() -> None:
    found = validated(scenario(), [measurements(queue(batch=6))])
    assert compared(found, "response_mean").verdict == "off"
    text = told(found)
    assert "batches" in text
    assert "scv of" in text


def test_contention_bends_the_utilization() -> None:
    values = queue(slower=lambda times, load: 0.7 + 0.35 * load)
    text = told(validated(scenario(), [measurements(values)]))
    assert "costs more the busier" in text
    assert "contention" in text
    assert "costs more" not in told(validated(scenario(), [measurements(queue())]))


def test_a_change_in_between_is_not_stationary() -> None:
    values = queue(slower=lambda times, load: np.where(times < 0.5, 0.6, 1.05))
    text = told(validated(scenario(), [measurements(values)]))
    assert "not stationary" in text


def test_retries_are_seen_where_a_tier_gets_more_than_is_asked() -> None:
    text = """\
capcalc: 1
demand: {requests: {page: {rate: 20/s}}}
tiers:
  web: {kind: web, service_time: 20ms}
  api: {kind: service, service_time: 5ms}
calls: {page: {api: 2}}
"""
    values = queue()
    rate = values["requests"] / STEP
    metrics = measurements(values)
    more = Series(
        role="arrival_rate", tier="api", values=2 * rate * (1 + 0.5 * (rate / rate.max()) ** 3)
    )
    metrics = Measurements(
        source="f",
        form="table",
        rows=1,
        time=metrics.time,
        step=STEP,
        series=(*metrics.series, more),
    )
    found = validated(cc.loads(text), [metrics])
    assert "retries" in told(found)
    api = next(each for each in found.compared if each.tier == "api")
    assert api.quantity == "arrival_rate"


def test_a_saturated_prediction_is_counted_and_said() -> None:
    found = validated(scenario("30ms"), [measurements(queue())])
    response = compared(found, "response_mean")
    assert response.saturated == int((queue()["requests"] / STEP * 0.03 >= 1).sum())
    assert response.saturated > 0
    assert "saturated in" in told(found)
    assert np.isfinite(response.predicted)


def test_classes_and_tiers_that_are_not_there_are_named() -> None:
    values = queue()
    metrics = measurements(values)
    odd = (
        Series(role="requests", label="browse", values=values["requests"]),
        Series(role="utilization", tier="db", values=values["utilization"], column="db_cpu"),
    )
    found = validated(
        scenario(),
        [Measurements(source="f", form="table", rows=1, time=metrics.time, step=STEP, series=odd)],
    )
    assert not found.compared
    text = " ".join(found.left_out)
    assert "browse" in text
    assert "no tier 'db'" in text


def test_gaps_are_left_out() -> None:
    values = queue()
    holes = values["utilization"].copy()
    holes[::3] = np.nan
    missing = values["requests"].copy()
    missing[1] = np.nan
    found = compared(
        validated(scenario(), [measurements(values, utilization=holes, requests=missing)]),
        "utilization",
    )
    assert found.n == INTERVALS - len(holes[::3]) - 1
    assert np.isfinite(found.error)


def test_chance_in_the_counts_does_not_lengthen_the_prediction() -> None:
    rng = np.random.default_rng(5)
    steady = rng.poisson(35.0, 400) / 1.0
    drawn = without_chance(steady, 1.0)
    assert drawn.std() < 0.4 * steady.std()
    assert drawn.mean() == pytest.approx(steady.mean())
    moving = rng.poisson(RATES * STEP) / STEP
    np.testing.assert_allclose(without_chance(moving, STEP), moving, rtol=0.02)


def test_percentiles_of_few_requests_are_called_noisy() -> None:
    values = queue()
    few = values["requests"] / 100
    p99 = np.full(INTERVALS, 0.02)
    found = validated(scenario(), [measurements(values, requests=few, response_p99=p99)])
    assert "mean of noisy ones" in told(found)
    many = validated(scenario(), [measurements(values, response_p99=p99)])
    assert "noisy" not in told(many)
