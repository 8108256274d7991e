import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import {
  createReportLedger,
  type LedgerEntry,
  type ReportLedger,
} from '../../../shared/reports/report-ledger.ts';
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
    generatedAt: new Date(Date.UTC(2026, 4, 2, 12, minute)),
    jsonSha256Hex: 'ab'.repeat(32),
  };
}

describe('the report ledger', () => {
  it('the ledger gives the root over most entries that a report stated, in any order of making and writing', async () => {
    const [accountId, sessionId] = [newId('account'), newId('session')];
    assert.equal(await ledger.reportedRoot(accountId, sessionId), null);
    for (const [minute, size] of [
      [2, 20],
      [5, 50],
      [6, 30],
    ] as const) {
      await ledger.record(accountId, entry(sessionId, minute, size));
    }
    assert.deepEqual(await ledger.reportedRoot(accountId, sessionId), {
      source: 'reported',
      size: 50,
      rootHex: entry('', 0, 50).rootHex,
    });
  });

  it('the ledger keeps sessions and accounts apart', async () => {
    const [accountId, sessionId] = [newId('account'), newId('session')];
    await ledger.record(accountId, entry(sessionId, 1, 10));
    assert.equal(await ledger.reportedRoot(newId('account'), sessionId), null);
    assert.equal(await ledger.reportedRoot(accountId, newId('session')), null);
    await ledger.record(newId('account'), entry(sessionId, 9, 90));
    assert.equal((await ledger.reportedRoot(accountId, sessionId))?.size, 10);
  });

  it('the ledger stores each report once', async () => {
    const [accountId, report] = [newId('account'), entry(newId('session'), 1, 10)];
    await ledger.record(accountId, report);
    await assert.rejects(ledger.record(accountId, report));
    await assert.rejects(ledger.record(newId('account'), report));
  });

  it('the ledger holds who asked for what and a digest, and nothing of the report', async () => {
    const [accountId, report] = [newId('account'), entry(newId('session'), 1, 10)];
    await ledger.record(accountId, report);
    const row = await database.db.collection<{ _id: string }>('reports').findOne({ _id: report.id });
    assert.deepEqual(Object.keys(row ?? {}).sort(), [
      ...['_id', 'account_id', 'generated_at', 'json_sha256', 'root_hex', 'scope'],
      ...['session_id', 'since', 'size', 'until', 'user_id'],
    ]);
  });
});
