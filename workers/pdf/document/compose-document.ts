// Composes the pages of a report as one HTML document, from the report and the bytes of its JSON alone: equal reports
// give equal pages.
import { hash } from 'node:crypto';
import { operatorTexts } from '../../../shared/reports/own-words.ts';
import { DEFAULT_PAPER, type Paper } from '../../../shared/reports/paper.ts';
import type { AnyReport, Report, WideReport } from '../../../shared/reports/report-schema.ts';
import { countDrawn } from './character-counts.ts';
import { collectTypedValues } from './collect-typed-values.ts';
import { fontFaces } from './markup/font-faces.ts';
import { type Html, html } from './markup/html.ts';
import { pageStyle, STYLE } from './markup/style.ts';
import type { PdfDraft } from './pdf-draft.ts';
import { appendix } from './sections/appendix.ts';
import { baaChain } from './sections/baa-chain.ts';
import { checkByHand } from './sections/check-by-hand.ts';
import { cover } from './sections/cover.ts';
import { executiveSummary } from './sections/executive-summary.ts';
import { glossary } from './sections/glossary.ts';
import { integrity } from './sections/integrity.ts';
import { leakDetection } from './sections/leak-detection.ts';
import { pciDss } from './sections/pci-dss.ts';
import { policyInForce } from './sections/policy-in-force.ts';
import { redactions } from './sections/redactions.ts';
import { retention } from './sections/retention.ts';
import { safeHarbor } from './sections/safe-harbor.ts';
import type { Section, Source } from './sections/section.ts';
import { transcripts } from './sections/transcripts.ts';
import { byAgent, byDay } from './sections/wide/breakdowns.ts';
import { wideCheckByHand } from './sections/wide/check-by-hand.ts';
import { wideCover } from './sections/wide/cover.ts';
import { exceptions } from './sections/wide/exceptions.ts';
import { wideIntegrity } from './sections/wide/integrity.ts';
import { wideLeakDetection } from './sections/wide/leak-detection.ts';
import { policies } from './sections/wide/policies.ts';
import { sessionAppendix } from './sections/wide/session-appendix.ts';
import { wideSummary } from './sections/wide/summary.ts';
import { wideTranscripts } from './sections/wide/transcripts.ts';
import { LANGUAGE, statePdfFacts } from './state-pdf-facts.ts';

/** In the order of the pages, after the cover. */
const SESSION_SECTIONS: readonly Section<Report>[] = [
  executiveSummary,
  safeHarbor,
  pciDss,
  leakDetection,
  retention,
  baaChain,
  redactions,
  transcripts,
  integrity,
  checkByHand,
  policyInForce,
  glossary,
  appendix,
];

const WIDE_SECTIONS: readonly Section<WideReport>[] = [
  wideSummary,
  safeHarbor,
  byDay,
  redactions,
  byAgent,
  exceptions,
  pciDss,
  wideLeakDetection,
  policies,
  baaChain,
  wideTranscripts,
  wideIntegrity,
  wideCheckByHand,
  glossary,
  sessionAppendix,
];

/** The titles of the sections of a session's report, which are the PDF's bookmarks. */
export const SECTION_TITLES: readonly string[] = SESSION_SECTIONS.map(numberedTitle);
/** Those of a report over many sessions. */
export const WIDE_SECTION_TITLES: readonly string[] = WIDE_SECTIONS.map(numberedTitle);

/** Pure. `reportJson` is the report as `format=json` sends it: the pages state its digest. */
export function composeDocument(
  report: AnyReport,
  reportJson: Uint8Array,
  paper: Paper = DEFAULT_PAPER,
): PdfDraft {
  const facts = statePdfFacts(report);
  const { title, attachmentName } = facts;
  const attachmentSha256Hex = hash('sha256', reportJson);
  const file = { attachmentName, attachmentSha256Hex };
  const frame = { title, paper };
  const body =
    report.scope === 'session'
      ? bodyOf(cover, SESSION_SECTIONS, { report, ...file })
      : bodyOf(wideCover, WIDE_SECTIONS, { report, ...file });
  const pages = page(frame, body);
  return {
    html: pages.toString(),
    facts,
    scan: {
      typedValues: [...collectTypedValues(report), attachmentSha256Hex],
      ownWords: wordsOf(pages.withoutFreeText()),
      operatorTexts: operatorTexts(report),
      drawn: countDrawn(body),
    },
  };
}

function bodyOf<R extends AnyReport>(
  coverOf: (source: Source<R>) => Html,
  sections: readonly Section<R>[],
  source: Source<R>,
): Html {
  return html`${coverOf(source)}<main>
${sections.map((section, index) => presentSection(section, index, source))}</main>`;
}

function page({ title, paper }: Readonly<{ title: string; paper: Paper }>, body: Html): Html {
  return html`<!DOCTYPE html>
<html lang="${LANGUAGE}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; font-src data:">
<title>${title}</title>
<style>
${fontFaces(body.toString())}${pageStyle(paper)}${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

function presentSection<R extends AnyReport>(section: Section<R>, index: number, source: Source<R>): Html {
  return html`<section class="${section.name}">
<h2>${numberedTitle(section, index)}</h2>
${section.body(source)}
</section>
`;
}

function numberedTitle({ title }: Readonly<{ title: string }>, index: number): string {
  return `${index + 1}. ${title}`;
}

/** The text between tags, without the style sheet. */
function wordsOf(markup: string): string {
  return markup.replace(/<style>.*?<\/style>|<[^>]*>/gs, ' ');
}
