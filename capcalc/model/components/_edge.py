"""What the caches on the way to the origin have in common: the users' own, the CDN's, a proxy's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from capcalc.model.demand import RequestClass
from capcalc.units.types import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a row of caches does with one class, as far as one of its tiers is concerned.

    Attributes
    ----------
    hit_ratio : float or ndarray
        Share of what reaches it that it answers.
    stale : float or ndarray
        Share that gets an old answer while a fresh one is fetched.
    unchanged : float or ndarray
        Share that the next one confirms with 304, without sending the content.
    object_rate : float or ndarray
        Requests for the most popular object at one cache. [1/s]
    shield : float or ndarray
        Share of what passes that the tier's second cache answers.
    """

    hit_ratio: Numbers
    stale: Numbers = 0.0
    unchanged: Numbers = 0.0
    object_rate: Numbers = 0.0
    shield: Numbers = 0.0


class Keeping:
    """A tier that may keep answers of classes; its hit ratio is given or follows.

    What follows is computed for all such tiers together (``traffic.tuned``), since what one
    answers never reaches the next, and is put into ``kept``.
    """

    __slots__ = ()

    hit_ratio: Numbers | None
    answering: bool
    kept: Mapping[str, Kept] | None

    @property
    def modelled(self) -> bool:
        """Whether its hit ratio follows from what it keeps."""
        return self.hit_ratio is None

    def small(self, name: str) -> Iterator[str]:
        """A warning where the model is out of its depth: caches of a few objects."""
        capacity = getattr(self, "capacity", None)
        if self.modelled and self.answering and capacity is not None:
            from capcalc.theory.caches import policies

            sentence = policies.validity("lru", float(np.min(capacity)))
            if sentence is not None:
                yield f"tiers.{name}: {sentence}"

    def of_class(self, name: str, request: RequestClass) -> Kept:
        """What it does with one class."""
        if not self.answering or not request.edge_cacheable:
            return Kept(hit_ratio=0.0)
        if self.hit_ratio is not None:
            return Kept(hit_ratio=self.hit_ratio)
        if self.kept is None:
            raise ValueError(f"how much is hit of {name} has not been computed yet")
        return self.kept[name]

    def hit(self, name: str, request: RequestClass) -> Numbers:
        """Share of a class's requests that are answered here, by fresh answers."""
        return self.of_class(name, request).hit_ratio

    def seen_hit(self, name: str, request: RequestClass) -> Numbers:
        """Share of a class's requests whose users get their answer from here, old ones too."""
        kept = self.of_class(name, request)
        return np.add(kept.hit_ratio, kept.stale)[()]
