import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { connectMongo } from '../../../shared/mongo/connection.ts';
import { findIssuedReport } from '../../../shared/reports/fleet-ledger.ts';
import { createReportLedger, type ReportLedger } from '../../../shared/reports/report-ledger.ts';
import type { LedgerEntry } from '../../../shared/reports/report-row.ts';
import { startCuttingProxy } from '../../support/cutting-proxy.ts';
import { openTestDatabase, type TestDatabase } from '../../support/mongo.ts';

let database: TestDatabase;
let ledger: ReportLedger;
const releases: (() => Promise<void>)[] = [];

before(async () => {
  database = await openTestDatabase({ after: (release) => releases.push(release) });
  ledger = createReportLedger(database.db);
});
after(async () => {
  for (const release of releases.reverse()) await release();
});

function entry(sessionId: string, minute: number, size: number): LedgerEntry {
  return {
    id: newId('report'),
    userId: newId('user'),
    scope: 'session',
    sessionId,
    size,
    since: new Date(0),
    until: null,
    rootHex: size.toString(16).padStart(64, '0'),
    logState: 'open',
    generatedAt: new Date(Date.UTC(2026, 4, 2, 12, minute)),
    jsonSha256Hex: 'ab'.repeat(32),
    pdfSha256Hex: null,
    pdfStatement: null,
    format: 'json',
    statement: null,
  };
}

describe('the report ledger', () => {
  it('the ledger gives every root that reports stated, each once, the largest size first', async () => {
    const [accountId, sessionId] = [newId('account'), newId('session')];
    assert.deepEqual(await ledger.reportedAnchors(accountId, sessionId), []);
    for (const [minute, size] of [
      [2, 20],
      [5, 50],
      [6, 30],
      [7, 50],
    ] as const) {
      await ledger.record(accountId, entry(sessionId, minute, size));
    }
    const other = 'ef'.repeat(32);
    await ledger.record(accountId, { ...entry(sessionId, 1, 30), rootHex: other });
    const anchors = await ledger.reportedAnchors(accountId, sessionId);
    assert.deepEqual(
      anchors,
      [50, 30, 30, 20].map((size, i) => ({
        source: 'reported',
        size,
        rootHex: i === 2 ? other : entry('', 0, size).rootHex,
        sealed: false,
      })),
    );
  });

  it('a root is of a sealed log where any report saw it sealed, and of rows without a state none did', async () => {
    const [accountId, sessionId] = [newId('account'), newId('session')];
    for (const logState of ['unsealed', 'sealed', 'open'] as const) {
      await ledger.record(accountId, { ...entry(sessionId, 1, 10), logState });
    }
    // Other states beside it, as whoever writes to the database may add, push it out of no limit.
    const rows = Array.from({ length: 1200 }, (_, i) => ({
      ...{ _id: newId('report'), account_id: accountId, session_id: sessionId },
      ...{ size: 10, root_hex: entry('', 0, 10).rootHex, log_state: `x${i}` },
    }));
    await database.db.collection<{ _id: string }>('reports').insertMany(rows);
    const old = entry(sessionId, 1, 5);
    await ledger.record(accountId, old);
    await database.db
      .collection<{ _id: string }>('reports')
      .updateOne({ _id: old.id }, { $unset: { log_state: '' } });
    const anchors = await ledger.reportedAnchors(accountId, sessionId);
    assert.deepEqual(
      anchors.map(({ size, sealed }) => [size, sealed]),
      [
        [10, true],
        [5, false],
      ],
    );
  });

  it('the ledger keeps sessions and accounts apart', async () => {
    const [accountId, sessionId] = [newId('account'), newId('session')];
    await ledger.record(accountId, entry(sessionId, 1, 10));
    assert.deepEqual(await ledger.reportedAnchors(newId('account'), sessionId), []);
    assert.deepEqual(await ledger.reportedAnchors(accountId, newId('session')), []);
    await ledger.record(newId('account'), entry(sessionId, 9, 90));
    const anchors = await ledger.reportedAnchors(accountId, sessionId);
    assert.deepEqual(
      anchors.map(({ size }) => size),
      [10],
    );
  });

  it('the ledger stores each report once', async () => {
    const [accountId, report] = [newId('account'), entry(newId('session'), 1, 10)];
    await ledger.record(accountId, report);
    // As after a lost reply.
    await ledger.record(accountId, report);
    assert.equal(
      await database.db.collection<{ _id: string }>('reports').countDocuments({ _id: report.id }),
      1,
    );
    const taken = { code: 'report_generation_failed', reason: 'stored_bytes' };
    await assert.rejects(ledger.record(newId('account'), report), taken);
    await assert.rejects(ledger.record(accountId, { ...report, jsonSha256Hex: 'f'.repeat(64) }), taken);
  });

  it('the ledger has a report once, wherever the connection is cut while it is recorded', async (t) => {
    const { hostname: host, port } = new URL(database.uri);
    for (const cut of ['before', 'sent', 'answered'] as const) {
      const proxy = await startCuttingProxy({ host, port: Number(port) }, 'reports');
      const mongo = await connectMongo(`mongodb://127.0.0.1:${proxy.port}`, database.name);
      t.after(async () => {
        await mongo.close();
        await proxy.close();
      });
      const [accountId, report] = [newId('account'), entry(newId('session'), 1, 10)];
      proxy.cutNext(cut, cut);
      await createReportLedger(mongo.db).record(accountId, report);
      assert.equal(proxy.pending(), 0);
      const rows = database.db.collection('reports');
      assert.equal(await rows.countDocuments({ account_id: accountId }), 1);
    }
  });

  it('a report is found by its id, with its account, and with the digest of its PDF where it has one', async () => {
    const [accountId, json, pdf] = [newId('account'), entry('s1', 1, 10), entry('s2', 2, 20)];
    await ledger.record(accountId, json);
    await ledger.record(accountId, { ...pdf, pdfSha256Hex: 'cd'.repeat(32) });
    const { db } = database;
    assert.equal((await findIssuedReport(db, json.id))?.pdfSha256Hex, null);
    const found = await findIssuedReport(db, pdf.id);
    assert.deepEqual([found?.accountId, found?.pdfSha256Hex], [accountId, 'cd'.repeat(32)]);
    await db
      .collection<{ _id: string }>('reports')
      .updateOne({ _id: pdf.id }, { $unset: { pdf_sha256: '' } });
    assert.equal((await findIssuedReport(db, pdf.id))?.pdfSha256Hex, undefined);
    assert.equal(await findIssuedReport(db, newId('report')), null);
  });

  it('the ledger keeps the statement and the format of a report, and marks it as due to the account log', async () => {
    const [accountId, signed, plain] = [newId('account'), entry('s1', 1, 10), entry('s2', 2, 20)];
    const statement = 'masker-evidence/report/v1\n\n\u2014 evidence.example.org AAAA\n';
    await ledger.record(accountId, { ...signed, sessionId: newId('session'), format: 'pdf', statement });
    await ledger.record(accountId, { ...plain, sessionId: newId('session') });
    const [second, first] = await ledger.list(accountId, { after: null, limit: 2 });
    assert.deepEqual([first?.format, first?.statement], ['pdf', statement]);
    assert.deepEqual([second?.format, second?.statement], ['json', null]);
    const rows = database.db.collection('reports');
    assert.equal(await rows.countDocuments({ account_id: accountId, log_due: true }), 2);
    // As earlier versions wrote rows.
    await rows.updateMany({ account_id: accountId }, { $unset: { format: '', statement: '', log_due: '' } });
    const [old] = await ledger.list(accountId, { after: null, limit: 1 });
    assert.deepEqual([old?.format, old?.statement], [null, null]);
  });

  it('the ledger holds who asked for what and two digests, and nothing of the report', async () => {
    const [accountId, report] = [newId('account'), entry(newId('session'), 1, 10)];
    await ledger.record(accountId, report);
    const row = await database.db.collection<{ _id: string }>('reports').findOne({ _id: report.id });
    assert.deepEqual(Object.keys(row ?? {}).sort(), [
      ...['_id', 'account_id', 'format', 'generated_at', 'json_sha256', 'log_due', 'log_state', 'pdf_sha256'],
      ...['root_hex', 'scope', 'session_id', 'since', 'size', 'until', 'user_id'],
    ]);
  });
});
