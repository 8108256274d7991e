import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredAccess } from '../../../shared/access-record/access-row.ts';
import { listAccessAccounts } from '../../../shared/access-record/fleet-access.ts';
import { walkAccess } from '../../../shared/access-record/walk-access.ts';
import { type AuditKeyBytes, createKeyring } from '../../../shared/audit/audit-keys.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { accessEvent, storedAccess, writeAccess } from '../../support/access-rows.ts';
import { TEST_KEY } from '../../support/audit-world.ts';
import { openTestDatabase } from '../../support/mongo.ts';

test('walking the access record', async (t) => {
  const { db } = await openTestDatabase(t);
  const stored = storedAccess(db);
  const idOf = (accountId: string, seq: number) => `${accountId}/${String(seq).padStart(16, '0')}`;
  const five = () =>
    writeAccess(
      db,
      [0, 1, 2, 3, 4].map((i) => accessEvent(i)),
    );
  const verify = async (accountId: string, keys: readonly AuditKeyBytes[] = [TEST_KEY]) => {
    const { rows } = await writeAccess(db, [accessEvent(0)]);
    return await walkAccess({ rows, keyring: createKeyring(keys) }, accountId);
  };

  /** Damages the third of five rows, and gives the fault and where it shows. */
  async function faultOf(damage: (accountId: string, id: string) => Promise<unknown>): Promise<unknown[]> {
    const { accountId } = await five();
    await damage(accountId, idOf(accountId, 2));
    const verdict = await verify(accountId);
    assert.ok(verdict.status === 'failed', verdict.status);
    return [verdict.fault, verdict.seq];
  }
  const setting = (fields: object) => (_: string, id: string) =>
    stored.updateOne({ _id: id }, { $set: fields });

  await t.test('a record as it was written is verified', async () => {
    const verdict = await verify((await five()).accountId);
    assert.ok(verdict.status === 'verified');
    assert.deepEqual(
      [verdict.size, verdict.unsigned, verdict.firstUnproven, verdict.unknownKeys],
      [5, 0, null, []],
    );
  });

  await t.test('every field is covered: a change in any is altered', async () => {
    for (const [name, value] of Object.entries({
      at: new Date(0),
      user: newId('user'),
      token: newId('token'),
      action: 'proof.read',
      subject: newId('session'),
      request_id: null,
      address: '198.51.100.1',
      prev_hash: 'ab'.repeat(32),
      this_hash: 'ab'.repeat(32),
    })) {
      assert.deepEqual(await faultOf(setting({ [name]: value })), ['altered', 2], name);
    }
  });

  await t.test('a row that is gone is a gap, and the first one, too', async () => {
    assert.deepEqual(await faultOf((_, id) => stored.deleteOne({ _id: id })), ['gap', 2]);
    assert.deepEqual(await faultOf((account) => stored.deleteOne({ _id: idOf(account, 0) })), ['gap', 0]);
  });

  async function put(id: string, row: StoredAccess | null): Promise<void> {
    await stored.deleteOne({ _id: id });
    await stored.insertOne({ ...row!, _id: id });
  }

  await t.test(
    'two rows in each other’s place are altered, a row of another account is foreign',
    async () => {
      const other = await five();
      const swap = async (account: string) => {
        const [third, fourth] = [idOf(account, 2), idOf(account, 3)];
        const [a, b] = [await stored.findOne({ _id: third }), await stored.findOne({ _id: fourth })];
        await put(third, { ...b!, seq: 2 });
        await put(fourth, { ...a!, seq: 3 });
      };
      assert.deepEqual(await faultOf(swap), ['altered', 2]);
      const moved = await stored.findOne({ _id: idOf(other.accountId, 2) });
      const move = (_: string, id: string) => put(id, moved);
      assert.deepEqual(await faultOf(move), ['foreign', 2]);
    },
  );

  await t.test('a row that no program of ours wrote is malformed', async () => {
    for (const fields of [
      { seq: 7 },
      { seq: '2' },
      { at: '2026-05-01T00:00:00Z' },
      { user: 1 },
      { subject: ['sess_1'] },
      { more: 1 },
      { key_check: null },
      { this_hash: 'AB'.repeat(32) },
      { action: null },
      { subject: 'x'.repeat(70_000) },
      { user: '\u0000'.repeat(513) },
    ]) {
      assert.deepEqual(await faultOf(setting(fields)), ['malformed', 2], JSON.stringify(fields));
    }
    const unset = (_: string, id: string) => stored.updateOne({ _id: id }, { $unset: { address: 1 } });
    assert.deepEqual(await faultOf(unset), ['malformed', 2]);
  });

  await t.test('signed rows that were taken out of their keys are not verified', async () => {
    const { accountId } = await five();
    const other = { ...TEST_KEY, bytes: new Uint8Array(32).fill(8) };
    for (const keys of [[], [other]]) {
      const verdict = await verify(accountId, keys);
      assert.ok(verdict.status === 'unverifiable');
      assert.deepEqual([verdict.firstUnproven, verdict.unknownKeys], [0, [['k_test', 5]]]);
    }
    const elsewhere = { accountIds: [newId('account')], notBefore: null, notAfter: null };
    const verdict = await verify(accountId, [{ ...TEST_KEY, scope: elsewhere }]);
    assert.ok(verdict.status === 'failed');
    assert.deepEqual([verdict.fault, verdict.seq], ['key_out_of_scope', 0]);
  });

  await t.test('a signed row cannot be made an unsigned one without a trace', async () => {
    assert.deepEqual(await faultOf(setting({ key_id: null, key_check: null })), ['altered', 2]);
  });

  await t.test('the fleet’s list has each account once, and what is no account', async () => {
    await stored.insertOne({ ...(await stored.findOne({}))!, _id: 'nobody' });
    const listed = await Array.fromAsync(listAccessAccounts(db));
    const accounts = await stored.distinct('account');
    assert.deepEqual(listed, [...accounts, 'nobody'].toSorted());
  });
});
