// The reports of all sessions of the real exports.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { composeReport } from '../../../shared/reports/compose-report.ts';
import type { ReportFacts } from '../../../shared/reports/report-facts.ts';
import { type ReportOnWire, reportEnvelopeSchema } from '../../../shared/reports/report-schema.ts';
import { alignTranscripts } from '../../../shared/reports/transcripts.ts';
import { exportedFacts } from '../../support/exported-facts.ts';
import { EXPORTS, readExport } from '../../support/exports.ts';
import { LOGGING_POLICY } from '../../support/report-facts.ts';

function reportOf(facts: ReportFacts): ReportOnWire {
  const composed = composeReport(facts);
  assert.ok(composed.ok, composed.ok ? '' : `${facts.session.id}: ${composed.problem}`);
  const envelope = JSON.parse(composed.json) as { report: ReportOnWire };
  assert.equal(reportEnvelopeSchema.safeParse(envelope).error?.message, undefined);
  return envelope.report;
}

/** The same session, had its policy passed nothing through: then transcripts are shown. */
function underLoggingPolicy(facts: ReportFacts): ReportFacts {
  const sha256Hex = hash('sha256', LOGGING_POLICY);
  return {
    ...facts,
    policy: { ...facts.policy, text: LOGGING_POLICY, sha256Hex },
    session: { ...facts.session, policySha256Hex: sha256Hex },
  };
}

for (const name of EXPORTS) {
  const { expected } = readExport(name);
  const facts = [...exportedFacts(name)];

  test(`every session of ${name} gets its report, with the numbers of an independent program`, () => {
    assert.equal(facts.length, Object.keys(expected).length);
    for (const each of facts) {
      const report = reportOf(each);
      const wanted = expected[each.session.id]!;
      assert.equal(report.merkle_root_hex, wanted.merkle_root_hex);
      assert.equal(report.audit_log.end_hash, wanted.end_hash);
      const { event_count: size, merkle_root_hex: root_hex } = wanted;
      assert.deepEqual(report.audit_log.anchors, [{ source: 'stored', size, root_hex, agrees: true }]);
      assert.equal(report.events_total, wanted.event_count);
      assert.equal(report.events_listed.length, Math.min(1000, wanted.event_count));
      assert.equal(report.redaction_count, wanted.redaction_count);
      assert.equal(report.leak_detection.rehydration_failures, wanted.rehydration_failures);
      assert.deepEqual({ ...report.redactions_by_kind }, { ...wanted.redactions_by_kind });
      assert.deepEqual({ ...report.redactions_by_pass }, { ...wanted.redactions_by_pass });
    }
  });
}

test('transcripts are shown without anything that masking replaced', () => {
  const logged = [...exportedFacts('clinic-week')].filter(({ payloads }) => payloads !== null);
  assert.equal(logged.length, 15);
  for (const facts of logged) {
    const { aligned, originals } = alignTranscripts(facts.payloads?.request, facts.payloads?.masked);
    assert.ok(aligned && originals.length > 0);
    const report = reportOf(underLoggingPolicy(facts));
    assert.ok(report.sample_transcripts.samples.length > 0);
    const text = JSON.stringify(report);
    for (const original of originals) assert.ok(!text.includes(JSON.stringify(original).slice(1, -1)));
  }
});
