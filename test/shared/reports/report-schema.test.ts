import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { REPORT_SCHEMA_FILE } from '../../../scripts/write-report-schema.ts';
import { NO_TIMES } from '../../../shared/audit/entry-times.ts';
import { composeReport } from '../../../shared/reports/compose-report.ts';
import { publishedSchema, reportEnvelopeSchema } from '../../../shared/reports/report-schema.ts';
import { policyFile } from '../../support/policies.ts';
import { factsOf, HASH_HEX, LOGGING_POLICY, payloadsOf } from '../../support/report-facts.ts';

const { counts } = factsOf().verdict;
const REPORTS = {
  'a sealed session': factsOf(),
  'an empty, open session': factsOf({
    session: { endedAt: null },
    verdict: { state: 'open', size: 0, times: NO_TIMES, events: [], rehydrationFailures: [] },
  }),
  'a session with payloads': factsOf({ policyText: LOGGING_POLICY, payloads: payloadsOf('Maria Alvarez') }),
  'a policy that passes kinds through': factsOf({ policyText: policyFile('billing-strict@3') }),
  'a stored root and a reloaded policy': factsOf({
    verdict: { policyReloads: [2], anchors: [{ source: 'stored', size: 3, rootHex: HASH_HEX }] },
    baaChainText: 'Acme Hosting',
  }),
  'kinds named like prototype members': factsOf({
    verdict: {
      counts: {
        ...counts,
        redactionsByKind: [
          ['__proto__', 1],
          ['constructor', 1],
        ],
      },
    },
  }),
};

for (const [what, facts] of Object.entries(REPORTS)) {
  test(`accepts the report of ${what}`, () => {
    const composed = composeReport(facts);
    assert.ok(composed.ok, composed.ok ? '' : composed.problem);
    const { error } = reportEnvelopeSchema.safeParse(JSON.parse(composed.json));
    assert.equal(error?.message, undefined);
  });
}

test('refuses a report with a member more, one less, or one of another type', () => {
  const composed = composeReport(factsOf());
  assert.ok(composed.ok);
  const { report } = JSON.parse(composed.json);
  const { who_can_check: _, ...less } = report;
  for (const wrong of [
    { ...report, more: 1 },
    less,
    { ...report, merkle_root_hex: HASH_HEX.toUpperCase() },
  ]) {
    assert.equal(reportEnvelopeSchema.safeParse({ report: wrong }).success, false);
  }
});

test('the published JSON Schema is the one in force', () => {
  const published: unknown = JSON.parse(readFileSync(REPORT_SCHEMA_FILE, 'utf8'));
  assert.deepEqual(published, JSON.parse(JSON.stringify(publishedSchema())));
});
