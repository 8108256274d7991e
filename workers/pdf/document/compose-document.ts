// The pages of a report as one HTML document, from the bytes of its JSON alone: the same bytes give the same pages.
import { hash } from 'node:crypto';
import { type Html, html } from './markup/html.ts';
import { STYLE } from './markup/style.ts';
import { readReport } from './read-report.ts';
import { appendix } from './sections/appendix.ts';
import { baaChain } from './sections/baa-chain.ts';
import { checkByHand } from './sections/check-by-hand.ts';
import { cover } from './sections/cover.ts';
import { executiveSummary } from './sections/executive-summary.ts';
import { integrity } from './sections/integrity.ts';
import { leakDetection } from './sections/leak-detection.ts';
import { pciDss } from './sections/pci-dss.ts';
import { policyInForce } from './sections/policy-in-force.ts';
import { redactions } from './sections/redactions.ts';
import { retention } from './sections/retention.ts';
import { safeHarbor } from './sections/safe-harbor.ts';
import type { Section, Source } from './sections/section.ts';
import { transcripts } from './sections/transcripts.ts';

export type PdfDocument = Readonly<{
  html: string;
  title: string;
  language: 'en';
  reportId: string;
  rootHex: string;
  /** ISO 8601 UTC, as the report has it. */
  generatedAt: string;
  sessionId: string;
  attachmentName: string;
}>;

const LANGUAGE = 'en';

/** In the order of the pages, after the cover. */
const SECTIONS: readonly Section[] = [
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
  appendix,
];

/** The titles of the sections, which are the PDF's bookmarks. */
export const SECTION_TITLES: readonly string[] = SECTIONS.map(numberedTitle);

/** Pure. Throws `report_generation_failed` for bytes that are no report as `format=json` sends it. */
export function composeDocument(reportJson: Uint8Array): PdfDocument {
  const report = readReport(reportJson);
  const attachmentName = `masker-session-${report.session_id}.json`;
  const source = { report, attachmentName, attachmentSha256Hex: hash('sha256', reportJson) };
  const title = `Compliance report of session ${report.session_id}`;
  return {
    html: page(title, source).toString(),
    title,
    language: LANGUAGE,
    reportId: report.id,
    rootHex: report.merkle_root_hex,
    generatedAt: report.generated_at,
    sessionId: report.session_id,
    attachmentName,
  };
}

function page(title: string, source: Source): Html {
  return html`<!DOCTYPE html>
<html lang="${LANGUAGE}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
${STYLE}
</head>
<body>
${cover(source)}<main>
${SECTIONS.map((section, index) => presentSection(section, index, source))}</main>
</body>
</html>
`;
}

function presentSection(section: Section, index: number, source: Source): Html {
  return html`<section class="${section.name}">
<h2>${numberedTitle(section, index)}</h2>
${section.body(source)}
</section>
`;
}

function numberedTitle({ title }: Section, index: number): string {
  return `${index + 1}. ${title}`;
}
