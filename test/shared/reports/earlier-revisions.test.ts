import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { findEarlierRevision } from '../../../shared/reports/earlier-revisions.ts';
import { readStatedReport } from '../../../shared/reports/read-report.ts';
import { serializeReport } from '../../../shared/reports/report.ts';
import {
  type AnyReport,
  publishedSchema,
  REPORT_REVISION,
  type Report,
  type ReportOnWire,
} from '../../../shared/reports/report-schema.ts';
import { type IssuedRevision, issuedReport } from '../../support/issued-reports.ts';
import { draftOf, reportJsonOf } from '../../support/report-documents.ts';
import { leavesOf, planted, type Step } from '../../support/report-leaves.ts';

const readIssued = (revision: IssuedRevision) =>
  JSON.parse(Buffer.from(issuedReport(revision).json).toString()) as { report: ReportOnWire };
const ISSUED = readIssued(1);

const encode = (report: unknown) => Buffer.from(serializeReport(report as Report));

function valueAt(value: unknown, path: readonly Step[]): unknown {
  return path.reduce((inner, step) => (inner as Record<string, unknown>)[step as string], value);
}

/** The paths of all objects within a value, itself first. */
function* objectsOf(value: unknown, path: readonly Step[] = []): Generator<readonly Step[]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield path;
  for (const [name, member] of Object.entries(value)) yield* objectsOf(member, [...path, name]);
}

test('every revision before this one is known, and no other', () => {
  for (let revision = 1; revision < REPORT_REVISION; revision += 1) assert.ok(findEarlierRevision(revision));
  assert.equal(findEarlierRevision(REPORT_REVISION), null);
  assert.equal(findEarlierRevision(0), null);
});

for (const issuedAs of [1, 2, 3, '3-account', 4, 5, 6, '6-account'] as const) {
  const revision = Number.parseInt(`${issuedAs}`, 10);
  describe(`the schema that revision ${revision} published, of report ${issuedAs}`, () => {
    const issued = readIssued(issuedAs);
    const { schema } = findEarlierRevision(revision)!;
    const fits = (envelope: unknown) => schema.safeParse(envelope).success;

    test('accepts a report that the revision issued', () => assert.ok(fits(issued)));

    test('refuses a value of another type at any place', () => {
      const leaves = [...leavesOf(issued)];
      assert.ok(leaves.length > 250);
      for (const path of leaves) {
        const value = valueAt(issued, path);
        // In place of null, a text may be right.
        const other = value === null ? true : typeof value === 'string' ? 1 : 'one';
        for (const plant of [{}, [], other, undefined]) {
          assert.ok(!fits(planted(issued, path, plant)), `${path.join('.')}: ${JSON.stringify(plant)}`);
        }
      }
    });

    test('refuses a member more in every object, and a member less', () => {
      for (const path of objectsOf(issued)) {
        const object = valueAt(issued, path) as object;
        assert.ok(
          !fits(planted(issued, path, { ...object, more: 'one' })),
          `a member more in ${path.join('.')}`,
        );
        // Any name may have a count.
        if (['redactions_by_kind', 'redactions_by_pass', 'other_kinds'].includes(String(path.at(-1))))
          continue;
        for (const name of Object.keys(object)) {
          const { [name as never]: _, ...less } = object;
          assert.ok(!fits(planted(issued, path, less)), `${path.join('.')} without ${name}`);
        }
      }
    });

    test('refuses a count below zero, a hash in capitals, a time without its zone, an unknown state', () => {
      const { report } = issued;
      for (const change of [
        { redactions_by_kind: { NAME: -1 } },
        { redaction_count: -1 },
        { merkle_root_hex: report.merkle_root_hex.toUpperCase() },
        { generated_at: report.generated_at.replace('Z', '') },
        ...(report.scope === 'session' ? [{ audit_log: { ...report.audit_log, state: 'shut' } }] : []),
        { revision: revision === 1 ? 2 : 1 },
      ]) {
        assert.ok(!fits({ report: { ...report, ...change } }), JSON.stringify(change));
      }
    });

    test('reads in the fields of this revision, which the published schema of today accepts', () => {
      const reading = readStatedReport(encode(issued.report));
      assert.ok(reading.known);
      const { report } = reading;
      assert.equal(report.revision, revision);
      const missing = revision < 4 || issuedAs === '6-account' ? 'no log' : 'not logged yet';
      assert.deepEqual([report.evidence, report.evidence_missing], [null, missing]);
      if (report.scope === 'session') assert.equal(report.session.external_id, null);
      const today = z.fromJSONSchema(publishedSchema() as Parameters<typeof z.fromJSONSchema>[0]);
      const written = JSON.parse(serializeReport({ ...report, revision: REPORT_REVISION } as AnyReport));
      assert.equal(today.safeParse(written).error?.message, undefined);
    });

    test('is of a report that is not printed again', () => {
      assert.throws(() => draftOf(issuedReport(issuedAs).json), { code: 'report_generation_failed' });
    });
  });
}

function read(report: unknown) {
  const reading = readStatedReport(encode(report));
  assert.ok(reading.known && reading.report.scope === 'session');
  return reading.report;
}

describe('a report of revision 1', () => {
  test('a sealed root of revision 1 is read as a stored anchor', () => {
    const { audit_log: log } = read(ISSUED.report);
    assert.deepEqual(log.anchors, [
      { source: 'stored', size: 16, root_hex: ISSUED.report.merkle_root_hex, agrees: true },
    ]);
    assert.equal(log.state, 'sealed');
  });

  test('a report of revision 1 without a sealed root is read without an anchor', () => {
    const none = { sealed_root_hex: null, sealed_root_size: null, sealed_root_agrees: null };
    const state = 'not sealed: the tail may have been cut';
    const { audit_log: log } = read({
      ...ISSUED.report,
      audit_log: { ...ISSUED.report.audit_log, ...none, state },
    });
    assert.deepEqual([log.anchors, log.state], [[], 'unsealed: the tail may have been cut']);
  });

  test('keeps a kind that is named `__proto__`', () => {
    const kinds = new Map([['__proto__', 2]]);
    assert.deepEqual(read({ ...ISSUED.report, redactions_by_kind: kinds }).redactions_by_kind, kinds);
  });
});

test('a window of revision 6 whose sessions are missing is read as incomplete', () => {
  const { report } = readIssued('6-account');
  const { completeness, audit_log: log } = report as unknown as Record<string, Record<string, unknown>>;
  const verdictOf = (verdict: string, missing: readonly string[]) => {
    const told = {
      completeness: { ...completeness, sessions_missing: missing },
      audit_log: { ...log, verdict },
    };
    const read = readStatedReport(encode({ ...report, ...told }));
    assert.ok(read.known && read.report.scope !== 'session');
    return read.report.audit_log.verdict;
  };
  const missing = ['sess_01KQGDBJ00H0R8DV3YQC000007'];
  assert.equal(verdictOf('verified', []), 'verified');
  assert.equal(verdictOf('verified', missing), 'incomplete');
  assert.equal(verdictOf('failed', missing), 'failed');
});

test('a report of a later revision is not read, and its revision is named', () => {
  const { report } = JSON.parse(Buffer.from(reportJsonOf()).toString());
  assert.deepEqual(readStatedReport(encode({ ...report, revision: REPORT_REVISION + 1, more: 1 })), {
    known: false,
    revision: REPORT_REVISION + 1,
  });
});

test('a revision that is no positive whole number is refused', () => {
  const { report } = JSON.parse(Buffer.from(reportJsonOf()).toString());
  for (const revision of [0, -1, 1.5, '1', null, [2]]) {
    assert.throws(() => readStatedReport(encode({ ...report, revision })), {
      code: 'report_generation_failed',
    });
  }
});
