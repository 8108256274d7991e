import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createSignInLinks } from '../../../shared/accounts/sign-in-links.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { MINUTE_MS } from '../../../shared/time/durations.ts';
import { openTestDatabase } from '../../support/mongo.ts';

const start = new Date('2026-05-01T00:00:00Z');
const after = (ms: number) => new Date(start.getTime() + ms);

test('sign-in links', async (t) => {
  const { db } = await openTestDatabase(t);
  const links = createSignInLinks(db);
  const rows = db.collection<{ _id: string }>('sign_in_links');
  const link = {
    accountId: newId('account'),
    userId: newId('user'),
    permissions: ['sessions:read'],
  } as const;
  const issue = async () => (await links.issue(link, start)).token;

  await t.test('a token has 32 random bytes and only its SHA-256 is stored', async () => {
    const token = await issue();
    assert.equal(Buffer.from(token, 'base64url').length, 32);
    const stored = await rows.findOne({ _id: createHash('sha256').update(token).digest('hex') });
    assert.ok(stored);
    assert.ok(!JSON.stringify(stored).includes(token));
  });

  await t.test('looking at a link leaves it, and using it up takes it away', async () => {
    const token = await issue();
    for (const _ of [1, 2]) assert.deepEqual(await links.find(token, start), link);
    assert.deepEqual(await links.useUp(token, start), link);
    assert.equal(await links.find(token, start), null);
    assert.equal(await links.useUp(token, start), null);
  });

  await t.test('of many who use a link up at once, one gets it', async () => {
    const token = await issue();
    const used = await Promise.all(Array.from({ length: 16 }, () => links.useUp(token, start)));
    assert.equal(used.filter((found) => found !== null).length, 1);
  });

  await t.test(
    'a link ends ten minutes after it was made, to the millisecond, whether or not it is removed',
    async () => {
      const [one, two] = [await issue(), await issue()];
      assert.ok(await links.find(one, after(10 * MINUTE_MS - 1)));
      assert.equal(await links.find(one, after(10 * MINUTE_MS)), null);
      assert.equal(await links.useUp(one, after(10 * MINUTE_MS)), null);
      assert.ok(await links.useUp(two, after(10 * MINUTE_MS - 1)));
    },
  );

  await t.test('a row that holds a filter in place of a user or an account is no link', async () => {
    for (const field of ['user_id', 'account_id']) {
      const token = await issue();
      const _id = createHash('sha256').update(token).digest('hex');
      await rows.updateOne({ _id }, { $set: { [field]: { $ne: 1 } } });
      assert.equal(await links.find(token, start), null);
      assert.equal(await links.useUp(token, start), null);
    }
  });
});
