"""The stations that `capcalc queue` knows: what each is called and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameter:
    """One option: how it is written, what kind of quantity it is, what it is for.

    ``inverted`` asks for a time where the formula wants its rate; ``several`` takes a list.
    """

    flags: tuple[str, ...]
    kind: str
    help: str
    above: bool = False
    whole: bool = False
    default: float | None = None
    inverted: bool = False
    several: bool = False


@dataclass(frozen=True, slots=True)
class StationModel:
    """A model: its line of help, its module of theory, its parameters in order, an example.

    ``questions`` are functions by what they are told as, where a module has others than usual.
    """

    title: str
    help: str
    module: str
    parameters: tuple[str, ...]
    example: str
    questions: Mapping[str, str] | None = None


_SERVICE = ("--service-time", "-s")
#: Options by the name of the formula's parameter.
PARAMETERS: Mapping[str, Parameter] = {
    "arrival_rate": Parameter(("--arrival-rate", "-l"), "rate", "E.g. 90/s."),
    "service_rate": Parameter(
        _SERVICE, "duration", "Mean, of one server, e.g. 100ms.", above=True, inverted=True
    ),
    "servers": Parameter(("--servers", "-c"), "number", "How many.", above=True, whole=True),
    "capacity": Parameter(
        ("--capacity", "-k"), "number", "Places, those in service included.", above=True, whole=True
    ),
    "population": Parameter(("--population", "-n"), "number", "Sources.", above=True, whole=True),
    "source_rate": Parameter(("--source-rate", "-l"), "rate", "Of one idle source, e.g. 0.2/s."),
    "offered_load": Parameter(("--offered-load", "-a"), "number", "Erlangs: rate x time."),
    "scv": Parameter(("--scv",), "number", "Of the service time.", default=1.0),
    "arrival_scv": Parameter(("--arrival-scv",), "number", "Of the times between arrivals."),
    "stages": Parameter(("--stages",), "number", "Of the service.", above=True, whole=True),
    "phases": Parameter(("--phases",), "number", "Of the arrivals.", above=True, whole=True),
    "abandonment_rate": Parameter(
        ("--patience",), "duration", "Mean time that one waits at most.", above=True, inverted=True
    ),
    "failure_rate": Parameter(
        ("--uptime",), "duration", "Mean, of one server.", above=True, inverted=True
    ),
    "repair_rate": Parameter(("--repair-time",), "duration", "Mean.", above=True, inverted=True),
    "arrival_rates": Parameter(
        ("--arrival-rate", "-l"), "rate", "Of each class, most urgent first.", several=True
    ),
    "service_rates": Parameter(
        _SERVICE, "duration", "Mean of each class.", above=True, inverted=True, several=True
    ),
    "scvs": Parameter(("--scv",), "number", "Of each class's service.", several=True),
    "probabilities": Parameter(("--probability", "-p"), "share", "Of each branch.", several=True),
    "rates": Parameter(
        _SERVICE, "duration", "Mean of each branch.", above=True, inverted=True, several=True
    ),
}

_QUEUES = "capcalc.theory.queues"
_POISSON = ("arrival_rate", "service_rate")
_MANY = (*_POISSON, "servers")

STATIONS: Mapping[str, StationModel] = {
    "mm1": StationModel("M/M/1", "one server", f"{_QUEUES}.mm1", _POISSON, "-l 8/s -s 100ms"),
    "mmc": StationModel(
        "M/M/c", "c servers and one queue", f"{_QUEUES}.mmc", _MANY, "-l 90/s -s 100ms -c 12"
    ),
    "mg1": StationModel(
        "M/G/1",
        "one server, gamma service of any scv (Pollaczek-Khinchine)",
        f"{_QUEUES}.mg1",
        (*_POISSON, "scv"),
        "-l 8/s -s 100ms --scv 4",
    ),
    "mgc": StationModel(
        "M/G/c",
        "c servers, service of any scv (Lee and Longton's approximation)",
        f"{_QUEUES}.mgc",
        (*_MANY, "scv"),
        "-l 8/s -s 1s -c 10 --scv 4",
    ),
    "em1": StationModel(
        "E_n/M/1",
        "one of n servers in round robin",
        f"{_QUEUES}.em1",
        (*_POISSON, "phases"),
        "-l 8/s -s 100ms --phases 10",
    ),
    "erlang-b": StationModel(
        "Erlang B",
        "share of arrivals that find all servers busy and are lost",
        f"{_QUEUES}.erlang",
        ("servers", "offered_load"),
        "-c 20 -a 16",
        {"prob_loss": "erlang_b", "log_prob_loss": "log_erlang_b"},
    ),
    "erlang-c": StationModel(
        "Erlang C",
        "share of arrivals that have to wait",
        f"{_QUEUES}.erlang",
        ("servers", "offered_load"),
        "-c 12 -a 9",
        {"prob_wait": "erlang_c", "log_prob_wait": "log_erlang_c"},
    ),
}
