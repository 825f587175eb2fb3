"""Bookshop, derived by hand from the formulas; every expected number is a literal.

The steps use M/M/c and its kin as printed in textbooks. Erlang C below is
C(c, a) = [a^c/c! c/(c-a)] / [sum_{k<c} a^k/k! + a^c/c! c/(c-a)].
"""

from __future__ import annotations

import pytest

import capcalc as cc
from capcalc.solve.system import solve


@pytest.fixture(scope="module")
def solution() -> cc.Solution:
    return solve(cc.load("bookshop"))


def test_demand(solution: cc.Solution) -> None:
    # rate = users x requests per user and day x peak to average / 86,400
    # browse: 1,200,000 x 22 x 3.2 / 86,400 = 977.7778; search x 4: 177.7778; cart x 0.12: 5.3333
    # together 1,160.8889/s dynamic; asset x 180: 8,000/s static
    rates = {request.name: request.arrival_rate for request in solution.request_results}
    assert rates["browse"] == pytest.approx(977.77777778)
    assert rates["search"] == pytest.approx(177.77777778)
    assert rates["cart"] == pytest.approx(5.3333333333)
    assert rates["asset"] == pytest.approx(8000.0)
    assert sum(rates[name] for name in ("browse", "search", "cart")) == pytest.approx(1160.8888889)


def test_edge(solution: cc.Solution) -> None:
    # only assets may hit: 8,000 x (1 - 0.94) = 480/s go on; 1,160.8889 + 480 = 1,640.8889/s reach
    # the balancers. Offload by requests 7,520 / 9,160.8889 = 0.820881; by bytes 0.94, since only
    # assets have a size.
    cdn = solution.tier("cdn")
    assert solution.request("asset").origin_rate == pytest.approx(480.0)
    assert solution.tier("lb").arrival_rate == pytest.approx(1640.8888889)
    assert cdn.offload == pytest.approx(0.8208810)
    assert cdn.byte_offload == pytest.approx(0.94)


def test_balancer(solution: cc.Solution) -> None:
    # 2 hosts, 1 server each, 0.05 ms: rho = 1,640.8889 x 0.00005 / 2 = 0.04102222
    # M/M/1: W = rho S / (1 - rho) = 0.04102222 x 0.05 ms / 0.95897778 = 2.13885 us
    lb = solution.tier("lb")
    assert lb.utilization == pytest.approx(0.041022222)
    assert lb.wait == pytest.approx(2.1388518e-6)


def test_web(solution: cc.Solution) -> None:
    # offered: browse 977.7778 x 8 ms = 7.822222; search 177.7778 x 22 ms = 3.911111;
    # cart 5.3333 x 35 ms = 0.186667; asset 480 x 0.2 ms = 0.096. Sum 12.016 erlangs on
    # 6 x 4 = 24 servers: rho = 0.5006667. Mixture mean 12.016 / 1,640.8889 = 7.322861 ms.
    # E[S^2] = 2 sum(rate x S^2) / sum(rate) =
    #   2 (977.7778 x 64 + 177.7778 x 484 + 5.3333 x 1225 + 480 x 0.04) / 1,640.8889
    #   = 2 (62,577.78 + 86,044.44 + 6,533.33 + 19.2) / 1,640.8889 = 189.1345 ms^2
    # scv = 189.1345 / 7.322861^2 - 1 = 2.527040
    # each host M/G/4 with a = 2.0026667: C(4, a) = 1.342246 / 7.688921 =
    # 0.174569; W_M/M/4 = C S / (4 - a) = 0.640025 ms
    # Lee & Longton: (1 + 2.527040) / 2 x 0.640025 = 1.12870 ms
    web = solution.station("web")
    assert web.offered_load == pytest.approx(12.016)
    assert web.utilization == pytest.approx(0.50066667)
    assert web.service_time == pytest.approx(7.3228602e-3)
    assert web.scv == pytest.approx(2.527040, rel=1e-6)
    assert web.prob_wait == pytest.approx(0.174569, rel=1e-5)
    assert web.wait == pytest.approx(1.12870e-3, rel=1e-5)


def test_sessions(solution: cc.Solution) -> None:
    # one get for each of the 1,160.8889 dynamic requests on 2 hosts of 2 servers, 0.2 ms:
    # rho = 1,160.8889 x 0.0002 / 4 = 0.05804444
    # M/M/2: W = S rho^2 / (1 - rho^2) = 0.2 ms x 0.003369157 / 0.996630843 = 0.676109 us
    sessions = solution.tier("sessions")
    assert sessions.arrival_rate == pytest.approx(1160.8888889)
    assert sessions.utilization == pytest.approx(0.058044444)
    assert sessions.wait == pytest.approx(6.761094e-7)


def test_cache(solution: cc.Solution) -> None:
    # gets: 977.7778 x 6 + 177.7778 x 3 + 5.3333 x 4 = 5,866.667 + 533.333 + 21.333 = 6,421.333/s
    # rho = 6,421.333 x 0.4 ms / 4 = 0.6421333; M/M/2: W = S rho^2/(1-rho^2) = 0.2806602 ms
    # LRU, Zipf 1.0, 400,000 of 2,000,000 objects: hit ratio 0.8497 (Che)
    cache = solution.tier("cache")
    assert cache.arrival_rate == pytest.approx(6421.3333333)
    assert cache.utilization == pytest.approx(0.64213333)
    assert cache.wait == pytest.approx(2.806602e-4, rel=1e-6)
    assert cache.hit_ratio == pytest.approx(0.849665, abs=1e-5)


def test_database(solution: cc.Solution) -> None:
    # misses 6,421.3333 x 0.150335 = 965.35/s; search and cart read 177.7778 + 26.6667 = 204.4444/s
    # reads 1,169.79/s, of which 5 % at the primary; writes 977.7778 x 0.05 + 5.3333 x 7 = 86.2222/s
    # replica: (0.95 x 1,169.79 x 2.2 ms / 2 + 86.2222 x 1.4 ms) / 4 = 0.33578
    # primary: (0.05 x 1,169.79 x 2.2 ms + 86.2222 x 4.5 ms) / 4 = 0.12917
    assert solution.station("db", "replica").utilization == pytest.approx(0.33578, abs=2e-5)
    assert solution.station("db", "primary").utilization == pytest.approx(0.12917, abs=2e-5)
    assert solution.tier("db").arrival_rate == pytest.approx(1169.79 + 86.2222, abs=0.05)


def test_bottleneck_and_headroom(solution: cc.Solution) -> None:
    # the busiest station is the cache, 0.6421333: load may grow by 1 / 0.6421333 = 1.557309
    assert solution.bottleneck == "cache"
    assert solution.headroom == pytest.approx(1.5573090)


def test_mean_response_of_a_browse(solution: cc.Solution) -> None:
    # lb 0.05214 + web (1.12870 + 8) + session 0.20068 + 6 gets x 0.68066 = 4.08396
    # + 6 misses x 0.150335 x read (0.95 x (2.2 + 0.04241) + 0.05 x (2.2 + 0.00229)) = 2.02097
    # + 0.05 writes x (4.5 + 0.00229) = 0.22511; sum 15.7114 ms
    assert solution.request("browse").mean == pytest.approx(15.7114e-3, rel=1e-5)


def test_cost(solution: cc.Solution) -> None:
    # web 6 x 0.145 x 730 = 635.10; sessions 2 x 0.1071 x 730 = 156.366; cache the same;
    # db 3 x 0.2142 x 730 = 469.098; CDN 8,000 x 34 kB / 3.2 = 85 MB/s x 730 h = 223,380 GB
    # at 0.02 = 4,467.60; sum 5,884.53 USD per month
    assert solution.tier("web").cost == pytest.approx(635.10)
    assert solution.tier("cdn").cost == pytest.approx(4467.60)
    assert solution.cost == pytest.approx(5884.53)
    assert solution.tier("lb").cost is None


def test_name_resolution(solution: cc.Solution) -> None:
    assert solution.first_request_delay == pytest.approx(0.015)


def test_facts_of_the_story() -> None:
    system = cc.load("bookshop")
    web = solve(system.replace({"tiers.web.hosts": [4.0, 6.0, 7.0]}), quantiles=False).tier("web")
    four, six, _ = web.utilization  # type: ignore[misc]
    assert six == pytest.approx(0.5, abs=0.01)
    assert four == pytest.approx(0.75, abs=0.01)  # one of three zones lost
    from capcalc.model.failures import Failure

    lost = Failure(kind="zone", tiers=("web",))
    left = [
        float(lost.applied(system.replace({"tiers.web.hosts": n})).hosted()["web"].host_count())  # type: ignore[arg-type]
        for n in (6.0, 7.0, 8.0)
    ]
    assert left == [4.0, 4.0, 5.0]  # of seven three are lost, as many stay as of six
    without = Failure(kind="tier", tiers=("cache",)).applied(system)
    reads = [
        next(w for w in solve(each, quantiles=False).stations if w.role == "replica").arrival_rate
        for each in (system, without)
    ]
    writes = 2 * 86.2222222
    assert (reads[1] - writes) / (reads[0] - writes) > 5
