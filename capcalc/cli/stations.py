"""The stations that `capcalc queue` knows: what each is called and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameter:
    """One option: how it is written, what kind of quantity it is, what it is for.

    ``inverted`` asks for a time where the formula wants its rate; ``several`` takes a list;
    ``optional`` is for what the formula has a default for.
    """

    flags: tuple[str, ...]
    kind: str
    help: str
    above: bool = False
    whole: bool = False
    default: float | None = None
    inverted: bool = False
    several: bool = False
    optional: bool = False


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
    "batch_size": Parameter(("--batch-size",), "number", "Mean, e.g. 4.", above=True),
    "batch_scv": Parameter(("--batch-scv",), "number", "Of the batch sizes.", default=0.0),
    "crews": Parameter(
        ("--crews",), "number", "That repair; default one a server.", True, True, optional=True
    ),
    "arrival_rates": Parameter(
        ("--arrival-rate", "-l"), "rate", "Of each class, most urgent first.", several=True
    ),
    "service_rates": Parameter(
        _SERVICE, "duration", "Mean of each class.", above=True, inverted=True, several=True
    ),
    "scvs": Parameter(("--scv",), "number", "Of each class's service.", several=True, default=1.0),
    "probabilities": Parameter(("--probability", "-p"), "share", "Of each branch.", several=True),
    "rates": Parameter(
        _SERVICE, "duration", "Mean of each branch.", above=True, inverted=True, several=True
    ),
}

_QUEUES = "capcalc.theory.queues"
_POISSON = ("arrival_rate", "service_rate")
_MANY = (*_POISSON, "servers")
_SOURCES = ("source_rate", "service_rate", "servers", "population")

#: Name, title, line of help, parameters, example; the module has the name, with underscores.
_TABLE: tuple[tuple[str, str, str, tuple[str, ...], str], ...] = (
    ("mm1", "M/M/1", "one server",
     _POISSON, "-l 8/s -s 100ms"),
    ("mmc", "M/M/c", "c servers and one queue",
     _MANY, "-l 90/s -s 100ms -c 12"),
    ("mminf", "M/M/infinity", "a server for everybody",
     _POISSON, "-l 40/s -s 2s"),
    ("mm1k", "M/M/1/K", "one server, K places, who finds none is lost",
     (*_POISSON, "capacity"), "-l 8/s -s 100ms -k 10"),
    ("mmck", "M/M/c/K", "c servers, K places, who finds none is lost",
     (*_MANY, "capacity"), "-l 50/s -s 100ms -c 4 -k 6"),
    ("mmcc", "M/M/c/c", "c servers and no queue (Erlang's loss station)",
     _MANY, "-l 16/s -s 1s -c 20"),
    ("finite-source", "M/M/c//N", "N sources that ask, wait and think",
     _SOURCES, "-l 0.2/s -s 1s -c 3 -n 12"),
    ("engset", "M/M/c/c//N", "N sources and no queue (Engset)",
     _SOURCES, "-l 0.2/s -s 1s -c 4 -n 10"),
    ("erlang-a", "M/M/c+M", "c servers, and customers who lose patience",
     (*_MANY, "abandonment_rate"), "-l 110/s -s 1s -c 100 --patience 1s"),
    ("mg1", "M/G/1", "one server, gamma service of any scv",
     (*_POISSON, "scv"), "-l 8/s -s 100ms --scv 4"),
    ("md1", "M/D/1", "one server, all services equally long",
     _POISSON, "-l 8/s -s 100ms"),
    ("mek1", "M/E_k/1", "one server, Erlang service of k stages",
     (*_POISSON, "stages"), "-l 8/s -s 100ms --stages 4"),
    ("mh1", "M/H_k/1", "one server, a mixture of exponential services",
     ("arrival_rate", "probabilities", "rates"), "-l 3/s -p 20%,80% -s 500ms,100ms"),
    ("mlognormal1", "M/G/1, lognormal", "one server, lognormal service",
     (*_POISSON, "scv"), "-l 8/s -s 100ms --scv 2"),
    ("mg1-ps", "M/G/1-PS", "one server shared by all who are there",
     _POISSON, "-l 8/s -s 100ms"),
    ("mdc", "M/D/c", "c servers, all services equally long",
     _MANY, "-l 80/s -s 100ms -c 10"),
    ("mgc", "M/G/c", "c servers, service of any scv (approximation)",
     (*_MANY, "scv"), "-l 8/s -s 1s -c 10 --scv 4"),
    ("gg1", "G/G/1", "one server, any arrivals and service (approximations)",
     (*_POISSON, "arrival_scv", "scv"), "-l 8/s -s 100ms --arrival-scv 0.5 --scv 2"),
    ("ggc", "G/G/c", "c servers, any arrivals and service (approximations)",
     (*_MANY, "arrival_scv", "scv"), "-l 9/s -s 1s -c 10 --arrival-scv 0.5 --scv 2"),
    ("em1", "E_n/M/1", "one of n servers in round robin",
     (*_POISSON, "phases"), "-l 8/s -s 100ms --phases 10"),
    ("nonpreemptive", "M/G/1, priorities", "one server, the more urgent first",
     ("arrival_rates", "service_rates", "scvs"), "-l 3/s,4/s -s 100ms,100ms"),
    ("preemptive", "M/G/1, preemptive priorities", "one server, the more urgent interrupt",
     ("arrival_rates", "service_rates", "scvs"), "-l 3/s,4/s -s 100ms,100ms"),
    ("mmc-nonpreemptive", "M/M/c, priorities", "c servers, the more urgent first",
     ("arrival_rates", "service_rate", "servers"), "-l 30/s,40/s -s 100ms -c 8"),
    ("mmc-preemptive", "M/M/c, preemptive priorities", "c servers, the more urgent interrupt",
     ("arrival_rates", "service_rate", "servers"), "-l 30/s,40/s -s 100ms -c 8"),
    ("batch", "M^X/G/1", "one server, customers come in batches",
     (*_POISSON, "batch_size", "batch_scv", "scv"), "-l 2/s -s 100ms --batch-size 4"),
    ("breakdowns", "M/M/c with breakdowns", "c servers that fail and are repaired",
     (*_MANY, "failure_rate", "repair_rate", "crews"),
     "-l 1.5/s -s 1s -c 3 --uptime 1000s --repair-time 100s"),
)  # fmt: skip

STATIONS: Mapping[str, StationModel] = {
    **{
        name: StationModel(title, text, f"{_QUEUES}.{name.replace('-', '_')}", parameters, example)
        for name, title, text, parameters, example in _TABLE
    },
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
