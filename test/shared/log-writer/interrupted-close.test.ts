import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createKeyring } from '../../../shared/audit/audit-keys.ts';
import { closeLog, sealClosedLog } from '../../../shared/log-writer/close-log.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createLogWorld, type LogWorld, TEST_KEY, writeSession } from '../../support/audit-world.ts';
import { checkLog } from '../../support/check-log.ts';
import { damageRow, damageSegment } from '../../support/damage-rows.ts';
import { readTexts, replaceTexts } from '../../support/segments.ts';

const world = await createLogWorld({ after });

const FACTS = {
  endedAt: new Date('2026-12-02T18:50:00.000Z'),
  status: 'error',
  stageDurationsMs: [['upstream', 7]],
} as const;
const OTHER_FACTS = { endedAt: new Date('2026-12-03T00:00:00.000Z'), status: 'ok' } as const;

/** Closes a log whose writer dies after it has closed the segment, before it seals. */
async function interruptClose(size: number): Promise<Session> {
  const session = await writeSession(world, size, { seal: false });
  const dying: LogWorld = {
    ...world,
    sessions: {
      ...world.sessions,
      recordClose: async () => {
        throw new Error('killed');
      },
    },
  };
  await assert.rejects(closeLog(dying, session.accountId, session.id, FACTS), { message: 'killed' });
  assert.equal((await rowOf(session)).log.seal, null);
  return session;
}

const rowOf = async ({ accountId, id }: Session) => (await world.sessions.find(accountId, id)) as Session;
const seal = ({ accountId, id }: Session, deps = world) => sealClosedLog(deps, accountId, id);

async function assertUntouched(session: Session, why: string): Promise<void> {
  const { log, endedAt, merkleRootHex } = await rowOf(session);
  assert.deepEqual([log.seal, endedAt, merkleRootHex], [null, null, null], why);
}

describe('a log whose close was interrupted', () => {
  it('is sealed by the end that the close stated, whoever goes on', async () => {
    for (const size of [0, 1, 255, 256, 300]) {
      for (const goOn of [
        seal,
        ({ accountId, id }: Session) => closeLog(world, accountId, id, OTHER_FACTS),
      ]) {
        const session = await interruptClose(size);
        const result = await goOn(session);
        assert.deepEqual([result.status, 'size' in result && result.size], ['sealed', size]);
        const { session: row, verdict } = await checkLog(world, session);
        assert.equal(verdict.status === 'verified' && verdict.state, 'sealed');
        assert.deepEqual([row.endedAt, row.status, row.stageDurationsMs], Object.values(FACTS));
        assert.deepEqual(await seal(session), { status: 'already_sealed' });
      }
    }
  });

  it('a log that nobody closed is not sealed, nor one whose seal was taken from an ended session', async () => {
    const open = await writeSession(world, 5, { seal: false });
    assert.deepEqual(await seal(open), { status: 'not_closed' });
    // As somebody with the database and without the key would make it look.
    await damageSegment(world.db, open, 0, { closed: true });
    assert.deepEqual(await seal(open), { status: 'not_closed' });
    await assertUntouched(open, 'closed without a mark');
  });

  it('a log that was cut after it was closed is never sealed', async () => {
    const cuts: [what: string, cut: (session: Session) => Promise<void>][] = [
      [
        'entries gone',
        async (session) => replaceTexts(world.db, session, (await readTexts(world.db, session)).slice(0, 4)),
      ],
      [
        'entries gone, closed again under the old mark',
        async (session) => {
          const before = await world.db
            .collection<{ _id: string; closing: object }>('audit_segments')
            .findOne({
              _id: `${session.accountId}/${session.id}/0`,
            });
          await replaceTexts(world.db, session, (await readTexts(world.db, session)).slice(0, 4));
          await damageSegment(world.db, session, 0, { closed: true, closing: before?.closing });
          await damageRow(world.db, session, { 'log.size': 0, 'log.head_hash': '0'.repeat(64) });
        },
      ],
    ];
    for (const [what, cut] of cuts) {
      const session = await interruptClose(9);
      await cut(session);
      const { status } = await seal(session);
      assert.ok(status === 'failed' || status === 'not_closed', `${what}: ${status}`);
      assert.equal((await rowOf(session)).log.seal, null, what);
    }
  });

  it('a mark that was changed, or that another key made, seals nothing', async () => {
    const changes: [what: string, closing: (closing: object) => object][] = [
      ['another end', (closing) => ({ ...closing, ended_at: OTHER_FACTS.endedAt })],
      ['another status', (closing) => ({ ...closing, status: 'ok' })],
      ['other durations', (closing) => ({ ...closing, stage_durations_ms: null })],
      ['another mark', (closing) => ({ ...closing, mark: 'ab'.repeat(32) })],
      ['no date', (closing) => ({ ...closing, ended_at: 'soon' })],
      ['no object', () => [] as object],
    ];
    for (const [what, change] of changes) {
      const session = await interruptClose(3);
      const segments = world.db.collection<{ _id: string; closing: object }>('audit_segments');
      const row = await segments.findOne({ _id: `${session.accountId}/${session.id}/0` });
      await damageSegment(world.db, session, 0, { closing: change(row?.closing ?? {}) });
      assert.deepEqual(await seal(session), { status: 'not_closed' }, what);
      await assertUntouched(session, what);
    }
    const session = await interruptClose(3);
    const keyring = createKeyring([{ ...TEST_KEY, bytes: new Uint8Array(32).fill(9) }]);
    assert.equal((await seal(session, { ...world, keyring })).status, 'unverifiable');
  });
});
