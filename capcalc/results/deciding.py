"""What decided between growing up and growing out, and what both cost as load grows."""

from __future__ import annotations

from dataclasses import dataclass

from capcalc.results.advice import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterfactual:
    """One requirement or term left out: what the two ways of a tier come to without it.

    Attributes
    ----------
    kind : str
        ``price``, ``size_steps``, ``n_plus_one``, ``failure_elsewhere``, ``zone_rounding``,
        ``write_replay``, ``ladder``, ``contention``, ``statefulness``, ``single_point``,
        ``latency`` or ``operations_cost``.
    without : str
        What is left out, in words.
    cheaper : str or None
        The cheaper way then: ``vertical``, ``horizontal``, ``same``, None where neither does.
    vertical, horizontal : Choice or None
        The cheapest of each way then.
    vertical_cost, horizontal_cost : float
        What they cost; ``inf`` where a way does not do. [USD per month, servers without prices]
    decides : bool
        Whether the other way is the cheaper one then, or as cheap.
    explains : float or None
        The share of the difference between the two ways that goes with it: 1 where they cost the
        same then, more where the order turns round; None where a difference is not finite.
    """

    kind: str
    without: str
    cheaper: str | None
    vertical: Choice | None
    horizontal: Choice | None
    vertical_cost: float
    horizontal_cost: float
    decides: bool
    explains: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """What decided between growing a tier vertically and horizontally.

    Attributes
    ----------
    load_factor : float
        The load looked at, as a factor on today's: that planned for where today's machines will
        not do, else the first at which they do not.
    cheaper : str or None
        ``vertical``, ``horizontal``, ``same``, or None where neither way does.
    vertical, horizontal : Choice or None
        The cheapest of each way; None where it does not do.
    vertical_cost, horizontal_cost : float
        ``inf`` where a way does not do. [USD per month, servers without prices]
    priced : bool
        Whether costs are money.
    kind : str
        The counterfactual that decided; ``machines`` where none alone does, ``""`` where there
        was nothing to decide.
    explains : float or None
        As of that counterfactual.
    main : Counterfactual or None
        That counterfactual.
    counterfactuals : tuple of Counterfactual
        All that were tried.
    sentence : str
        What decided, in one sentence; empty where there was nothing to decide.
    """

    load_factor: float
    cheaper: str | None
    vertical: Choice | None
    horizontal: Choice | None
    vertical_cost: float
    horizontal_cost: float
    priced: bool
    kind: str
    explains: float | None
    main: Counterfactual | None
    counterfactuals: tuple[Counterfactual, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Growing:
    """What the whole system costs at one load, every tier grown in one way only.

    Costs are in US dollars per month, CDNs at that load included; None where no price is known
    or where that way does not do.
    """

    occasion: str
    load_factor: float
    vertical: float | None
    horizontal: float | None
    #: of tiers without a price; None where that way does not do
    vertical_servers: int | None
    horizontal_servers: int | None
