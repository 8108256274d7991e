// A window that changes while its report is made: what is said of a session was true at the moment that is stated.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import type { WideReport } from '../../../shared/reports/report-schema.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createReportPool, type ReportPool, type WideOrder } from '../../../workers/reports/pool.ts';
import { createLogWorld, draftEvent, TEST_KEY, writeSession } from '../../support/audit-world.ts';
import { naiveRoot } from '../../support/naive-merkle-tree.ts';
import { ASKER } from '../../support/report-facts.ts';
import { readTexts } from '../../support/segments.ts';

const releases: (() => Promise<void>)[] = [];
const world = await createLogWorld({ after: (release) => releases.push(release) });
let pool: ReportPool;

before(async () => {
  const config = {
    mongodbDb: world.database.name,
    auditKeys: [TEST_KEY],
    reportThreads: 2,
    reportQueueLimit: 8,
  };
  pool = await createReportPool({ mongodbUri: world.database.uri, config });
  releases.push(() => pool.close());
});
after(async () => {
  for (const release of releases.reverse()) await release();
});

async function report(accountId: string, meanwhile: () => Promise<void>): Promise<WideReport> {
  const window = { since: new Date(Date.now() - 3_600_000), until: new Date(), tz: 'UTC', period: null };
  const order: WideOrder = {
    ...{ accountId, subject: { scope: 'account', window }, exceptions: 'refuse' },
    ...{ baaChainText: null, format: 'json', issuedTo: ASKER, sessionsLimit: 100 },
  };
  let isFirst = true;
  const outcome = await pool.wideReport(order, {
    signal: new AbortController().signal,
    onOutcome: async () => {},
    async onProgress() {
      if (isFirst) await meanwhile();
      isFirst = false;
    },
  });
  assert.ok(outcome.kind === 'made', JSON.stringify(outcome));
  return (JSON.parse(new TextDecoder().decode(outcome.report.json)) as { report: WideReport }).report;
}

/** Ids of later sessions are larger, so they come later in the walk. */
async function writeMany(accountId: string, count: number, size: number): Promise<Session[]> {
  const sessions: Session[] = [];
  for (let i = 0; i < count; i += 1)
    sessions.push(await writeSession(world, size, { accountId, seal: false }));
  return sessions;
}

describe('a window that changes while its report is made', () => {
  it('states of a log that grows and of a session that closes what was there when it was read', async () => {
    const accountId = newId('account');
    const sessions = await writeMany(accountId, 4, 300);
    const [growing, closing] = [sessions[2]!, sessions[3]!];
    const facts = { endedAt: new Date(), status: 'ok' } as const;
    const made = await report(accountId, async () => {
      await appendEvents(world, accountId, growing.id, [draftEvent(300), draftEvent(301)]);
      await closeLog(world, accountId, closing.id, facts);
    });
    assert.equal(made.audit_log.verdict, 'verified');
    assert.equal(made.sessions_total, 4);
    let redactions = 0;
    for (const { id, entries, root_hex, read_at, redactions: counted } of made.sessions) {
      const session = sessions.find((known) => known.id === id) as Session;
      const texts = (await readTexts(world.db, session)).slice(0, entries);
      assert.equal(texts.length, entries);
      assert.equal(Buffer.from(naiveRoot(texts.map((text) => Buffer.from(text)))).toString('hex'), root_hex);
      assert.ok(Date.parse(read_at) <= Date.parse(made.generated_at));
      redactions += counted;
    }
    assert.equal(made.redaction_count, redactions);
    assert.equal(made.completeness.sessions_open, made.audit_log.states.open);
  });

  it('names a session that is deleted before the walk comes to it, and is not called verified then', async () => {
    const accountId = newId('account');
    // More than one batch, so that the walk is under way when the last one is deleted.
    const sessions = await writeMany(accountId, 40, 300);
    const last = sessions
      .map(({ id }) => id)
      .sort()
      .at(-1) as string;
    const made = await report(accountId, async () => {
      await world.db.collection<{ _id: string }>('sessions').deleteOne({ _id: last });
    });
    const { counted_before, counted_after, sessions_walked, sessions_gone } = made.completeness;
    // The last batch may have been read already.
    if (sessions_gone.length === 0) {
      assert.deepEqual([made.audit_log.verdict, sessions_walked], ['verified', 40]);
    } else {
      assert.deepEqual([made.audit_log.verdict, sessions_walked, sessions_gone], ['incomplete', 39, [last]]);
    }
    assert.deepEqual([counted_before, counted_after], [40, 39]);
  });
});
