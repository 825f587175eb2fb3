"""The style sheet: for light and dark screens of any width, and for paper.

The colours are those that Okabe and Ito (2008) chose to stay apart for people who see fewer of
them; whatever a colour says is said in words too.
"""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1f24; --soft: #57606a; --rule: #d0d7de; --shade: #f3f5f7;
  --fine: #0072b2; --near: #b86e00; --over: #c04a00; --after: #6fa8cc; --limit: #1b1f24;
  --second: #b0467f; --third: #00795a; --link: #005a9c; --chosen: #e3f0fa; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14181d; --ink: #e6e9ec; --soft: #a3adb8; --rule: #3a424b; --shade: #1f252c;
  --fine: #56b4e9; --near: #e69f00; --over: #ff8355; --after: #35688a; --limit: #e6e9ec;
  --second: #e08dba; --third: #3cc79b; --link: #7cc4f5; --chosen: #17344a; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 1rem 1.25rem 4rem; max-width: 72rem; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: anywhere; }
h1, h2, h3, p, li, td, th, caption, summary, text { unicode-bidi: isolate; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: .5rem 0; }
h2 { font-size: 1.35rem; margin: 2.6rem 0 .6rem; padding-top: .5rem;
  border-top: 2px solid var(--rule); }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .3rem; }
p { margin: .5rem 0; max-width: 56rem; }
ul { margin: .3rem 0 .8rem; padding-left: 1.3rem; max-width: 60rem; }
li { margin: .15rem 0; }
a { color: var(--link); }
code { font: .92em ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
small, .soft { color: var(--soft); font-size: .88rem; }
.answer { font-size: 1.1rem; line-height: 1.55; max-width: 60rem; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; padding: 0; }
.scroll { overflow-x: auto; margin: .8rem 0 1.2rem; }
table { border-collapse: collapse; font-size: .88rem; line-height: 1.4;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; font-size: .95rem; padding: .2rem 0; }
th, td { padding: .22rem .75rem .22rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--rule); overflow-wrap: normal; word-break: normal;
  max-width: 26rem; }
thead th.number { white-space: normal; }
thead th { border-bottom: 2px solid var(--soft); vertical-align: bottom; color: var(--soft); }
tbody th { font-weight: 600; }
.number { text-align: right; white-space: nowrap; } .short { white-space: nowrap; }
.long { min-width: 14rem; }
caption span { position: sticky; left: 0; display: inline-block;
  max-width: calc(100vw - 2.5rem); }
.alarm { color: var(--over); font-weight: 700; }
tr.chosen > * { background: var(--chosen); }
details { margin: .6rem 0; }
summary { cursor: pointer; font-weight: 600; color: var(--link); padding: .15rem 0; }
figure { margin: .8rem 0 1.2rem; }
figcaption { font-weight: 600; margin-bottom: .4rem; }
.key { color: var(--soft); font-size: .88rem; margin: .3rem 0 0; max-width: none; }
.key svg { vertical-align: -2px; margin-right: .3rem; }
.key span { margin-right: 1rem; white-space: nowrap; }
ol.rows { list-style: none; margin: 0; padding: 0; }
ol.rows > li { display: grid; grid-template-columns: minmax(9rem, 17rem) minmax(8rem, 1fr)
  minmax(8rem, 15rem); gap: 0 1rem; align-items: center; padding: .3rem 0; margin: 0; }
ol.rows .says { font-size: .92rem; }
ol.way > li + li { border-top: 1px dashed var(--rule); }
.axis { font-size: 11px; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr));
  gap: 1rem 2rem; }
.panels figure { margin: 0; min-width: 0; }
.panels ul { font-size: .88rem; margin: .2rem 0; }
.wide .panel { max-width: 60rem; }
svg { display: block; overflow: visible; }
.plot { display: grid; grid-template-columns: 3.4rem 1fr; }
.plot .heights { overflow: hidden; }
.key svg { display: inline-block; }
svg text { font-size: 11px; fill: var(--soft); font-family: inherit; }
svg text.arrow { fill: var(--paper); font-size: 12px; }
.track { fill: var(--shade); }
.fine { fill: var(--fine); } .near { fill: var(--near); } .over { fill: var(--over); }
.after { fill: var(--after); }
.limit { stroke: var(--limit); stroke-width: 2; vector-effect: non-scaling-stroke; }
.panel .limit { stroke-width: 1.5; stroke-dasharray: 2 3; }
.grid { stroke: var(--rule); stroke-width: 1; vector-effect: non-scaling-stroke; }
.through { stroke: var(--after); stroke-width: 4; }
.p50, .p90, .p999 { fill: var(--paper); stroke: var(--fine); stroke-width: 2; }
.p95 { fill: var(--fine); } .p99 { fill: var(--fine); stroke: var(--ink); stroke-width: 1.5; }
.line { fill: none; stroke-width: 2.2; vector-effect: non-scaling-stroke; stroke: var(--fine); }
.line.second { stroke: var(--second); stroke-dasharray: 7 4; }
.line.third { stroke: var(--third); stroke-dasharray: 2 3; }
.change { fill: var(--paper); stroke: var(--fine); stroke-width: 2.5; }
dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .3rem 1.2rem;
  max-width: 60rem; }
dt { font-weight: 600; } dd { margin: 0; }
@media (max-width: 44rem) {
  body { padding: .6rem .9rem 3rem; }
  h1 { font-size: 1.5rem; }
  .answer { font-size: 1rem; }
  ol.rows > li, dl { grid-template-columns: 1fr; }
  dl { gap: 0; } dd { margin-bottom: .5rem; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #444; --rule: #bbb;
    --shade: #eee; --fine: #0072b2; --near: #b86e00; --over: #c04a00; --after: #6fa8cc;
    --limit: #000; --second: #b0467f; --third: #00795a; --link: #000; --chosen: #eee; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav { display: none; }
  h2 { break-after: avoid; } h3, caption, figcaption { break-after: avoid; }
  tr, figure, ol.rows > li { break-inside: avoid; }
  .scroll { overflow: visible; } table { font-size: 8pt; }
  details::details-content { content-visibility: visible; height: auto; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
