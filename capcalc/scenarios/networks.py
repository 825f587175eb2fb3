"""Network file in, checked network out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from capcalc.errors import ScenarioError
from capcalc.model.network import Network
from capcalc.scenarios import door, nodes, refusals, sources
from capcalc.scenarios import settings as outside
from capcalc.scenarios.build import network_of
from capcalc.scenarios.checks import every, network
from capcalc.scenarios.document import MOST_SOUGHT, Document, in_order

_NOTHING: Mapping[str, str] = {}


def load_network(file: str | Path, *, settings: Mapping[str, str] = _NOTHING) -> Network:
    """Load a general network of stations.

    Parameters
    ----------
    file : str or Path
        A YAML file with ``classes``, ``stations`` and ``routing`` or, if there is none of that
        name, a built-in example.
    settings : mapping of str to str, optional
        Values to exchange or to add, by path: ``{"stations.disk.servers": "2"}``.

    Returns
    -------
    Network
        The validated network, with its ranges, sources and used defaults.

    Raises
    ------
    ScenarioError
        With every problem that was found: file, line, column, key, and what would be right.
    UsageError
        When there is no such file or example.

    Examples
    --------
    >>> load_network("thread-pool").stations["threads"].servers
    50.0
    """
    source = sources.read(file)
    document = nodes.read(source.text, source.name)
    every.readable(document, "stations")
    outside.apply(document, settings)
    found = _validated(document)
    return replace(found, inputs=replace(found.inputs, defaults=_defaults(found)))


def _validated(document: Document) -> Network:
    """The network, if neither types nor names are wrong; else everything that is, at once."""
    found = [*document.found, *islice(network.of_names(document), MOST_SOUGHT)]
    try:
        model: Any = door.validated(document.tree, Network)
    except ValidationError as error:
        found += refusals.problems(error, document, Network)
    if not found:
        result = network_of(model)
        found += network.of_numbers(result, document)
    if found:
        raise ScenarioError(in_order(found))
    return result


def _defaults(network: Network) -> dict[str, object]:
    """The defaults that the answer depends on: where customers come in."""
    first = next(iter(network.stations))
    return {
        f"classes.{name}.entry": first
        for name, each in network.classes.items()
        if each.entry is None and each.visits is None and len(network.stations) > 1
    }
