import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { MINUTE_MS } from '../../../shared/time/durations.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';
import { cookiesSet, sendForm } from '../../support/page-forms.ts';
import { readPage, textOf } from '../../support/pages.ts';
import { startApp } from '../../support/start-app.ts';

test('signing in by a link', async (t) => {
  const app = await startApp(t);
  const { accountId } = await app.addTenant('North Clinic');
  const { db } = app.database;
  const ada = (await app.deps.users.findOrCreate(accountId, 'Ada'))!;
  const countLogins = () => db.collection('logins').countDocuments({});
  const issue = async (now = new Date()) => {
    const link = { accountId, userId: ada.id, permissions: ['sessions:read'] } as const;
    return (await app.deps.signInLinks.issue(link, now)).token;
  };
  const open = (link: string, more = '', init: RequestInit = {}) =>
    app.get(`/sign-in?link=${link}${more}`, null, init);
  const use = (link: string, fields: Record<string, string> = {}, headers = {}) =>
    sendForm(app, '/sign-in', { link, ...fields }, headers);

  await t.test('its page names account and user, and opening it uses it up for nobody', async () => {
    const link = await issue();
    const before = await countLogins();
    for (const method of ['GET', 'HEAD', 'GET']) {
      const response = await open(link, '', { method });
      assert.equal(response.status, 200);
      assert.deepEqual(cookiesSet(response), {});
      assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
      assert.equal(response.headers.get('cache-control'), 'no-store');
    }
    const page = await readPage(await open(link));
    assert.match(textOf(page), /signs you in to North Clinic as Ada\./);
    assert.equal(page.querySelectorAll('main button').length, 1);
    assert.equal(await countLogins(), before);
    assert.equal((await use(link)).status, 303);
  });

  await t.test('its form signs in once, with the permissions of the link', async () => {
    const link = await issue();
    const [first, second] = await Promise.all([use(link), use(link)]);
    assert.deepEqual([first.status, second.status].sort(), [303, 410]);
    const signedIn = first.status === 303 ? first : second;
    assert.equal(signedIn.headers.get('location'), '/');
    const [cookie = ''] = signedIn.headers.getSetCookie();
    assert.match(cookie, /^masker_session=[\w-]{43}; Path=\/; Expires=.*; HttpOnly; SameSite=Lax$/);
    const me = await app.get('/api/v1/me', cookie.split(';')[0]);
    assert.deepEqual(((await me.json()) as { permissions: string[] }).permissions, ['sessions:read']);
  });

  await t.test(
    'used, expired, unknown and incomplete links, and those of people who are gone, show one page',
    async () => {
      const used = await issue();
      await use(used);
      const gone = (await app.deps.users.findOrCreate(accountId, 'Gone'))!;
      await db
        .collection<{ _id: string }>('users')
        .updateOne({ _id: gone.id }, { $set: { disabled_at: new Date() } });
      const ofGone = await app.deps.signInLinks.issue({ accountId, userId: gone.id, permissions: [] });
      const other = await app.addTenant('South');
      const crossed = await app.deps.signInLinks.issue({ ...other, userId: ada.id, permissions: [] });
      const expired = await issue(new Date(Date.now() - 10 * MINUTE_MS));
      const bad = [
        used,
        expired,
        'x'.repeat(43),
        'x',
        used.slice(1),
        ofGone.token,
        crossed.token,
        '%00',
        '<script>',
      ];
      const before = await countLogins();
      const shown = new Set<string>();
      for (const link of bad) {
        shown.add(textOf(await readPage(await open(encodeURIComponent(link)), 410)));
        shown.add(textOf(await readPage(await use(link), 410)));
      }
      assert.equal(shown.size, 1);
      assert.match(
        [...shown].join(),
        /works once, and for 10 minutes.*npm run login -- --account ACCOUNT_ID.*--link/,
      );
      assert.equal(await countLogins(), before);
    },
  );

  await t.test('a page of another host cannot use a link', async () => {
    const link = await issue();
    for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }]) {
      const response = await use(link, {}, headers);
      await readPage(response, 403);
      assert.deepEqual(cookiesSet(response), {});
    }
    assert.equal((await use(link)).status, 303);
  });

  await t.test('it leads back to where the reader was, and to no other host', async () => {
    const page = await readPage(
      await open(await issue(), `&next=${encodeURIComponent('/sessions?since=7d')}`),
    );
    const field = page.querySelector('main input[name=next]');
    assert.equal(field?.getAttribute('value'), '/sessions?since=7d');
    const to = async (next: string) => (await use(await issue(), { next })).headers.get('location');
    assert.equal(await to('/sessions?since=7d'), '/sessions?since=7d');
    for (const bad of ['//evil.example', '/\\evil.example', 'https://evil.example', '/api/v1/reports']) {
      assert.equal(await to(bad), '/');
      const shown = await readPage(await open(await issue(), `&next=${encodeURIComponent(bad)}`));
      assert.equal(shown.querySelector('main input[name=next]')?.getAttribute('value'), '/');
    }
  });

  await t.test('a link that is opened after a login expired leads back too', async () => {
    const refused = await app.get('/sessions?since=7d', 'masker_session=expired', { redirect: 'manual' });
    assert.equal(refused.status, 303);
    const path = refused.headers.get('location') ?? '';
    assert.equal(path, '/sign-in?next=%2Fsessions%3Fsince%3D7d');
    const ways = await app.get(path);
    assert.match(textOf(await readPage(ways.clone())), /come back to the page where you were.*--link/);
    const { masker_next = '' } = cookiesSet(ways);
    const opened = await app.get(`/sign-in?link=${await issue()}`, `masker_next=${masker_next}`);
    const next = (await readPage(opened)).querySelector('main input[name=next]')?.getAttribute('value') ?? '';
    assert.equal(next, '/sessions?since=7d');
    const signedIn = await use(await issue(), { next }, { cookie: `masker_next=${masker_next}` });
    assert.equal(signedIn.headers.get('location'), '/sessions?since=7d');
    assert.equal(cookiesSet(signedIn).masker_next, '');
    for (const forged of ['//evil.example', '%2F%2Fevil.example', '%', '/api/v1/reports']) {
      const shown = await app.get(`/sign-in?link=${await issue()}`, `masker_next=${forged}`);
      const field = (await readPage(shown)).querySelector('main input[name=next]');
      assert.equal(field?.getAttribute('value'), '/', forged);
    }
  });

  await t.test('the login that the browser had before ends', async () => {
    const cookie = await app.login(accountId);
    assert.equal((await use(await issue(), {}, { cookie })).status, 303);
    assert.equal((await app.get('/api/v1/me', cookie)).status, 401);
  });

  await t.test('hostile names of account and user are text', async () => {
    for (const name of HOSTILE_TEXTS) {
      const hostile = newId('account');
      await app.deps.accounts.upsert(hostile, name);
      const user = (await app.deps.users.findOrCreate(hostile, name.slice(0, 100)))!;
      const wanted = { accountId: hostile, userId: user.id, permissions: [] };
      const page = await readPage(await open((await app.deps.signInLinks.issue(wanted)).token));
      assert.equal(page.querySelectorAll('main strong').length, 2);
      assert.equal(page.querySelectorAll('main strong *').length, 0);
      assert.doesNotMatch(page.toString(), /(?![\n\t])\p{C}/u);
    }
  });

  await t.test('a parameter given twice is refused on a page that says so', async () => {
    const link = await issue();
    assert.match(textOf(await readPage(await open(link, `&link=${link}`), 422)), /link must be given once/);
    assert.equal((await use(link)).status, 303);
  });
});

test('the page to sign in on', async (t) => {
  const app = await startApp(t);

  await t.test('says how to get in, and offers no organisation where none is configured', async () => {
    const page = await readPage(await app.get('/sign-in'));
    assert.match(textOf(page), /Ask whoever runs this service for a link/);
    assert.doesNotMatch(textOf(page), /organisation/i);
    for (const path of ['/sign-in/oidc', '/sign-in/oidc/callback?code=x&state=y']) {
      const response = await app.get(path, null, { redirect: 'manual' });
      assert.deepEqual(cookiesSet(response), {});
      await readPage(response, 404);
    }
  });

  await t.test('a part of a page whose login has expired leads to it, and back to the page', async () => {
    const headers = { 'HX-Request': 'true', 'HX-Current-URL': `${app.url}/sessions?since=7d` };
    const response = await app.get('/sessions?since=30d', null, { headers });
    assert.equal(response.headers.get('hx-redirect'), '/sign-in?next=%2Fsessions%3Fsince%3D7d');
    const lost = await app.get('/sessions', null, {
      headers: { 'HX-Request': 'true', 'HX-Current-URL': 'x' },
    });
    assert.equal(lost.headers.get('hx-redirect'), '/sign-in');
  });

  await t.test(
    'a form whose login has ended says that nothing was stored, and leads back to its page',
    async () => {
      const { cookie } = await app.addTenant('Clinic');
      const locationOf = async (headers: Record<string, string>) =>
        (await sendForm(app, '/sessions/x/verify', {}, headers)).headers.get('location');
      const headers = { cookie: 'masker_session=ended', referer: `${app.url}/sessions/x?pass=regex` };
      const location = await locationOf(headers);
      assert.equal(location, '/sign-in?next=%2Fsessions%2Fx%3Fpass%3Dregex&lost=form');
      assert.match(
        textOf(await readPage(await app.get(location ?? ''))),
        /nothing of what you sent was stored/,
      );
      for (const referer of ['', 'x']) {
        assert.equal(await locationOf({ ...headers, referer }), '/sign-in?lost=form');
      }
      assert.doesNotMatch(textOf(await readPage(await app.get('/sign-in?next=%2F'))), /was stored/);
      await readPage(await app.get('/sign-in?lost=x'), 422);
      // A browser states the page to this host alone; what answers a form is no page to come back to.
      const policyOf = (response: Response) => response.headers.get('referrer-policy');
      assert.equal(policyOf(await app.get('/sessions', cookie)), 'same-origin');
      assert.equal(policyOf(await sendForm(app, '/sessions/x/verify', {}, { cookie })), 'no-referrer');
    },
  );
});

test('signing out', async (t) => {
  const app = await startApp(t);
  const { accountId, cookie } = await app.addTenant('Clinic');

  await t.test('a page of another host cannot do it', async () => {
    await readPage(await sendForm(app, '/sign-out', {}, { cookie, 'Sec-Fetch-Site': 'cross-site' }), 403);
    assert.equal((await app.get('/api/v1/me', cookie)).status, 200);
    assert.equal((await app.get('/sign-out', cookie)).status, 405);
  });

  await t.test(
    'ends the login of this browser, and no other, and leads to the page to sign in on',
    async () => {
      const other = await app.login(accountId);
      const response = await sendForm(app, '/sign-out', {}, { cookie });
      assert.deepEqual([response.status, response.headers.get('location')], [303, '/sign-in']);
      assert.equal(cookiesSet(response).masker_session, '');
      assert.equal((await app.get('/api/v1/me', cookie)).status, 401);
      assert.equal((await app.get('/api/v1/me', other)).status, 200);
    },
  );

  await t.test('does so for whoever is signed out already', async () => {
    for (const by of [cookie, 'masker_session=x', '']) {
      const response = await sendForm(app, '/sign-out', {}, by === '' ? {} : { cookie: by });
      assert.equal(response.status, 303);
    }
  });
});

test('in production every cookie of signing in is Secure', async (t) => {
  const app = await startApp(t, { NODE_ENV: 'production' });
  const { accountId } = await app.addTenant('Clinic');
  const ada = (await app.deps.users.findOrCreate(accountId, 'Ada'))!;
  const { token } = await app.deps.signInLinks.issue({ accountId, userId: ada.id, permissions: [] });
  const answers = [
    await app.get('/sign-in?next=%2Fsessions'),
    await sendForm(app, '/sign-in', { link: token }),
    await sendForm(app, '/sign-out', {}),
  ];
  const set = answers.flatMap((answer) => answer.headers.getSetCookie());
  assert.equal(set.length, 4);
  for (const cookie of set) assert.match(cookie, /; HttpOnly; SameSite=Lax; Secure$/);
});
