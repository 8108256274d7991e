import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newTokenResponse, tokensResponse } from '../../../api/routes/tokens/schema.ts';
import type { Permission } from '../../../shared/accounts/permissions.ts';
import { isTokenText, newTokenText } from '../../../shared/accounts/token-text.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/time/durations.ts';
import { storedAccess } from '../../support/access-rows.ts';
import { assertError, readError } from '../../support/answers.ts';
import { startFaultyProxy } from '../../support/faulty-proxy.ts';
import { openTestDatabase } from '../../support/mongo.ts';
import { startApp } from '../../support/start-app.ts';

const PATH = '/api/v1/tokens';
const DRAFT = { name: 'nightly', scopes: ['sessions:read'] };
const bearer = (text: string) => ({ headers: { authorization: `Bearer ${text}` } });

test('/tokens', async (t) => {
  const app = await startApp(t);
  const [north, south] = [await app.addTenant('North'), await app.addTenant('South')];
  const { accountId } = north;
  const boss = await app.login(accountId, ['sessions:read', 'tokens:write']);
  const send = (body: unknown, by: string | null = boss, headers: Record<string, string> = {}) =>
    app.get(PATH, by, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
    });
  const end = (id: string, by: string | null = boss, headers: Record<string, string> = {}) =>
    app.get(`${PATH}/${id}`, by, {
      method: 'DELETE',
      headers: { 'sec-fetch-site': 'same-origin', ...headers },
    });
  const create = (of = accountId, name = 'kept') =>
    app.deps.tokens.create(of, {
      name,
      scopes: ['sessions:read'],
      expiresAt: new Date(Date.now() + DAY_MS),
    });
  const works = async (text: string) => (await app.get('/api/v1/me', null, bearer(text))).status === 200;
  const count = () => app.database.db.collection('tokens').countDocuments({});

  await t.test('401 without a login, 403 without tokens:write, and nothing is made or revoked', async () => {
    const kept = await create();
    const before = await count();
    for (const ask of [() => app.get(PATH), () => send(DRAFT, null), () => end(kept.id, null)]) {
      await assertError(await ask(), 401, 'unauthenticated');
    }
    for (const ask of [
      () => app.get(PATH, north.cookie),
      () => send(DRAFT, north.cookie),
      () => end(kept.id, north.cookie),
    ]) {
      await assertError(await ask(), 403, 'forbidden');
    }
    assert.equal(await count(), before);
    assert.ok(await works(kept.text));
  });

  await t.test(
    'a cookie makes and revokes nothing for a page of another host, or without Origin',
    async () => {
      const kept = await create();
      const before = await count();
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': '', origin: 'https://evil.example' },
        { 'sec-fetch-site': '' },
      ]) {
        await assertError(await send(DRAFT, boss, headers), 403, 'forbidden');
        await assertError(await end(kept.id, boss, headers), 403, 'forbidden');
      }
      assert.equal(await count(), before);
      assert.ok(await works(kept.text));
    },
  );

  await t.test('422 names the field at fault, and repeats nothing that was sent', async () => {
    const before = await count();
    for (const [body, param] of [
      [{ ...DRAFT, name: '' }, 'name'],
      [{ ...DRAFT, name: 'a\u202eb' }, 'name'],
      [{ ...DRAFT, name: 'x'.repeat(101) }, 'name'],
      [{ scopes: DRAFT.scopes }, 'name'],
      [{ ...DRAFT, scopes: [] }, 'scopes'],
      [{ ...DRAFT, scopes: ['SECRET'] }, 'scopes[0]'],
      [{ ...DRAFT, scopes: 'sessions:read' }, 'scopes'],
      [{ ...DRAFT, expires: '367d' }, 'expires'],
      [{ ...DRAFT, expires: 'never' }, 'expires'],
      [{ ...DRAFT, SECRET: 1 }, 'body'],
      [[], 'body'],
      ['{"name": "a", "name": "b"}', 'body'],
    ] as const) {
      const response = await send(body);
      assert.doesNotMatch(await response.clone().text(), /SECRET/);
      await assertError(response, 422, 'validation_failed', param);
    }
    const { message } = await readError(await send({ ...DRAFT, scopes: ['SECRET'] }));
    assert.match(message, /^scopes\[0\]: must be one of [a-z:]+, /);
    assert.equal(await count(), before);
  });

  await t.test('a token has no more scopes than whoever makes it, by cookie or by token', async () => {
    const before = await count();
    for (const more of ['reports:read', 'admin', 'admin:write', 'payloads:read']) {
      await assertError(await send({ ...DRAFT, scopes: ['sessions:read', more] }), 403, 'forbidden');
    }
    assert.equal(await count(), before);
    const made = await send({ ...DRAFT, scopes: ['sessions:read', 'tokens:write'] });
    const { token } = newTokenResponse.parse(await made.json());
    const more = await send({ ...DRAFT, scopes: ['log:read'] }, null, bearer(token).headers);
    await assertError(more, 403, 'forbidden');
    assert.equal((await send(DRAFT, null, bearer(token).headers)).status, 201);
  });

  await t.test('a token is shown once, works, and stands in the access record', async () => {
    const response = await send({ name: ' nightly ', scopes: ['sessions:read', 'sessions:read'] });
    assert.deepEqual([response.status, response.headers.get('cache-control')], [201, 'no-store']);
    const { token, ...row } = newTokenResponse.parse(await response.json());
    assert.ok(isTokenText(token));
    assert.ok(await works(token));
    assert.deepEqual([row.name, row.scopes], ['nightly', ['sessions:read']]);
    assert.equal(Date.parse(row.expires_at) - Date.parse(row.created_at), 90 * DAY_MS);
    const listed = await (await app.get(PATH, boss)).text();
    assert.ok(!listed.includes(token));
    const [first] = tokensResponse.parse(JSON.parse(listed)).data;
    assert.deepEqual({ ...first, last_used_at: null }, row);
    assert.notEqual(first?.last_used_at, null);
    assert.equal((await end(row.id)).status, 204);
    assert.equal((await end(row.id)).status, 204);
    assert.equal(await works(token), false);
    const rows = await storedAccess(app.database.db).find({ subject: row.id }).sort({ _id: 1 }).toArray();
    assert.deepEqual(
      rows.map(({ action }) => action),
      ['token.make', 'token.revoke', 'token.revoke'],
    );
  });

  await t.test('the list is keyset paged, and passes over rows that nobody made', async () => {
    const { accountId: of } = await app.addTenant('Lists');
    const by = await app.login(of, ['tokens:write']);
    const ids: string[] = [];
    for (let i = 0; i < 7; i += 1) ids.unshift((await create(of, `t${i}`)).id);
    const tokens = app.database.db.collection('tokens');
    await tokens.updateOne({ id: ids[2] as string }, { $set: { name: { $ne: 1 } } });
    const shown: string[] = [];
    let query = '?limit=2';
    for (;;) {
      const response = await app.get(`${PATH}${query}`, by);
      const { data, next_cursor } = tokensResponse.parse(await response.json());
      shown.push(...data.map(({ id }) => id));
      if (next_cursor === null) break;
      query = `?limit=2&cursor=${next_cursor}`;
    }
    assert.deepEqual(shown, ids.toSpliced(2, 1));
    await assertError(await app.get(`${PATH}${query}`, boss), 422, 'validation_failed', 'cursor');
  });

  await t.test('404 for a token of another account, an unknown and a malformed id alike', async () => {
    const foreign = await create(south.accountId);
    for (const id of [foreign.id, newId('token'), 'tok_', '%zz', foreign.id.toLowerCase()]) {
      await assertError(await end(id), 404, 'token_not_found');
    }
    assert.ok(await works(foreign.text));
  });
});

test('a token that may not do something is refused, and nothing is told apart', async (t) => {
  const cleanUps: (() => Promise<void>)[] = [];
  const database = await openTestDatabase({ after: (cleanUp) => cleanUps.push(cleanUp) });
  const proxy = await startFaultyProxy(database.uri);
  const app = await startApp(t, { MONGODB_URI: proxy.uri }, { database });
  t.after(async () => {
    for (const cleanUp of [proxy.close, ...cleanUps]) await cleanUp();
  });
  const [north, south] = [await app.addTenant('North'), await app.addTenant('South')];
  const create = async (scopes: Permission[], expiresAt: Date, of = north.accountId) =>
    app.deps.tokens.create(of, { name: 'x', scopes, expiresAt });
  const later = new Date(Date.now() + DAY_MS);
  const all: Permission[] = ['sessions:read', 'tokens:write'];
  let asked: string[] = [];
  proxy.setFaults((name, collection) => {
    if (['find', 'aggregate', 'update', 'insert'].includes(name)) asked.push(`${name} ${collection}`);
    return null;
  });

  /** Everything that an answer tells: status, headers and body without the request's id, and what was read for it. */
  async function answer(text: string, path = '/api/v1/sessions'): Promise<unknown> {
    asked = [];
    const response = await app.get(path, null, bearer(text));
    const headers = [...response.headers].filter(([name]) => !['x-request-id', 'date'].includes(name));
    const body = (await response.text()).replaceAll(/req_\w{26}/g, 'req_');
    return { status: response.status, headers, body, asked };
  }

  await t.test(
    'leaked and never issued, malformed, expired, revoked, or of a deleted account: 401',
    async () => {
      const revoked = await create(all, later);
      await app.deps.tokens.revoke(north.accountId, revoked.id);
      const gone = await app.addTenant('Gone');
      const orphaned = await create(all, later, gone.accountId);
      await database.db
        .collection<{ _id: string }>('accounts')
        .updateOne({ _id: gone.accountId }, { $set: { deleted_at: new Date() } });
      const works = await create(all, later);
      const texts = {
        unknown: newTokenText(),
        malformed: 'msk_x',
        'a wrong checksum': `${works.text.slice(0, -1)}${works.text.endsWith('A') ? 'B' : 'A'}`,
        'in capitals': works.text.toUpperCase(),
        expired: (await create(all, new Date(Date.now() - HOUR_MS))).text,
        revoked: revoked.text,
        orphaned: orphaned.text,
      };
      const expected = await answer(texts.unknown);
      assert.equal((expected as { status: number }).status, 401);
      for (const [name, text] of Object.entries(texts)) assert.deepEqual(await answer(text), expected, name);
    },
  );

  await t.test('one with too few scopes: 403, whatever it asks for', async () => {
    const few = await create(['agents:read'], later);
    await answer(few.text);
    const known = await create(['sessions:read'], later);
    const expected = await answer(few.text, `/api/v1/sessions/${newId('session')}`);
    assert.equal((expected as { status: number }).status, 403);
    for (const path of ['/api/v1/sessions', '/api/v1/sessions/x']) {
      assert.deepEqual(await answer(few.text, path), expected);
    }
    await answer(known.text);
    for (const [id, of] of [
      [known.id, known],
      [newId('token'), known],
    ] as const) {
      const response = await app.get(`/api/v1/tokens/${id}`, null, {
        ...bearer(of.text),
        method: 'DELETE',
      });
      await assertError(response, 403, 'forbidden');
    }
  });

  await t.test('one of another account finds nothing, as if there were nothing', async () => {
    const foreign = await create(all, later, south.accountId);
    const own = await create(all, later);
    const ask = (id: string) =>
      app.get(`/api/v1/tokens/${id}`, null, { ...bearer(foreign.text), method: 'DELETE' });
    await ask(newId('token'));
    for (const id of [own.id, newId('token')]) {
      asked = [];
      await assertError(await ask(id), 404, 'token_not_found');
      assert.deepEqual(asked, ['find tokens', 'find accounts', 'update tokens', 'find tokens']);
    }
  });
});
