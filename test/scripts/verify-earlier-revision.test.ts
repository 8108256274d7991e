import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { runImport } from '../../scripts/import.ts';
import type { JsonObject } from '../../shared/audit/canonical-json.ts';
import { createReportLedger } from '../../shared/reports/report-ledger.ts';
import type { ReportOnWire } from '../../shared/reports/report-schema.ts';
import { bundleDir, readExpected } from '../support/bundles.ts';
import { commandEnv } from '../support/commands.ts';
import { issuedReport, REPORTED_SESSION } from '../support/issued-reports.ts';
import { altered, createReportWorld } from '../support/report-world.ts';
import { runHere } from '../support/run-here.ts';

const REVISIONS = [1, 2, 3, 4, 5, 6] as const;

const { database, db, verify, folder } = await createReportWorld({ after });
const { audit_keys: keys, account_id: accountId, sessions } = await readExpected('clinic-week');
const imported = await runHere(runImport, [bundleDir('clinic-week')], commandEnv(database, folder, keys));
assert.equal(imported.code, 0, imported.stderr);
for (const revision of REVISIONS) await recordReport(revision);
// Those revisions recorded no digest of a PDF.
await db.collection('reports').updateMany({}, { $unset: { pdf_sha256: '' } });

/** Puts a report on one of the clinic's sessions into the ledger, as the revision issued it. */
async function recordReport(revision: (typeof REVISIONS)[number]): Promise<void> {
  const { json } = issuedReport(revision);
  const report = statedIn(json);
  await createReportLedger(db).record(accountId, {
    id: report.id,
    // Revisions before 6 did not state who asked.
    userId: report.issued_to?.id ?? 'usr_1',
    scope: 'session',
    sessionId: REPORTED_SESSION,
    since: new Date(report.session.started_at),
    until: report.session.ended_at === null ? null : new Date(report.session.ended_at),
    rootHex: report.merkle_root_hex,
    size: sessions[REPORTED_SESSION]!.event_count,
    logState: 'sealed',
    generatedAt: new Date(report.generated_at),
    jsonSha256Hex: hash('sha256', json),
    pdfSha256Hex: null,
    pdfStatement: null,
    format: null,
    statement: null,
  });
}

function statedIn(json: Uint8Array): ReportOnWire {
  return (JSON.parse(Buffer.from(json).toString()) as { report: ReportOnWire }).report;
}

const verifyHere = (name: string, bytes: Uint8Array) => verify(name, bytes, { AUDIT_KEYS: keys });

for (const revision of REVISIONS) {
  const { json, pdf } = issuedReport(revision);
  const of = `a report of revision ${revision}`;
  it(`verify checks ${of} against the schema of its revision, the stored log and the ledger`, async () => {
    const { code, stdout } = await verifyHere('report.json', json);
    const { id, merkle_root_hex: root } = statedIn(json);
    assert.deepEqual(stdout.trim().split('\n'), [
      `schema: verified, masker-audit/v1 revision ${revision}, ${id} on ${REPORTED_SESSION}`,
      'policy: verified, coverage follows from the policy text',
      `log: verified, 16 entries, root ${root}`,
      'report: verified, it states what the log gives',
      'ledger: unverifiable, the same bytes as in the ledger, whose row bears no statement: nothing but the database says that it was issued. It was issued before statements were signed, or without SIGNING_KEY, or somebody wrote the row: get a new report',
    ]);
    assert.equal(code, 1);
  });

  it(`verify does not check the pages of a PDF of ${of}, says why, and exits 1`, async () => {
    const { code, stdout } = await verifyHere('report.pdf', pdf);
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
      `pages: not checked, these pages were made by revision ${revision} of the report, and this program prints revision 7. It was issued before the ledger kept digests of PDFs: get a new report`,
    );
    assert.equal(code, 1);
  });
}

describe('npm run verify -- FILE of revision 1', () => {
  it('verify fails a report of revision 1 that was altered', async () => {
    const { json } = issuedReport(1);
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
      const { code, stdout } = await verifyHere('report.json', altered(json, change));
      assert.match(stdout, finding);
      assert.equal(code, 2);
    }
  });
});
