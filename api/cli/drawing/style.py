"""The colours: plain class rules, light first, since not every program that draws SVG knows variables."""

from __future__ import annotations

from typing import Final

STYLE: Final = """<style>
text { font-family: Inter, "Segoe UI", system-ui, -apple-system, "DejaVu Sans", sans-serif; fill: #0f172a }
.plan { font-size: 18px; font-weight: 600 }
.goal { font-size: 12px; fill: #64748b }
.level { font-size: 11px; fill: #64748b; letter-spacing: .04em }
.id { font-size: 13px; font-weight: 600 }
.line { font-size: 11.5px; fill: #475569 }
.pill { font-size: 11px }
.ground { fill: #ffffff }
.card { fill: #f8fafc; stroke: #cbd5e1 }
.task:hover .card { stroke: #475569 }
.links path { fill: none; stroke: #94a3b8; stroke-width: 1.4; marker-end: url(#tip) }
.links path.order { stroke-dasharray: 5 4 }
.links path:hover { stroke: #2563eb; stroke-width: 2.6 }
.links path.head, .head { fill: #94a3b8; stroke: none }
.each rect { fill: #dbeafe } .each text { fill: #1e40af }
.when rect { fill: #fef3c7 } .when text { fill: #854d0e }
.continues rect { fill: #f3e8ff } .continues text { fill: #6b21a8 }
.result rect { fill: #dcfce7 } .result text { fill: #166534 }
@media (prefers-color-scheme: dark) {
text { fill: #e2e8f0 }
.goal, .level { fill: #94a3b8 }
.line { fill: #b6c2d3 }
.ground { fill: #0b1120 }
.card { fill: #172033; stroke: #3b4a63 }
.task:hover .card { stroke: #94a3b8 }
.links path { stroke: #64748b }
.links path:hover { stroke: #60a5fa }
.head { fill: #64748b }
.each rect { fill: #1e3a8a } .each text { fill: #dbeafe }
.when rect { fill: #713f12 } .when text { fill: #fef3c7 }
.continues rect { fill: #581c87 } .continues text { fill: #f3e8ff }
.result rect { fill: #14532d } .result text { fill: #dcfce7 }
}
</style>"""
