// Finished PDFs: of real reports, printed by Chromium, and of one plain page for what is not about pages.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { PDFDocument } from '@cantoo/pdf-lib';
import { NO_TIMES } from '../../shared/audit/entry-times.ts';
import type { Attachment } from '../../shared/reports/attachments.ts';
import { composeReport } from '../../shared/reports/compose-report.ts';
import type { Paper } from '../../shared/reports/paper.ts';
import type { ReportFacts } from '../../shared/reports/report-facts.ts';
import type { PdfFacts } from '../../workers/pdf/document/pdf-draft.ts';
import { finishPdf } from '../../workers/pdf/finish/finish-pdf.ts';
import {
  createPdfRenderer,
  PDF_TASKS_HERE,
  type PdfOptions,
  type PdfRenderer,
  type PrintableReport,
} from '../../workers/pdf/pdf.ts';
import { draftOf } from './report-documents.ts';
import { type FactsChange, factsOf, HASH_HEX, listedEvent } from './report-facts.ts';

const ULID = '01KQN89WGRBPJ4AAGAHJXMZY71';

export const PDF_FACTS: PdfFacts = {
  title: 'Compliance report',
  language: 'en',
  reportId: `rep_${ULID}`,
  subject: `session sess_${ULID}`,
  rootHex: HASH_HEX,
  generatedAt: '2026-05-03T21:30:11Z',
  attachmentName: `masker-session-sess_${ULID}.json`,
};

const file = <Name extends Attachment['name']>(name: Name, text: string) => ({
  name,
  bytes: Buffer.from(text),
});

/** All that the PDF of a session's report may carry beside its JSON. */
export const SESSION_ATTACHMENTS: readonly Attachment[] = [
  file('report.note', 'masker-evidence/report/v1\n\n\u2014 evidence.example.org AAAA\n'),
  file('entries.ndjson', '{"seq":0}\n'),
];

/** All that the PDF of a report over many sessions may carry beside its JSON. */
export const WIDE_ATTACHMENTS: readonly Attachment[] = [
  file('report.note', 'masker-evidence/report/v1\n\n\u2014 evidence.example.org AAAA\n'),
  file('session_closed.ndjson', '{"kind":"session_closed"}\n'),
  file('session_closed.multiproof.json', '{"multiproof":{}}'),
];

export function jsonOf(facts: ReportFacts): Uint8Array {
  const composed = composeReport(facts);
  assert.ok(composed.ok, composed.ok ? '' : composed.problem);
  return Uint8Array.from(Buffer.from(composed.json));
}

/** What a renderer takes, made from the JSON alone, as `verify` makes it. */
export function printable(json: Uint8Array, paper?: Paper): PrintableReport {
  return { json, draft: draftOf(json, paper), attachments: [] };
}

/** A document of plain pages that bear the given words, as pdf-lib writes it. */
export async function blankPdf(
  pages = 1,
  change: (pdf: PDFDocument) => void = () => {},
): Promise<Uint8Array> {
  const pdf = await PDFDocument.create({ updateMetadata: false });
  for (let page = 0; page < pages; page += 1) pdf.addPage([595, 842]);
  change(pdf);
  return await pdf.save({ useObjectStreams: false });
}

export async function finishBlank(
  json: Uint8Array,
  change?: (pdf: PDFDocument) => void,
  attachments: readonly Attachment[] = [],
): Promise<Uint8Array> {
  return await finishPdf(await blankPdf(2, change), PDF_FACTS, json, attachments, '156.0.8078.79');
}

/** Prints with the Chromium of the test run; closed with the test. */
/** A renderer of one page at a time by the Chromium of the run, whose PDFs are finished in the test's own thread. */
export const TEST_RENDERER: PdfOptions = {
  chromePath: process.env.TEST_CHROME_PATH,
  path: '',
  tasks: PDF_TASKS_HERE,
  pages: 1,
  queueLimit: 10,
  warn: () => {},
};

export async function createTestRenderer(t: TestContext): Promise<PdfRenderer> {
  const renderer = await createPdfRenderer(TEST_RENDERER);
  t.after(() => renderer.close());
  return renderer;
}

/** Facts of a session without an entry. */
export function emptyFacts(): ReportFacts {
  const counts = {
    redactionCount: 0,
    redactionsByKind: [],
    redactionsByPass: [],
    rehydrationFailureCount: 0,
    otherKinds: [],
  };
  return factsOf({
    verdict: { size: 0, events: [], rehydrationFailures: [], times: NO_TIMES, counts },
  });
}

const KINDS = ['NAME', 'PHONE', 'SSN', 'ADDRESS', 'DOB', 'EMAIL', 'MRN', 'ACCOUNT', 'IP_ADDRESS', 'URL'];

/** Facts of a session with so many entries, of ten kinds, of which a report lists the first 1,000; every 50th is a failure. */
export function factsOfSize(size: number, change: FactsChange = {}): ReportFacts {
  const events = Array.from({ length: Math.min(size, 1000) }, (_, seq) => {
    const failed = { kind: 'rehydration_failed', pass: null };
    const entityKind = KINDS[seq % KINDS.length] as string;
    return listedEvent(seq, { entityKind, ...(seq % 50 === 49 && failed) });
  });
  const rehydrationFailureCount = Math.floor(size / 50);
  const redactionCount = size - rehydrationFailureCount;
  return factsOf({
    ...change,
    verdict: {
      size,
      events,
      rehydrationFailures: events.filter(({ kind }) => kind === 'rehydration_failed'),
      counts: {
        redactionCount,
        redactionsByKind: KINDS.map((kind) => [kind, redactionCount / KINDS.length]),
        redactionsByPass: [['gemma', redactionCount]],
        rehydrationFailureCount,
        otherKinds: [],
      },
      ...change.verdict,
    },
  });
}

/** Facts of a session with 5,000 entries, of which a report lists the first 1,000. */
export function longFacts(): ReportFacts {
  return factsOf({
    verdict: {
      size: 5000,
      events: Array.from({ length: 1000 }, (_, seq) => listedEvent(seq)),
      counts: {
        redactionCount: 4999,
        redactionsByKind: [
          ['NAME', 2500],
          ['PHONE', 2499],
        ],
        redactionsByPass: [['gemma', 4999]],
        rehydrationFailureCount: 1,
        otherKinds: [],
      },
    },
  });
}
