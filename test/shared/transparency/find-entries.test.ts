import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { findClosedEntry } from '../../../shared/transparency/find-entries.ts';
import { NEVER } from '../../support/account-logs.ts';
import { writeSession } from '../../support/audit-world.ts';
import { createLoggedWorld } from '../../support/logged-world.ts';
import { growLog } from '../../support/long-log.ts';

const { world, logs } = await createLoggedWorld({ after });

test('the entry of a closed session is found in the part that is searched, and before it where it is noted', async () => {
  const accountId = newId('account');
  const { id } = await writeSession(world, 2, { accountId });
  await logs.logs.keep(accountId, NEVER);
  const places = world.db.collection<{ _id: string; indexes?: number[] }>('account_log_places');
  const noted = await places.findOne({ _id: `${accountId}/${id}` });
  assert.deepEqual(noted?.indexes, [1]);
  const find = async () => (await findClosedEntry(logs.reader, accountId, id))?.index ?? null;
  const note = async (indexes: number[]) => {
    await places.updateOne({ _id: `${accountId}/${id}` }, { $set: { indexes } });
  };
  await note([]);
  assert.equal(await find(), 1);
  // 41 segments: one more than are searched.
  await growLog(world, logs, accountId, 10_241);
  assert.equal(await find(), null);
  await note([0]);
  assert.equal(await find(), null);
  await note([1]);
  assert.equal(await find(), 1);
});
