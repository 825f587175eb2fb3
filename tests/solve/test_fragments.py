"""Fragments of pages: the work that keeping them spares."""

from __future__ import annotations

import numpy as np
import pytest

import capcalc as cc
from capcalc.errors import ScenarioError
from capcalc.theory.caches import revalidation

TEXT = """
capcalc: 1
demand: {requests: {page: {rate: 100/s}, order: {rate: 1/s}}}
tiers:
  web:
    kind: web
    hosts: 4
    cores: 4
    service_time: 10ms
    fragments: {page: {menu: {time: 20ms, hit_ratio: 90%}, list: {time: 40ms, hit_ratio: 50%}}}
"""


def test_a_page_takes_the_fragments_that_are_not_kept() -> None:
    solution = cc.solve(cc.loads(TEXT))
    mean = float(np.asarray(revalidation.page_time(0.01, [0.9, 0.5], [0.02, 0.04])))
    assert mean == pytest.approx(0.032)
    assert solution.tier("web").utilization == pytest.approx((100 * mean + 0.01) / 16, rel=1e-12)
    assert solution.fact("web", "fragments_spare") == pytest.approx(100 * (0.018 + 0.02), rel=1e-12)


def test_sweeps_and_settings() -> None:
    system = cc.loads(TEXT)
    shares = np.array([0.0, 0.5, 1.0])
    swept = cc.solve(system.replace({"tiers.web.fragments.page.list.hit_ratio": shares}))
    for place, share in enumerate(shares):
        path = "tiers.web.fragments.page.list.hit_ratio"
        alone = cc.solve(system.replace({path: float(share)}))
        assert np.asarray(swept.request("page").mean)[place] == pytest.approx(
            float(np.asarray(alone.request("page").mean)), rel=1e-12
        )


def test_a_class_that_is_not_there_is_refused() -> None:
    with pytest.raises(ScenarioError, match="no request class 'pages'"):
        cc.loads(TEXT.replace("{page: {menu", "{pages: {menu"))
