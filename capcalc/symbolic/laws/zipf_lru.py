"""LRU under Zipf popularity, by the characteristic time of Fagin and Che."""

from __future__ import annotations

from capcalc.symbolic.algebra import Sum, exp, oo
from capcalc.symbolic.family import Answer, Family
from capcalc.symbolic.formula import Definition, Parameter, Root
from capcalc.symbolic.notation import positive, whole

_ALPHA, _OBJECTS, _PLACES, _TIME = positive("alpha"), whole("N"), positive("C"), positive("T")
_TOTAL, _I = positive("H"), whole("i")
_SHARE = _I ** (-_ALPHA) / _TOTAL
_STAYS = 1 - exp(-_SHARE * _TIME)
_RANKS = (_I, 1, _OBJECTS)

_MODEL = Family(
    model="zipf-lru",
    assumptions=(
        "Requests are independent of each other; object number i has the share i^−α / H of them.",
        "All objects are of the same size, and there are more of them than the cache holds.",
        "The least recently used object makes room for a new one.",
    ),
    relation="≈",
    validity="An approximation: every object is taken to stay for the same time T after its last "
    "request. Off by at most 0.0002 in the hit ratio from 100 places on, and by 0.002 on the safe "
    "side for 5. Real traffic with recency hits more often.",
    source="R. Fagin, J. Comput. Syst. Sci. 14, 1977; H. Che, Y. Tung, Z. Wang, IEEE JSAC 20(7), "
    "2002",
    definitions=(
        Definition(
            symbol=_TOTAL, value=Sum(_I ** (-_ALPHA), _RANKS), meaning="sum of all popularities"
        ),
        Root(
            symbol=_TIME,
            left=_PLACES,
            value=Sum(_STAYS, _RANKS),
            meaning="requests for which an object stays after its last one",
            between=(_PLACES, oo),
        ),
    ),
    parameters=(
        Parameter(
            name="capacity", symbol=_PLACES, meaning="number of objects that the cache holds"
        ),
        Parameter(name="objects", symbol=_OBJECTS, meaning="number of objects there are"),
        Parameter(name="exponent", symbol=_ALPHA, meaning="Zipf's exponent, to be fitted"),
    ),
)

FORMULAS = _MODEL.formulas(
    hit_ratio=Answer(
        expression=Sum(_SHARE * _STAYS, _RANKS),
        symbol=positive("h"),
        meaning="share of requests that find their object in the cache",
    ),
    characteristic_time=Answer(
        expression=_TIME,
        symbol=_TIME,
        meaning="requests for which an object stays after its last one",
        unit="requests",
    ),
)
