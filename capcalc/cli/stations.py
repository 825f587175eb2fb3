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

STATIONS: Mapping[str, StationModel] = {
    "mm1": StationModel(
        "M/M/1",
        "one server",
        f"{_QUEUES}.mm1",
        _POISSON,
        "-l 8/s -s 100ms",
    ),
    "mmc": StationModel(
        "M/M/c",
        "c servers and one queue",
        f"{_QUEUES}.mmc",
        _MANY,
        "-l 90/s -s 100ms -c 12",
    ),
    "mminf": StationModel(
        "M/M/infinity",
        "a server for everybody",
        f"{_QUEUES}.mminf",
        _POISSON,
        "-l 40/s -s 2s",
    ),
    "mm1k": StationModel(
        "M/M/1/K",
        "one server, K places, who finds none is lost",
        f"{_QUEUES}.mm1k",
        (*_POISSON, "capacity"),
        "-l 8/s -s 100ms -k 10",
    ),
    "mmck": StationModel(
        "M/M/c/K",
        "c servers, K places, who finds none is lost",
        f"{_QUEUES}.mmck",
        (*_MANY, "capacity"),
        "-l 50/s -s 100ms -c 4 -k 6",
    ),
    "mmcc": StationModel(
        "M/M/c/c",
        "c servers and no queue (Erlang's loss station)",
        f"{_QUEUES}.mmcc",
        _MANY,
        "-l 16/s -s 1s -c 20",
    ),
    "finite-source": StationModel(
        "M/M/c//N",
        "N sources that ask, wait and think",
        f"{_QUEUES}.finite_source",
        ("source_rate", "service_rate", "servers", "population"),
        "-l 0.2/s -s 1s -c 3 -n 12",
    ),
    "engset": StationModel(
        "M/M/c/c//N",
        "N sources and no queue (Engset)",
        f"{_QUEUES}.engset",
        ("source_rate", "service_rate", "servers", "population"),
        "-l 0.2/s -s 1s -c 4 -n 10",
    ),
    "erlang-a": StationModel(
        "M/M/c+M",
        "c servers, and customers who lose patience",
        f"{_QUEUES}.erlang_a",
        (*_MANY, "abandonment_rate"),
        "-l 110/s -s 1s -c 100 --patience 1s",
    ),
    "mg1": StationModel(
        "M/G/1",
        "one server, gamma service of any scv",
        f"{_QUEUES}.mg1",
        (*_POISSON, "scv"),
        "-l 8/s -s 100ms --scv 4",
    ),
    "md1": StationModel(
        "M/D/1",
        "one server, all services equally long",
        f"{_QUEUES}.md1",
        _POISSON,
        "-l 8/s -s 100ms",
    ),
    "mek1": StationModel(
        "M/E_k/1",
        "one server, Erlang service of k stages",
        f"{_QUEUES}.mek1",
        (*_POISSON, "stages"),
        "-l 8/s -s 100ms --stages 4",
    ),
    "mh1": StationModel(
        "M/H_k/1",
        "one server, a mixture of exponential services",
        f"{_QUEUES}.mh1",
        ("arrival_rate", "probabilities", "rates"),
        "-l 3/s -p 20%,80% -s 500ms,100ms",
    ),
    "mlognormal1": StationModel(
        "M/G/1, lognormal",
        "one server, lognormal service",
        f"{_QUEUES}.mlognormal1",
        (*_POISSON, "scv"),
        "-l 8/s -s 100ms --scv 2",
    ),
    "mg1-ps": StationModel(
        "M/G/1-PS",
        "one server shared by all who are there",
        f"{_QUEUES}.mg1_ps",
        _POISSON,
        "-l 8/s -s 100ms",
    ),
    "mdc": StationModel(
        "M/D/c",
        "c servers, all services equally long",
        f"{_QUEUES}.mdc",
        _MANY,
        "-l 80/s -s 100ms -c 10",
    ),
    "mgc": StationModel(
        "M/G/c",
        "c servers, service of any scv (approximation)",
        f"{_QUEUES}.mgc",
        (*_MANY, "scv"),
        "-l 8/s -s 1s -c 10 --scv 4",
    ),
    "gg1": StationModel(
        "G/G/1",
        "one server, any arrivals and service (approximations)",
        f"{_QUEUES}.gg1",
        (*_POISSON, "arrival_scv", "scv"),
        "-l 8/s -s 100ms --arrival-scv 0.5 --scv 2",
    ),
    "ggc": StationModel(
        "G/G/c",
        "c servers, any arrivals and service (approximations)",
        f"{_QUEUES}.ggc",
        (*_MANY, "arrival_scv", "scv"),
        "-l 9/s -s 1s -c 10 --arrival-scv 0.5 --scv 2",
    ),
    "em1": StationModel(
        "E_n/M/1",
        "one of n servers in round robin",
        f"{_QUEUES}.em1",
        (*_POISSON, "phases"),
        "-l 8/s -s 100ms --phases 10",
    ),
    "nonpreemptive": StationModel(
        "M/G/1, priorities",
        "one server, the more urgent first",
        f"{_QUEUES}.nonpreemptive",
        ("arrival_rates", "service_rates", "scvs"),
        "-l 3/s,4/s -s 100ms,100ms",
    ),
    "preemptive": StationModel(
        "M/G/1, preemptive priorities",
        "one server, the more urgent interrupt",
        f"{_QUEUES}.preemptive",
        ("arrival_rates", "service_rates", "scvs"),
        "-l 3/s,4/s -s 100ms,100ms",
    ),
    "mmc-nonpreemptive": StationModel(
        "M/M/c, priorities",
        "c servers, the more urgent first",
        f"{_QUEUES}.mmc_nonpreemptive",
        ("arrival_rates", "service_rate", "servers"),
        "-l 30/s,40/s -s 100ms -c 8",
    ),
    "mmc-preemptive": StationModel(
        "M/M/c, preemptive priorities",
        "c servers, the more urgent interrupt",
        f"{_QUEUES}.mmc_preemptive",
        ("arrival_rates", "service_rate", "servers"),
        "-l 30/s,40/s -s 100ms -c 8",
    ),
    "batch": StationModel(
        "M^X/G/1",
        "one server, customers come in batches",
        f"{_QUEUES}.batch",
        (*_POISSON, "batch_size", "batch_scv", "scv"),
        "-l 2/s -s 100ms --batch-size 4",
    ),
    "breakdowns": StationModel(
        "M/M/c with breakdowns",
        "c servers that fail and are repaired",
        f"{_QUEUES}.breakdowns",
        (*_MANY, "failure_rate", "repair_rate", "crews"),
        "-l 1.5/s -s 1s -c 3 --uptime 1000s --repair-time 100s",
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
