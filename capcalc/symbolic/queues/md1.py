"""M/D/1."""

from __future__ import annotations

from capcalc.symbolic.algebra import Sum, exp, factorial, floor
from capcalc.symbolic.family import Answer, Family
from capcalc.symbolic.notation import index, lam, mu, time

_K = index("k")
_WAIT = lam / (2 * mu * (mu - lam))
_LATE = lam * (time - _K / mu)

_MODEL = Family(
    model="md1",
    assumptions=(
        "Requests arrive independently of each other (Poisson), at a steady rate.",
        "Every service takes the same time, 1/μ.",
        "One server takes requests in the order of arrival.",
        "The station is not saturated: λ < μ.",
    ),
    source="L. Kleinrock, Queueing Systems, vol. 1: Theory, Wiley, 1975, sec. 5.6",
)

FORMULAS = _MODEL.formulas(
    utilization=lam / mu,
    prob_wait=lam / mu,
    mean_wait=_WAIT,
    mean_response=_WAIT + 1 / mu,
    mean_queue_length=lam * _WAIT,
    mean_number=lam * _WAIT + lam / mu,
    wait_cdf=Answer(
        expression=(1 - lam / mu)
        * Sum((-_LATE) ** _K / factorial(_K) * exp(_LATE), (_K, 0, floor(mu * time))),
        validity="Exact under these assumptions; terms of both signs cancel for long waits, so "
        "that a computer needs another form there.",
        source="A. K. Erlang, Nyt Tidsskrift for Matematik B 20, 1909",
    ),
)
