import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { createLoggedSessions } from '../../../shared/sessions/logged-sessions.ts';
import { createLogWorld, writeSession } from '../../support/audit-world.ts';

test('sessions that the account log lacks are listed, whatever rows without a text as their id stand before', async (t) => {
  const world = await createLogWorld(t);
  const accountId = newId('account');
  const { id, merkleRootHex } = await writeSession(world, 1, { accountId });
  const rows = world.db.collection<{ _id: string }>('sessions');
  const { _id, ...row } = (await rows.findOne({ _id: id }))!;
  await rows.insertMany([1, 2, 3].map((odd) => ({ ...row, _id: odd as never })));
  const logged = createLoggedSessions(world.db);
  const due = await logged.listDue(accountId, null, 2);
  assert.deepEqual(
    due.map(({ session }) => session.id),
    [id],
  );
  await rows.updateMany({ account_id: accountId } as object, { $unset: { log_due: '' } } as object);
  assert.deepEqual(await logged.makeDue(accountId, null, 2), { count: 1, lastId: id });
  assert.equal((await logged.listDue(accountId, null, 2))[0]?.rootHex, merkleRootHex);
});
