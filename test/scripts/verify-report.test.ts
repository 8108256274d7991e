import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { JsonObject } from '../../shared/audit/canonical-json.ts';
import { newId } from '../../shared/audit/ids.ts';
import { appendEvents } from '../../shared/log-writer/append.ts';
import { closeLog } from '../../shared/log-writer/close-log.ts';
import { REPORT_REVISION } from '../../shared/reports/report-schema.ts';
import { TIME_ALERT_STATEMENT } from '../../shared/reports/wording.ts';
import { presentTime } from '../../shared/time/present-time.ts';
import { draftEvent } from '../support/audit-world.ts';
import { commandEnv, runScript } from '../support/commands.ts';
import { startProxyThatOnlyReads } from '../support/only-reads.ts';
import { altered, createReportWorld, KEYS } from '../support/report-world.ts';
import { readTexts, replaceTexts } from '../support/segments.ts';
import { verifyAs } from '../support/verify.ts';

describe('npm run verify -- report.json', () => {
  it('verify prints a verdict for each axis of a report and exits 0', async (t) => {
    const world = await createReportWorld(t);
    const { json, session } = await world.issue(300);
    const { code, stdout } = await world.verifyAlone('report.json', json);
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.replace(/,.*/, '')),
      ['schema: verified', 'policy: verified', 'log: verified', 'report: verified', 'ledger: verified'],
    );
    assert.match(stdout, new RegExp(`on ${session.id}`));
    assert.match(stdout, /log: verified, 300 entries, root [0-9a-f]{64}\n/);
    assert.equal(code, 0);
  });

  it('verify asks for the key where a file is no report, and calls none false that it cannot check', async (t) => {
    const world = await createReportWorld(t);
    const proof = Buffer.from('{"event_proof":{}}');
    for (const [name, bytes] of [
      ['event.json', proof],
      ['pack.zip', proof],
      ['report.note', proof],
    ] as const) {
      const { code, stdout, stderr } = await world.verify(name, bytes);
      assert.deepEqual([code, stdout], [64, ''], name);
      assert.match(stderr, /^Packs, statements and proofs prove themselves .*: --key\.$/m);
    }
  });

  it('verify tells of a log that failed where the login may only read', async (t) => {
    const world = await createReportWorld(t);
    const { json, session } = await world.issue(300);
    await world.db
      .collection<{ _id: string }>('audit_segments')
      .deleteOne({ _id: new RegExp(`${session.id}/0$`) });
    const proxy = await startProxyThatOnlyReads(t, world.database.uri);
    const { code, stdout, stderr } = await world.verify('report.json', json, { MONGODB_URI: proxy.uri });
    assert.match(stdout, /^log: FAILED, /m, stderr);
    assert.equal(code, 2);
    assert.match(stderr, /may only read: nothing is marked or mended/);
  });

  it('verify compares at the size of the report when the log has grown since', async (t) => {
    const world = await createReportWorld(t);
    const { json, session } = await world.issue(260);
    const more = Array.from({ length: 40 }, (_, i) => draftEvent(i));
    await appendEvents(world, session.accountId, session.id, more);
    const { code, stdout } = await world.verify('report.json', json);
    assert.match(stdout, /^log: verified, 300 entries, root [0-9a-f]{64}$/m);
    assert.match(stdout, /^report: verified, it states what the log gives, 40 more entries since$/m);
    assert.equal(code, 0);
  });

  it('verify names the fields that the stored log does not give, and exits 2', async (t) => {
    const world = await createReportWorld(t);
    const { json } = await world.issue(5);
    const bytes = altered(json, (report) => report.set('redaction_count', 4));
    const { code, stdout } = await world.verify('report.json', bytes);
    assert.match(stdout, /^log: verified, /m);
    assert.match(stdout, /^report: FAILED, .*: redaction_count$/m);
    assert.match(stdout, /^ledger: FAILED, /m);
    assert.equal(code, 2);
  });

  it('verify names an expected size that the row of such a log cannot have had', async (t) => {
    const world = await createReportWorld(t);
    const { json } = await world.issue(5);
    const expecting = (name: string, value: number | string) =>
      altered(json, (report) => (report.get('completeness') as JsonObject).set(name, value));
    for (const [name, value] of [
      ['entries_expected', 5_000],
      ['entries_expected_is', 'exact'],
    ] as const) {
      const { code, stdout } = await world.verify('report.json', expecting(name, value));
      assert.match(stdout, new RegExp(`^report: FAILED, .*: completeness.${name}$`, 'm'));
      assert.equal(code, 2);
    }
  });

  it('verify holds the alerts on times against the log and the session, as they were then', async (t) => {
    const world = await createReportWorld(t);
    const { json, session } = await world.issue(5);
    const statement = TIME_ALERT_STATEMENT.times_go_back;
    const alert = { code: 'times_go_back', entries: 1, seq: 3, ts: null, by_ms: 1, statement };
    const forged = altered(json, (report) => report.set('time_alerts', [new Map(Object.entries(alert))]));
    const found = await world.verify('report.json', forged);
    assert.match(found.stdout, /^report: FAILED, .*: time_alerts$/m);
    // An end that came after the report is none of its alerts.
    const endedAt = new Date(session.startedAt.getTime() - 5_000);
    await closeLog(world, session.accountId, session.id, { endedAt, status: 'ok' });
    const later = await world.verify('report.json', json);
    assert.match(later.stdout, /^log: verified/m);
    assert.deepEqual([found.code, later.code], [2, 0]);
  });

  it('verify names a duration that the two times contradict', async (t) => {
    const world = await createReportWorld(t);
    const { json, session } = await world.issue(5);
    const endedAt = new Date(session.startedAt.getTime() + 5_000);
    await closeLog(world, session.accountId, session.id, { endedAt, status: 'ok' });
    const lasting = (durationMs: number) =>
      altered(json, (report) => {
        const stated = report.get('session') as JsonObject;
        stated.set('ended_at', presentTime(endedAt)).set('status', 'ok').set('duration_ms', durationMs);
      });
    assert.match((await world.verify('report.json', lasting(5_000))).stdout, /^log: verified/m);
    const { stdout } = await world.verify('report.json', lasting(1_000_000));
    // The report's own facts are older than the session, whose end is ahead of it.
    assert.match(stdout, /^report: FAILED, .*: time_alerts, (audit_log\.state, )?session\.duration_ms$/m);
  });

  it('verify fails a report whose root the stored log does not give', async (t) => {
    const world = await createReportWorld(t);
    const { json } = await world.issue(5);
    const bytes = altered(json, (report) => report.set('merkle_root_hex', '0'.repeat(64)));
    const { code, stdout } = await world.verify('report.json', bytes);
    assert.match(stdout, /^log: verified, 5 entries, /m);
    assert.match(stdout, /^report: FAILED, the report's root is not the log's$/m);
    assert.equal(code, 2);
  });

  it('verify fails a report whose stored log was altered later', async (t) => {
    const world = await createReportWorld(t);
    const { json, session } = await world.issue(5);
    const texts = await readTexts(world.db, session);
    await replaceTexts(world.db, session, texts.with(2, texts[2]!.replace('MSKV1', 'MSKV9')));
    const { code, stdout } = await world.verify('report.json', json);
    assert.match(stdout, /^log: FAILED, altered at seq 2$/m);
    assert.match(stdout, /^report: unverifiable, the stored log failed/m);
    assert.equal(code, 2);
  });

  it('verify fails a report whose coverage does not follow from the policy', async (t) => {
    const world = await createReportWorld(t);
    const { json } = await world.issue(5);
    const bytes = altered(json, (report) => {
      const coverage = report.get('safe_harbor_coverage') as JsonObject;
      for (const key of coverage.keys()) coverage.set(key, 'full');
    });
    const { code, stdout } = await world.verify('report.json', bytes);
    assert.match(stdout, /^policy: FAILED, coverage does not follow/m);
    assert.equal(code, 2);
  });

  it('verify fails a report with an anchor that the stored log does not give', async (t) => {
    const world = await createReportWorld(t);
    const { json } = await world.issue(5);
    const withAnchor = (anchor: Record<string, string | number | true>) =>
      altered(json, (report) => {
        const log = report.get('audit_log') as JsonObject;
        log.set('anchors', [new Map(Object.entries(anchor))]);
      });
    const reported = withAnchor({ source: 'reported', size: 3, root_hex: 'ab'.repeat(32), agrees: true });
    const found = await world.verify('report.json', reported);
    assert.match(
      found.stdout,
      /^log: verified, .*\nreport: FAILED, an anchor of the report, over 3 entries, is not a root/m,
    );
    const stored = withAnchor({ source: 'stored', size: 3, root_hex: 'ab'.repeat(32), agrees: true });
    const other = await world.verify('report.json', stored);
    assert.match(
      other.stdout,
      /^log: verified, .*\nreport: FAILED, an anchor of the report, over 3 entries, is not a root/m,
    );
    assert.deepEqual([found.code, other.code], [2, 2]);
  });

  it('verify fails a report with an anchor over more entries than it covers', async (t) => {
    const world = await createReportWorld(t);
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
    assert.match(stdout, /^log: verified, .*\nreport: FAILED, .*: audit_log\.anchors$/m);
  });

  it('verify marks no log as failed for a root that only the report states', async (t) => {
    const world = await createReportWorld(t);
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

  it('verify says that it does not know a later revision, and exits 1', async (t) => {
    const world = await createReportWorld(t);
    const { json } = await world.issue(5);
    const later = altered(json, (report) => report.set('revision', REPORT_REVISION + 1));
    const { code, stdout } = await world.verify('report.json', later);
    assert.equal(
      stdout,
      `schema: unverifiable, it is of revision ${REPORT_REVISION + 1}, and this program knows revisions 1 to ${REPORT_REVISION}\n`,
    );
    assert.equal(code, 1);
  });

  it('verify checks a report that was only reformatted, says how, and exits 0', async (t) => {
    const world = await createReportWorld(t);
    const { json } = await world.issue(5);
    const text = Buffer.from(json).toString();
    const pretty = JSON.stringify(JSON.parse(text), null, 2);
    const { report } = JSON.parse(text);
    const reordered = JSON.stringify({ report: Object.fromEntries(Object.entries(report).reverse()) });
    for (const [bytes, how] of [
      [`${text}\n`, 'white space'],
      [pretty, 'white space'],
      [pretty.replaceAll('\n', '\r\n'), 'white space, with line ends of Windows \\(CRLF\\)'],
      [`\ufeff${text}`, 'a byte order mark'],
      [reordered, 'the order of names'],
      [text.replace('masker-audit', 'm\\u0061sker-audit'), 'how characters or numbers are spelled'],
    ] as const) {
      const { code, stdout } = await world.verify('report.json', Buffer.from(bytes));
      assert.match(stdout, new RegExp(`^schema: verified, .*; the JSON was reformatted: ${how}\\. `));
      assert.match(stdout, /^ledger: verified/m);
      assert.equal(code, 0, stdout);
    }
    const altered = pretty.replace('"redaction_count": ', '"redaction_count": 1');
    assert.equal((await world.verify('report.json', Buffer.from(altered))).code, 2);
  });

  it('verify refuses a file that is no report', async (t) => {
    const world = await createReportWorld(t);
    for (const text of ['', '{}', '{"report":{}}', '\u0000']) {
      const { code, stdout } = await world.verify('report.json', Buffer.from(text));
      assert.match(stdout, /^schema: FAILED, [^\n]+\n$/);
      assert.equal(code, 2);
    }
  });

  it('verify fails a report that the ledger lacks where its session is stored, and says what helps', async (t) => {
    const world = await createReportWorld(t);
    const { json } = await world.issue(5, { inLedger: false });
    const { code, stdout } = await world.verify('report.json', json);
    assert.match(stdout, /^report: verified, /m);
    assert.match(
      stdout,
      /^ledger: FAILED, no report of this id was recorded for this account in this database, which has its session: either it was never issued here, or the ledger lost it\. Look in a backup/m,
    );
    assert.equal(code, 2);
    // Renaming the account must not make it a finding of the ledger: the other account may be another database's.
    const moved = altered(json, (report) =>
      (report.get('account') as JsonObject).set('id', newId('account')),
    );
    const other = await world.verify('report.json', moved);
    assert.match(other.stdout, /^report: FAILED, the session belongs to another account/m);
    assert.match(other.stdout, /^ledger: unverifiable, /m);
  });

  it('verify fails a report of which its row in the ledger says otherwise, and names what', async (t) => {
    const world = await createReportWorld(t);
    const { json } = await world.issue(5);
    const { report } = JSON.parse(Buffer.from(json).toString());
    const rows = world.db.collection<{ _id: string }>('reports');
    const row = await rows.findOne({ _id: report.id });
    const other = new Date('2020-01-01T00:00:00Z');
    const issued = 'these bytes were issued, as a statement signed by this deployment says';
    for (const [field, value, name] of [
      ['user_id', newId('user'), 'who asked'],
      ['user_id', 7, 'who asked'],
      ['account_id', newId('account'), 'account'],
      ['json_sha256', '5a'.repeat(32), 'SHA-256'],
      ['scope', 'account', 'scope'],
      ['session_id', newId('session'), 'session'],
      ['agent_id', newId('agent'), 'agent'],
      ['since', other, 'start'],
      ['until', other, 'end'],
      ['generated_at', other, 'time of making'],
      ['root_hex', '0'.repeat(64), 'root'],
      ['size', 4, 'size'],
    ] as const) {
      await rows.replaceOne({ _id: report.id }, { ...row, [field]: value });
      const { code, stdout } = await world.verify('report.json', json);
      const line = `ledger: FAILED, ${issued}; its row in the ledger was changed since: ${name}`;
      assert.deepEqual([code, stdout.match(/^ledger: .*$/m)?.[0]], [2, line], field);
    }
  });

  it('verify calls the ledger unverifiable where neither the report nor its session is stored, and exits 1', async (t) => {
    const world = await createReportWorld(t);
    const { json, session } = await world.issue(5, { inLedger: false });
    await world.db.collection<{ _id: string }>('sessions').deleteOne({ _id: session.id });
    const { code, stdout } = await world.verify('report.json', json);
    assert.match(stdout, /^log: unverifiable, the session is not in this database$/m);
    assert.match(
      stdout,
      /^ledger: unverifiable, no report of this id was recorded .*, nor is its session stored here under its account: verify it with the database that issued it$/m,
    );
    assert.equal(code, 1);
  });

  it('verify says which key an unverifiable log lacks, and exits 1', async (t) => {
    const world = await createReportWorld(t);
    const { json } = await world.issue(5);
    const other = await world.verify('report.json', json, { AUDIT_KEYS: `k_other:${'9f'.repeat(32)}` });
    assert.match(
      other.stdout,
      /^log: unverifiable, audit key k_test is not configured, or is another key of that name$/m,
    );
    assert.equal(other.code, 1);
  });

  it('verify exits 1 on a file that is not there', async (t) => {
    const world = await createReportWorld(t);
    const env = commandEnv(world.database, world.folder, KEYS);
    assert.equal((await runScript('verify.ts', [join(world.folder, 'none.pdf')], env)).code, 1);
  });
});
