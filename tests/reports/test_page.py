"""The page: whole, offline, escaped, the same every time, and true to the documents."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import capcalc as cc
from capcalc.cli.report import answers
from capcalc.reports import advice, failures, solution, timeline
from capcalc.reports.document import Document
from capcalc.reports.page.answers import Answers
from capcalc.reports.page.assemble import POLICY, page
from capcalc.reports.page.markup import element, safe
from capcalc.reports.plots.bars import bar
from capcalc.reports.plots.lines import Line, Panel, panel
from capcalc.reports.plots.ranges import span
from capcalc.reports.plots.scales import logarithmic, round_top

VOID = {"meta", "link", "br"}
HOSTILE = "\"><img src=x onerror=alert(1)><script>alert(2)</script>'&amp;</svg>"

FULL = """
capcalc: 1
name: zzname
demand:
  growth: 8%/month
  start: 2026-12
  daily_active_users: 200k
  requests: {zzpage: {per_user_day: 40, size: 20kB}, zzfile: {per_user_day: 90, static: true, size: 9kB}}
tiers:
  zzedge: {kind: cdn, hit_ratio: {value: 90%, source: zzsource}, round_trip: 10ms, origin_round_trip: 50ms}
  zzweb: {kind: web, instance: c7g.large, hosts: 4, service_time: {zzpage: 20ms, zzfile: 1ms}, survive: host}
  zzcache: {kind: cache, instance: r7g.large, hosts: 2, service_time: 0.2ms, capacity: 10k,
    objects: {count: 100k, size: 4kB, zipf: 0.9}, fronts: zzdb}
  zzdb: {kind: database, instance: r7g.large, replicas: 1, read_time: 4ms, write_time: 6ms}
calls: {zzpage: {zzcache: 3, zzdb: {writes: 0.1}}}
objectives: {zzpage: {p95: 90ms, p99: 200ms}}
instances: {from: aws-us-east-1, families: [c7g, r7g], term: on_demand}
"""
BARE = """
capcalc: 1
name: bare
demand: {requests: {page: {rate: 30/s}}}
tiers: {web: {kind: web, service_time: 10ms}}
"""
KINDS = """
capcalc: 1
name: kinds
demand:
  growth: 5%/month
  requests: {page: {rate: 300/s, cacheable: true, size: 10kB}, file: {rate: 500/s, static: true, size: 30kB}}
tiers:
  phone: {kind: browser, hit_ratio: 30%}
  edge: {kind: cdn, hit_ratio: 80%, round_trip: 10ms, origin_round_trip: 50ms, price: 0.01 USD/GB}
  proxy: {kind: reverse_proxy, hosts: 2, service_time: 0.1ms, hit_ratio: 20%}
  web: {kind: web, hosts: 6, cores: 4, service_time: 10ms}
  queue: {kind: message_queue, workers: worker, hosts: 2, service_time: 0.1ms}
  worker: {kind: service, hosts: 10, cores: 2, service_time: 20ms}
  store: {kind: object_store, service_time: 5ms, size: 1MB, bandwidth: 500MB/s, hosts: 4}
  db: {kind: database, cores: 4, read_time: 1ms, write_time: 2ms}
calls: {page: {db: {reads: 2}, queue: 0.5, store: 0.1}}
"""
SATURATED = BARE.replace("30/s", "3000/s")


class Seen(HTMLParser):
    """Elements, attributes and text; complains of what is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def text(self) -> str:
        return " ".join(data for tag, data in self.texts if tag not in ("style", "title"))

    def attributes(self) -> list[tuple[str, str]]:
        return [(name, value or "") for _, attrs in self.tags for name, value in attrs.items()]

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@cache
def found(name: str) -> Answers:
    """The answers to all questions but for microservices, whose advice takes long."""
    if name == "microservices":
        system = cc.load(name)
        return Answers(system=system, solution=cc.solve(system), failures=cc.failures(system))
    texts = {"full": FULL, "bare": BARE, "saturated": SATURATED, "kinds": KINDS}
    return answers(cc.loads(texts[name]) if name in texts else cc.load(name))


NAMES = [*cc.examples(), "full", "bare", "saturated", "kinds"]


@pytest.mark.parametrize("name", NAMES)
def test_whole_and_offline(name: str) -> None:
    text = page(found(name))
    seen = Seen(text)
    assert text.startswith("<!DOCTYPE html>\n<html lang=")
    assert not {"script", "img", "iframe", "object", "form", "base"} & {t for t, _ in seen.tags}
    for attribute, value in seen.attributes():
        assert not attribute.startswith("on")
        if attribute in ("href", "src", "xlink:href"):
            assert value.startswith("#") or value == "data:,"
        if attribute not in ("aria-label", "content"):
            assert not re.match(r"(?i)\s*(https?:|//|javascript:|file:)", value), value
            assert not re.search(r"\b(nan|inf|None)\b", value), value
    style = "".join(data for tag, data in seen.texts if tag == "style")
    assert "url(" not in style
    assert "@import" not in style
    policies = [each for each in seen.named("meta") if "http-equiv" in each]
    assert [each["content"] for each in policies] == [POLICY]
    assert POLICY.startswith("default-src 'none'")


@pytest.mark.parametrize("name", NAMES)
def test_structure(name: str) -> None:
    text = page(found(name))
    seen = Seen(text)
    ids = [value for attribute, value in seen.attributes() if attribute == "id"]
    assert len(set(ids)) == len(ids)
    links = [each["href"] for each in seen.named("a")]
    assert {str(link).removeprefix("#") for link in links} < set(ids)
    assert {"system", "first", "latency", "failures", "assumptions", "inputs", "words"} < set(ids)
    for tag, attrs in seen.tags:
        if tag == "th":
            assert attrs["scope"] in ("col", "row")
        if attrs.get("role") == "img":
            assert attrs["aria-label"]
    assert text.count("<table>") == text.count("<caption>") > 2
    assert [data for tag, data in seen.texts if tag == "h1"] == [found(name).system.name]


def _documents(it: Answers) -> list[Document]:
    told = [solution.document(it.solution)]
    told += [failures.document(it.failures)] if it.failures else []
    told += [advice.document(it.advice)] if it.advice else []
    return told + ([timeline.document(it.timeline)] if it.timeline else [])


@pytest.mark.parametrize("name", NAMES)
def test_everything_the_documents_say(name: str) -> None:
    """Each cell and each sentence of every document stands in the page."""
    shown = " ".join(Seen(page(found(name))).text().split())
    for document in _documents(found(name)):
        for table in document.tables:
            for cells in table.filled().cells():
                for cell in cells:
                    assert " ".join(cell.split()) in shown or cell == "<=="
        for section in document.sections:
            for sentence in section.sentences:
                plain = "".join(sentence.split()).replace("`", "")
                assert plain in shown.replace(" ", "")


def test_numbers_of_the_bookshop() -> None:
    """Hand-computed: a cache host has 6,421/s x 0.4 ms / 4 servers = 64.2 % load."""
    seen = Seen(page(found("bookshop")))
    bars = [a for t, a in seen.tags if t == "rect" and a.get("class") == "fine"]
    assert "64.21%" in {each["width"] for each in bars}
    shown = seen.text()
    assert "cache saturates first, at 1.56 times this load" in shown
    assert "3 of 11 single failures overload it" in shown
    lines = [a for t, a in seen.tags if t == "line" and a.get("class") == "limit"]
    assert {"65.00%", "70.00%"} <= {each.get("x1") for each in lines}


def test_what_is_not_there_is_left_out() -> None:
    system = cc.loads(BARE)
    only = Answers(
        system=system, solution=cc.solve(system), unanswered={"growth": "nothing <b>grows</b>"}
    )
    seen = Seen(page(only))
    ids = {value for attribute, value in seen.attributes() if attribute == "id"}
    assert not {"failures", "advice"} & ids
    assert "growth" in ids
    assert "nothing <b>grows</b>" in seen.text()
    assert "The scenario sets no objectives." in seen.text()


def test_saturated() -> None:
    shown = Seen(page(found("saturated"))).text()
    assert "SATURATED: web is asked for 3,000 % of what it can serve" in shown
    assert "3,000 % busy (overloaded)" in shown
    assert "a queue grows without end" in shown


@pytest.mark.slow
def test_microservices_with_its_advice() -> None:
    it = answers(cc.load("microservices"))
    ids = {value for name, value in Seen(page(it)).attributes() if name == "id"}
    assert {"failures", "advice", "growth"} <= ids


def test_the_same_text_every_time() -> None:
    again = answers(cc.loads(KINDS))
    assert page(again) == page(found("kinds"))


# --- hostile names ----------------------------------------------------------------------------


def hostile(value: Any) -> Any:
    """Every string of the tree with ``zz`` replaced by what must not become markup."""
    if isinstance(value, str):
        return value.replace("zz", HOSTILE)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {f.name: hostile(getattr(value, f.name)) for f in fields(value) if f.init}
        return replace(value, **changes)
    if isinstance(value, Mapping):
        return {hostile(key): hostile(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(hostile(each) for each in value)
    return value


def test_hostile_names_change_no_element() -> None:
    """Tiers, classes, the system and sources named to break out: the same tree, only its text."""
    tame, wild = Seen(page(found("full"))), Seen(page(hostile(found("full"))))
    assert _shape(wild) == _shape(tame)
    assert not {"script", "img"} & {tag for tag, _ in wild.tags}
    assert tame.text().count("zz") > 100
    for name in ("name", "page", "file", "edge", "web", "cache", "db", "source"):
        assert f"zz{name}" in tame.text()
        assert f"{HOSTILE}{name}" in wild.text()
    labels = [each for attribute, each in wild.attributes() if attribute == "aria-label"]
    assert any(HOSTILE in label for label in labels)


def _shape(seen: Seen) -> list[tuple[str, set[str]]]:
    """Elements and their attributes in order; a class may depend on a text's length."""
    return [(tag, set(attrs) - {"class"}) for tag, attrs in seen.tags]


@given(st.text())
def test_any_text_comes_back(text: str) -> None:
    """As text and as attribute, but for what may not stand in a page."""
    seen = Seen(element("span", text, title=text))
    kept = str(safe(text))
    assert "<" not in kept
    assert '"' not in kept
    fit = all(0x20 <= ord(c) < 0x7F or ord(c) > 0xA0 for c in text) and not _marks(text)
    if fit:
        assert "".join(data for _, data in seen.texts) == text
        assert seen.tags[0][1]["title"] == text


def _marks(text: str) -> bool:
    return bool(
        re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]", text)
    )


def test_controls_and_turned_text_are_shown_as_unknown() -> None:
    assert element("b", "a\x00b\x1bc\u202ed\ud800") == "<b>a\ufffdb\ufffdc\ufffdd\ufffd</b>"


# --- pictures ---------------------------------------------------------------------------------

NUMBERS = st.floats(min_value=0) | st.just(float("nan"))


def _inside(text: str) -> None:
    """Every position is a number within the picture."""
    for _, attrs in Seen(text).tags:
        for name in ("x", "x1", "x2", "cx", "width"):
            value = attrs.get(name)
            if value is not None and value.endswith("%"):
                assert 0 <= float(value[:-1]) <= 100
        assert "nan" not in str(attrs.get("d", ""))


@given(NUMBERS, NUMBERS, st.floats(min_value=1e-6, max_value=1e6))
def test_bars_stay_inside(value: float, limit: float, top: float) -> None:
    _inside(bar(value, limit=limit, below=value, top=top, label="x"))


def test_bar_by_hand() -> None:
    """0.3 of 2 is 15 %; a limit at 1 of 2 stands in the middle; 5 of 2 ends in an arrow."""
    rects = Seen(bar(0.3, limit=1.0, top=2.0, label="x")).named("rect")
    assert [each["width"] for each in rects] == ["100%", "15.00%"]
    assert Seen(bar(0.3, limit=1.0, top=2.0, label="x")).named("line")[0]["x1"] == "50.00%"
    assert "▶" in bar(5.0, top=2.0, label="x")
    assert "▶" not in bar(2.0, top=2.0, label="x")


@given(st.dictionaries(st.sampled_from(["p50", "p95", "p99", "p999"]), NUMBERS), NUMBERS)
def test_ranges_stay_inside(values: dict[str, float], limit: float) -> None:
    scale = logarithmic([0.001, 0.1])
    assert scale is not None
    limits = {"p99": limit} if 0 < limit < 1e300 else {}
    _inside(span(values, limits, scale, label="x"))


def test_logarithmic_by_hand() -> None:
    """From 1 ms / 1.25 to 100 ms x 1.25, 10 ms is exactly in the middle."""
    scale = logarithmic([0.001, 0.1, float("inf"), float("nan"), 0.0])
    assert scale is not None
    assert scale.at(0.01) == pytest.approx(0.5, abs=1e-12)
    assert scale.ticks() == [0.001, 0.01, 0.1]
    assert logarithmic([float("inf")]) is None


@given(st.floats(min_value=1e-12, max_value=1e12))
def test_ticks_lie_on_the_scale(value: float) -> None:
    scale = logarithmic([value])
    assert scale is not None
    assert all(scale.low * 0.99 <= tick <= scale.high * 1.01 for tick in scale.ticks())


@given(st.lists(st.floats(min_value=1e-9, max_value=1e12), min_size=1))
def test_round_top_holds_all_and_is_near(values: list[float]) -> None:
    top = round_top(values)
    assert max(values) * 0.999 <= top <= max(values) * 1.35


def test_panel_by_hand() -> None:
    """Half of 10 months is x = 500 of 1,000; a quarter of the height is y = 750 from above."""
    axes = Panel(label="x", right=10.0, top=1.0, show=str)
    line = Line(name="a", points=[(0.0, 1.0), (5.0, 0.25)], look="first")
    assert Seen(panel(axes, [line])).named("path")[0]["d"] == "M0 0L500 750"
    steps = replace(line, steps=True)
    assert Seen(panel(axes, [steps])).named("path")[0]["d"] == "M0 0H500V750"
    broken = replace(line, points=[(0.0, 1.0), (2.0, float("nan")), (5.0, 0.25)])
    assert Seen(panel(axes, [broken])).named("path")[0]["d"] == "M0 0M500 750"


# --- a real browser ---------------------------------------------------------------------------


def _browser() -> str | None:
    names = (os.environ.get("CHROME"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


BROWSER = _browser()
needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium here: install one, or name it in the variable CHROME"
)


def opened(text: str, folder: Path, *options: str) -> tuple[str, str]:
    """The document as the browser has it, and what its console was told."""
    file = folder / "page.html"
    file.write_text(text, encoding="utf-8")
    run = subprocess.run(
        [
            *(str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu"),
            *("--disable-background-networking", "--no-first-run", "--enable-logging=stderr"),
            *(f"--user-data-dir={folder / 'profile'}", *options, file.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    told = [line for line in run.stderr.splitlines() if "CONSOLE" in line]
    return run.stdout, "\n".join(told)


@needs_browser
@pytest.mark.parametrize("name", ["full", "wild"])
def test_a_browser_has_nothing_to_say(name: str, tmp_path: Path) -> None:
    it = hostile(found("full")) if name == "wild" else found("full")
    dom, console = opened(page(it), tmp_path, "--dump-dom")
    assert console == ""
    seen = Seen(dom)
    assert not {"script", "img"} & {tag for tag, _ in seen.tags}
    assert Counter(tag for tag, _ in seen.tags) == Counter(tag for tag, _ in Seen(page(it)).tags)


@needs_browser
def test_the_browser_would_complain(tmp_path: Path) -> None:
    """The check above can fail: the policy lets no script run and no picture be fetched."""
    script = page(found("bare")).replace("<main>", "<main><script>alert(1)</script>")
    assert "Content Security Policy" in opened(script, tmp_path, "--dump-dom")[1]


@needs_browser
@pytest.mark.parametrize("width", [1280, 400])
def test_screenshot(width: int, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    size = f"--window-size={width},2000"
    _, console = opened(page(found("full")), tmp_path, f"--screenshot={picture}", size)
    assert console == ""
    assert picture.read_bytes()[16:24] == width.to_bytes(4, "big") + (2000).to_bytes(4, "big")
