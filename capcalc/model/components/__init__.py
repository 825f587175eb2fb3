"""One kind of tier a file; a tier says which steps a visit takes and which stations it has."""

from __future__ import annotations

from typing import TypeAlias

from capcalc.model.components.cache import Cache
from capcalc.model.components.cdn import Cdn
from capcalc.model.components.database import Database
from capcalc.model.components.dns import Dns
from capcalc.model.components.load_balancer import LoadBalancer
from capcalc.model.components.service import Service
from capcalc.model.components.session_store import SessionStore
from capcalc.model.components.web import Web

Tier: TypeAlias = Dns | Cdn | LoadBalancer | Web | Service | SessionStore | Cache | Database

#: Every kind of tier by the name it has in a scenario file.
KINDS: dict[str, type[Tier]] = {
    "dns": Dns,
    "cdn": Cdn,
    "load_balancer": LoadBalancer,
    "web": Web,
    "service": Service,
    "session_store": SessionStore,
    "cache": Cache,
    "database": Database,
}

__all__ = [
    "KINDS",
    "Cache",
    "Cdn",
    "Database",
    "Dns",
    "LoadBalancer",
    "Service",
    "SessionStore",
    "Tier",
    "Web",
]
