import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createKeyring } from '../../../shared/audit/audit-keys.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { unknownKey } from '../../../shared/audit/verdict.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import { durationOf, type Session } from '../../../shared/sessions/session.ts';
import { createLogWorld, TEST_KEY, writeSession } from '../../support/audit-world.ts';
import { checkLog } from '../../support/check-log.ts';
import { naiveSeal } from '../../support/naive-chain.ts';
import { naiveRoot } from '../../support/naive-merkle-tree.ts';
import { readTexts, replaceTexts } from '../../support/segments.ts';

const world = await createLogWorld({ after });

const ENDED_AT = new Date('2026-12-02T18:50:00.000Z');
const FACTS = { endedAt: ENDED_AT, status: 'error', stageDurationsMs: [['upstream', 7]] } as const;

const close = ({ accountId, id }: Session) => closeLog(world, accountId, id, FACTS);

describe('closing a log', () => {
  it("a close seals the log's head, root and session facts", async () => {
    for (const size of [0, 1, 255, 256, 257]) {
      const open = await writeSession(world, size, { seal: false });
      const result = await close(open);
      const { session, verdict } = await checkLog(world, open);
      const texts = await readTexts(world.db, open);
      const rootHex = Buffer.from(naiveRoot(texts.map((text) => Buffer.from(text)))).toString('hex');
      assert.deepEqual(result, { status: 'sealed', size, rootHex });
      assert.ok(verdict.status === 'verified' && verdict.state === 'sealed' && verdict.rootHex === rootHex);
      const facts = {
        account_id: open.accountId,
        agent_id: open.agentId,
        session_id: open.id,
        status: 'error',
        size,
        started_at: open.startedAt.toISOString(),
        ended_at: ENDED_AT.toISOString(),
        key_id: TEST_KEY.id,
        policy_sha256: open.policySha256Hex,
        head_hash: verdict.headHashHex,
        merkle_root_hex: rootHex,
      };
      assert.equal(session.log.seal, naiveSeal(TEST_KEY.bytes, facts));
      assert.deepEqual([session.merkleRootHex, session.merkleRootSize], [rootHex, size]);
      assert.equal(durationOf(session), ENDED_AT.getTime() - open.startedAt.getTime());
      assert.deepEqual(session.stageDurationsMs, FACTS.stageDurationsMs);
    }
  });

  it('a close seals an end before the start as it was recorded, with duration 0', async () => {
    const open = await writeSession(world, 3, { seal: false });
    const endedAt = new Date(open.startedAt.getTime() - 5_000);
    const { status } = await closeLog(world, open.accountId, open.id, { ...FACTS, endedAt });
    assert.equal(status, 'sealed');
    const { session, verdict } = await checkLog(world, open);
    assert.equal(verdict.status, 'verified');
    assert.deepEqual([session.endedAt, durationOf(session)], [endedAt, 0]);
  });

  it('a close with an end that no seal can write is refused, and the log stays open', async () => {
    const open = await writeSession(world, 3, { seal: false });
    for (const endedAt of [new Date(Number.NaN), new Date(8.64e15), new Date(-8.64e15)]) {
      const closing = closeLog(world, open.accountId, open.id, { ...FACTS, endedAt });
      await assert.rejects(closing, new RangeError('endedAt must be a time in the years 0000 to 9999, UTC'));
    }
    assert.equal((await close(open)).status, 'sealed');
  });

  it('a close leaves a sealed log as it is', async () => {
    const sealed = await writeSession(world, 3);
    assert.deepEqual(await close(sealed), { status: 'already_sealed' });
    assert.deepEqual((await checkLog(world, sealed)).session, sealed);
  });

  it('a close never seals a failed log, wherever its fault is', async () => {
    for (const at of [0, 130, 256, 599]) {
      const session = await writeSession(world, 600, { seal: false });
      const texts = await readTexts(world.db, session);
      await replaceTexts(world.db, session, texts.with(at, (texts[at] as string).replace('MSKV1', 'MSKV2')));
      const result = await close(session);
      assert.deepEqual([result.status, 'fault' in result && result.fault], ['failed', 'altered']);
      assert.equal('seq' in result && result.seq, at);
      assert.equal((await world.sessions.find(session.accountId, session.id))?.log.seal, null);
    }
  });

  it('a close never seals a log that lacks its recorded head', async () => {
    const session = await writeSession(world, 5, { seal: false });
    const rows = world.db.collection<{ _id: string }>('sessions');
    await rows.updateOne({ _id: session.id }, { $set: { 'log.head_hash': 'ab'.repeat(32) } });
    const result = await close(session);
    assert.deepEqual([result.status, 'fault' in result && result.fault], ['failed', 'altered']);
  });

  it('a close finds no session of another account, and seals nothing without the key', async () => {
    const session = await writeSession(world, 3, { seal: false });
    assert.deepEqual(await closeLog(world, newId('account'), session.id, FACTS), { status: 'no_session' });
    const keyring = createKeyring([{ ...TEST_KEY, bytes: new Uint8Array(32).fill(8) }]);
    assert.deepEqual(
      await closeLog({ ...world, keyring }, session.accountId, session.id, FACTS),
      unknownKey(TEST_KEY.id),
    );
    assert.equal((await close(session)).status, 'sealed');
  });
});
