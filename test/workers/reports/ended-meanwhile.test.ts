// Sessions that end, are sealed and come into the account log while a report on them is made.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import { createReportLedger } from '../../../shared/reports/report-ledger.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { SESSIONS } from '../../../shared/sessions/session-row.ts';
import { openCheckpointMemory } from '../../../shared/transparency/checkpoint-memory.ts';
import { createStatementSigner } from '../../../shared/transparency/statement-signer.ts';
import { createVerifyDeps } from '../../../workers/logs/verify-session.ts';
import { openLogReader } from '../../../workers/reports/account-logs.ts';
import { createFactGatherer } from '../../../workers/reports/gather-facts.ts';
import { issueWithParts, type ReportPool } from '../../../workers/reports/pool.ts';
import { beginReport } from '../../../workers/reports/report-tasks.ts';
import { createStopFlag } from '../../../workers/threads/stop-flag.ts';
import { NEVER } from '../../support/account-logs.ts';
import { TEST_KEY, writeSession } from '../../support/audit-world.ts';
import { createLoggedWorld } from '../../support/logged-world.ts';
import { ASKER } from '../../support/report-facts.ts';

const { world, logs } = await createLoggedWorld({ after });
const { db } = world;
const { identity } = logs.signing;
const rows = db.collection<{ _id: string }>(SESSIONS);

/** Makes reports as a thread does. `walked` is called when a log was read, before the account log is. */
function poolThat(walked: (times: number) => Promise<void>): Pick<ReportPool, 'report'> {
  const reader = openLogReader(db, identity);
  assert.ok(reader);
  const accountLogs = { reader, keys: identity };
  const gather = createFactGatherer(db, accountLogs);
  let times = 0;
  const facts: typeof gather.facts = async (...args) => {
    const gathered = await gather.facts(...args);
    times += 1;
    await walked(times);
    return gathered;
  };
  const deps = { ...createVerifyDeps(db, [TEST_KEY], accountLogs), gather: { ...gather, facts } };
  return {
    async report(order, { known = null }) {
      const outcome = await beginReport(deps, { order, known, stop: createStopFlag() });
      assert.ok(outcome.kind !== 'begun');
      return outcome;
    },
  };
}

async function issue({ accountId, id: sessionId }: Session, walked: (times: number) => Promise<void>) {
  const deps = {
    pool: poolThat(walked),
    ledger: createReportLedger(db),
    recordOutcome: async () => {},
    signStatement: createStatementSigner(logs.signing),
    checkpointMemory: openCheckpointMemory(db, identity, logs.dataDir),
  };
  const order = { accountId, sessionId, baaChainText: null, format: 'json', issuedTo: ASKER } as const;
  const { json } = await issueWithParts(deps, order, { signal: NEVER, place: null });
  return JSON.parse(Buffer.from(json).toString()).report;
}

async function end({ accountId, id }: Session): Promise<void> {
  await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
  assert.equal((await logs.logs.keep(accountId, NEVER)).failed, null);
}

/** A session that ended, and whose row somebody put back. */
async function reopened(): Promise<Session> {
  const session = await writeSession(world, 4, { seal: false });
  const open = await rows.findOne({ _id: session.id });
  assert.ok(open);
  await end(session);
  await rows.replaceOne({ _id: session.id }, open);
  await db.collection('account_log_places').deleteMany({});
  return session;
}

describe('a session that ends while a report on it is made', () => {
  it('gets its report, which is made anew', async () => {
    const session = await writeSession(world, 4, { seal: false });
    const report = await issue(session, async (times) => {
      if (times === 1) await end(session);
    });
    assert.deepEqual([report.audit_log.state, report.audit_log.event_count], ['sealed', 4]);
    assert.notEqual(report.session.ended_at, null);
  });

  it('gets none where its row, which nobody wrote since, contradicts the account log', async () => {
    const session = await reopened();
    let walks = 0;
    const issuing = issue(session, async (times) => {
      walks = times;
    });
    await assert.rejects(issuing, { code: 'report_generation_failed', reason: 'account_log' });
    assert.equal(walks, 1);
  });

  it('gets none where its row is written each time, and contradicts the account log each time', async () => {
    const session = await reopened();
    let walks = 0;
    const issuing = issue(session, async (times) => {
      walks = times;
      await rows.updateOne({ _id: session.id }, { $set: { log_index: 900 + times } });
    });
    await assert.rejects(issuing, { code: 'report_generation_failed', reason: 'account_log' });
    assert.equal(walks, 3);
  });
});
