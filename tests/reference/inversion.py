"""Numerical inversion of Laplace transforms, and the transform of the slowest of k.

The inversion is the Fourier series of Abate, Choudhury, Lucantoni and Whitt on a line Re s > 0 (no continuation to the
left is asked of the transform): trapezoid of step pi / (L t), alternating sums accelerated by Euler's binomial
averages. L > 1 keeps the rounding errors' amplification at exp(A / 2L) = 43 while the aliasing error stays at
exp(-A) P(R > (2 L + 1) t).

Source: G. Choudhury, D. Lucantoni, W. Whitt, "Multidimensional transform inversion", Ann. Appl. Prob. 4 (1994) 719-740.
"""

import cmath
import math
from collections.abc import Callable

import mpmath
import numpy as np

Transform = Callable[[complex], complex]

A, L = 30.0, 4
PLAIN_TERMS, AVERAGED_TERMS = 40, 24
AVERAGES = [math.comb(AVERAGED_TERMS, m) / 2.0**AVERAGED_TERMS for m in range(AVERAGED_TERMS + 1)]


def survival_and_density(transform: Transform, t: float) -> tuple[float, float]:
    """P(R > t) and the density at t of the law with this transform E exp(-s R)."""
    survival, density = Alternating(), Alternating()
    damping = A / (2 * L * t)
    at_zero = transform(complex(damping))
    for j in range(1, L + 1):
        turn = cmath.exp(1j * math.pi * j / L)
        tail_terms, density_terms = [], []
        for k in range(PLAIN_TERMS + AVERAGED_TERMS + 1):
            s = complex(damping, math.pi * (j / L + k) / t)
            value = transform(s)
            tail_terms.append(((1 - value) / s * turn).real)
            density_terms.append((value * turn).real)
        survival.add(tail_terms)
        density.add(density_terms)
    scale = math.exp(A / (2 * L)) / (2 * L * t)
    return (
        scale * (((1 - at_zero) / damping).real + 2 * survival.total),
        scale * (at_zero.real + 2 * density.total),
    )


class Alternating:
    """Sum of alternating series, each finished by Euler's averages of its last partial sums."""

    def __init__(self) -> None:
        self.total = 0.0

    def add(self, terms: list[float]) -> None:
        partial, sums = 0.0, []
        for k, term in enumerate(terms):
            partial += term if k % 2 == 0 else -term
            sums.append(partial)
        self.total += sum(w * x for w, x in zip(AVERAGES, sums[PLAIN_TERMS:], strict=True))


def quantile(transform: Transform, q: float, guess: float) -> float:
    """The t with P(R <= t) = q: Newton on the logarithm of the tail, kept inside a bracket, else bisection.

    A law with mass at infinity (transform(0+) < 1) has infinite quantiles above its finite mass; one with mass at 0
    (its transform at infinity: a request that sometimes asks nobody) has quantile 0 up to that mass.
    """
    wanted = 1 - q
    if transform(complex(1e200 / guess)).real >= q * (1 - 1e-9):
        return 0.0
    if 1 - transform(complex(1e-14 / guess)).real >= wanted * (1 - 1e-9):
        return math.inf
    low, high, t = 0.0, math.inf, guess
    for _ in range(200):
        tail, density = survival_and_density(transform, t)
        if tail > wanted:
            low = t
        else:
            high = t
        step = math.log(tail / wanted) * tail / density if tail > 0 and density > 0 else math.nan
        following = t + step
        if abs(step) <= 1e-9 * t:  # converges quadratically: the next step would be below rounding
            return following
        if not low < following < high:
            following = 2 * low if math.isinf(high) else (low + high) / 2
        if abs(following - t) <= 4e-16 * t:
            return following
        t = following
    return t


NODES, WEIGHTS = ([float(x) for x in part] for part in np.polynomial.legendre.leggauss(20))


class Slowest:
    """Transform of the slowest of `count` independent sojourns, each a wait plus a gamma service.

    The wait is 0 with probability 1 - prob_wait, else exponential with rate theta. By parts
    E exp(-s M) = 1 - s int exp(-s t) (1 - G(t)^count) dt; the integral is taken panel by panel with 20 Gauss points:
    panels that grow by 4 near 0 (G may rise like a power of t), then equal ones, halved until |s| h <= 30.
    """

    def __init__(self, count: int, prob_wait: float, theta: float, mean: float, scv: float) -> None:
        self.count, self.prob_wait, self.theta, self.mean, self.scv = (
            count,
            prob_wait,
            theta,
            mean,
            scv,
        )
        self.end = mean
        while count * self.one_survives(self.end) > 1e-15:
            self.end *= 1.25
        self.levels: dict[int, Level] = {}
        self.average = float(self.level(0).nodes_below(math.inf)[1].sum())

    def one_survives(self, t: float) -> float:
        """P(wait + service > t)."""
        p, theta = self.prob_wait, self.theta
        if self.scv == 1:
            mu = 1 / self.mean
            own = math.exp(-mu * t)
            if p == 0:
                return own
            gap = abs(mu - theta) * t
            both = own + mu * t * math.exp(-min(mu, theta) * t) * (
                -math.expm1(-gap) / gap if gap > 0 else 1.0
            )
            return (1 - p) * own + p * both
        with mpmath.workdps(25):
            shape, scale = mpmath.mpf(1) / self.scv, mpmath.mpf(self.scv) * self.mean
            x = t / scale
            own = mpmath.gammainc(shape, x, mpmath.inf, regularized=True)
            if p == 0:
                return float(own)
            later = mpmath.exp(-theta * t) * x**shape / mpmath.gamma(shape + 1)
            later *= mpmath.hyp1f1(shape, shape + 1, -(x - theta * t))
            return float(own + p * later)

    def any_survives(self, t: float) -> float:
        """P(max > t) = 1 - G(t)^count."""
        one = self.one_survives(t)
        return 1.0 if one >= 1 else -math.expm1(self.count * math.log1p(-one))

    def panel(self, low: float, high: float) -> list[tuple[float, float]]:
        """Of one panel: the distance of its points from `low`, and weight x P(max > point)."""
        half = (high - low) / 2
        offsets = [half * (1 + x) for x in NODES]
        return [
            (x, half * w * self.any_survives(low + x))
            for x, w in zip(offsets, WEIGHTS, strict=True)
        ]

    def level(self, refinement: int) -> "Level":
        """The panels at this refinement."""
        if refinement not in self.levels:
            self.levels[refinement] = Level(
                self.panel, self.end / 32 / 2**refinement, 32 * 2**refinement
            )
        return self.levels[refinement]

    def __call__(self, s: complex) -> complex:
        if s.real * self.end > 1e12:  # asked only for the mass at 0, which is none
            return 0j
        level = self.level(max(0, math.ceil(math.log2(max(abs(s) * self.end / 32 / 30, 1e-9)))))
        points, weights = level.nodes_below(42 / s.real)
        return 1 - s * complex((np.exp(-s * points) * weights).sum())


Panel = list[tuple[float, float]]


class Level:
    """`count` panels of one width, the first cut finer towards 0; made when first asked for."""

    def __init__(self, make: Callable[[float, float], Panel], width: float, count: int) -> None:
        self.make, self.width, self.count = make, width, count
        self.made, self.points, self.weights = 1, np.array([]), np.array([])
        edges = [0.0, *(width * 4.0**-m for m in range(29, -1, -1))]
        for low, high in zip(edges, edges[1:], strict=False):
            self.add(low, high)

    def add(self, low: float, high: float) -> None:
        """One more panel."""
        nodes = self.make(low, high)
        self.points = np.append(self.points, [low + offset for offset, _ in nodes])
        self.weights = np.append(self.weights, [weight for _, weight in nodes])

    def nodes_below(self, limit: float) -> tuple[np.ndarray, np.ndarray]:
        """The points of all panels that begin below the limit, and weight x P(max > point)."""
        needed = (
            self.count
            if math.isinf(limit)
            else min(self.count, max(1, math.ceil(limit / self.width)))
        )
        while self.made < needed:
            self.add(self.made * self.width, (self.made + 1) * self.width)
            self.made += 1
        size = len(NODES) * (30 + needed - 1)
        return self.points[:size], self.weights[:size]
