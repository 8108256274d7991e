import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROUTES } from '../../../api/routes/index.ts';
import { PERMISSIONS } from '../../../shared/accounts/permissions.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { DAY_MS } from '../../../shared/time/durations.ts';
import { assertError, readError } from '../../support/answers.ts';
import { startApp } from '../../support/start-app.ts';

test('the login check', async (t) => {
  const app = await startApp(t);
  const { accountId, cookie } = await app.addTenant('Clinic');
  const user = (await app.deps.users.findOrCreate(accountId, 'Ada'))!;

  async function cookieIssuedAt(date: Date): Promise<string> {
    const { token } = await app.deps.logins.issue(accountId, user.id, [], date);
    return `masker_session=${token}`;
  }

  await t.test('a missing, empty, unknown or malformed cookie is refused', async () => {
    const cookies = [
      null,
      'masker_session=',
      'masker_session=unknown',
      `x${cookie}`,
      'masker_session="%00',
      ';;;=;',
    ];
    for (const bad of cookies) {
      const response = await app.get('/api/v1/me', bad);
      assert.equal(response.status, 401, String(bad));
      assert.equal((await readError(response)).code, 'unauthenticated');
    }
  });

  await t.test('an expired login is refused, whether or not it is removed', async () => {
    const expired = await cookieIssuedAt(new Date(Date.now() - 31 * DAY_MS));
    assert.equal((await app.get('/api/v1/me', expired)).status, 401);
  });

  await t.test('a fresh login is sent no new cookie', async () => {
    assert.equal((await app.get('/api/v1/me', cookie)).headers.get('set-cookie'), null);
  });

  await t.test('the cookie of a login in use is renewed once', async () => {
    const aged = await cookieIssuedAt(new Date(Date.now() - 29 * DAY_MS));
    const renewed = (await app.get('/api/v1/me', aged)).headers.get('set-cookie') ?? '';
    assert.ok(renewed.startsWith(`${aged}; Path=/; Expires=`));
    assert.match(renewed, /; HttpOnly; SameSite=Lax$/);
    assert.equal((await app.get('/api/v1/me', aged)).headers.get('set-cookie'), null);
  });
});

type Row = { _id: string };

test('a login ends with its user and its account', async (t) => {
  const app = await startApp(t);
  const { db } = app.database;
  const [users, accounts] = [db.collection<Row>('users'), db.collection<Row>('accounts')];

  async function addLogin() {
    const { accountId } = await app.addTenant('Clinic');
    const user = (await app.deps.users.findOrCreate(accountId, 'Ada'))!;
    const { token } = await app.deps.logins.issue(accountId, user.id, PERMISSIONS);
    const cookie = `masker_session=${token}`;
    assert.equal((await app.get('/api/v1/me', cookie)).status, 200);
    return { accountId, userId: user.id, cookie };
  }

  await t.test('no route answers a login whose user was deleted', async () => {
    const { userId, cookie } = await addLogin();
    await users.deleteOne({ _id: userId });
    const guarded = ROUTES.filter(({ permission }) => permission !== 'public');
    assert.ok(guarded.length > 5);
    const routes = guarded.map(({ method, path }) => ({
      method: method.toUpperCase(),
      path: path.replace('{session_id}', newId('session')).replace('{agent_id}', newId('agent')),
    }));
    for (const { method, path } of [...routes, { method: 'GET', path: '/admin/queues' }]) {
      await assertError(await app.get(path, cookie, { method }), 401, 'unauthenticated');
    }
  });

  await t.test(
    'a user marked as deleted has no access, and neither has one of a deleted account',
    async () => {
      const now = new Date();
      const ends = [
        ({ userId }: { userId: string }) => users.updateOne({ _id: userId }, { $set: { deleted_at: now } }),
        ({ accountId }: { accountId: string }) =>
          accounts.updateOne({ _id: accountId }, { $set: { deleted_at: now } }),
        ({ accountId }: { accountId: string }) => accounts.deleteOne({ _id: accountId }),
      ];
      for (const end of ends) {
        const login = await addLogin();
        await end(login);
        const response = await app.get('/api/v1/sessions', login.cookie);
        assert.equal(response.headers.get('set-cookie'), null);
        await assertError(response, 401, 'unauthenticated');
      }
    },
  );

  await t.test('a disabled user has no access until enabled again', async () => {
    const { userId, cookie } = await addLogin();
    await users.updateOne({ _id: userId }, { $set: { disabled_at: new Date() } });
    assert.equal((await app.get('/api/v1/me', cookie)).status, 401);
    await users.updateOne({ _id: userId }, { $set: { disabled_at: null } });
    assert.equal((await app.get('/api/v1/me', cookie)).status, 200);
  });

  await t.test('a login whose user is of another account is refused', async () => {
    const [one, other] = [await addLogin(), await addLogin()];
    const { token } = await app.deps.logins.issue(one.accountId, other.userId, []);
    assert.equal((await app.get('/api/v1/me', `masker_session=${token}`)).status, 401);
  });

  await t.test('a login whose row holds a filter in place of a user or an account is refused', async () => {
    const rows = db.collection<Row>('logins');
    for (const field of ['user_id', 'account_id']) {
      const { cookie } = await app.addTenant('Clinic');
      const newest = await rows.find().sort({ created_at: -1 }).limit(1).next();
      await rows.updateOne({ _id: newest?._id as string }, { $set: { [field]: { $ne: 1 } } });
      await assertError(await app.get('/api/v1/me', cookie), 401, 'unauthenticated');
    }
  });

  await t.test('a login that is revoked while requests go on is refused from then on', async () => {
    const { accountId, cookie } = await addLogin();
    const before = await Promise.all(Array.from({ length: 8 }, () => app.get('/api/v1/me', cookie)));
    assert.ok(before.every(({ status }) => status === 200));
    const running = Promise.all(Array.from({ length: 8 }, () => app.get('/api/v1/me', cookie)));
    assert.equal(await app.deps.logins.revokeAll(accountId), 2);
    for (const { status } of await running) assert.ok(status === 200 || status === 401);
    const after = await Promise.all(Array.from({ length: 8 }, () => app.get('/api/v1/me', cookie)));
    assert.ok(after.every(({ status }) => status === 401));
  });
});

test('in production a renewed cookie is for HTTPS only', async (t) => {
  const app = await startApp(t, { NODE_ENV: 'production' });
  const { accountId } = await app.addTenant('Clinic');
  const user = (await app.deps.users.findOrCreate(accountId, 'Ada'))!;
  const { token } = await app.deps.logins.issue(accountId, user.id, [], new Date(Date.now() - DAY_MS));
  const response = await app.get('/api/v1/me', `masker_session=${token}`);
  assert.match(response.headers.get('set-cookie') ?? '', /; Secure$/);
});
