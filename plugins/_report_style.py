"""How the report looks, on a screen and on paper."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light }
body { font: 15px/1.45 "Times New Roman", "Liberation Serif", "Noto Serif", serif; color: #111; background: #fff;
  max-width: 72rem; margin: 1.5rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.3rem; margin: 0 } h3 { font-size: 1.1rem; margin: 1.4rem 0 .4rem }
h4 { font-size: 1rem; margin: 1rem 0 .3rem }
h1, h2, h3, h4 { break-after: avoid }
header { border-bottom: 2px solid #111; padding-bottom: .5rem }
article { margin-top: 2rem } article + article { border-top: 2px solid #111; padding-top: 1.5rem }
.id { font-weight: bold; margin: .2rem 0 .6rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0 }
dt { color: #444 } dd { margin: 0 }
table { border-collapse: collapse; width: 100%; margin: .3rem 0 .8rem }
th, td { border: 1px solid #888; padding: .2rem .4rem; vertical-align: top; text-align: left }
td { overflow-wrap: break-word }
th { background: #eee; overflow-wrap: normal }
.day { white-space: nowrap } .words { min-width: 8.5rem } .when { min-width: 6.5rem }
.small { font-size: .87em; color: #333 }
.heads { white-space: nowrap; font: 11px/1.5 "Liberation Mono", monospace; color: #333 }
.joined td { border-bottom-style: dotted } .below td { border-top: 0; padding-left: 1.2rem }
.hash { overflow-wrap: anywhere; min-width: 5rem; font: 11px/1.4 "Liberation Mono", monospace; color: #333 }
.late td { background: #fdecea } .note { border-left: 4px solid #b26a00; padding: .2rem .6rem; background: #fff6e5 }
.good { border-left: 4px solid #2e7d32; padding: .2rem .6rem; background: #edf7ed }
.bad { border-left: 4px solid #c62828; padding: .2rem .6rem; background: #fdecea; font-weight: bold }
@media screen and (max-width: 45rem) {
  body { padding: 0 .6rem; margin: .8rem auto } dl { display: block } dd { margin: 0 0 .3rem }
  table, tbody, tr, td { display: block } thead { display: none } td:empty { display: none }
  tr { border: 1px solid #888; margin-bottom: .6rem } tr.joined { margin-bottom: 0; border-bottom: 0 }
  tr.below { border-top: 0 } td, .below td { border: 0; padding: .15rem .5rem; overflow-wrap: anywhere }
  td[data-head]::before { content: attr(data-head) ": "; color: #444; font-weight: bold }
  .heads, .day { white-space: normal }
}
@page { size: A4; margin: 20mm 15mm 20mm 20mm }
@media print {
  body { font-size: 10pt; line-height: 1.3; max-width: none; margin: 0; padding: 0 }
  article { margin-top: 0 } article + article { break-before: page; border-top: 0; padding-top: 0 }
  thead { display: table-header-group } tr { break-inside: avoid } tr.joined { break-after: avoid }
  table { font-size: 9pt; line-height: 1.25 } th, td { padding: .1rem .3rem } .heads { font-size: 6.5pt }
 
  .hash { font-size: 7.5pt } th, .late td, .note, .good, .bad { print-color-adjust: exact }
}
"""
