// Row, ledger and segments are read beside each other, and perhaps from another primary: before a log is called failed,
// all of them are read once more.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Session } from '../../../shared/sessions/session.ts';
import { createPolicyDoubter } from '../../../workers/logs/doubt-policy.ts';
import { openPage } from '../../../workers/logs/page-tasks.ts';
import { createRowReader, type RowReader } from '../../../workers/logs/row-reader.ts';
import { verifyHere } from '../../../workers/logs/verify-session.ts';
import { createStopFlag } from '../../../workers/threads/stop-flag.ts';
import { createLogWorld, writeSession } from '../../support/audit-world.ts';
import { replaceTexts } from '../../support/segments.ts';

type Row = NonNullable<Awaited<ReturnType<RowReader['find']>>>;

const world = await createLogWorld({ after });
const stored = createRowReader(world.db);
const doubter = createPolicyDoubter(world.db);
/** The second is walked in ranges. */
const SIZES = [5, 9_000];

/** A reader whose first answer is another than what is stored. */
function misreading(change: (row: Row) => Row | null) {
  let reads = 0;
  const rows: RowReader = {
    async find(log) {
      reads += 1;
      const row = (await stored.find(log)) as Row;
      return reads === 1 ? change(row) : row;
    },
  };
  return { rows, reads: () => reads };
}

function orderFor({ accountId, id: sessionId }: Session) {
  return { accountId, sessionId, anchors: [], until: null, listed: 9 };
}

const withLog = (row: Row, log: Partial<Session['log']>): Row => {
  const { session } = row.found;
  return { ...row, found: { ...row.found, session: { ...session, log: { ...session.log, ...log } } } };
};

const MISREADINGS: Record<string, (row: Row) => Row> = {
  'a head that the log does not have': (row) => withLog(row, { headHashHex: 'ab'.repeat(32) }),
  'more entries than the log has': (row) => withLog(row, { size: row.found.session.log.size + 1 }),
  'a seal that is none': (row) => withLog(row, { seal: 'ab'.repeat(32) }),
  'a row that is damaged': (row) => withLog(row, { size: -1 }),
  'a root in the ledger that the log does not give': (row) => ({
    ...row,
    anchors: [{ source: 'reported', size: 3, rootHex: 'ab'.repeat(32), sealed: false }],
  }),
};

describe('a log that fails at the first look', () => {
  for (const [name, change] of Object.entries(MISREADINGS)) {
    it(`is verified where the records are read again: ${name}`, async () => {
      for (const size of SIZES) {
        const session = await writeSession(world, size);
        const { rows, reads } = misreading(change);
        const evidence = await verifyHere({ ...world, doubter, rows }, orderFor(session));
        assert.equal(evidence?.verdict.status, 'verified');
        assert.deepEqual(evidence.found, (await stored.find(orderFor(session)))?.found);
        assert.equal(reads(), 2);
      }
    });
  }

  it('is failed where it fails at the second look, too, and is not read a third time', async () => {
    for (const size of SIZES) {
      const session = await writeSession(world, size);
      await replaceTexts(world.db, session, []);
      const { rows, reads } = misreading((row) => row);
      const evidence = await verifyHere({ ...world, doubter, rows }, orderFor(session));
      assert.ok(evidence?.verdict.status === 'failed' && evidence.verdict.fault === 'truncated');
      assert.equal(reads(), 2);
    }
  });

  it('has no evidence where the session is gone at the second look', async () => {
    const session = await writeSession(world, 5);
    let reads = 0;
    const rows: RowReader = {
      async find(log) {
        reads += 1;
        return reads === 1 ? withLog((await stored.find(log)) as Row, { seal: 'ab'.repeat(32) }) : null;
      },
    };
    assert.equal(await verifyHere({ ...world, doubter, rows }, orderFor(session)), null);
  });

  it('has a page with the events, where only the first look at its row was damaged', async () => {
    const session = await writeSession(world, 5);
    const { rows } = misreading(MISREADINGS['a row that is damaged'] as (row: Row) => Row);
    const page = { facts: async () => ({ agentName: 'Front desk', payloadsJson: null }) };
    const log = { accountId: session.accountId, sessionId: session.id };
    const opened = await openPage(
      { ...world, doubter, rows, page },
      { log, withPayloads: false, stop: createStopFlag() },
    );
    assert.ok(opened.kind === 'opened' && opened.plan !== null && opened.first.range !== null);
  });
});
