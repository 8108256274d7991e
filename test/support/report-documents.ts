// Documents of reports, and their text as a reader finds it.

import assert from 'node:assert/strict';
import { NO_TIMES } from '../../shared/audit/entry-times.ts';
import { composeReport } from '../../shared/reports/compose-report.ts';
import type { Paper } from '../../shared/reports/paper.ts';
import { readAnyReport } from '../../shared/reports/read-report.ts';
import { composeDocument } from '../../workers/pdf/document/compose-document.ts';
import type { PdfDraft } from '../../workers/pdf/document/pdf-draft.ts';
import { loggedFacts } from './evidence-facts.ts';
import {
  type FactsChange,
  factsOf,
  HASH_HEX,
  LOGGING_POLICY,
  listedEvent,
  payloadsOf,
} from './report-facts.ts';

/** The bytes that `format=json` would send. */
export function reportJsonOf(change: FactsChange = {}): Uint8Array {
  const composed = composeReport(factsOf(change));
  assert.ok(composed.ok, composed.ok ? '' : composed.problem);
  return Buffer.from(composed.json);
}

/** The draft made from the JSON alone, as `verify` makes it. */
export function draftOf(json: Uint8Array, paper?: Paper): PdfDraft {
  return composeDocument(readAnyReport(json), json, paper);
}

export function documentOf(change: FactsChange = {}): string {
  return draftOf(reportJsonOf(change)).html;
}

/** The text between tags, without the style sheet. */
export function textOf(markup: string): string {
  const text = markup.replace(/<style>[\s\S]*?<\/style>/, '').replace(/<[^>]*>/g, '');
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

const { counts } = factsOf().verdict;
const { evidence, evidenceMissing } = await loggedFacts();
const NOTHING = { redactionCount: 0, redactionsByKind: [], redactionsByPass: [] } as const;

/** Kinds of reports that differ in what there is to show. */
export const REPORT_KINDS: Readonly<Record<string, FactsChange>> = {
  typical: {},
  empty: {
    verdict: {
      size: 0,
      headHashHex: '0'.repeat(64),
      times: NO_TIMES,
      events: [],
      rehydrationFailures: [],
      counts: { ...NOTHING, rehydrationFailureCount: 0, otherKinds: [] },
    },
  },
  'with payloads': {
    policyText: LOGGING_POLICY,
    payloads: payloadsOf('Jane Roe', 'John Doe'),
    baaChainText: 'Clinic\n  Cloud Host GmbH\n',
  },
  'in the account log': { evidence, evidenceMissing },
  'of an unsealed log with anchors': {
    verdict: {
      state: 'unsealed',
      anchors: [
        { source: 'stored', size: 3, rootHex: HASH_HEX },
        { source: 'reported', size: 1, rootHex: HASH_HEX },
      ],
    },
  },
  'of a large open log': {
    session: { endedAt: null },
    verdict: {
      state: 'open',
      size: 5000,
      policyReloads: [7],
      events: Array.from({ length: 1000 }, (_, seq) => listedEvent(seq)),
      counts: { ...counts, otherKinds: [['policy_reloaded', 1]] },
    },
  },
};
