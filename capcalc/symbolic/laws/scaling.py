"""Scaling laws: Gunther, Amdahl, Gustafson."""

from __future__ import annotations

from capcalc.symbolic.algebra import sqrt
from capcalc.symbolic.family import Answer, Family
from capcalc.symbolic.formula import Parameter
from capcalc.symbolic.notation import positive

_N, _SIGMA, _KAPPA, _ONE = positive("n"), positive("sigma"), positive("kappa"), positive("gamma")
_SERIAL = positive("s")
_WORKERS = Parameter(name="workers", symbol=_N, meaning="number of cores, hosts or users at work")
_SHARE = Parameter(
    name="serial_share", symbol=_SERIAL, meaning="share of the work that only one can do at a time"
)
_USL = _ONE * _N / (1 + _SIGMA * (_N - 1) + _KAPPA * _N * (_N - 1))

_GUNTHER = Family(
    model="usl",
    assumptions=(
        "Work is shared by n alike; a share σ of it must be done one by one (contention).",
        "Every pair has to agree now and then, at a cost κ each (coherency).",
    ),
    relation="≈",
    validity="A model with three constants, to be fitted to measured throughput; beyond "
    "the measurements it is a guess.",
    source="N. J. Gunther, Guerrilla Capacity Planning, Springer, 2007, ch. 4-5",
    parameters=(
        _WORKERS,
        Parameter(name="rate_of_one", symbol=_ONE, meaning="throughput of one alone", unit="1/s"),
        Parameter(name="contention", symbol=_SIGMA, meaning="share of work done one by one"),
        Parameter(name="coherency", symbol=_KAPPA, meaning="cost of agreeing, for each pair"),
    ),
)

_AMDAHL = Family(
    model="amdahl",
    assumptions=(
        "The amount of work is fixed; a share s of it runs on one, the rest on all n alike.",
        "Sharing the work costs nothing.",
    ),
    source="G. M. Amdahl, AFIPS Conf. Proc. 30, 1967",
    parameters=(_WORKERS, _SHARE),
)

_GUSTAFSON = Family(
    model="gustafson",
    assumptions=(
        "The parallel part of the work grows with n, so that the time stays the same.",
        "s is the serial share of the time that the n together take.",
        "Sharing the work costs nothing.",
    ),
    source="J. L. Gustafson, Commun. ACM 31(5), 1988",
    parameters=(_WORKERS, _SHARE),
)

_SPEEDUP = positive("S")

FORMULAS = (
    *_GUNTHER.formulas(
        throughput=_USL,
        efficiency=Answer(
            expression=_USL / (_ONE * _N),
            symbol=positive("E"),
            meaning="throughput over that of n without contention and coherency",
        ),
        peak_workers=Answer(
            expression=sqrt((1 - _SIGMA) / _KAPPA),
            symbol=positive("n_max"),
            meaning="number of workers beyond which throughput falls",
        ),
    ),
    *_AMDAHL.formulas(
        speedup=Answer(
            expression=1 / (_SERIAL + (1 - _SERIAL) / _N),
            symbol=_SPEEDUP,
            meaning="how many times faster n are than one",
        ),
        speedup_limit=Answer(
            expression=1 / _SERIAL,
            symbol=_SPEEDUP,
            meaning="speedup that no number of workers exceeds",
            relation="≤",
        ),
    ),
    *_GUSTAFSON.formulas(
        speedup=Answer(
            expression=_N - _SERIAL * (_N - 1),
            symbol=_SPEEDUP,
            meaning="how many times more work n do in the same time than one",
        ),
    ),
)
