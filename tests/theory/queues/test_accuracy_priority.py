"""Priorities, batches and breakdowns over the range of doubles, against 40 digits and more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import references
from accuracy import Table

from capcalc.theory.queues import (
    batch,
    mmc_nonpreemptive,
    mmc_preemptive,
    nonpreemptive,
    preemptive,
)

#: Sorts of total load: far from, in the middle, and close to saturation.
SORTS: dict[str, Callable[[np.random.Generator], float]] = {
    "idle": lambda g: float(10 ** g.uniform(-12, -1)),
    "middle": lambda g: float(g.uniform(0.1, 0.9)),
    "busy": lambda g: float(1 - 10 ** g.uniform(-4, -1)),
    "saturated": lambda g: float(1 - 10 ** g.uniform(-12, -4)),
}
SERVERS = {
    "1 server": (1, 1, 8),
    "to 20": (2, 20, 8),
    "to 1e3": (20, 1e3, 6),
    "to 1e6": (1e3, 1e6, 3),
}


def of(function: Any, last: bool) -> Callable[..., object]:
    """A function of three rates and service rates by class, for the first or last class."""
    return lambda *a: function(a[:3], a[3:6], a[6:9])[2 if last else 0]


def moments(a: tuple[mp.mpf, ...], last: bool) -> tuple[mp.mpf, mp.mpf, mp.mpf, mp.mpf]:
    """Load before and up to a class, rest of services of all and of those up to it."""
    loads = [a[k] / a[3 + k] for k in range(3)]
    rests = [loads[k] * (1 + a[6 + k]) / 2 / a[3 + k] for k in range(3)]
    before, until = (loads[0] + loads[1], sum(loads)) if last else (mp.mpf(0), loads[0])
    return before, until, sum(rests), (sum(rests) if last else rests[0])


def cobham(last: bool) -> Callable[..., mp.mpf]:
    def reference(*a: mp.mpf) -> mp.mpf:
        before, until, rest, _ = moments(a, last)
        return rest / (1 - before) / (1 - until)

    return reference


def resumed(last: bool) -> Callable[..., mp.mpf]:
    def reference(*a: mp.mpf) -> mp.mpf:
        before, until, _, rest = moments(a, last)
        speed = a[5] if last else a[3]
        return rest / (1 - before) / (1 - until) + before / (1 - before) / speed

    return reference


def queue(rate: mp.mpf, speed: mp.mpf, servers: mp.mpf) -> mp.mpf:
    return rate * references.mean_wait(rate, speed, servers)


def interrupted(first: mp.mpf, second: mp.mpf, speed: mp.mpf, servers: mp.mpf) -> mp.mpf:
    """Difference of the queues of class 0 alone and of both."""
    with mp.workdps(70):
        both = queue(first + second, speed, servers)
        return (both - queue(first, speed, servers)) / second


def waiting(first: mp.mpf, second: mp.mpf, speed: mp.mpf, servers: mp.mpf) -> mp.mpf:
    total, whole = first + second, servers * speed
    waits = references.erlang_c(servers, total / speed)
    return waits * whole / (whole - first) / (whole - total)


def delay_survival(time: mp.mpf, first: mp.mpf, second: mp.mpf, speed: mp.mpf) -> mp.mpf:
    """P(W > t) of class 1 with one server, its transform inverted along Talbot's contour.

    The decay of the tail is taken out first, so that the error is relative to what is left.
    """
    h, k, t = first / speed, second / speed, time * speed
    a, root = h + k, mp.sqrt(h)
    decay = (1 - a) * k / a if a * a > h else (1 - root) ** 2

    def transform(shifted: mp.mpc) -> mp.mpc:
        s = shifted - decay
        width = mp.sqrt(s + (1 + root) ** 2) * mp.sqrt(s + (1 - root) ** 2)
        y = (1 + h + s + width) / 2
        return (1 - (1 - a) / (y - a)) / s

    left = mp.invertlaplace(transform, t, method="talbot", degree=50)
    return a * mp.exp(-decay * t) * left


@pytest.fixture(autouse=True)
def digits() -> Iterator[None]:
    with mp.workdps(references.DIGITS):
        yield


def test_means_over_the_range_of_doubles(capsys: pytest.CaptureFixture[str]) -> None:
    generator = np.random.default_rng(20261124)
    table = Table()
    for sort, draw in SORTS.items():
        for _ in range(15):
            speeds = np.exp(generator.uniform(-5, 5, 3))
            parts = 10 ** generator.uniform(-6, 0, 3)
            rates = parts / parts.sum() * draw(generator) * speeds
            scvs = generator.uniform(0, 10, 3)
            arguments = tuple(float(x) for x in (*rates, *speeds, *scvs))
            for last in (False, True):
                region = f"{sort}, class {2 * last}"
                for name, module, reference in (
                    ("nonpreemptive", nonpreemptive, cobham(last)),
                    ("preemptive", preemptive, resumed(last)),
                ):
                    found = of(module.mean_wait, last)
                    table.add(name, "mean_wait", region, found, reference, arguments)
    for region, (least, most, count) in SERVERS.items():
        for sort, draw in SORTS.items():
            for _ in range(count):
                servers = round(np.exp(generator.uniform(np.log(least), np.log(most))))
                speed = float(np.exp(generator.uniform(-5, 5)))
                share = float(10 ** generator.uniform(-9, 0)) * 0.9
                total = servers * speed * draw(generator)
                first, second = total * (1 - share), total * share
                point = (first, second, speed, servers)
                for name, module, several in (
                    ("mmc_nonpreempt", mmc_nonpreemptive, waiting),
                    ("mmc_preemptive", mmc_preemptive, interrupted),
                ):
                    question: Any = module.mean_wait
                    table.add(
                        name,
                        "mean_wait of class 1",
                        f"{region}, {sort}",
                        lambda x, y, s, c, question=question: question([x, y], s, c)[1],
                        several,
                        point,
                    )
    for sort, draw in SORTS.items():
        for _ in range(10):
            size, speed = (
                float(1 + 10 ** generator.uniform(-3, 4)),
                float(generator.uniform(0.1, 9)),
            )
            rate = draw(generator) * speed / size
            arguments = (
                rate,
                speed,
                size,
                float(generator.uniform(0, 4)),
                float(generator.uniform(0, 4)),
            )

            def mean(l: mp.mpf, m: mp.mpf, b: mp.mpf, v: mp.mpf, s: mp.mpf) -> mp.mpf:
                second = b * b * (1 + v)
                service = (b * s + second) / m**2
                return l * service / 2 / (1 - l * b / m) + (second - b) / (2 * b * m)

            table.add("batch", "mean_wait", sort, batch.mean_wait, mean, arguments)
    table.show(capsys)
    assert table.points >= 400
    table.assert_within_bounds()


def test_tails_of_the_wait_to_1e_minus_200(capsys: pytest.CaptureFixture[str]) -> None:
    """The tail as a mixture of exponential times keeps its digits however small it is."""
    generator = np.random.default_rng(20261125)
    table = Table()
    for sort in ("idle", "middle", "busy"):
        for _ in range(4):
            total = SORTS[sort](generator)
            share = float(generator.uniform(0.01, 0.99))
            point = (total * (1 - share), total * share, 1.0)
            speed = float(np.asarray(nonpreemptive.mean_wait(point[:2], 1.0))[1])
            for depth in (0.1, 1.0, 10.0, 100.0):
                # depth in means of the wait of those that do
                time = depth * speed / total
                table.add(
                    "mmc_nonpreempt",
                    "tail of class 1",
                    f"{sort}, {depth} means",
                    _tail,
                    delay_survival,
                    (time, *point),
                )
    table.show(capsys)
    assert table.points >= 40
    table.assert_within_bounds()


def _tail(time: float, first: float, second: float, speed: float) -> float:
    """The survival itself, as :func:`wait_cdf` has it."""
    when, waits, _, law = mmc_nonpreemptive._law(time, [first, second], speed, 1)
    return float((waits * law(lambda rate, t: np.exp(-rate * t), when))[1])
