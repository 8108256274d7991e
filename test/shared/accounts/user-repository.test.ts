import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUserRepository } from '../../../shared/accounts/user-repository.ts';
import { isId, newId } from '../../../shared/audit/ids.ts';
import { openTestDatabase } from '../../support/mongo.ts';

test('user repository', async (t) => {
  const users = createUserRepository((await openTestDatabase(t)).db);

  await t.test('a user is made once and then found', async () => {
    const account = newId('account');
    const made = (await users.findOrCreate(account, 'Ada'))!;
    assert.ok(isId('user', made.id));
    assert.deepEqual(await users.findOrCreate(account, 'Ada'), made);
    assert.deepEqual(await users.find(account, made.id), made);
  });

  await t.test('callers that race for one name get the same user', async () => {
    const account = newId('account');
    const made = await Promise.all(Array.from({ length: 16 }, () => users.findOrCreate(account, 'Grace')));
    assert.equal(new Set(made.map((user) => user?.id)).size, 1);
  });

  await t.test(
    'the same name in two accounts is two users, and neither account finds the other’s',
    async () => {
      const [one, two] = [newId('account'), newId('account')];
      const first = (await users.findOrCreate(one, 'Sam'))!;
      const second = (await users.findOrCreate(two, 'Sam'))!;
      assert.notEqual(first.id, second.id);
      assert.equal(await users.find(two, first.id), null);
    },
  );
});
