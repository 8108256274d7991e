// Where entries are noted, with values of any type in the rows: the log goes on, and its entries are noted.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { type Db, MongoServerError } from 'mongodb';
import { newId } from '../../../shared/audit/ids.ts';
import { createLogPlaces } from '../../../shared/transparency/log-places.ts';
import { NEVER, openTestLogs, recordStated } from '../../support/account-logs.ts';
import { createLogWorld, writeSession } from '../../support/audit-world.ts';
import { WRONG_VALUES } from '../../support/wrong-values.ts';

const world = await createLogWorld({ after });
const rows = world.db.collection<{ _id: string }>('account_log_places');
const places = createLogPlaces(world.db);

describe('a place of any types', () => {
  it('keeps no log from going on, and the entries are noted', async (t) => {
    const logs = await openTestLogs(t, world);
    const accountId = newId('account');
    for (const value of WRONG_VALUES) {
      for (const field of ['indexes', 'reported']) {
        const title = `${field} ${inspect(value)}`;
        const session = await writeSession(world, 1, { accountId });
        const _id = `${accountId}/${session.id}`;
        await rows.insertOne({ _id, [field]: value } as never);
        await recordStated(world, logs, session);
        const { failed, size } = await logs.logs.keep(accountId, NEVER);
        assert.equal(failed, null, title);
        const { closed, reported } = await places.find(accountId, session.id);
        assert.deepEqual([closed.length, reported?.size], [1, 1], title);
        assert.ok((closed[0] as number) >= size - 2, title);
      }
    }
  });

  it('keeps no log from being noted up to its end, whatever is said to be noted', async (t) => {
    const logs = await openTestLogs(t, world);
    const accountId = newId('account');
    for (const noted of WRONG_VALUES) {
      await rows.updateOne({ _id: accountId }, { $set: { noted } }, { upsert: true });
      await writeSession(world, 1, { accountId });
      const { size } = await logs.logs.keep(accountId, NEVER);
      assert.equal(await places.notedUpTo(accountId), size, inspect(noted));
    }
  });
});

describe('places that cannot be written', () => {
  it('keep no log from going on, which is logged by its account', async (t) => {
    const refuse = () => Promise.reject(new MongoServerError({ message: 'refused', code: 121 }));
    const refusing = (name: string) =>
      Object.assign(world.db.collection(name), name === 'account_log_places' && { bulkWrite: refuse });
    const db = { collection: refusing } as unknown as Db;
    const logs = await openTestLogs(t, { ...world, db: Object.assign(Object.create(world.db), db) });
    const { accountId } = await writeSession(world, 1);
    assert.deepEqual(await logs.logs.keep(accountId, NEVER), { appended: 2, size: 2, failed: null });
    const told = logs.told.filter((line) => line.startsWith('account_log_places could not be written'));
    assert.equal(told.length, 1);
    assert.match(told[0] as string, new RegExp(accountId));
    assert.equal(await places.notedUpTo(accountId), 0);
  });
});
