import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAccountRepository } from '../../../shared/accounts/account-repository.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { openTestDatabase } from '../../support/mongo.ts';

test('account repository', async (t) => {
  const { db } = await openTestDatabase(t);
  const accounts = createAccountRepository(db);

  await t.test('an unknown account is null', async () => {
    assert.equal(await accounts.find(newId('account')), null);
  });

  await t.test('a new account without a name is named by its id', async () => {
    const id = newId('account');
    await accounts.upsert(id);
    assert.deepEqual(await accounts.find(id), { id, name: id });
  });

  await t.test("an account's later name replaces the first, and a call without a name keeps it", async () => {
    const id = newId('account');
    await accounts.upsert(id);
    await accounts.upsert(id, 'North Clinic');
    await accounts.upsert(id);
    assert.deepEqual(await accounts.find(id), { id, name: 'North Clinic' });
  });

  await t.test('a deleted account keeps its name, and nobody acts for it', async () => {
    const [kept, deleted] = [newId('account'), newId('account')];
    for (const id of [kept, deleted]) await accounts.upsert(id, 'Clinic');
    const rows = db.collection<{ _id: string }>('accounts');
    await rows.updateOne({ _id: deleted }, { $set: { deleted_at: new Date() } });
    assert.deepEqual(await accounts.findActive(kept), { id: kept, name: 'Clinic' });
    assert.equal(await accounts.findActive(deleted), null);
    assert.equal(await accounts.findActive(newId('account')), null);
    assert.deepEqual(await accounts.find(deleted), { id: deleted, name: 'Clinic' });
    const newest = await accounts.listNewest(10);
    assert.ok(newest.includes(kept));
    assert.ok(!newest.includes(deleted));
  });
});
