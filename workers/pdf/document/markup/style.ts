// The style sheet, beside the rules that bring the fonts of a document (`font-faces.ts`).
import type { Paper } from '../../../../shared/reports/paper.ts';
import { type Html, html } from './html.ts';

/** Names of style sheets for the paper. */
const SIZES: Readonly<Record<Paper, string>> = { a4: 'A4', letter: 'Letter' };

/** The rule of the pages: the bottom margin leaves room for the foot, which is drawn into the finished PDF. */
export function pageStyle(paper: Paper): Html {
  return html`@page { size: ${SIZES[paper]}; margin: 14mm 18mm 20mm 18mm; }
`;
}

export const STYLE = html`* { box-sizing: border-box; }
html { font: 9pt/1.4 sans; font-synthesis: none; color: #1b1f24;
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }
body { margin: 0; overflow-wrap: anywhere; }
p { margin: 0 0 2mm; orphans: 3; widows: 3; }
code, pre { font-family: mono, sans; }
code { font-size: .88em; }
bdi, .line { white-space: break-spaces; overflow-wrap: anywhere; }
small { display: block; white-space: nowrap; color: #4b5563; font-size: .84em; }
.none { color: #4b5563; }
.note { color: #4b5563; font-size: 8pt; }
.hash { font-size: 7.2pt; }
.id { overflow-wrap: anywhere; }

h1, h2, h3 { line-height: 1.2; break-after: avoid; break-inside: avoid; color: #12304f; }
h1 { font-size: 19pt; font-weight: 700; margin: 0 0 3mm; letter-spacing: -.2pt; }
h2 { font-size: 12.5pt; margin: 4mm 0 2mm; padding-bottom: .8mm; border-bottom: .6pt solid #12304f; }
.executive-summary h2 { margin-top: 0; }
h3 { font-size: 9.5pt; margin: 3.5mm 0 1.2mm; }

.cover { break-after: page; }
.checkpoint { display: flex; gap: 5mm; align-items: flex-start; margin-top: 2.5mm; break-inside: avoid; }
.checkpoint table { flex: 1; margin: 0; }
.checkpoint .facts th { width: 26mm; }
.qr { flex: none; width: 32mm; height: 32mm; }
.qr path { fill: #000; }
.cover .kind { margin: 0 0 2mm; color: #4b5563; font-size: 9pt; }
.cover .subject { font-size: 14pt; line-height: 1.25; margin: 0 0 .5mm; }
.cover .account { font-size: 10.5pt; margin: 0 0 1mm; color: #4b5563; }
.cover .issued { margin: 0 0 3mm; }
.verdict :is(th, td) { padding-top: .9mm; padding-bottom: .9mm; font-size: 9.5pt; }
.cover .about :is(th, td) { padding-top: .5mm; padding-bottom: .5mm; }
.digests :is(th, td) { padding: 1.4mm 3mm; }
.digests th { width: 68mm; font-weight: 700; background: #eef3f8; }
.digests td { background: #eef3f8; }
.digests small { font-weight: 400; margin-top: 1mm; white-space: normal; }
.digests .hash { display: inline-block; width: 39.6ch; font-size: 9pt; line-height: 1.4; }

table { width: 100%; table-layout: fixed; border-collapse: collapse; margin: 0 0 3mm; }
caption { text-align: left; font-weight: 700; padding: 0 0 .8mm; break-after: avoid; }
thead { display: table-header-group; }
tr, .facts:not(.who) { break-inside: avoid; }
.who { font-size: 7.6pt; line-height: 1.28; }
th, td { text-align: left; vertical-align: top; padding: .6mm 2mm; border-bottom: .4pt solid #c8ced6; font-weight: 400; }
table:not(.digests) :is(th, td):first-child { padding-left: 0; }
thead th { font-weight: 700; border-bottom: .8pt solid #12304f; vertical-align: bottom; }
td > p:last-child { margin-bottom: 0; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
.facts th { width: 40mm; color: #374151; }
.facts { border-top: .8pt solid #12304f; }
.data { font-size: 8.2pt; }
.matrix { font-size: 7.5pt; line-height: 1.25; }
.matrix :is(th, td) { padding: .6mm 1.5mm; }
.matrix thead :nth-child(1) { width: 60mm; }
.matrix thead :nth-child(2) { width: 24mm; }
.matrix thead :nth-child(3) { width: 22mm; }
.matrix thead :nth-child(4) { width: 16mm; }
.matrix .letter { font-weight: 700; color: #12304f; }
.columns { columns: 2; column-gap: 5mm; margin: 0 0 2mm; }
.band { display: flex; gap: 4mm; align-items: flex-start; break-inside: avoid; margin: 0 0 2mm; }
.band > * { flex: 1; min-width: 0; margin: 0; }
.band caption { font-size: 7.5pt; }
.events { font-size: 6.4pt; line-height: 1.15; }
.events code { font-size: 5.8pt; }
.events :is(th, td) { padding: .2mm .6mm; border-bottom-width: .2pt; }
.events :is(th, td).number { text-align: left; }
.events thead :nth-child(1) { width: 8.5mm; }
.events thead :nth-child(2) { width: 16.5mm; }
.events thead :nth-child(4) { width: 38mm; }
.events :is(th, td):nth-child(4) { padding-right: 0; white-space: nowrap; }
.terms { font-size: 7.4pt; line-height: 1.28; }
.terms p { margin: 0 0 .8mm; break-inside: avoid; }
.beside { display: flex; gap: 6mm; align-items: flex-start; }
.beside > * { flex: 1; }
.beside > .first { flex: 2; }
.beside .counts { width: 100%; }
.full { margin: 1.5mm 0 .5mm; font-weight: 700; }
.failures thead :nth-child(1) { width: 54mm; }
.failures thead :nth-child(2) { width: 14mm; }
.failures :is(th, td):nth-child(3) { padding-left: 5mm; }
.failures thead :nth-child(3) { width: 48mm; }
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
.sessions { font-size: 6.3pt; line-height: 1.15; }
.sessions code { font-size: 5.8pt; }
.sessions :is(th, td) { padding: .2mm .6mm; border-bottom-width: .2pt; }
.sessions :is(th, td):nth-child(-n + 2) { white-space: nowrap; }
.sessions thead :nth-child(1) { width: 39.4mm; }
.sessions thead :nth-child(2) { width: 20.6mm; }
.sessions thead :nth-child(4) { width: 11.4mm; }
.verdicts thead :nth-child(1) { width: 25mm; }
.verdicts thead :nth-child(2) { width: 42mm; }
.sources { font-size: 7.5pt; line-height: 1.25; }
.sources thead :nth-child(1) { width: 38mm; }

.status { width: fit-content; margin: 0; font-weight: 700; padding: 0 1.6mm; border-left: 2pt solid; }
.good { color: #14532d; background: #e7f4ea; }
.fair { color: #713f12; background: #fdf3d8; }
.bad { color: #7f1d1d; background: #fdeaea; }
.plain { color: #374151; background: #eef0f3; }

.tiles { display: flex; gap: 4mm; margin: 0 0 3mm; break-inside: avoid; }
.tile { flex: 1; margin: 0; font-size: 8pt; line-height: 1.25; padding: 2mm 3mm; background: #eef3f8; border-top: 2pt solid #12304f; }
.strong { font-weight: 700; }
.tile .figure { font-weight: 700; font-size: 15pt; line-height: 1.15; color: #12304f; }
.caveat { padding: 1.2mm 2.5mm; font-size: 8.2pt; border-left: 2pt solid #b45309; background: #fdf8ee; break-inside: avoid; }
.alerts { margin: 0 0 4mm; padding: 0; list-style: none; }
.alerts li { padding: .9mm 2.5mm; margin-bottom: .8mm; border-left: 2pt solid #991b1b; background: #fdf1f1; break-inside: avoid; }

.chart { margin: 0 0 3mm; break-inside: avoid; }
.chart .note { margin-top: 1.5mm; }
svg { display: block; }
svg text { font: 11px sans; fill: #1b1f24; }
svg rect { fill: #2f6292; }

pre { margin: 0 0 2mm; font-size: 6.7pt; line-height: 1.3; white-space: pre-wrap; overflow-wrap: anywhere; }
pre code { font-size: inherit; }
.text { margin: 0 0 3mm; font: 7.2pt/1.35 mono, sans; }
.line { margin: 0; padding-left: 4mm; min-height: 1.35em; unicode-bidi: isolate; }
.line:not(:empty) { background: linear-gradient(#12304f, #12304f) 0 .42em / 1.6pt .75em no-repeat; }
pre.commands { background: #f3f5f8; padding: 1.5mm 2.5mm; break-inside: avoid; }
p:has(+ .commands) { break-after: avoid; }
.commands + p { break-before: avoid; }
.sample .place { margin: 1.5mm 0 .5mm; font-weight: 700; break-after: avoid; }
`;
