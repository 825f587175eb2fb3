"""The names of a scenario as its plain tree has them, also where other parts are wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from capcalc.errors import Problem
from capcalc.model.catalogue import Catalogue
from capcalc.model.components import KINDS
from capcalc.model.components.hosted import Hosted
from capcalc.scenarios.document import Document, Path
from capcalc.scenarios.words import did_you_mean, shown

#: Where requests pass before any tier calls another.
BEFORE_CALLS = ("dns", "browser", "cdn", "load_balancer", "reverse_proxy")


@dataclass(frozen=True, slots=True)
class Scene:
    """Request classes, tiers and their kinds; what is no mapping counts as empty."""

    document: Document
    catalogue: Catalogue | None = None

    @property
    def classes(self) -> Mapping[str, Any]:
        """Request classes by name."""
        return self.document.mapping("demand", "requests")

    @property
    def tiers(self) -> Mapping[str, Any]:
        """Tiers by name, in file order."""
        return self.document.mapping("tiers")

    def is_whole(self) -> bool:
        """Whether there are request classes and tiers that others may name."""
        parts = (("demand", "requests"), ("tiers",))
        return all(isinstance(self.document.at(part), dict) for part in parts)

    def tier(self, name: str) -> Mapping[str, Any]:
        """What the file says about one tier."""
        return self.document.mapping("tiers", name)

    def kind(self, name: str) -> str:
        """The kind of a tier, empty where it is wrong or missing."""
        kind = self.tier(name).get("kind")
        return kind if isinstance(kind, str) and kind in KINDS else ""

    def of_kind(self, *kinds: str) -> tuple[str, ...]:
        """The tiers of these kinds; of none, while a kind is wrong, nothing can be said."""
        return tuple(name for name in self.tiers if self.kind(name) in kinds)

    def callers(self) -> tuple[str, ...]:
        """The tiers of kinds that may call others."""
        kinds = (kind for kind, cls in KINDS.items() if "calls" in cls.__dataclass_fields__)
        return self.of_kind(*kinds)

    def is_hosted(self, name: str) -> bool:
        """Whether a tier of this kind runs on hosts."""
        kind = self.kind(name)
        return bool(kind) and issubclass(KINDS[kind], Hosted)

    def all_kinds_known(self) -> bool:
        """Whether no tier's kind is wrong or missing."""
        return all(self.kind(name) for name in self.tiers)

    def is_static(self, request_class: str) -> bool:
        """Whether a class needs nothing behind the web tier."""
        return self.document.mapping("demand", "requests", request_class).get("static") is True

    def tier_hint(self, name: Any) -> str:
        """Which tier was perhaps meant."""
        return did_you_mean(name, self.tiers, "tiers are")

    def class_hint(self, name: Any) -> str:
        """Which request class was perhaps meant."""
        return did_you_mean(name, self.classes, "classes are")

    def unknown_tier(self, path: Path, name: Any) -> Iterator[Problem]:
        """A problem if no tier has this name."""
        if isinstance(name, str) and name not in self.tiers:
            is_key = path[-1] == name
            told = self.document.key_problem if is_key else self.document.problem
            yield told(path, f"there is no tier {shown(name)}", self.tier_hint(name))
