// The style sheet, beside the rules that bring the fonts of a document (`font-faces.ts`).
import { html } from './html.ts';

// The page's bottom margin leaves 15 mm for the foot, which is drawn into the finished PDF.
export const STYLE = html`@page { size: A4; margin: 20mm 20mm 26mm 20mm; }
* { box-sizing: border-box; }
html { font: 9.5pt/1.45 sans; font-synthesis: none; color: #1b1f24;
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }
body { margin: 0; overflow-wrap: anywhere; }
p { margin: 0 0 2.5mm; orphans: 3; widows: 3; }
code, pre { font-family: mono, sans; }
code { font-size: .88em; }
bdi, .line { white-space: break-spaces; overflow-wrap: anywhere; }
small { display: block; white-space: nowrap; color: #4b5563; font-size: .84em; }
.none { color: #4b5563; }
.note { color: #4b5563; font-size: 8.5pt; }
.hash { display: inline-block; vertical-align: top; width: 39.6ch; max-width: 100%; font-size: 8.5pt; line-height: 1.5; }
.id { overflow-wrap: anywhere; }

h1, h2, h3 { line-height: 1.2; break-after: avoid; break-inside: avoid; color: #12304f; }
h1 { font-size: 25pt; font-weight: 700; margin: 0 0 8mm; letter-spacing: -.2pt; }
h2 { font-size: 14pt; margin: 9mm 0 3.5mm; padding-bottom: 1.5mm; border-bottom: .6pt solid #12304f; }
.safe-harbor, .appendix { break-before: page; }
:is(.executive-summary, .safe-harbor, .appendix) h2 { margin-top: 0; }
h3 { font-size: 10.5pt; margin: 5mm 0 2mm; }

.cover { break-after: page; }
.checkpoint { display: flex; gap: 5mm; align-items: flex-start; margin-top: 4mm; break-inside: avoid; }
.checkpoint table { flex: 1; margin: 0; }
.checkpoint .facts th { width: 26mm; }
.qr { flex: none; width: 40mm; height: 40mm; }
.qr path { fill: #000; }
.cover .kind { margin: 6mm 0 3mm; color: #4b5563; font-size: 10pt; }
.cover .subject { font-size: 15pt; margin: 0 0 1mm; }
.cover .account { font-size: 11pt; margin: 0 0 8mm; color: #4b5563; }
.digests :is(th, td) { padding: 3.5mm 3mm; }
.digests th { width: 78mm; font-weight: 700; background: #eef3f8; }
.digests td { background: #eef3f8; }
.digests small { font-weight: 400; margin-top: 1mm; white-space: normal; }
.digests .root .hash { font-size: 9.5pt; }

table { width: 100%; table-layout: fixed; border-collapse: collapse; margin: 0 0 5mm; }
caption { text-align: left; font-weight: 700; padding: 0 0 1.5mm; break-after: avoid; }
thead { display: table-header-group; }
tr, .facts, .verdicts, .sources { break-inside: avoid; }
th, td { text-align: left; vertical-align: top; padding: 1.1mm 2mm; border-bottom: .4pt solid #c8ced6; font-weight: 400; }
table:not(.digests) :is(th, td):first-child { padding-left: 0; }
thead th { font-weight: 700; border-bottom: .8pt solid #12304f; vertical-align: bottom; }
td > p:last-child { margin-bottom: 0; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
.facts th { width: 46mm; color: #374151; }
.facts { border-top: .8pt solid #12304f; }
.data { font-size: 8.8pt; }
.matrix { font-size: 8.2pt; }
.matrix thead :nth-child(1) { width: 50mm; }
.matrix thead :nth-child(2) { width: 25mm; }
.matrix thead :nth-child(3) { width: 23mm; }
.matrix thead :nth-child(4) { width: 19mm; }
.matrix .letter { font-weight: 700; color: #12304f; }
.events { font-size: 8pt; }
.events th, .events td { padding-top: .7mm; padding-bottom: .7mm; }
.events thead :nth-child(1) { width: 56mm; }
.events thead :nth-child(2) { width: 16mm; }
.events :is(th, td):nth-child(3) { padding-left: 6mm; }
.events thead :nth-child(3) { width: 38mm; }
.counts { width: 110mm; }
.counts thead :nth-child(2) { width: 28mm; }
.agents thead :nth-child(n + 2) { width: 26mm; }
.exceptions { font-size: 8pt; }
.exceptions :is(th, td) { padding-top: .7mm; padding-bottom: .7mm; }
.exceptions thead :nth-child(1) { width: 58mm; }
.exceptions thead :nth-child(2) { width: 36mm; }
.exceptions thead :nth-child(3) { width: 32mm; }
.policies thead :nth-child(1) { width: 58mm; }
.policies thead :nth-child(2) { width: 20mm; }
.sessions { font-size: 7.4pt; line-height: 1.15; }
.sessions th, .sessions td { padding-top: .25mm; padding-bottom: .25mm; }
.sessions thead :nth-child(1) { width: 60mm; }
.sessions thead :nth-child(2) { width: 34mm; }
.sessions :is(th, td):nth-child(5) { padding-left: 6mm; }
.verdicts thead :nth-child(1) { width: 28mm; }
.verdicts thead :nth-child(2) { width: 62mm; }
.sources thead :nth-child(1) { width: 40mm; }

.status { width: fit-content; margin: 0; font-weight: 700; padding: 0 1.6mm; border-left: 2pt solid; }
.good { color: #14532d; background: #e7f4ea; }
.fair { color: #713f12; background: #fdf3d8; }
.bad { color: #7f1d1d; background: #fdeaea; }
.plain { color: #374151; background: #eef0f3; }

.tiles { display: flex; gap: 5mm; margin: 0 0 4.5mm; break-inside: avoid; }
.tile { flex: 1; margin: 0; padding: 3.5mm 4mm; background: #eef3f8; border-top: 2pt solid #12304f; }
.strong { font-weight: 700; }
.tile .figure { font-weight: 700; font-size: 19pt; line-height: 1.15; color: #12304f; }
.caveat { padding: 2mm 3mm; border-left: 2pt solid #b45309; background: #fdf8ee; break-inside: avoid; }
.alerts { margin: 0 0 4mm; padding: 0; list-style: none; }
.alerts li { padding: 1.3mm 3mm; margin-bottom: 1.1mm; border-left: 2pt solid #991b1b; background: #fdf1f1; break-inside: avoid; }

.chart { margin: 0 0 3mm; break-inside: avoid; }
.chart .note { margin-top: 1.5mm; }
svg { display: block; }
svg text { font: 11px sans; fill: #1b1f24; }
svg rect { fill: #2f6292; }

pre { margin: 0 0 4mm; font-size: 8pt; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; }
pre code { font-size: inherit; }
.text { margin: 0 0 4mm; font: 8pt/1.5 mono, sans; }
.line { margin: 0; padding-left: 4mm; min-height: 1.5em; unicode-bidi: isolate; }
.line:not(:empty) { background: linear-gradient(#12304f, #12304f) 0 .42em / 1.6pt .75em no-repeat; }
pre.commands { background: #f3f5f8; padding: 2.5mm 3mm; break-inside: avoid; }
p:has(+ .commands) { break-after: avoid; }
.commands + p { break-before: avoid; }
.sample .place { margin: 3mm 0 1mm; font-weight: 700; break-after: avoid; }
`;
