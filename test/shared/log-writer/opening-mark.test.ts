// An open session's row is under no seal. The mark of its opening keeps whoever can write to the database from choosing what
// the seal will cover.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createKeyring, type Keyring } from '../../../shared/audit/audit-keys.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { judgeOpening } from '../../../shared/audit/opening.ts';
import { damagedRow } from '../../../shared/audit/verdict.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import type { StoredSession } from '../../../shared/sessions/session-row.ts';
import { createLogWorld, TEST_KEY, writeSession } from '../../support/audit-world.ts';
import { damageRow } from '../../support/damage-rows.ts';
import { draftsWithIds } from '../../support/draft-events.ts';
import { readTexts } from '../../support/segments.ts';

const OTHER_KEY = { id: 'k_other', bytes: new Uint8Array(32).fill(9) };

const world = { ...(await createLogWorld({ after })), keyring: createKeyring([TEST_KEY, OTHER_KEY]) };
const rows = world.db.collection<StoredSession>('sessions');
const other = world.keyring.named(OTHER_KEY.id)!;
const DAMAGED = damagedRow('log.opening');

const append = ({ accountId, id }: Session) => appendEvents(world, accountId, id, draftsWithIds(1, 5));
const close = ({ accountId, id }: Session) =>
  closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
const rowOf = ({ id }: Session) => rows.findOne({ _id: id });
const find = async ({ accountId, id }: Session) => (await world.sessions.find(accountId, id)) as Session;
const unset = ({ id }: Session) => rows.updateOne({ _id: id }, { $unset: { 'log.opening': '' } });

const openingOf = (keyring: Keyring, session: Session) =>
  judgeOpening(keyring.named(session.log.keyId)!.openingKey, session);

/** Neither an append nor an end goes in, and nothing of the log is written. */
async function refuses(session: Session, title: string): Promise<void> {
  const before = [await rowOf(session), await readTexts(world.db, session)];
  assert.deepEqual(await append(session), DAMAGED, `append: ${title}`);
  assert.deepEqual(await close(session), DAMAGED, `end: ${title}`);
  assert.deepEqual([await rowOf(session), await readTexts(world.db, session)], before, title);
}

/** Fields of an open row that the seal would cover, with other values. */
const CHANGES: readonly [title: string, fields: object][] = [
  ['policy', { policy_name: 'lax', policy_version: 9, policy_sha256: 'ab'.repeat(32) }],
  ['SHA-256 of the policy', { policy_sha256: 'ab'.repeat(32) }],
  ['start', { started_at: new Date('2020-01-01T00:00:00Z') }],
  ['agent', { agent_id: newId('agent') }],
  ['key', { 'log.key_id': other.id, 'log.key_check': other.check }],
];

describe('the mark of an opening', () => {
  it('is on the row of a new session, and stays through appends and the seal', async () => {
    const open = await writeSession(world, 0, { seal: false });
    assert.match(open.log.opening ?? '', /^[0-9a-f]{64}$/);
    assert.equal(openingOf(world.keyring, open), 'matches');
    assert.equal((await append(open)).status, 'appended');
    assert.equal((await find(open)).log.opening, open.log.opening);
    assert.equal((await close(open)).status, 'sealed');
    const sealed = await find(open);
    assert.deepEqual([sealed.log.size, sealed.log.opening], [1, open.log.opening]);
  });

  for (const [title, fields] of CHANGES) {
    it(`keeps a row with another ${title} from events and from a seal`, async () => {
      for (const size of [0, 5]) {
        const session = await writeSession(world, size, { seal: false });
        await damageRow(world.db, session, fields);
        await refuses(session, `${title}, ${size} entries`);
      }
    });
  }

  it('keeps a row from both where it was taken off or replaced', async () => {
    const [session, strange] = [
      await writeSession(world, 5, { seal: false }),
      await writeSession(world, 5, { seal: false }),
    ];
    for (const opening of ['ab'.repeat(32), strange.log.opening, null, 5, '', 'x', {}]) {
      await damageRow(world.db, session, { 'log.opening': opening });
      await refuses(session, `${opening}`);
    }
    await unset(session);
    await refuses(session, 'taken off');
    await damageRow(world.db, session, { 'log.opening': session.log.opening });
    assert.equal((await append(session)).status, 'appended');
    assert.equal((await close(session)).status, 'sealed');
  });

  it('is not asked for once the log is sealed', async () => {
    const session = await writeSession(world, 5);
    await unset(session);
    assert.equal((await close(session)).status, 'already_sealed');
    assert.equal((await append(session)).status, 'closed');
  });
});
