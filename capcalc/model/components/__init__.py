"""One kind of tier a file; a tier says which steps a visit takes and which stations it has.

Every module of this folder that holds a dataclass with a ``kind`` is a kind of tier: a new one
is its file and no more.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union, cast

from capcalc.model.components.browser import Browser
from capcalc.model.components.cache import Cache
from capcalc.model.components.cdn import Cdn
from capcalc.model.components.database import Database
from capcalc.model.components.dns import Dns
from capcalc.model.components.hosted import Hosted
from capcalc.model.components.load_balancer import LoadBalancer
from capcalc.model.components.reverse_proxy import ReverseProxy
from capcalc.model.components.service import Service
from capcalc.model.components.session_store import SessionStore
from capcalc.model.components.web import Web

if TYPE_CHECKING:
    Tier: TypeAlias = Dns | Browser | Cdn | Hosted

#: In the order in which a request meets them; others follow by name.
_KNOWN: tuple[type[Tier], ...] = (
    Dns,
    Browser,
    Cdn,
    LoadBalancer,
    ReverseProxy,
    Web,
    Service,
    SessionStore,
    Cache,
    Database,
)


def _kinds() -> dict[str, type[Tier]]:
    """Every kind of tier in this folder by the name it has in a scenario file."""
    found = {_kind(cls): cls for cls in _KNOWN}
    for file in sorted(Path(__file__).parent.glob("[!_]*.py")):
        if file.stem not in found:
            module = import_module(f"{__name__}.{file.stem}")
            for each in vars(module).values():
                here = getattr(each, "__module__", "") == module.__name__
                if here and isinstance(each, type) and is_dataclass(each) and _kind(each):
                    found[_kind(each)] = cast("type[Tier]", each)
    return found


def _kind(cls: type) -> str:
    """The name in files; empty for what is no tier."""
    return next((str(each.default) for each in fields(cls) if each.name == "kind"), "")


KINDS: dict[str, type[Tier]] = _kinds()
if not TYPE_CHECKING:
    Tier = Union[tuple(KINDS.values())]  # noqa: UP007  (a union of a tuple)

__all__ = [
    "KINDS",
    "Browser",
    "Cache",
    "Cdn",
    "Database",
    "Dns",
    "LoadBalancer",
    "ReverseProxy",
    "Service",
    "SessionStore",
    "Tier",
    "Web",
]
