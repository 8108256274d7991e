import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Permission, TENANT_PERMISSIONS } from '../../../shared/accounts/permissions.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';
import { cookiesSet, sendForm } from '../../support/page-forms.ts';
import { type PageDocument, readPage, textOf } from '../../support/pages.ts';
import { startApp } from '../../support/start-app.ts';

test('the page of logins', async (t) => {
  const app = await startApp(t);
  const [north, south] = [await app.addTenant('North'), await app.addTenant('South')];
  const { accountId } = north;

  async function loginOf(name: string, permissions: readonly Permission[] = TENANT_PERMISSIONS) {
    const user = (await app.deps.users.findOrCreate(accountId, name))!;
    const { token } = await app.deps.logins.issue(accountId, user.id, permissions);
    const { id } = (await app.deps.logins.findByToken(token, new Date()))!;
    return { id, cookie: `masker_session=${token}` };
  }
  const [ada, grace] = [await loginOf('Ada'), await loginOf('Grace')];
  const show = async (cookie: string) => readPage(await app.get('/logins', cookie));
  const revoke = (id: string, cookie: string, headers = {}) =>
    sendForm(app, `/logins/${id}/revoke`, {}, { cookie, ...headers });
  const offered = (page: PageDocument) =>
    [...page.querySelectorAll('main form')].map((form) => form.getAttribute('action'));
  const isValid = async (cookie: string) => (await app.get('/api/v1/me', cookie)).status === 200;

  await t.test('leads a reader without a login to sign in, and refuses a form without one', async () => {
    const response = await app.get('/logins', null, { redirect: 'manual' });
    assert.equal(response.headers.get('location'), '/sign-in?next=%2Flogins');
    assert.equal((await revoke(ada.id, 'masker_session=x')).headers.get('location'), '/sign-in?lost=form');
    assert.ok(await isValid(ada.cookie));
  });

  await t.test('lists who is signed in to the account, and says which login is the reader’s', async () => {
    const page = await show(ada.cookie);
    const rows = [...page.querySelectorAll('tbody tr')].map(({ textContent }) => textContent);
    assert.equal(rows.length, 3);
    const mine = rows.filter((row) => row.includes('this browser'));
    assert.equal(mine.length, 1);
    assert.match(mine[0] ?? '', /Ada/);
    assert.match(mine[0] ?? '', /agents:read, sessions:read, reports:read/);
    assert.ok(textOf(page).includes(ada.id) && textOf(page).includes(grace.id));
    assert.ok(!page.toString().includes(south.accountId));
    for (const { cookie } of [ada, grace]) assert.ok(!page.toString().includes(cookie.split('=')[1]!));
    assert.equal(page.querySelector('nav a[aria-current]')?.textContent, 'Logins');
  });

  await t.test('offers to revoke the logins of the same user, and refuses those of another', async () => {
    const second = await loginOf('Ada');
    assert.deepEqual(offered(await show(ada.cookie)), [
      `/logins/${second.id}/revoke`,
      `/logins/${ada.id}/revoke`,
    ]);
    const page = await readPage(await revoke(grace.id, ada.cookie), 403);
    assert.match(textOf(page), /another user takes the permission tokens:write/);
    assert.ok(await isValid(grace.cookie));

    const response = await revoke(second.id, ada.cookie);
    assert.deepEqual([response.status, response.headers.get('location')], [303, '/logins']);
    assert.equal(await isValid(second.cookie), false);
    assert.ok(await isValid(ada.cookie));
  });

  await t.test('a login of another account answers as an unknown and a malformed id do', async () => {
    const [foreign] = await app.deps.logins.list(south.accountId, new Date(), 1);
    const boss = await loginOf('Boss', ['tokens:write']);
    const pages = [];
    for (const id of [foreign!.id, 'lgn_0123456789abcdef', 'lgn_', '%zz', "lgn_0'", `${ada.id}0`]) {
      for (const { cookie } of [ada, boss]) pages.push(textOf(await readPage(await revoke(id, cookie), 404)));
    }
    assert.equal(new Set(pages).size, 1);
    assert.ok(await isValid(south.cookie));
  });

  await t.test('a page of another host cannot revoke', async () => {
    await readPage(await revoke(ada.id, ada.cookie, { 'Sec-Fetch-Site': 'cross-site' }), 403);
    assert.equal((await app.get(`/logins/${ada.id}/revoke`, ada.cookie)).status, 405);
    assert.ok(await isValid(ada.cookie));
  });

  await t.test('whoever holds tokens:write revokes any, at once', async () => {
    const boss = await loginOf('Boss', ['tokens:write']);
    assert.ok(offered(await show(boss.cookie)).includes(`/logins/${grace.id}/revoke`));
    assert.equal((await revoke(grace.id, boss.cookie)).status, 303);
    assert.equal(await isValid(grace.cookie), false);
  });

  await t.test('whoever revokes the login of this browser is signed out', async () => {
    const response = await revoke(ada.id, ada.cookie);
    assert.equal(response.headers.get('location'), '/sign-in');
    assert.equal(cookiesSet(response).masker_session, '');
    assert.equal(await isValid(ada.cookie), false);
  });

  await t.test('hostile names are text, and a login whose user is gone is marked', async () => {
    // The page lists 200 at most.
    for (const name of HOSTILE_TEXTS.slice(-150)) await loginOf(name.slice(0, 100));
    const evil = await loginOf('"><script>alert(1)</script>\u202e');
    const users = app.database.db.collection('users');
    await users.updateOne({ name: /^"><script>alert\(1\)/ }, { $set: { disabled_at: new Date() } });
    const page = await show(north.cookie);
    assert.ok(textOf(page).includes(evil.id));
    assert.match(textOf(page), /"><script>alert\(1\)<\/script>‹U\+202E› refused: user deleted or disabled/);
    assert.equal(page.querySelectorAll('main :is(script, img, svg, iframe, base, meta, a)').length, 0);
    assert.doesNotMatch(page.toString(), /(?![\n\t])\p{C}/u);
  });
});
