import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createKeyring } from '../../../shared/audit/audit-keys.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { openSession } from '../../../shared/log-writer/open-session.ts';
import { DAY_MS } from '../../../shared/time/durations.ts';
import { createLogWorld, startSession, TEST_KEY } from '../../support/audit-world.ts';

const START = {
  agentId: newId('agent'),
  startedAt: new Date('2026-05-02T12:00:00.000Z'),
  upstreamModel: 'm',
  policy: { name: 'p', version: 1, sha256Hex: 'ab'.repeat(32) },
};

it('opens a session with an empty log under the first key', async (t) => {
  const world = await createLogWorld(t);
  const older = { id: 'k_old', bytes: new Uint8Array(32).fill(1) };
  const keyring = createKeyring([TEST_KEY, older]);
  const accountId = newId('account');
  const session = await openSession({ ...world, keyring }, accountId, START);
  assert.deepEqual(await world.sessions.find(accountId, session.id), session);
  const { size, headHashHex, keyId, seal } = session.log;
  assert.deepEqual(
    [size, headHashHex, keyId, seal, session.endedAt],
    [0, '0'.repeat(64), TEST_KEY.id, null, null],
  );
  assert.ok(keyring.find({ ...session, ...session.log }).key);
});

it('opens none without a key, and says what to set', async (t) => {
  const world = await createLogWorld(t);
  const opening = openSession({ ...world, keyring: createKeyring([]) }, newId('account'), START);
  await assert.rejects(opening, { code: 'unavailable', message: /AUDIT_KEYS/ });
});

it('opens none under a key that ended long ago although the start is before its end, and names the key', async (t) => {
  const world = await createLogWorld(t);
  const ended = (agoMs: number) => {
    const scope = { accountIds: [], notBefore: null, notAfter: new Date(Date.now() - agoMs) };
    return createKeyring([{ ...TEST_KEY, scope }]);
  };
  const accountId = newId('account');
  const opening = openSession({ ...world, keyring: ended(2 * DAY_MS) }, accountId, START);
  await assert.rejects(opening, {
    code: 'unavailable',
    message: /in force for acc_\w+ today \(k_test was so at the session's start\): add one to AUDIT_KEYS/,
  });
  assert.equal(await world.db.collection('sessions').countDocuments(), 0);
  const justEnded = await openSession({ ...world, keyring: ended(1_000) }, accountId, START);
  assert.equal(justEnded.log.keyId, TEST_KEY.id);
});

it('opens none with a start that no seal could write', async (t) => {
  const world = await createLogWorld(t);
  for (const startedAt of [new Date(Number.NaN), new Date(8.64e15)]) {
    const opening = openSession(world, newId('account'), { ...START, startedAt });
    await assert.rejects(opening, new RangeError('startedAt must be a time in the years 0000 to 9999, UTC'));
  }
});

it('gives every session an id of its own', async (t) => {
  const world = await createLogWorld(t);
  const opened = await Promise.all(Array.from({ length: 20 }, () => startSession(world)));
  assert.equal(new Set(opened.map(({ id }) => id)).size, 20);
});
