import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { JsonObject } from '../../shared/audit/canonical-json.ts';
import { createReportLedger } from '../../shared/reports/report-ledger.ts';
import type { ReportOnWire } from '../../shared/reports/report-schema.ts';
import { SIGNING_ENV } from '../support/account-logs.ts';
import { bundleDir, readExpected } from '../support/bundles.ts';
import { commandEnv, runScript } from '../support/commands.ts';
import { issuedReport, REPORTED_SESSION } from '../support/issued-reports.ts';
import { altered, createReportWorld } from '../support/report-world.ts';

/** The clinic's sessions, and in the ledger a report on one of them, as the revision issued it. */
async function createWorldOfRevision(t: TestContext, revision: 1 | 2 | 3 | 4 | 5) {
  const { database, db, verify: _, ...world } = await createReportWorld(t);
  const { audit_keys: keys, account_id: accountId, sessions } = await readExpected('clinic-week');
  const env = {
    ...commandEnv(database, world.folder, keys),
    ...SIGNING_ENV,
    CHROME_PATH: process.env.TEST_CHROME_PATH ?? '',
  };
  const imported = await runScript('import.ts', [bundleDir('clinic-week')], env);
  assert.equal(imported.code, 0, imported.stderr);
  const issued = issuedReport(revision);
  const { report } = JSON.parse(Buffer.from(issued.json).toString()) as { report: ReportOnWire };
  await createReportLedger(db).record(accountId, {
    id: report.id,
    userId: 'usr_1',
    scope: 'session',
    sessionId: REPORTED_SESSION,
    since: new Date(report.session.started_at),
    until: null,
    rootHex: report.merkle_root_hex,
    size: sessions[REPORTED_SESSION]!.event_count,
    logState: 'sealed',
    generatedAt: new Date(report.generated_at),
    jsonSha256Hex: hash('sha256', issued.json),
    pdfSha256Hex: null,
    pdfStatement: null,
    format: null,
    statement: null,
  });
  // Those revisions recorded no digest of a PDF.
  await db.collection('reports').updateMany({}, { $unset: { pdf_sha256: '' } });
  return {
    ...issued,
    report,
    verify: async (name: string, bytes: Uint8Array) => {
      await writeFile(join(world.folder, name), bytes);
      return await runScript('verify.ts', [join(world.folder, name)], env);
    },
  };
}

for (const revision of [1, 2, 3, 4, 5] as const) {
  const of = `a report of revision ${revision}`;
  it(`verify checks ${of} against the schema of its revision, the stored log and the ledger`, async (t) => {
    const world = await createWorldOfRevision(t, revision);
    const { code, stdout } = await world.verify('report.json', world.json);
    const { id, merkle_root_hex: root } = world.report;
    assert.deepEqual(stdout.trim().split('\n'), [
      `schema: verified, masker-audit/v1 revision ${revision}, ${id} on ${REPORTED_SESSION}`,
      'policy: verified, coverage follows from the policy text',
      `log: verified, 16 entries, root ${root}`,
      'report: verified, it states what the log gives',
      'ledger: unverifiable, the same bytes as in the ledger, whose row bears no statement: nothing but the database says that it was issued. It was issued before statements were signed, or without SIGNING_KEY, or somebody wrote the row: get a new report',
    ]);
    assert.equal(code, 1);
  });

  it(`verify does not check the pages of a PDF of ${of}, says why, and exits 1`, async (t) => {
    const world = await createWorldOfRevision(t, revision);
    const { code, stdout } = await world.verify('report.pdf', world.pdf);
    const lines = stdout.trim().split('\n');
    assert.deepEqual(
      lines.slice(0, -1).map((line) => line.replace(/,.*/, '')),
      [
        ...['structure', 'schema', 'policy', 'log', 'report'].map((axis) => `${axis}: verified`),
        'ledger: unverifiable',
      ],
    );
    assert.equal(
      lines.at(-1),
      `pages: not checked, these pages were made by revision ${revision} of the report, and this program prints revision 6. It was issued before the ledger kept digests of PDFs: get a new report`,
    );
    assert.equal(code, 1);
  });
}

describe('npm run verify -- FILE of revision 1', () => {
  it('verify fails a report of revision 1 that was altered', async (t) => {
    const world = await createWorldOfRevision(t, 1);
    const cases: [change: (report: JsonObject) => void, finding: RegExp][] = [
      [(report) => report.set('redaction_count', 1), /^report: FAILED, .*: redaction_count$/m],
      [
        (report) => (report.get('audit_log') as JsonObject).set('sealed_root_hex', 'ab'.repeat(32)),
        /^report: FAILED, an anchor of the report, over 16 entries, is not a root of the log$/m,
      ],
      [(report) => report.set('note', 'one'), /^schema: FAILED, /m],
      [
        (report) => (report.get('safe_harbor_coverage') as JsonObject).set('G_ssn', 'none'),
        /^policy: FAILED, coverage does not follow/m,
      ],
      [
        (report) => (report.get('safe_harbor_detail') as JsonObject).set('caveat', 'All is covered.'),
        /^ledger: FAILED, the bytes are not those that were issued/m,
      ],
    ];
    for (const [change, finding] of cases) {
      const { code, stdout } = await world.verify('report.json', altered(world.json, change));
      assert.match(stdout, finding);
      assert.equal(code, 2);
    }
  });
});
