"""From users and their habits to the peak rate of each request class."""

from __future__ import annotations

from collections.abc import Mapping

from capcalc.model.demand import Demand
from capcalc.units.kinds import DAY
from capcalc.units.types import Numbers


def peak_rate(
    users: Numbers, requests_per_user_day: Numbers, peak_to_average: Numbers = 1.0
) -> Numbers:
    r"""Requests per second in the busiest hour.

    .. math:: \lambda = U \, r \, P / 86400

    Parameters
    ----------
    users : array_like
        Daily active users :math:`U`.
    requests_per_user_day : array_like
        :math:`r`, requests of one user in a day.
    peak_to_average : array_like
        :math:`P \ge 1`, peak rate over mean rate.

    Returns
    -------
    float or ndarray
        Peak rate. [1/s]

    References
    ----------
    .. [1] B. Beyer et al., *Site Reliability Engineering*, O'Reilly, 2016, ch. 18 (demand
       stated in business terms).

    Examples
    --------
    >>> round(peak_rate(1_200_000, 26.12, 3.2), 1)
    1160.9
    """
    return users * requests_per_user_day * peak_to_average / DAY


def peak_rates(demand: Demand) -> Mapping[str, Numbers]:
    """Peak rate of each request class; a `rate` that is given is one already. [1/s]"""
    return {name: _rate(demand, name) for name in demand.requests}


def _rate(demand: Demand, name: str) -> Numbers:
    request = demand.requests[name]
    if request.rate is not None:
        return request.rate
    if request.per_user_day is None or demand.daily_active_users is None:
        raise ValueError(f"class {name} has neither a rate nor users")
    return peak_rate(demand.daily_active_users, request.per_user_day, demand.peak_to_average)
