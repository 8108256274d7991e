import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '../../../shared/audit/canonical-json.ts';
import { NO_TIMES } from '../../../shared/audit/entry-times.ts';
import type { Anchor } from '../../../shared/audit/log-record.ts';
import { composeReport } from '../../../shared/reports/compose-report.ts';
import type { ReportOnWire } from '../../../shared/reports/report-schema.ts';
import { policyFile } from '../../support/policies.ts';
import {
  type FactsChange,
  factsOf,
  HASH_HEX,
  LOGGING_POLICY,
  payloadsOf,
} from '../../support/report-facts.ts';

function jsonOf(change: FactsChange = {}): string {
  const composed = composeReport(factsOf(change));
  assert.ok(composed.ok, composed.ok ? '' : composed.problem);
  return composed.json;
}

function reportOf(change: FactsChange = {}): ReportOnWire {
  return (JSON.parse(jsonOf(change)) as { report: ReportOnWire }).report;
}

test("a report has the contract's eight fields", () => {
  const report = reportOf();
  assert.match(report.id, /^rep_/);
  assert.equal(report.scope, 'session');
  assert.match(report.session_id, /^sess_/);
  assert.equal(report.generated_at, '2026-05-03T21:30:11Z');
  assert.equal(report.merkle_root_hex, HASH_HEX);
  assert.deepEqual(report.redactions_by_kind, { NAME: 1, PHONE: 1 });
  assert.equal(report.policy_snapshot, policyFile('healthcare-default@1'));
  assert.deepEqual(
    Object.keys(report.safe_harbor_coverage).join(),
    'A_names,B_geo,C_dates,D_phone,E_fax,F_email,G_ssn,H_mrn,I_health_plan,J_account,K_license,L_vehicle,M_device,N_url,O_ip,P_biometric,Q_photo,R_other',
  );
});

test('a report always has every additive field', () => {
  const additive =
    'schema revision account agent session policy redaction_count redactions_by_pass leak_detection safe_harbor_detail audit_log time_alerts retention baa_chain sample_transcripts events_total events_listed completeness who_can_check';
  const empty = reportOf({
    verdict: { size: 0, times: NO_TIMES, events: [], rehydrationFailures: [] },
  });
  for (const field of additive.split(' ')) assert.ok(Object.hasOwn(empty, field), field);
});

test('a report keeps any kind as a key, sorted by UTF-16 code unit', () => {
  const { counts } = factsOf().verdict;
  const kinds = ['__proto__', 'constructor', '10', 'a.b', '$gt', 'ﬀ', '😀'].map(
    (kind, index) => [kind, index] as const,
  );
  const text = jsonOf({ verdict: { counts: { ...counts, redactionsByKind: kinds } } });
  assert.ok(
    text.includes('"redactions_by_kind":{"$gt":4,"10":2,"__proto__":0,"a.b":3,"constructor":1,"😀":6,"ﬀ":5}'),
  );
});

test('gives the same bytes for the same facts', () => {
  assert.equal(jsonOf(), jsonOf());
});

test('gives the same report for facts that were cloned to a thread', () => {
  const facts = factsOf({ policyText: LOGGING_POLICY, payloads: payloadsOf('Maria Alvarez') });
  assert.deepEqual(composeReport(structuredClone(facts)), composeReport(facts));
});

test('a report is canonical JSON that parses back', () => {
  const root = parseJson(jsonOf());
  assert.ok(root instanceof Map && root.get('report') instanceof Map);
});

test('writes milliseconds only where they are not zero', () => {
  const { session, audit_log } = reportOf();
  assert.equal(session.started_at, '2026-05-02T21:07:54.520Z');
  assert.equal(session.ended_at, '2026-05-02T21:07:55Z');
  assert.deepEqual(
    [audit_log.first_ts, audit_log.last_ts],
    ['2026-05-02T21:07:54.520Z', '2026-05-02T21:07:55Z'],
  );
});

test('states the audit log from the walk', () => {
  assert.deepEqual(reportOf().audit_log, {
    event_count: 3,
    start_hash: '0'.repeat(64),
    end_hash: HASH_HEX,
    key_id: 'k1',
    chain: 'verified',
    state: 'sealed',
    first_ts: '2026-05-02T21:07:54.520Z',
    last_ts: '2026-05-02T21:07:55Z',
    anchors: [],
  });
});

test('says of an unsealed log that its tail may have been cut, and that nothing covers the row', () => {
  const { audit_log, completeness } = reportOf({ verdict: { state: 'unsealed' } });
  assert.equal(audit_log.state, 'unsealed: the tail may have been cut');
  assert.match(completeness.sources[1]!.covered_by, /^nothing/);
});

test('expects of an open log at least its recorded head', () => {
  const { audit_log, completeness, session } = reportOf({
    session: { endedAt: null },
    verdict: { state: 'open' },
  });
  assert.equal(audit_log.state, 'open');
  assert.equal(completeness.entries_expected_is, 'at least');
  assert.deepEqual([session.ended_at, session.duration_ms], [null, null]);
});

test('calls the recorded head exact only where a seal fixes it', () => {
  const expectedIs = (state: 'open' | 'sealed' | 'unsealed') =>
    reportOf({ verdict: { state, size: 4 }, session: { log: factsOf().session.log } }).completeness;
  assert.equal(expectedIs('sealed').entries_expected_is, 'exact');
  const grown = expectedIs('unsealed');
  assert.deepEqual(
    [grown.entries_expected, grown.entries_expected_is, grown.entries_read],
    [3, 'at least', 4],
  );
});

test('says what a root kept outside exposes, and what it does not', () => {
  const { database_writer } = reportOf().who_can_check;
  assert.match(database_writer, /take the seal off a closed log/);
  assert.match(
    database_writer,
    /exposes a log that was cut, put back or deleted; it says nothing of the rest/,
  );
});

test('states every anchor that the walk reproduced: stored roots first, then by size, the largest first', () => {
  const anchorAt = (source: Anchor['source'], size: number): Anchor => ({ source, size, rootHex: HASH_HEX });
  const anchors = [anchorAt('reported', 1), anchorAt('stored', 2), anchorAt('reported', 3)];
  const { audit_log, completeness } = reportOf({ verdict: { anchors } });
  const stated = { root_hex: HASH_HEX, agrees: true };
  assert.deepEqual(audit_log.anchors, [
    { source: 'stored', size: 2, ...stated },
    { source: 'reported', size: 3, ...stated },
    { source: 'reported', size: 1, ...stated },
  ]);
  assert.ok(completeness.sources.some(({ used_for }) => used_for.startsWith('anchors')));
});

test('says which revision of the schema it is', () => {
  const { schema, revision } = reportOf();
  assert.deepEqual([schema, revision], ['masker-audit/v1', 7]);
});

test('counts the entries read', () => {
  const { completeness, events_total, events_listed, redaction_count } = reportOf();
  assert.equal(completeness.entries_expected, 3);
  assert.equal(completeness.entries_read, 3);
  assert.deepEqual([completeness.first_seq, completeness.last_seq, completeness.gaps], [0, 2, []]);
  assert.deepEqual([events_total, events_listed.length, redaction_count], [3, 3, 2]);
});

test('a report on an empty log states no range', () => {
  const { completeness } = reportOf({ verdict: { size: 0, times: NO_TIMES, events: [] } });
  assert.deepEqual([completeness.first_seq, completeness.last_seq], [null, null]);
});

test('lists rehydration failures by id, seq and kind', () => {
  const { leak_detection } = reportOf();
  assert.equal(leak_detection.rehydration_failures, 1);
  assert.deepEqual(
    leak_detection.events.map(({ seq, kind, entity_kind }) => [seq, kind, entity_kind]),
    [[2, 'rehydration_failed', 'PHONE']],
  );
});

test('bases coverage on the policy at session start once it was reloaded', () => {
  const { counts } = factsOf().verdict;
  const report = reportOf({
    verdict: { policyReloads: [1], counts: { ...counts, otherKinds: [['policy_reloaded', 1]] } },
  });
  assert.equal(report.safe_harbor_detail.basis, 'policy at session start');
  assert.equal(report.policy.basis, 'policy at session start');
  assert.deepEqual(report.completeness.policy_reloads, [1]);
  assert.deepEqual(report.completeness.other_kinds, { policy_reloaded: 1 });
  assert.equal(reportOf().policy.basis, 'policy in force during the session');
});

test('keeps capability and detections apart', () => {
  const { counts } = factsOf().verdict;
  const without = reportOf({ verdict: { counts: { ...counts, redactionsByKind: [] } } });
  const many = reportOf({
    verdict: {
      counts: {
        ...counts,
        redactionsByKind: [
          ['ZODIAC', 9],
          ['phone_number', 2],
          ['PHONE', 5],
        ],
      },
    },
  });
  assert.deepEqual(without.safe_harbor_coverage, many.safe_harbor_coverage);
  const detected = (report: ReportOnWire, key: string) =>
    report.safe_harbor_detail.identifiers.find((row) => row.key === key)?.detected;
  assert.deepEqual(
    [detected(many, 'D_phone'), detected(many, 'E_fax'), detected(many, 'A_names')],
    [7, 7, 0],
  );
  assert.deepEqual(many.safe_harbor_detail.unmapped_logged_kinds, ['ZODIAC']);
  assert.match(many.safe_harbor_detail.caveat, /no detection accuracy.*no determination/);
});

test('coverage lists the keys of the policy that are not known', () => {
  const policyText = policyFile('healthcare-default@1').replace('SSN: {enabled: true', 'SSN: {enable: false');
  assert.deepEqual(reportOf({ policyText }).safe_harbor_detail.unread_policy_keys, [
    { place: 'entities.SSN.enable', nearest: 'enabled' },
  ]);
  assert.deepEqual(reportOf().safe_harbor_detail.unread_policy_keys, []);
});

test('says that logging off is a gap', () => {
  assert.match(reportOf().policy.logging, /does not log payloads.*gap/);
  const eventsOff = LOGGING_POLICY.replace('log_events: true', 'log_events: false');
  assert.match(reportOf({ policyText: eventsOff }).policy.logging, /does not log redaction events.*gap/);
});

test('states the retention of the policy and that nothing checks it', () => {
  assert.equal(reportOf().retention.statement, 'the policy states 2555 days; enforcement is not checked');
  const none = reportOf({
    policyText: policyFile('healthcare-default@1').replace(/ +retention_days.*\n/, ''),
  });
  assert.equal(none.retention.policy_retention_days, null);
  assert.match(none.retention.statement, /states no retention period/);
});

test('shows the BAA chain of the operator, or that it is not configured', () => {
  assert.deepEqual(reportOf().baa_chain, { statement: 'not configured', text: null });
  assert.equal(reportOf({ baaChainText: 'Acme Hosting' }).baa_chain.text, 'Acme Hosting');
});

test('names the kinds that reach the model unmasked', () => {
  assert.deepEqual(reportOf({ policyText: policyFile('billing-strict@3') }).policy.passthrough_kinds, [
    'NAME',
  ]);
});
