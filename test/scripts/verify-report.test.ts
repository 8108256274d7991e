import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { PDFDocument } from '@cantoo/pdf-lib';
import { canonicalize, type JsonObject, parseJson } from '../../shared/audit/canonical-json.ts';
import { appendEvents } from '../../shared/log-writer/append.ts';
import { composeReport } from '../../shared/reports/compose-report.ts';
import { createReportLedger } from '../../shared/reports/report-ledger.ts';
import type { ReportOnWire } from '../../shared/reports/report-schema.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { WRITING } from '../../workers/pdf/finish/pdf-form.ts';
import {
  createLogWorld,
  draftEvent,
  type LogWorld,
  readTexts,
  replaceTexts,
  TEST_KEY,
  writeSession,
} from '../support/audit-world.ts';
import { bundleDir, readExpected } from '../support/bundles.ts';
import { WITH_CHROMIUM } from '../support/chromium.ts';
import { commandEnv, type Finished, runScript } from '../support/commands.ts';
import { issuedReport, REPORTED_SESSION } from '../support/issued-reports.ts';
import { createTestRenderer, printable } from '../support/pdfs.ts';
import { factsOf } from '../support/report-facts.ts';
import { verifyAs } from '../support/verify.ts';

const KEYS = `${TEST_KEY.id}:${Buffer.from(TEST_KEY.bytes).toString('hex')}`;

type Issued = { session: Session; json: Uint8Array };
type World = LogWorld & {
  folder: string;
  /** A session with a real log, and its report as it is in the ledger. */
  issue(size: number, options?: { inLedger?: boolean }): Promise<Issued>;
  verify(name: string, bytes: Uint8Array, env?: Record<string, string>): Promise<Finished>;
};

async function createWorld(t: TestContext): Promise<World> {
  const world = await createLogWorld(t);
  const folder = await mkdtemp(join(tmpdir(), 'verify-report-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return {
    ...world,
    folder,
    issue: (size, options) => issue(world, size, options),
    verify: async (name, bytes, env = {}) => {
      await writeFile(join(folder, name), bytes);
      const all = {
        ...commandEnv(world.database, folder, KEYS),
        CHROME_PATH: process.env.TEST_CHROME_PATH ?? '',
      };
      return await runScript('verify.ts', [join(folder, name)], { ...all, ...env });
    },
  };
}

async function issue(
  world: LogWorld,
  size: number,
  { inLedger = true }: { inLedger?: boolean } = {},
): Promise<Issued> {
  const facts = factsOf();
  const { id, accountId } = await writeSession(world, size, { seal: false });
  // The report is on the policy that its facts hold.
  await world.db
    .collection<{ _id: string }>('sessions')
    .updateOne({ _id: id }, { $set: { policy_sha256: facts.policy.sha256Hex } });
  const session = (await world.sessions.find(accountId, id)) as Session;
  const log = await verifyAs(world, session);
  assert.ok(log.status === 'verified' && log.size === size);
  const composed = composeReport({
    ...facts,
    account: { id: accountId, name: 'Riverside Clinic' },
    agent: { id: session.agentId, name: 'Front desk' },
    session: { ...session, policyName: facts.policy.name, policyVersion: facts.policy.version },
    verdict: log,
  });
  assert.ok(composed.ok);
  const json = Uint8Array.from(Buffer.from(composed.json));
  if (inLedger) {
    await createReportLedger(world.db).record(accountId, {
      id: facts.id,
      userId: 'usr_1',
      scope: 'session',
      sessionId: id,
      since: session.startedAt,
      until: session.endedAt,
      rootHex: log.rootHex,
      size,
      generatedAt: facts.generatedAt,
      jsonSha256Hex: hash('sha256', json),
    });
  }
  return { session, json };
}

/** The report with members of it set to other values, in canonical form. */
function altered(json: Uint8Array, change: (report: JsonObject) => void): Uint8Array {
  const envelope = parseJson(Buffer.from(json).toString()) as JsonObject;
  change(envelope.get('report') as JsonObject);
  return Buffer.from(canonicalize(envelope));
}

describe('npm run verify -- report.json', () => {
  it('says a verdict per axis and exits 0', async (t) => {
    const world = await createWorld(t);
    const { json, session } = await world.issue(300);
    const { code, stdout } = await world.verify('report.json', json);
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.replace(/,.*/, '')),
      ['schema: verified', 'policy: verified', 'log: verified', 'ledger: verified'],
    );
    assert.match(stdout, new RegExp(`on ${session.id}`));
    assert.match(stdout, /log: verified, 300 entries, root [0-9a-f]{64}\n/);
    assert.equal(code, 0);
  });

  it('compares at the size of the report when the log has grown since', async (t) => {
    const world = await createWorld(t);
    const { json, session } = await world.issue(260);
    const more = Array.from({ length: 40 }, (_, i) => draftEvent(i));
    await appendEvents(world, session.accountId, session.id, more);
    const { code, stdout } = await world.verify('report.json', json);
    assert.match(stdout, /log: verified, 260 entries, root [0-9a-f]{64} \(40 more since\)/);
    assert.equal(code, 0);
  });

  it('names the fields that the stored log does not give, and exits 2', async (t) => {
    const world = await createWorld(t);
    const { json } = await world.issue(5);
    const bytes = altered(json, (report) => report.set('redaction_count', 4));
    const { code, stdout } = await world.verify('report.json', bytes);
    assert.match(stdout, /^log: FAILED, .*: redaction_count$/m);
    assert.match(stdout, /^ledger: FAILED, /m);
    assert.equal(code, 2);
  });

  it('finds a root that the stored log does not give', async (t) => {
    const world = await createWorld(t);
    const { json } = await world.issue(5);
    const bytes = altered(json, (report) => report.set('merkle_root_hex', '0'.repeat(64)));
    const { code, stdout } = await world.verify('report.json', bytes);
    assert.match(stdout, /^log: FAILED, root_mismatch at seq 4$/m);
    assert.equal(code, 2);
  });

  it('finds a stored log that was altered after the report', async (t) => {
    const world = await createWorld(t);
    const { json, session } = await world.issue(5);
    const texts = await readTexts(world.db, session);
    await replaceTexts(world.db, session, texts.with(2, texts[2]!.replace('MSKV1', 'MSKV9')));
    const { code, stdout } = await world.verify('report.json', json);
    assert.match(stdout, /^log: FAILED, altered at seq 2$/m);
    assert.equal(code, 2);
  });

  it('finds coverage that does not follow from the policy', async (t) => {
    const world = await createWorld(t);
    const { json } = await world.issue(5);
    const bytes = altered(json, (report) => {
      const coverage = report.get('safe_harbor_coverage') as JsonObject;
      for (const key of coverage.keys()) coverage.set(key, 'full');
    });
    const { code, stdout } = await world.verify('report.json', bytes);
    assert.match(stdout, /^policy: FAILED, coverage does not follow/m);
    assert.equal(code, 2);
  });

  it('finds an anchor that the stored log does not give', async (t) => {
    const world = await createWorld(t);
    const { json } = await world.issue(5);
    const withAnchor = (anchor: Record<string, string | number | true>) =>
      altered(json, (report) => {
        const log = report.get('audit_log') as JsonObject;
        log.set('anchors', [new Map(Object.entries(anchor))]);
      });
    const reported = withAnchor({ source: 'reported', size: 3, root_hex: 'ab'.repeat(32), agrees: true });
    const found = await world.verify('report.json', reported);
    assert.match(found.stdout, /^log: FAILED, root_mismatch at seq 2$/m);
    const stored = withAnchor({ source: 'stored', size: 3, root_hex: 'ab'.repeat(32), agrees: true });
    const other = await world.verify('report.json', stored);
    assert.match(other.stdout, /^log: FAILED, root_mismatch at seq 2$/m);
    assert.deepEqual([found.code, other.code], [2, 2]);
  });

  it('finds an anchor over more entries than the report is on', async (t) => {
    const world = await createWorld(t);
    const { json, session } = await world.issue(5);
    await appendEvents(
      world,
      session.accountId,
      session.id,
      Array.from({ length: 3 }, (_, i) => draftEvent(i)),
    );
    const later = await verifyAs(world, session);
    assert.ok(later.status === 'verified');
    const bytes = altered(json, (report) => {
      const anchor = { source: 'reported', size: later.size, root_hex: later.rootHex, agrees: true };
      (report.get('audit_log') as JsonObject).set('anchors', [new Map(Object.entries(anchor))]);
    });
    const { stdout } = await world.verify('report.json', bytes);
    assert.match(stdout, /^log: FAILED, .*: audit_log\.anchors$/m);
  });

  it('marks no log as failed for a root that only the report states', async (t) => {
    const world = await createWorld(t);
    const { json, session } = await world.issue(5);
    const forged = altered(json, (report) => report.set('merkle_root_hex', '0'.repeat(64)));
    assert.equal((await world.verify('report.json', forged)).code, 2);
    const marked = () => world.db.collection('sessions').countDocuments({ log_failed: { $exists: true } });
    assert.equal(await marked(), 0);
    const texts = await readTexts(world.db, session);
    await replaceTexts(world.db, session, texts.with(2, texts[2]!.replace('MSKV1', 'MSKV9')));
    assert.equal((await world.verify('report.json', json)).code, 2);
    assert.equal(await marked(), 1);
  });

  it('says that it does not know a later revision, and exits 1', async (t) => {
    const world = await createWorld(t);
    const { json } = await world.issue(5);
    const later = altered(json, (report) => report.set('revision', 3));
    const { code, stdout } = await world.verify('report.json', later);
    assert.equal(
      stdout,
      'schema: unverifiable, it is of revision 3, and this program knows revisions 1 to 2\n',
    );
    assert.equal(code, 1);
  });

  it('refuses a file that is no report', async (t) => {
    const world = await createWorld(t);
    for (const text of ['', '{}', '{"report":{}}', '\u0000']) {
      const { code, stdout } = await world.verify('report.json', Buffer.from(text));
      assert.match(stdout, /^schema: FAILED, [^\n]+\n$/);
      assert.equal(code, 2);
    }
  });

  it('says which axis is unverifiable and why, and exits 1', async (t) => {
    const world = await createWorld(t);
    const { json } = await world.issue(5, { inLedger: false });
    const { code, stdout } = await world.verify('report.json', json);
    assert.match(stdout, /^ledger: unverifiable, /m);
    assert.equal(code, 1);
    const other = await world.verify('report.json', json, { AUDIT_KEYS: `k_other:${'9f'.repeat(32)}` });
    assert.match(other.stdout, /^log: unverifiable, audit key k_test is not configured$/m);
    assert.equal(other.code, 1);
  });

  it('exits 1 on a file that is not there', async (t) => {
    const world = await createWorld(t);
    const env = commandEnv(world.database, world.folder, KEYS);
    assert.equal((await runScript('verify.ts', [join(world.folder, 'none.pdf')], env)).code, 1);
  });
});

describe('npm run verify -- report.pdf', WITH_CHROMIUM, () => {
  it('prints the pages again and exits 0 when they are the same bytes', async (t) => {
    const world = await createWorld(t);
    const { json } = await world.issue(5);
    const pdf = await (await createTestRenderer(t)).render(printable(json), t.signal);
    const { code, stdout } = await world.verify('report.pdf', pdf);
    assert.match(stdout, /^structure: verified, /);
    assert.match(stdout, /^pages: verified, .*: the same bytes$/m);
    assert.equal(code, 0);
  });

  it('finds pages that say what the JSON does not, and exits 2', async (t) => {
    const world = await createWorld(t);
    const { json } = await world.issue(5);
    const pdf = await PDFDocument.load(
      await (await createTestRenderer(t)).render(printable(json), t.signal),
      {
        updateMetadata: false,
      },
    );
    pdf.getPages()[0]?.setRotation({ type: 'degrees', angle: 90 } as never);
    const { code, stdout } = await world.verify('report.pdf', await pdf.save(WRITING));
    assert.match(stdout, /^structure: verified, /);
    assert.match(stdout, /^pages: FAILED, /m);
    assert.equal(code, 2);
  });

  it('refuses a PDF to which something was appended', async (t) => {
    const world = await createWorld(t);
    const { json } = await world.issue(5);
    const pdf = await (await createTestRenderer(t)).render(printable(json), t.signal);
    const { code, stdout } = await world.verify('report.pdf', Buffer.concat([pdf, Buffer.from('\n%%EOF\n')]));
    assert.match(stdout, /^structure: FAILED, it has a second %%EOF/);
    assert.equal(code, 2);
  });

  it('says that pages are not checked where another Chromium printed them, or there is none', async (t) => {
    const world = await createWorld(t);
    const { json } = await world.issue(5);
    const bytes = await (await createTestRenderer(t)).render(printable(json), t.signal);
    const none = await world.verify('report.pdf', bytes, { CHROME_PATH: join(world.folder, 'none') });
    assert.match(none.stdout, /^pages: not checked, CHROME_PATH names no Chromium/m);
    assert.equal(none.code, 1);
    const pdf = await PDFDocument.load(bytes, { updateMetadata: false });
    pdf.setCreator('Chromium 99.0.1.2');
    const other = await world.verify('report.pdf', await pdf.save(WRITING));
    assert.match(
      other.stdout,
      /^pages: not checked, they were printed by Chromium 99\.0\.1\.2, and this is /m,
    );
    assert.equal(other.code, 1);
  });
});

/** The clinic's sessions, and in the ledger a report on one of them, as revision 1 issued it. */
async function createWorldOfRevision1(t: TestContext) {
  const { database, db, verify: _, ...world } = await createWorld(t);
  const { audit_keys: keys, account_id: accountId, sessions } = await readExpected('clinic-week');
  const env = {
    ...commandEnv(database, world.folder, keys),
    CHROME_PATH: process.env.TEST_CHROME_PATH ?? '',
  };
  const imported = await runScript('import.ts', [bundleDir('clinic-week')], env);
  assert.equal(imported.code, 0, imported.stderr);
  const issued = issuedReport(1);
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
    generatedAt: new Date(report.generated_at),
    jsonSha256Hex: hash('sha256', issued.json),
  });
  return {
    ...issued,
    verify: async (name: string, bytes: Uint8Array) => {
      await writeFile(join(world.folder, name), bytes);
      return await runScript('verify.ts', [join(world.folder, name)], env);
    },
  };
}

describe('npm run verify -- FILE of revision 1', () => {
  it('verifies the JSON against the schema of its revision, the stored log and the ledger', async (t) => {
    const world = await createWorldOfRevision1(t);
    const { code, stdout } = await world.verify('report.json', world.json);
    const root = /"merkle_root_hex":"([0-9a-f]{64})"/.exec(Buffer.from(world.json).toString())?.[1];
    assert.deepEqual(stdout.trim().split('\n'), [
      `schema: verified, masker-audit/v1 revision 1, rep_01M8G4RAD8TJGYFX1DX8Y12E4R on ${REPORTED_SESSION}`,
      'policy: verified, coverage follows from its text',
      `log: verified, 16 entries, root ${root}`,
      'ledger: verified, the very bytes that were issued',
    ]);
    assert.equal(code, 0);
  });

  it('does not check the pages of the PDF, says why, and exits 1', async (t) => {
    const world = await createWorldOfRevision1(t);
    const { code, stdout } = await world.verify('report.pdf', world.pdf);
    const lines = stdout.trim().split('\n');
    assert.deepEqual(
      lines.slice(0, -1).map((line) => line.replace(/,.*/, '')),
      ['structure: verified', 'schema: verified', 'policy: verified', 'log: verified', 'ledger: verified'],
    );
    assert.equal(
      lines.at(-1),
      'pages: not checked, these pages were made by revision 1 of the report, and this program prints revision 2',
    );
    assert.equal(code, 1);
  });

  it('fails a report that was altered', async (t) => {
    const world = await createWorldOfRevision1(t);
    const cases: [change: (report: JsonObject) => void, finding: RegExp][] = [
      [(report) => report.set('redaction_count', 1), /^log: FAILED, .*: redaction_count$/m],
      [
        (report) => (report.get('audit_log') as JsonObject).set('sealed_root_hex', 'ab'.repeat(32)),
        /^log: FAILED, root_mismatch at seq 15$/m,
      ],
      [(report) => report.set('note', 'one'), /^schema: FAILED, /m],
      [
        (report) => (report.get('safe_harbor_coverage') as JsonObject).set('G_ssn', 'none'),
        /^policy: FAILED, coverage does not follow/m,
      ],
      [
        (report) => (report.get('safe_harbor_detail') as JsonObject).set('caveat', 'All is covered.'),
        /^ledger: FAILED, it is not what was issued/m,
      ],
    ];
    for (const [change, finding] of cases) {
      const { code, stdout } = await world.verify('report.json', altered(world.json, change));
      assert.match(stdout, finding);
      assert.equal(code, 2);
    }
  });
});
