import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTokenText } from '../../../shared/accounts/token-text.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { DAY_MS } from '../../../shared/time/durations.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';
import { sendForm } from '../../support/page-forms.ts';
import { readPage, textOf } from '../../support/pages.ts';
import { startApp } from '../../support/start-app.ts';

test('the page of API tokens', async (t) => {
  const app = await startApp(t);
  const [north, south] = [await app.addTenant('North'), await app.addTenant('South')];
  const { accountId } = north;
  const boss = await app.login(accountId, ['sessions:read', 'tokens:write']);
  const create = (name: string, expiresAt = new Date(Date.now() + DAY_MS), of = accountId) =>
    app.deps.tokens.create(of, { name, scopes: ['sessions:read'], expiresAt });
  const make = (fields: [string, string][], cookie = boss, headers = {}) =>
    sendForm(app, '/tokens', new URLSearchParams(fields), { cookie, ...headers });
  const revoke = (id: string, cookie = boss, headers = {}) =>
    sendForm(app, `/tokens/${id}/revoke`, {}, { cookie, ...headers });
  const statusOf = async (text: string) =>
    (await app.get('/api/v1/me', null, { headers: { authorization: `Bearer ${text}` } })).status;
  const count = () => app.database.db.collection('tokens').countDocuments({});
  const DRAFT: [string, string][] = [
    ['name', 'nightly'],
    ['scopes', 'sessions:read'],
  ];

  await t.test('takes a login that holds tokens:write, and is not in the navigation of others', async () => {
    const token = await create('kept');
    assert.equal((await app.get('/tokens', null, { redirect: 'manual' })).status, 303);
    assert.equal((await make(DRAFT, 'masker_session=x')).headers.get('location'), '/sign-in?lost=form');
    const before = await count();
    for (const response of [
      await app.get('/tokens', north.cookie),
      await make(DRAFT, north.cookie),
      await revoke(token.id, north.cookie),
    ]) {
      assert.match(textOf(await readPage(response, 403)), /lacks the permission tokens:write/);
    }
    assert.equal(await count(), before);
    assert.equal(await statusOf(token.text), 200);
    const links = async (cookie: string) =>
      [...(await readPage(await app.get('/logins', cookie))).querySelectorAll('nav a')].map(
        (a) => a.textContent,
      );
    assert.ok(!(await links(north.cookie)).includes('API tokens'));
    assert.ok((await links(boss)).includes('API tokens'));
  });

  await t.test(
    'lists tokens with name, permissions and state, and no text and none of another account',
    async () => {
      const [works, revoked] = [await create('works'), await create('revoked')];
      await app.deps.tokens.revoke(accountId, revoked.id);
      const expired = await create('expired', new Date(Date.now() - 1));
      const foreign = await create('foreign', undefined, south.accountId);
      const page = await readPage(await app.get('/tokens', boss));
      const rowOf = (id: string) =>
        [...page.querySelectorAll('tbody tr')].find(({ textContent }) => textContent.includes(id))
          ?.textContent ?? '';
      assert.match(rowOf(works.id), /Yes, revoke.*works until.*sessions:read/s);
      assert.match(rowOf(revoked.id), /revoked \d/);
      assert.doesNotMatch(rowOf(revoked.id), /Yes, revoke/);
      assert.match(rowOf(expired.id), /expired/);
      assert.equal(rowOf(foreign.id), '');
      assert.ok(!page.toString().includes(works.text));
    },
  );

  await t.test('makes a token with the permissions that were ticked, and shows it once', async () => {
    const response = await make([...DRAFT, ['scopes', 'tokens:write'], ['days', '7']]);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    const page = await readPage(response);
    const text = page.querySelector('main pre code')?.textContent ?? '';
    assert.ok(isTokenText(text));
    assert.equal(await statusOf(text), 200);
    const [made] = await app.deps.tokens.list(accountId, 1);
    assert.deepEqual([made?.name, made?.scopes], ['nightly', ['sessions:read', 'tokens:write']]);
    const days = (made!.expiresAt.getTime() - made!.createdAt.getTime()) / DAY_MS;
    assert.equal(days, 7);
    assert.ok(!(await (await app.get('/tokens', boss)).text()).includes(text));
  });

  await t.test('offers and gives no more permissions than the login holds', async () => {
    const page = await readPage(await app.get('/tokens', boss));
    const boxes = [...page.querySelectorAll('input[type=checkbox]')].map((box) => box.getAttribute('value'));
    assert.deepEqual(boxes, ['sessions:read', 'tokens:write']);
    const before = await count();
    for (const more of ['admin', 'admin:write', 'reports:read']) {
      const refused = await readPage(await make([...DRAFT, ['scopes', more]]), 403);
      assert.match(textOf(refused), new RegExp(`no more than who makes it: you lack ${more}`));
    }
    assert.equal(await count(), before);
  });

  await t.test(
    'a form that lacks something is shown again as it was filled in, with what is wrong',
    async () => {
      const before = await count();
      const nameless = await readPage(
        await make([
          ['name', ''],
          ['scopes', 'sessions:read'],
          ['days', '30'],
        ]),
        422,
      );
      assert.match(textOf(nameless), /Give the token a name of 1 to 100 characters/);
      assert.ok(nameless.querySelector('input[value="sessions:read"]')?.hasAttribute('checked'));
      assert.equal(nameless.querySelector('option[selected]')?.getAttribute('value'), '30');
      const scopeless = await readPage(await make([['name', 'a<b>"']]), 422);
      assert.match(textOf(scopeless), /Choose at least one thing/);
      assert.equal(scopeless.querySelector('input[name=name]')?.getAttribute('value'), 'a<b>"');
      for (const bad of ['x'.repeat(101), 'a\u202eb', 'a\nb']) {
        await readPage(
          await make([
            ['name', bad],
            ['scopes', 'sessions:read'],
          ]),
          422,
        );
      }
      for (const [field, value] of [
        ['days', '3660'],
        ['scopes', 'root'],
        ['name', 'twice'],
        ['more', 'x'],
      ] as const) {
        await readPage(await make([...DRAFT, [field, value]]), 422);
      }
      assert.equal(await count(), before);
    },
  );

  await t.test('revokes a token at once, and again without a fault', async () => {
    const token = await create('to revoke');
    assert.equal(await statusOf(token.text), 200);
    for (const _ of [1, 2]) {
      const response = await revoke(token.id);
      assert.deepEqual([response.status, response.headers.get('location')], [303, '/tokens']);
    }
    assert.equal(await statusOf(token.text), 401);
  });

  await t.test('a token of another account answers as an unknown and a malformed id do', async () => {
    const foreign = await create('foreign', undefined, south.accountId);
    const pages = [];
    for (const id of [foreign.id, newId('token'), 'tok_', '%zz', foreign.id.toLowerCase()]) {
      pages.push(textOf(await readPage(await revoke(id), 404)));
    }
    assert.equal(new Set(pages).size, 1);
    assert.equal(await statusOf(foreign.text), 200);
  });

  await t.test('a page of another host makes and revokes nothing', async () => {
    const token = await create('kept too');
    const before = await count();
    const foreign = { 'Sec-Fetch-Site': 'cross-site' };
    await readPage(await make(DRAFT, boss, foreign), 403);
    await readPage(await revoke(token.id, boss, foreign), 403);
    assert.equal(await count(), before);
    assert.equal(await statusOf(token.text), 200);
  });

  await t.test('hostile names are text, in the table and in the form', async () => {
    // The page lists 200 at most.
    const names = HOSTILE_TEXTS.slice(-150);
    for (const name of names) await create(name);
    const page = await readPage(await app.get('/tokens', boss));
    assert.equal(page.querySelectorAll('tbody tr').length > names.length, true);
    for (const name of names) {
      const again = await readPage(
        await make([
          ['name', name],
          ['days', '1'],
        ]),
        422,
      );
      for (const shown of [page, again]) {
        assert.equal(
          shown.querySelectorAll('main :is(script, img, svg, iframe, base, meta, a[href^="data:"])').length,
          0,
        );
        assert.doesNotMatch(shown.toString(), /(?![\n\t])\p{C}/u);
      }
    }
  });
});
