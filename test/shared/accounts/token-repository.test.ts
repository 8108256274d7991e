import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createTokenRepository } from '../../../shared/accounts/token-repository.ts';
import { newTokenText } from '../../../shared/accounts/token-text.ts';
import { isId, newId } from '../../../shared/audit/ids.ts';
import { HOUR_MS } from '../../../shared/time/durations.ts';
import { openTestDatabase } from '../../support/mongo.ts';

const start = new Date('2026-05-01T00:00:00Z');
const after = (ms: number) => new Date(start.getTime() + ms);

test('token repository', async (t) => {
  const { db } = await openTestDatabase(t);
  const tokens = createTokenRepository(db);
  const draft = { name: 'nightly', scopes: ['sessions:read'], expiresAt: after(HOUR_MS) } as const;
  const create = (accountId = newId('account')) => tokens.create(accountId, draft, start);

  await t.test('a text gives its account and scopes, and only its SHA-256 is stored', async () => {
    const accountId = newId('account');
    const { id, text } = await create(accountId);
    assert.ok(isId('token', id));
    assert.deepEqual(await tokens.findByText(text, start), {
      ...{ id, accountId, ...draft, createdAt: start, lastUsedAt: null, revokedAt: null },
    });
    const _id = createHash('sha256').update(text).digest('hex');
    const stored = await db.collection<{ _id: string }>('tokens').findOne({ _id });
    assert.ok(stored);
    assert.ok(!JSON.stringify(stored).includes(text.slice(4, 20)));
  });

  await t.test('a text that was never issued is null', async () => {
    for (const text of [newTokenText(), '', 'msk_', 'x'])
      assert.equal(await tokens.findByText(text, start), null);
  });

  await t.test('a token expires to the millisecond', async () => {
    const { text } = await create();
    assert.ok(await tokens.findByText(text, after(HOUR_MS - 1)));
    assert.equal(await tokens.findByText(text, after(HOUR_MS)), null);
  });

  await t.test('the first use is recorded, and then one an hour', async () => {
    const { text } = await tokens.create(
      newId('account'),
      { ...draft, expiresAt: after(9 * HOUR_MS) },
      start,
    );
    const use = async (ms: number) => {
      await tokens.recordUse((await tokens.findByText(text, after(ms)))!, after(ms));
      return (await tokens.findByText(text, after(ms)))?.lastUsedAt;
    };
    assert.deepEqual(await use(1), after(1));
    assert.deepEqual(await use(HOUR_MS), after(1));
    assert.deepEqual(await use(HOUR_MS + 1), after(HOUR_MS + 1));
  });

  await t.test('a token is revoked for good, in its own account alone, and stays listed', async () => {
    const accountId = newId('account');
    const { id, text } = await create(accountId);
    assert.equal(await tokens.revoke(newId('account'), id), false);
    assert.equal(await tokens.revoke(accountId, newId('token')), false);
    assert.ok(await tokens.findByText(text, start));
    assert.equal(await tokens.revoke(accountId, id, after(1)), true);
    assert.equal(await tokens.revoke(accountId, id, after(2)), true);
    assert.equal(await tokens.findByText(text, start), null);
    assert.deepEqual(
      (await tokens.list(accountId, 10)).map((token) => [token.id, token.revokedAt]),
      [[id, after(1)]],
    );
  });

  await t.test('the tokens of an account are listed newest first, up to the limit', async () => {
    const accountId = newId('account');
    const made = [await create(accountId), await create(accountId), await create(accountId)];
    await create();
    assert.deepEqual(
      (await tokens.list(accountId, 2)).map(({ id }) => id),
      [made[2]?.id, made[1]?.id],
    );
  });

  await t.test('a row that is not as it was written opens nothing, and breaks no list', async () => {
    const odd = newId('account');
    const fields = {
      name: 7,
      scopes: 'sessions:read',
      created_at: 1,
      expires_at: 9e15,
      last_used_at: 'x',
      revoked_at: 0,
    };
    for (const [field, value] of Object.entries(fields)) {
      const { id, text } = await create(odd);
      await db.collection('tokens').updateOne({ id }, { $set: { [field]: value } });
      assert.equal(await tokens.findByText(text, start), null, field);
      assert.deepEqual(await tokens.list(odd, 10), [], field);
    }
  });
});
