import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createLoginRepository, loginIdOf } from '../../../shared/accounts/login-repository.ts';
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

  await t.test('the first use is recorded, and then one an hour', async () => {
    const { token } = await issue();
    const use = async (ms: number) => {
      const login = await logins.findByToken(token, after(ms));
      await logins.recordUse(token, login!, after(ms));
      return (await logins.findByToken(token, after(ms)))?.lastUsedAt;
    };
    assert.equal((await logins.findByToken(token, start))?.lastUsedAt, null);
    assert.deepEqual(await use(1), after(1));
    assert.deepEqual(await use(HOUR_MS), after(1));
    assert.deepEqual(await use(HOUR_MS + 1), after(HOUR_MS + 1));
    // The expiry cannot move any further here, and the use is recorded all the same.
    let day = 1;
    for (; day < 89; day += 1) await use(day * DAY_MS);
    assert.deepEqual(await use(89 * DAY_MS), after(89 * DAY_MS));
  });

  await t.test('a use does not bring back a login that was ended meanwhile', async () => {
    const { token } = await issue();
    const login = await logins.findByToken(token, start);
    const ended = await logins.end(token, start);
    assert.deepEqual([ended?.accountId, ended?.userId], [login?.accountId, login?.userId]);
    assert.equal(await logins.end(token, start), null);
    assert.equal(await logins.recordUse(token, login!, after(HOUR_MS)), null);
    assert.equal(await logins.findByToken(token, start), null);
  });

  await t.test('a login of an earlier release, which recorded no use, works and is recorded', async () => {
    const { token } = await issue();
    const _id = createHash('sha256').update(token).digest('hex');
    const rows = db.collection<{ _id: string }>('logins');
    await rows.updateOne({ _id }, { $unset: { last_used_at: '' }, $set: { slid_at: start } });
    const login = await logins.findByToken(token, start);
    assert.deepEqual(await logins.recordUse(token, login!, after(DAY_MS)), after(31 * DAY_MS));
  });

  await t.test(
    'the logins of an account are listed, newest first, without any token or its hash',
    async () => {
      const [own, other] = [newId('account'), newId('account')];
      const tokens: string[] = [];
      for (const [accountId, ms] of [
        [own, 0],
        [own, 1],
        [other, 2],
        [own, -31 * DAY_MS],
      ] as const) {
        tokens.push((await logins.issue(accountId, user, [], after(ms))).token);
      }
      const listed = await logins.list(own, start, 10);
      assert.deepEqual(
        listed.map(({ createdAt }) => createdAt),
        [after(1), after(0)],
      );
      for (const { id } of listed) assert.match(id, /^lgn_[0-9a-f]{16}$/);
      const text = JSON.stringify(listed);
      for (const token of tokens) {
        assert.ok(!text.includes(token));
        assert.ok(!text.includes(createHash('sha256').update(token).digest('hex')));
      }
      assert.equal((await logins.list(own, start, 1)).length, 1);
    },
  );

  await t.test('a login is revoked by its id, in its own account alone', async () => {
    const [own, other] = [newId('account'), newId('account')];
    const [kept, ended] = [await logins.issue(own, user, []), await logins.issue(own, user, [])];
    const now = new Date();
    const { id } = (await logins.findByToken(ended.token, now))!;
    for (const bad of ['', 'lgn_', 'lgn_g', 'lgn_0', id.toUpperCase(), `${id}0`, 'lgn_.{16}']) {
      assert.equal(await logins.revoke(own, bad), false, bad);
    }
    assert.equal(await logins.revoke(other, id), false);
    assert.ok(await logins.findByToken(ended.token, now));
    assert.equal(await logins.revoke(own, id), true);
    assert.equal(await logins.revoke(own, id), false);
    assert.equal(await logins.findByToken(ended.token, now), null);
    assert.ok(await logins.findByToken(kept.token, now));
  });

  await t.test('all logins of an account are revoked, and none of another', async () => {
    const [own, other] = [newId('account'), newId('account')];
    await logins.issue(own, user, []);
    await logins.issue(own, user, []);
    const foreign = await logins.issue(other, user, []);
    assert.equal(await logins.revokeAll(own), 2);
    assert.equal(await logins.revokeAll(own), 0);
    assert.ok(await logins.findByToken(foreign.token, new Date()));
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

  await t.test(
    'the id of a login follows from its token, and finds it in its account until it expires',
    async () => {
      const { token } = await issue();
      const id = loginIdOf(token);
      assert.deepEqual(await logins.find(account, id, start), await logins.findByToken(token, start));
      assert.equal(await logins.find(newId('account'), id, start), null);
      assert.equal(await logins.find(account, id, after(30 * DAY_MS)), null);
      for (const bad of ['lgn_', 'lgn_0123456789abcdeg', `${id}0`, token]) {
        assert.equal(await logins.find(account, bad, start), null);
      }
    },
  );

  await t.test('a login is listed behind rows that nobody signed in by', async () => {
    const account = newId('account');
    const { token } = await logins.issue(account, user, [], start);
    const odd = { account_id: account, created_at: after(1), expires_at: after(DAY_MS) };
    const rows = ['a', 'b', 'c'].map((_id) => ({ _id, ...odd }));
    await db.collection<{ _id: string }>('logins').insertMany(rows);
    assert.deepEqual(await logins.list(account, start, 1), [await logins.findByToken(token, start)]);
  });

  await t.test('a row that is not as it was written signs nobody in, and breaks no list', async () => {
    const odd = newId('account');
    const fields = {
      user_id: { $ne: 1 },
      permissions: 'sessions:read',
      created_at: 1,
      expires_at: 9e15,
      last_used_at: 'x',
    };
    for (const [field, value] of Object.entries(fields)) {
      const { token } = await logins.issue(odd, user, [], start);
      const _id = createHash('sha256').update(token).digest('hex');
      await db.collection<{ _id: string }>('logins').updateOne({ _id }, { $set: { [field]: value } });
      assert.equal(await logins.findByToken(token, start), null, field);
      assert.deepEqual(await logins.list(odd, start, 10), [], field);
    }
  });
});
