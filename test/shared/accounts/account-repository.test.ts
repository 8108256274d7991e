import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAccountRepository } from '../../../shared/accounts/account-repository.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { openTestDatabase } from '../../support/mongo.ts';

test('account repository', async (t) => {
  const accounts = createAccountRepository((await openTestDatabase(t)).db);

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
});
