"""Who waits at a station and how long, by the model that its balancing asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeAlias

from capcalc.advice.explain import in_turn
from capcalc.advice.explain.arithmetic import holds
from capcalc.advice.explain.book import Book
from capcalc.advice.explain.draft import Draft, plain
from capcalc.advice.explain.hosts import RING, imbalance, part, parts
from capcalc.solve import finite_room
from capcalc.solve.stations import CRITICAL, POLICIES, Queue
from capcalc.theory.balancing import idle_first, least_connections

Told: TypeAlias = Callable[..., Draft]
_ERLANG = "Erlang C: A. K. Erlang, 1917 (Kleinrock, Queueing Systems 1, 1975, sec. 3.5)"
_LEE_LONGTON = (
    "Pollaczek-Khinchine for one server; A. M. Lee, P. A. Longton, Oper. Res. Quart. 10, 1959"
)
_GUPTA = "V. Gupta et al., Perform. Eval. 64, 2007; constant fitted to simulations of our own"
_LU = "Y. Lu et al., Join-Idle-Queue, Perform. Eval. 68, 2011; constants fitted to simulations"
_MITZENMACHER = (
    "M. Mitzenmacher, IEEE Trans. Parallel Distrib. Syst. 12, 2001; Gast & Van Houdt 2017"
)
_LOSS = "M/M/k/K: Gross et al., Fundamentals of Queueing Theory, 2008, sec. 2.5"

#: Erlang's C of one host, and of all servers together.
_OWN = "erlang_c(servers, arrival_rate * service_time / hosts)"
_ALL = "erlang_c(hosts * servers, arrival_rate * service_time)"
#: Mean wait at one host, and before all servers, with exponential service.
_HOST_WAIT = in_turn.HOST_WAIT
_POOL_WAIT = "(prob_wait * service_time / (hosts * servers - arrival_rate * service_time))"
_PLACES = ("arrival_rate", "service_time", "hosts", "servers")
_LAW = ("prob_wait", *_PLACES, "scv")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """A formula: over which numbers of the station, with what else, and from where."""

    expression: str = ""
    words: str = ""
    latex: str = ""
    of: tuple[str, ...]
    beside: tuple[tuple[str, Callable[[Book, Queue], Draft]], ...] = ()
    source: str


def _room(book: Book, queue: Queue) -> Draft:
    return book.input(f"tiers.{queue.station.tier}.max_connections")


def _fitted(
    value: Callable[[Any], Any], title: str, latex: str, source: str
) -> Callable[[Book, Queue], Draft]:
    """A constant that was fitted to simulations, by the number of hosts."""

    def draft(book: Book, queue: Queue) -> Draft:
        return Draft(
            value=plain(value(queue.station.hosts)),
            kind="number",
            title=title,
            words="fitted to simulations, linear in ln(hosts) between those",
            latex=latex,
            parts=(("hosts", part(book, queue, "hosts")),),
            source=source,
        )

    return draft


_KAPPA = _fitted(
    least_connections.kappa, "constant for looking at hosts, not at servers", r"\kappa_n", _GUPTA
)
_BETA = _fitted(idle_first.beta, "constant of join idle queue", r"\beta_n", _LU)
_UNEVEN = _Form(
    words="Erlang C of every host, in the one law that stands for all hosts' waits",
    latex=r"\sum_i p_i\, C(k, \lambda p_i S)",
    of=_PLACES,
    beside=(("imbalance", imbalance),),
    source=RING,
)
_ONE_HOST = _Form(expression=_OWN, of=_PLACES, source=_ERLANG)
_ALL_HOSTS = _Form(expression=_ALL, of=_PLACES, source=_ERLANG)

#: The share that waits, by the name of the model.
_SHARES: Mapping[str, _Form] = {
    POLICIES["random"].model: _ONE_HOST,
    POLICIES["round_robin"].model: _ONE_HOST,
    POLICIES["central_queue"].model: _ALL_HOSTS,
    POLICIES["least_connections"].model: _ALL_HOSTS,
    POLICIES["hash"].model: _UNEVEN,
    POLICIES["weighted_random"].model: _UNEVEN,
    POLICIES["power_of_two"].model: _Form(
        expression="power_of_two_prob_wait(arrival_rate, 1 / service_time, servers, hosts, scv)",
        of=(*_PLACES, "scv"),
        source=_MITZENMACHER,
    ),
    POLICIES["join_idle_queue"].model: _Form(
        expression=f"{_ALL} / (1 + 0.4 * (hosts - 1) * utilization ** 2 * (1 - utilization))",
        of=(*_PLACES, "utilization"),
        source=_LU,
    ),
    finite_room.MODEL: _Form(
        expression="mmck_prob_wait(arrival_rate / hosts, 1 / service_time, servers, room)",
        of=_PLACES,
        beside=(("room", _room),),
        source=_LOSS,
    ),
}
_UNEVEN_WAIT = _Form(
    words="Lee & Longton's wait of every host with its part, weighted by these parts",
    latex=r"\sum_i p_i\, W_q(\lambda p_i)",
    of=_LAW,
    beside=(("imbalance", imbalance),),
    source=RING,
)
#: The mean wait, by the name of the model.
_WAITS: Mapping[str, _Form] = {
    POLICIES["random"].model: _Form(
        expression=f"(1 + scv) / 2 * {_HOST_WAIT}", of=_LAW, source=_LEE_LONGTON
    ),
    POLICIES["central_queue"].model: _Form(
        expression=f"(1 + scv) / 2 * {_POOL_WAIT}", of=_LAW, source=_LEE_LONGTON
    ),
    POLICIES["least_connections"].model: _Form(
        expression=f"(1 + scv) / 2 * ({_POOL_WAIT} + kappa * prob_wait * service_time / servers)",
        of=_LAW,
        beside=(("kappa", _KAPPA),),
        source=_GUPTA,
    ),
    POLICIES["hash"].model: _UNEVEN_WAIT,
    POLICIES["weighted_random"].model: _UNEVEN_WAIT,
    POLICIES["power_of_two"].model: _Form(
        expression="power_of_two_mean_wait(arrival_rate, 1 / service_time, servers, hosts, scv)",
        of=(*_PLACES, "scv"),
        source=_MITZENMACHER,
    ),
    POLICIES["join_idle_queue"].model: _Form(
        expression="(1 + scv) / 2 * (1 + 2 * (hosts - 1) / (2 + hosts * (servers + 1))) * "
        f"({_ALL} * service_time / (hosts * servers - arrival_rate * service_time) + "
        f"beta * {_ALL} * service_time / servers)",
        of=(*_PLACES, "scv"),
        beside=(("beta", _BETA),),
        source=_LU,
    ),
    finite_room.MODEL: _Form(
        expression="mmck_mean_wait(arrival_rate / hosts, 1 / service_time, servers, room)",
        of=_PLACES,
        beside=(("room", _room),),
        source=_LOSS,
    ),
}


def prob_wait(book: Book, queue: Queue, told: Told, assumptions: tuple[str, ...]) -> Draft:
    """The share of work that waits."""
    if _idle(queue) or not isfinite(plain(queue.wait)):
        return _extreme(book, queue, told, queue.prob_wait, assumptions)
    return _told(book, queue, told, _SHARES.get(queue.model), queue.prob_wait, assumptions)


def mean_wait(book: Book, queue: Queue, told: Told, assumptions: tuple[str, ...]) -> Draft:
    """The mean wait of all work."""
    if _idle(queue) or not isfinite(plain(queue.wait)):
        return _extreme(book, queue, told, queue.wait, assumptions)
    if queue.model == POLICIES["round_robin"].model:
        expression, found, source = in_turn.mean_wait(book, queue)
        return told(
            queue.wait,
            expression,
            found,
            source=source,
            model=queue.model,
            assumptions=assumptions,
        )
    return _told(book, queue, told, _WAITS.get(queue.model), queue.wait, assumptions)


def _told(
    book: Book,
    queue: Queue,
    told: Told,
    form: _Form | None,
    value: object,
    assumptions: tuple[str, ...],
) -> Draft:
    """By the model's formula; in the model's own words where it is not that formula's value."""
    common = {"model": queue.model, "assumptions": assumptions}
    if form is not None:
        found = parts(book, queue, *form.of)
        found += [(name, beside(book, queue)) for name, beside in form.beside]
        values = {name: draft.value for name, draft in found}
        if not form.expression or holds(form.expression, values, plain(value)):
            return told(
                value,
                form.expression,
                found,
                words=form.words,
                latex=form.latex,
                source=form.source,
                **common,
            )
    found = parts(book, queue, *_PLACES, "scv")
    for name in ("max_connections", "patience", "timeout"):
        path = f"tiers.{queue.station.tier}.{name}"
        found += [(name, book.input(path))] if book.has(path) else []
    words = f"by the station's model, {queue.model}"
    return told(value, "", found, words=words, latex=r"W_q", source=queue.model, **common)


def _idle(queue: Queue) -> bool:
    return plain(queue.utilization) == 0 or plain(queue.arrival_rate) == 0


def _extreme(
    book: Book, queue: Queue, told: Told, value: object, assumptions: tuple[str, ...]
) -> Draft:
    """Nobody waits where nothing comes; without end where more comes than can be served."""
    words = "undefined: calls that come back bring more visits without end"
    if _idle(queue):
        words = "nothing comes, so nobody waits"
    elif plain(queue.utilization) >= CRITICAL:
        words = "saturated: more comes than can be served, all wait and the queue grows"
    return told(
        value,
        "",
        parts(book, queue, "utilization"),
        words=words,
        source="definition: a queue is stable below utilization 1",
        latex=r"\rho \ge 1" if plain(queue.utilization) >= CRITICAL else "0",
        model=queue.model,
        assumptions=assumptions,
    )
