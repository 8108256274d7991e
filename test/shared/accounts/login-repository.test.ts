import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createLoginRepository } from '../../../shared/accounts/login-repository.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/time/durations.ts';
import { openTestDatabase } from '../../support/mongo.ts';

const start = new Date('2026-05-01T00:00:00Z');
const after = (ms: number) => new Date(start.getTime() + ms);

test('login repository', async (t) => {
  const { db } = await openTestDatabase(t);
  const logins = createLoginRepository(db);
  const [account, user] = [newId('account'), newId('user')];
  const issue = () => logins.issue(account, user, ['sessions:read'], start);

  await t.test('a token gives its user, account and permissions', async () => {
    const { token } = await issue();
    const login = await logins.findByToken(token, start);
    assert.equal(login?.accountId, account);
    assert.equal(login?.userId, user);
    assert.deepEqual(login?.permissions, ['sessions:read']);
  });

  await t.test('a token has 32 random bytes and only its SHA-256 is stored', async () => {
    const { token } = await issue();
    assert.equal(Buffer.from(token, 'base64url').length, 32);
    const sha256 = createHash('sha256').update(token).digest('hex');
    const stored = await db.collection<{ _id: string }>('logins').findOne({ _id: sha256 });
    assert.ok(stored);
    assert.ok(!JSON.stringify(stored).includes(token));
  });

  await t.test('an unknown token is null', async () => {
    assert.equal(await logins.findByToken('unknown', start), null);
  });

  await t.test('a login ends 30 days after it was made, to the millisecond', async () => {
    const { token, expiresAt } = await issue();
    assert.deepEqual(expiresAt, after(30 * DAY_MS));
    assert.ok(await logins.findByToken(token, after(30 * DAY_MS - 1)));
    assert.equal(await logins.findByToken(token, after(30 * DAY_MS)), null);
  });

  await t.test('use of a login within the hour does not move its expiry', async () => {
    const { token } = await issue();
    const login = await logins.findByToken(token, start);
    assert.equal(await logins.recordUse(token, login!, after(HOUR_MS - 1)), null);
  });

  await t.test('use of a login after an hour moves its expiry to 30 days ahead', async () => {
    const { token } = await issue();
    const login = await logins.findByToken(token, start);
    assert.deepEqual(await logins.recordUse(token, login!, after(HOUR_MS)), after(30 * DAY_MS + HOUR_MS));
    assert.deepEqual(
      (await logins.findByToken(token, after(HOUR_MS)))?.expiresAt,
      after(30 * DAY_MS + HOUR_MS),
    );
  });

  await t.test('of requests at the same time, one moves the expiry', async () => {
    const { token } = await issue();
    const login = await logins.findByToken(token, start);
    const slid = await Promise.all(
      Array.from({ length: 8 }, () => logins.recordUse(token, login!, after(HOUR_MS))),
    );
    assert.equal(slid.filter((expiry) => expiry !== null).length, 1);
  });

  await t.test('a login used every day ends after 90 days in all', async () => {
    const { token } = await issue();
    let now = start;
    let login = await logins.findByToken(token, now);
    while (login) {
      await logins.recordUse(token, login, now);
      now = new Date(now.getTime() + DAY_MS);
      login = await logins.findByToken(token, now);
    }
    assert.deepEqual(now, after(90 * DAY_MS));
  });
});
