"""Scenario file in, checked system out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from capcalc.errors import ScenarioError
from capcalc.model.system import System
from capcalc.scenarios import defaults, door, nodes, refusals, sources
from capcalc.scenarios import settings as outside
from capcalc.scenarios.build import system_of
from capcalc.scenarios.checks import every
from capcalc.scenarios.document import MOST_SOUGHT, Document, in_order
from capcalc.scenarios.offer import Offer, offer_of
from capcalc.scenarios.words import dotted

_NOTHING: Mapping[str, str] = {}


def load(
    file: str | Path,
    *,
    settings: Mapping[str, str] = _NOTHING,
    instances: str | Path | None = None,
) -> System:
    """Load a scenario.

    Parameters
    ----------
    file : str or Path
        A YAML file or, if there is none of that name, a built-in example, with or without
        ``.yaml``.
    settings : mapping of str to str, optional
        Values to exchange or to add, as a person writes them, by path:
        ``{"tiers.web.hosts": "8"}``.
    instances : str or Path, optional
        An instance table to use instead of the one the file names.

    Returns
    -------
    System
        The validated system, with its ranges, sources, used defaults and instance catalogue.

    Raises
    ------
    ScenarioError
        With every problem that was found: file, line, column, key, and what would be right.
    UsageError
        When there is no such file or example.

    Examples
    --------
    >>> load("bookshop").tiers["web"].hosts
    6.0
    """
    found = sources.read(file)
    return _loaded(found.text, found.name, found.folder, settings, instances)


def loads(
    text: str,
    name: str = "scenario.yaml",
    *,
    settings: Mapping[str, str] = _NOTHING,
    instances: str | Path | None = None,
) -> System:
    """Load a scenario from a text; ``name`` stands for the file in messages.

    See :func:`load` for the parameters and errors.
    """
    content = text.encode("utf-8", "surrogatepass")
    return _loaded(nodes.decode(content, name), name, Path(), settings, instances)


def _loaded(
    text: str,
    name: str,
    folder: Path,
    given: Mapping[str, str],
    instances: str | Path | None,
) -> System:
    document = nodes.read(text, name)
    every.readable(document)
    outside.apply(document, given)
    offer = offer_of(document, folder, instances)
    system = _validated(document, offer)
    inputs = replace(
        system.inputs,
        file=name,
        lines={dotted(path): line for path, (line, _) in document.values.items()},
        settings=dict(given),
        defaults=defaults.used(system, document),
    )
    return replace(system, inputs=inputs)


def _validated(document: Document, offer: Offer) -> System:
    """The system, if neither types nor names are wrong; else everything that is, at once."""
    found = [
        *document.found,
        *offer.found,
        *islice(every.of_names(document, offer.catalogue), MOST_SOUGHT),
    ]
    try:
        model: Any = door.validated(document.tree)
    except ValidationError as error:
        found += refusals.problems(error, document)
    if not found:
        system = replace(system_of(model), catalogue=offer.catalogue)
        found += every.of_system(system, document)
    if found:
        raise ScenarioError(in_order(found))
    return system
