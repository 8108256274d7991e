import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meResponse } from '../../../api/routes/me/schema.ts';
import type { Permission } from '../../../shared/accounts/permissions.ts';
import { newTokenText } from '../../../shared/accounts/token-text.ts';
import { DAY_MS } from '../../../shared/time/durations.ts';
import { assertError } from '../../support/answers.ts';
import { addSessionWithLog, redaction } from '../../support/logs.ts';
import { sendTarget } from '../../support/raw-http.ts';
import { startApp } from '../../support/start-app.ts';

const ME = '/api/v1/me';

test('bearer tokens', async (t) => {
  const app = await startApp(t);
  const { db } = app.database;
  const clinic = await app.addTenant('Clinic');
  const { accountId, cookie } = clinic;
  const createIn = (
    account: string,
    scopes: readonly Permission[],
    expiresAt = new Date(Date.now() + DAY_MS),
  ) => app.deps.tokens.create(account, { name: 'nightly export', scopes, expiresAt });
  const { id, text } = await createIn(accountId, ['sessions:read', 'reports:read']);

  const send = (path: string, authorization: string, withCookie: string | null = null) =>
    app.get(path, withCookie, { headers: { authorization } });

  async function assertRefused(response: Response, about?: string): Promise<void> {
    assert.equal(response.headers.get('www-authenticate'), 'Bearer', about);
    await assertError(response, 401, 'unauthenticated');
  }

  /** The status of a request with these header lines, written as they are. */
  async function statusOf(headers: string, target = ME): Promise<string | undefined> {
    return /^HTTP\/1\.1 (\d+)/.exec(await sendTarget(app.url, target, headers))?.[1];
  }

  await t.test('401 without a token or a login names the scheme', async () => {
    await assertRefused(await app.get(ME));
    assert.equal((await app.get(ME, cookie)).headers.get('www-authenticate'), null);
  });

  await t.test('a malformed, unknown or expired token is refused', async () => {
    const expired = await createIn(accountId, [], new Date(Date.now() - 1));
    const bad = [newTokenText(), expired.text, `${text}x`, text.slice(0, -1), text.toUpperCase(), 'x', ''];
    for (const token of bad) await assertRefused(await send(ME, `Bearer ${token}`), token);
    for (const value of [
      'Bearer',
      `Bearer ${text} x`,
      `Bearer ${text}, Bearer ${text}`,
      `Bearer "${text}"`,
      text,
    ]) {
      await assertRefused(await send(ME, value), value);
    }
  });

  await t.test('a bad token is refused although the cookie beside it is good', async () => {
    for (const value of [`Bearer ${newTokenText()}`, 'Bearer x', 'bearer', text, `Token ${text}`]) {
      await assertRefused(await send(ME, value, cookie), value);
    }
  });

  await t.test('a request with a token and a cookie is the token’s', async () => {
    const south = await app.addTenant('South');
    const me = meResponse.parse(await (await send(ME, `Bearer ${text}`, south.cookie)).json());
    assert.deepEqual(me, {
      user: { id, name: 'nightly export' },
      account: { id: accountId, name: 'Clinic' },
      permissions: ['sessions:read', 'reports:read'],
    });
    const aged = await app.deps.users.findOrCreate(accountId, 'Ada');
    const old = await app.deps.logins.issue(accountId, aged!.id, [], new Date(Date.now() - DAY_MS));
    const response = await send(ME, `Bearer ${text}`, `masker_session=${old.token}`);
    assert.equal(response.headers.get('set-cookie'), null);
  });

  await t.test('the scheme is read in any case', async () => {
    for (const scheme of ['bearer', 'BEARER', 'bEaReR']) {
      assert.equal((await send(ME, `${scheme} ${text}`)).status, 200, scheme);
    }
    assert.equal((await send(ME, `Bearer   ${text}`)).status, 200);
  });

  await t.test('credentials of another scheme, for a proxy, leave the cookie to count', async () => {
    const basic = `Basic ${btoa('user:password')}`;
    assert.equal((await send(ME, basic, cookie)).status, 200);
    await assertRefused(await send(ME, basic));
  });

  await t.test('two Authorization headers are refused, whatever is in them', async () => {
    const good = `Authorization: Bearer ${text}\r\n`;
    assert.equal(await statusOf(good), '200');
    for (const other of [good, 'Authorization: Basic eDp5\r\n', 'authorization:\r\n']) {
      assert.equal(await statusOf(`${good}${other}`), '401', other);
      assert.equal(await statusOf(`${other}${good}Cookie: ${cookie}\r\n`), '401', other);
    }
  });

  await t.test('a header that is far too long is refused', async () => {
    assert.equal(await statusOf(`Authorization: Bearer ${text}${'A'.repeat(15_000)}\r\n`), '401');
    assert.equal(await statusOf(`Authorization: Bearer${' '.repeat(15_000)}x y\r\n`), '401');
    assert.equal(await statusOf(`Authorization: Bearer ${text}${'A'.repeat(20_000)}\r\n`), '431');
  });

  await t.test('a token in the query, the cookie or another header is not read', async () => {
    for (const name of ['access_token', 'token', 'authorization']) {
      await assertRefused(await app.get(`${ME}?${name}=${text}`), name);
      await assertRefused(await app.get(`${ME}?${name}=Bearer%20${text}`), name);
    }
    await assertRefused(await app.get(ME, `masker_session=${text}`));
    assert.equal(await statusOf(`X-Authorization: Bearer ${text}\r\n`), '401');
    assert.equal(await statusOf(`Proxy-Authorization: Bearer ${text}\r\n`), '401');
  });

  await t.test('a login’s token is no bearer token', async () => {
    await assertRefused(await send(ME, `Bearer ${cookie.split('=')[1]}`));
  });

  await t.test('a scope that the token lacks is 403', async () => {
    const response = await send('/api/v1/agents', `Bearer ${text}`, cookie);
    assert.match(await response.clone().text(), /agents:read/);
    await assertError(response, 403, 'forbidden');
    assert.equal((await send('/api/v1/sessions', `Bearer ${text}`)).status, 200);
    await assertError(await send('/admin/queues', `Bearer ${text}`), 403, 'forbidden');
  });

  const session = await addSessionWithLog(app, clinic, { events: [redaction('NAME')] });

  await t.test('the token of another account sees nothing of this one', async () => {
    const other = await app.addTenant('Other');
    const foreign = await createIn(other.accountId, ['sessions:read']);
    const list = await send('/api/v1/sessions', `Bearer ${foreign.text}`);
    assert.deepEqual(await list.json(), { data: [], next_cursor: null, damaged_rows: 0 });
    const response = await send(`/api/v1/sessions/${session.id}`, `Bearer ${foreign.text}`, cookie);
    await assertError(response, 404, 'session_not_found');
  });

  await t.test('a report that a token asks for is recorded under the token’s id', async () => {
    const report = await send(`/api/v1/sessions/${session.id}/report`, `Bearer ${text}`, cookie);
    assert.equal(report.status, 200);
    const row = await db.collection('reports').findOne({ session_id: session.id });
    assert.equal(row?.user_id, id);
  });

  await t.test('a token that is revoked while requests go on is refused from then on', async () => {
    const doomed = await createIn(accountId, []);
    const sendMany = () =>
      Promise.all(
        Array.from({ length: 8 }, async () => (await send(ME, `Bearer ${doomed.text}`, cookie)).status),
      );
    assert.deepEqual(new Set(await sendMany()), new Set([200]));
    const running = sendMany();
    assert.ok(await app.deps.tokens.revoke(accountId, doomed.id));
    for (const status of await running) assert.ok(status === 200 || status === 401);
    assert.deepEqual(new Set(await sendMany()), new Set([401]));
  });

  await t.test('a token ends with its account', async () => {
    for (const deletion of [{ $set: { deleted_at: new Date() } }, null]) {
      const doomed = await app.addTenant('Doomed');
      const token = await createIn(doomed.accountId, ['sessions:read']);
      assert.equal((await send('/api/v1/sessions', `Bearer ${token.text}`)).status, 200);
      const accounts = db.collection<{ _id: string }>('accounts');
      const filter = { _id: doomed.accountId };
      await (deletion ? accounts.updateOne(filter, deletion) : accounts.deleteOne(filter));
      await assertRefused(await send('/api/v1/sessions', `Bearer ${token.text}`));
    }
  });

  await t.test('of many first requests, one records the use', async () => {
    const fresh = await createIn(accountId, []);
    await Promise.all(Array.from({ length: 8 }, () => send(ME, `Bearer ${fresh.text}`)));
    const used = await app.deps.tokens.findByText(fresh.text, new Date());
    assert.ok(used?.lastUsedAt);
    await send(ME, `Bearer ${fresh.text}`);
    assert.deepEqual((await app.deps.tokens.findByText(fresh.text, new Date()))?.lastUsedAt, used.lastUsedAt);
  });
});
