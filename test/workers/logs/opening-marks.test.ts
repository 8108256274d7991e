// What a walk says of a log that no seal covers, by the mark of its opening.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { ZERO_HASH_HEX } from '../../../shared/audit/chain.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { damagedRow, type LogVerdict } from '../../../shared/audit/verdict.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import type { StoredSession } from '../../../shared/sessions/session-row.ts';
import { createVerifyDeps, verifyHere } from '../../../workers/logs/verify-session.ts';
import { createLogWorld, TEST_KEY, writeSession } from '../../support/audit-world.ts';
import { damageRow } from '../../support/damage-rows.ts';

const world = await createLogWorld({ after });
const rows = world.db.collection<StoredSession>('sessions');
const DAMAGED = damagedRow('log.opening');

const rowOf = ({ id }: Session) => rows.findOne({ _id: id });
const find = async ({ accountId, id }: Session) => (await world.sessions.find(accountId, id)) as Session;
const unset = ({ id }: Session) => rows.updateOne({ _id: id }, { $unset: { 'log.opening': '' } });

async function verify({ accountId, id: sessionId }: Session): Promise<LogVerdict> {
  const order = { accountId, sessionId, anchors: [], until: null, listed: 0 };
  const evidence = await verifyHere(createVerifyDeps(world.db, [TEST_KEY]), order);
  assert.ok(evidence);
  return evidence.verdict;
}

describe('a walk over an unsealed log', () => {
  it('finds a row damaged whose mark is of other facts, open or ended', async () => {
    const began = { started_at: new Date('2020-01-01T00:00:00Z') };
    const policy = { policy_version: 9, policy_sha256: 'ab'.repeat(32) };
    for (const fields of [began, policy, { 'log.opening': 'ab'.repeat(32) }, { 'log.opening': null }]) {
      for (const size of [0, 5, 300]) {
        const session = await writeSession(world, size, { seal: false });
        assert.equal((await verify(session)).status, 'verified');
        await damageRow(world.db, session, fields);
        assert.deepEqual(await verify(session), DAMAGED, `${size} ${JSON.stringify(fields)}`);
        await damageRow(world.db, session, { ended_at: new Date() });
        assert.deepEqual(await verify(session), DAMAGED, `ended, ${size} ${JSON.stringify(fields)}`);
      }
    }
  });

  it('tells of a failed log before it tells of the mark', async () => {
    const session = await writeSession(world, 5, { seal: false });
    await damageRow(world.db, session, { agent_id: newId('agent') });
    const verdict = await verify(session);
    assert.equal(verdict.status === 'failed' && verdict.fault, 'foreign');
  });

  it('verifies without a mark only entries of an ended session, which an earlier release wrote', async () => {
    for (const [size, ended] of [
      [5, 'verified'],
      [0, 'unverifiable'],
    ] as const) {
      const session = await writeSession(world, size, { seal: false });
      await unset(session);
      assert.deepEqual(await verify(session), DAMAGED, `open, ${size}`);
      await damageRow(world.db, session, { ended_at: new Date() });
      assert.equal((await verify(session)).status, ended, `ended, ${size}`);
    }
  });

  it('verifies no session that nobody opened', async () => {
    const real = (await rowOf(await writeSession(world, 5)))!;
    const { opening, ...log } = { ...real.log, size: 0, head_hash: ZERO_HASH_HEX, seal: null };
    for (const ended_at of [null, real.ended_at]) {
      for (const invented of [log, { ...log, opening: opening! }]) {
        const _id = newId('session');
        const rootless = { merkle_root_hex: null, merkle_root_size: null };
        await rows.insertOne({ ...real, _id, ended_at, log: invented, ...rootless });
        const session = await find({ accountId: real.account_id, id: _id } as Session);
        assert.deepEqual(await verify(session), DAMAGED, `${ended_at} ${'opening' in invented}`);
      }
    }
  });

  it('needs no mark of a sealed log, with or without entries', async () => {
    for (const size of [0, 5]) {
      const session = await writeSession(world, size);
      await unset(session);
      assert.equal((await verify(session)).status, 'verified');
    }
  });
});
