"""The law of a response: its mean, and any percentile by inverting its transform.

A response is a sum of independent waits and services along a random way through the tiers:
its Laplace-Stieltjes transform is a product where steps follow one another, a weighted sum
where they are alternatives, and a power for repeated calls. Independence of successive
sojourns is exact in overtake-free Jackson networks (J. Walrand, P. Varaiya, "Sojourn times and
the overtaking condition in Jacksonian networks", Adv. Appl. Prob. 12, 1980) and otherwise an
approximation (DESIGN ruling 10).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from capcalc.model.work import ENTRY, Call, Either, Node, Paths, Pause, Serve, Step
from capcalc.solve.sojourn import SHARP, Sojourn
from capcalc.theory.distributions import inversion
from capcalc.traffic.flows import pieces
from capcalc.units.types import Numbers

Complex: TypeAlias = NDArray[np.complex128]
#: The sojourn of one piece of work at its tier.
Sojourns: TypeAlias = Callable[[Node, Serve], Sojourn]


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A response time: its mean, its transform, and where the fast inversion holds.

    Where a station on the way is saturated the law is defective: a share of all responses never
    ends (the transform at 0 is less than 1), and percentiles beyond it are infinite; those of
    paths that avoid the station stay finite. ``scale`` is a finite time of its order.
    """

    mean: Numbers
    scale: Numbers
    transform: Callable[[Complex], Complex]
    smooth: NDArray[np.bool_]

    def survival(self, time: Numbers) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """P(response > time) and the density there."""
        times = np.asarray(time, dtype=float)
        shape = np.broadcast_shapes(times.shape, np.shape(self.mean), self.smooth.shape)
        # arrays of one element: arithmetic of numpy's scalars rounds in other ways
        tail, density = self._survival(np.ascontiguousarray(np.broadcast_to(times, shape)), shape)
        return np.reshape(tail, shape), np.reshape(density, shape)

    def _survival(
        self, times: NDArray[np.float64], shape: tuple[int, ...]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if bool(np.all(self.smooth)):
            return inversion.survival_by_hyperbola(self.transform, times)
        slow = inversion.survival_by_euler(self.transform, times)
        if not bool(np.any(self.smooth)):
            return slow
        fast = inversion.survival_by_hyperbola(self.transform, times)
        smooth = np.broadcast_to(self.smooth, shape)
        return np.where(smooth, fast[0], slow[0]), np.where(smooth, fast[1], slow[1])

    def ends(self) -> Numbers:
        """Share of all responses that end at all."""
        if np.all(np.isfinite(self.mean)):
            return 1.0
        at_zero = np.zeros((1, *np.shape(self.mean)), dtype=complex)
        share: Numbers = np.real(self.transform(at_zero))[0]
        return share

    def quantile(self, p: Numbers) -> Numbers:
        """The time within which a share ``p`` of responses ends; ``inf`` beyond those that do."""
        mean, levels = np.broadcast_arrays(np.asarray(self.mean, float), np.asarray(p, float))
        usable = (levels < self.ends()) & (mean > 0)
        # a start of nan is frozen at once; what never ends is inf, what is undefined stays so
        start = np.where(usable, self.scale, np.nan)
        times = inversion.quantile(self.survival, levels, start)
        return np.where(usable, times, mean)[()]


def request_law(
    paths: Paths,
    cyclic: bool,
    visits: Mapping[Node, Numbers],
    of: Sojourns,
    start: Node = ENTRY,
) -> Law:
    """The law of a class's response from the entry, or another start, to the end of its answer.

    ``visits`` are those that one visit to the start waits for.
    """
    parts = [
        (visits[node] * weight, of(node, step) if isinstance(step, Serve) else paused(step))
        for node, steps in paths.items()
        for step, weight in pieces(steps)
        if isinstance(step, Serve | Pause)
    ]
    mean, scale, smooth = _sums(parts)
    # many calls of one kind add up to a sharp law, though each alone is not
    spread = sum((_weighted(weight, part.variance) for weight, part in parts), np.asarray(0.0))
    smooth = smooth & (spread >= SHARP * np.square(scale))

    def transform(s: Complex) -> Complex:
        walk = _Loop(paths, of, s) if cyclic else _Tree(paths, of, s)
        return walk.node(start)

    return Law(mean=mean[()], scale=scale, transform=transform, smooth=smooth & (not cyclic))


def paused(step: Pause) -> Sojourn:
    """A pause as a stay without a queue."""
    return Sojourn(prob_wait=0.0, wait=0.0, service_time=step.time, scv=step.scv)


def mixture_law(parts: list[tuple[Numbers, Sojourn]]) -> Law:
    """The law of one visit drawn by rate among several kinds of work."""
    total: Numbers = sum(weight for weight, _ in parts)
    none = np.asarray(total) == 0
    some = np.where(none, 1.0, total)
    shares = [(np.where(none, 1 / len(parts), rate / some)[()], part) for rate, part in parts]
    mean, scale, smooth = _sums(shares)

    def transform(s: Complex) -> Complex:
        return sum((share * part.transform(s) for share, part in shares), np.zeros_like(s))

    return Law(mean=mean[()], scale=scale, transform=transform, smooth=smooth)


def _sums(
    parts: Sequence[tuple[Numbers, Sojourn]],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Weighted sums of the means and of the scales; smooth where every part is."""
    mean, scale, smooth = np.asarray(0.0), np.asarray(0.0), np.asarray(True)
    for weight, part in parts:
        mean = mean + _weighted(weight, part.mean)
        scale = scale + _weighted(weight, part.scale)
        smooth = smooth & part.smooth
    return mean, scale, smooth


def _weighted(weight: Numbers, value: Numbers) -> NDArray[np.float64]:
    """Weight times value, 0 where the weight is 0 even if the value is infinite."""
    weight, value = np.asarray(weight, float), np.asarray(value, float)
    return np.where(weight == 0, 0.0, weight * np.where(weight == 0, 0.0, value))


class _Tree:
    """Transforms of all nodes at the points ``s``, where no call comes back."""

    def __init__(self, paths: Paths, of: Sojourns, s: Complex) -> None:
        """Nothing is evaluated yet."""
        self.paths, self.of, self.s = paths, of, s
        self.known: dict[Node, Complex] = {}
        self.own: dict[tuple[Node, int], Complex] = {}

    def node(self, node: Node) -> Complex:
        """Transform of the time from entering the node to the end of its answer."""
        if node not in self.known:
            self.known[node] = self.steps(node, self.paths[node])
        return self.known[node]

    def steps(self, node: Node, steps: tuple[Step, ...]) -> Complex:
        """Product over steps that follow one another."""
        result = np.ones_like(self.s)
        for step in steps:
            result = result * self.step(node, step)
        return result

    def step(self, node: Node, step: Step) -> Complex | float:
        """One step; work that nobody waits for takes no time."""
        if isinstance(step, Serve):
            return self.serve(node, step)
        if isinstance(step, Pause):
            return paused(step).transform(self.s)
        if isinstance(step, Call) and step.waited_for:
            return repeated(self.node(step.node), step.count)
        if isinstance(step, Either):
            then, otherwise = self.steps(node, step.then), self.steps(node, step.otherwise)
            return step.share * then + (1.0 - np.asarray(step.share)) * otherwise
        return 1.0

    def serve(self, node: Node, step: Serve) -> Complex:
        """The own sojourn, evaluated once."""
        key = (node, id(step))
        if key not in self.own:
            self.own[key] = self.of(node, step).transform(self.s)
        return self.own[key]


class _Loop(_Tree):
    """Transforms where calls come back: the fixed point, reached by iteration for Re s > 0."""

    #: A branching process that converges at all gains a digit in at most some 60 rounds
    #: unless its visits are within a few per cent of diverging.
    rounds = 20_000

    def node(self, node: Node) -> Complex:
        """Iterate all nodes from 0 (never answered) upwards until nothing changes."""
        if not self.known:
            self._settle()
        return self.known[node]

    def _settle(self) -> None:
        self.known = {node: np.zeros_like(self.s) for node in self.paths}
        settled = np.zeros(self.s.shape, dtype=bool)
        for _ in range(self.rounds):
            fresh = {node: self.steps(node, steps) for node, steps in self.paths.items()}
            change = sum(np.abs(fresh[node] - self.known[node]) for node in self.paths)
            self.known = {
                node: np.where(settled, self.known[node], fresh[node]) for node in self.paths
            }
            settled |= ~(change > 1e-15)
            if settled.all():
                return


def repeated(transform: Complex, count: Numbers) -> Complex:
    """``count`` independent calls: floor(count) certain ones and one more by chance (ruling 5)."""
    certain = np.floor(count)
    chance = np.asarray(count - certain)
    power = transform if np.ndim(certain) == 0 and certain == 1 else _power(transform, certain)
    if np.ndim(chance) == 0 and chance == 0:
        return power
    return power * (1.0 - chance + chance * transform)


def _power(transform: Complex, exponent: Numbers) -> Complex:
    """A whole power by repeated squaring, element by element."""
    known = np.isfinite(exponent)
    left = np.where(known, exponent, 0).astype(np.int64)
    result, square = np.ones_like(transform), transform
    while np.any(left > 0):
        result = np.where(left & 1, result * square, result)
        left = left >> 1
        square = square * square
    return result
