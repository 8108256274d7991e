import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUserRepository } from '../../../shared/accounts/user-repository.ts';
import { isId, newId } from '../../../shared/audit/ids.ts';
import { openTestDatabase } from '../../support/mongo.ts';

test('user repository', async (t) => {
  const { db } = await openTestDatabase(t);
  const users = createUserRepository(db);

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

  await t.test('a user who was deleted or is disabled is not found, and listed as not active', async () => {
    const account = newId('account');
    for (const field of ['deleted_at', 'disabled_at']) {
      const { id } = (await users.findOrCreate(account, field))!;
      await db.collection<{ _id: string }>('users').updateOne({ _id: id }, { $set: { [field]: new Date() } });
      assert.equal(await users.find(account, id), null);
      assert.equal(await users.findOrCreate(account, field), null);
      const listed = await users.listById(account, [id, id, newId('user')]);
      assert.deepEqual([...listed], [[id, { name: field, isActive: false }]]);
    }
    assert.deepEqual([...(await users.listById(account, []))], []);
  });
});
