import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHTML } from 'linkedom';
import { CONSOLE_FORMS, CONSOLE_PAGES } from '../../../api/console/index.ts';
import { PERMISSIONS } from '../../../shared/accounts/permissions.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';
import { readPage, textOf } from '../../support/pages.ts';
import { sendRaw } from '../../support/raw-http.ts';
import { startApp } from '../../support/start-app.ts';

const HTML = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
/** A path with an id in place of each param. */
const filled = (path: string) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const kind = name.replace(/_id$/, '');
    return kind === 'session' || kind === 'agent' || kind === 'report' ? newId(kind) : 'x';
  });

test('the pages of the console', async (t) => {
  const app = await startApp(t);
  const { accountId, cookie } = await app.addTenant('Clinic');
  const all = await app.login(accountId, PERMISSIONS);
  const guarded = CONSOLE_PAGES.filter(({ permission }) => permission !== 'public');

  await t.test('no path is taken twice, and none by the API', () => {
    const paths = CONSOLE_PAGES.map(({ path }) => path);
    assert.equal(new Set(paths).size, paths.length);
    for (const path of paths) assert.doesNotMatch(path, /^\/(api|admin|health|metrics|console)(\/|$)/);
  });

  await t.test('a page without a login leads to sign-in, and from there back', async () => {
    for (const { path } of guarded) {
      const response = await app.get(filled(path), null, { redirect: 'manual' });
      assert.equal(response.status, 303, path);
      assert.match(response.headers.get('Location') ?? '', /^\/sign-in(\?next=%2F|$)/, path);
    }
    const deep = await app.get('/sessions?since=7d&status=ok', null, { redirect: 'manual' });
    const location = new URL(deep.headers.get('Location') ?? '', app.url);
    assert.equal(location.searchParams.get('next'), '/sessions?since=7d&status=ok');
  });

  await t.test('a part that htmx asks for without a login loads the sign-in page as a whole', async () => {
    const response = await app.get('/sessions', null, { headers: { 'HX-Request': 'true' } });
    assert.equal(response.status, 200);
    assert.match(response.headers.get('HX-Redirect') ?? '', /^\/sign-in/);
    assert.equal(await response.text(), '');
  });

  await t.test('a login without the permission gets a page that says so', async () => {
    const weak = await app.login(accountId, []);
    for (const { path, permission } of guarded) {
      if (permission === 'login') continue;
      const page = await readPage(await app.get(filled(path), weak), 403);
      assert.match(textOf(page), new RegExp(`lacks the permission ${permission}`), path);
    }
  });

  await t.test('every page has its frame, one heading, and loads files of this host that exist', async () => {
    for (const { path } of guarded.filter((page) => !page.path.includes('{'))) {
      const response = await app.get(path, all);
      const csp = response.headers.get('Content-Security-Policy') ?? '';
      assert.match(
        csp,
        /^default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
      );
      assert.equal(response.headers.get('Cache-Control'), 'no-store');
      if (response.status === 503) continue;
      const page = await readPage(response);
      assert.equal(page.querySelectorAll('h1').length, 1, path);
      assert.ok(page.querySelector('a[aria-current="page"]'), path);
      const files = [...page.querySelectorAll('link[href], script[src]')];
      for (const file of files) {
        const address = file.getAttribute('href') ?? file.getAttribute('src') ?? '';
        const loaded = await app.get(address);
        assert.equal(loaded.status, 200, address);
        assert.match(loaded.headers.get('Cache-Control') ?? '', /immutable/);
        await loaded.arrayBuffer();
      }
    }
  });

  await t.test('the navigation shows what the login may see', async () => {
    const page = await readPage(await app.get('/sessions', cookie));
    const links = [...page.querySelectorAll('body > nav a')].map((link) => link.getAttribute('href'));
    assert.ok(links.includes('/sessions'));
    assert.ok(!links.some((link) => link?.startsWith('/operators')));
    const operator = await readPage(await app.get('/operators/health', all));
    assert.ok(operator.querySelector('body > nav a[href="/operators/accounts"]'));
  });

  await t.test('a form of a page of another host is refused', async () => {
    for (const { path } of CONSOLE_FORMS) {
      for (const headers of [
        { 'Sec-Fetch-Site': 'cross-site' },
        { 'Sec-Fetch-Site': 'same-site' },
        { Origin: 'https://evil.example' },
        { Origin: 'null' },
      ] as Record<string, string>[]) {
        const init = { method: 'POST', headers, body: new URLSearchParams(), redirect: 'manual' } as const;
        const response = await app.get(filled(path), all, init);
        assert.equal(response.status, 403, `${path} ${JSON.stringify(headers)}`);
        await readPage(response, 403);
      }
    }
  });

  await t.test('a body that is no form, or too long, is 422', async () => {
    const path = `/sessions/${newId('session')}/verify`;
    const json = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' };
    await readPage(await app.get(path, all, json), 422);
    const long = { method: 'POST', body: new URLSearchParams({ x: 'x'.repeat(70_000) }) };
    await readPage(await app.get(path, all, long), 422);
  });

  await t.test('an unknown path is a page for a browser, and an envelope for a program', async () => {
    const page = await readPage(await app.get('/nothing', cookie, { headers: HTML }), 404);
    assert.equal(textOf(page, 'h1'), 'Not found');
    const program = await app.get('/nothing', cookie);
    assert.match(program.headers.get('Content-Type') ?? '', /^application\/json/);
    await program.text();
    const asked = await app.get('/api/v1/nothing', cookie, { headers: { Accept: 'application/json' } });
    assert.match(asked.headers.get('Content-Type') ?? '', /^application\/json/);
    await asked.text();
  });

  await t.test(
    'an error of the API that a link leads to is a page, and one that a program gets is not',
    async () => {
      const path = `/api/v1/sessions/${newId('session')}/report`;
      // fetch sets Sec-Fetch-Mode by itself.
      const opened = await sendRaw(
        app.url,
        `GET ${path} HTTP/1.1\r\nHost: test\r\nCookie: ${cookie}\r\nAccept: ${HTML.Accept}\r\nSec-Fetch-Mode: navigate\r\nConnection: close\r\n\r\n`,
      );
      assert.match(opened, /^HTTP\/1\.1 404 .*content-type: text\/html.*<h1>Not found<\/h1>/is);
      const fetched = await app.get(path, cookie, { headers: HTML });
      assert.match(fetched.headers.get('Content-Type') ?? '', /^application\/json/);
      await fetched.text();
    },
  );

  await t.test('hostile names of an account and a user are text', async () => {
    for (const name of HOSTILE_TEXTS) {
      const hostile = newId('account');
      await app.deps.accounts.upsert(hostile, name);
      const user = await app.deps.users.findOrCreate(hostile, name.slice(0, 100));
      const { token } = await app.deps.logins.issue(hostile, user!.id, PERMISSIONS);
      const own = await app.get('/sessions', `masker_session=${token}`);
      const text = await own.text();
      assert.equal(own.status, 200);
      const { document } = parseHTML(text);
      assert.equal(document.querySelectorAll('script').length, 3, name);
      assert.equal(document.querySelectorAll('header strong *').length, 0, name);
      assert.doesNotMatch(text, /(?![\n\t])\p{C}/u);
    }
    await readPage(await app.get('/operators/accounts', all));
  });
});

test('the files that pages load', async (t) => {
  const app = await startApp(t);
  const page = await readPage(await app.get('/nothing', null, { headers: HTML }), 404);
  const addresses = [...page.querySelectorAll('link[href], script[src]')].map(
    (file) => file.getAttribute('href') ?? file.getAttribute('src') ?? '',
  );

  await t.test('a page and all that it loads take less than 100 KB', async () => {
    let bytes = 0;
    for (const address of addresses) {
      const response = await fetch(`${app.url}${address}`, { headers: { 'Accept-Encoding': 'gzip' } });
      bytes += Number(response.headers.get('Content-Length'));
      assert.equal(response.headers.get('Content-Encoding'), 'gzip', address);
      await response.arrayBuffer();
    }
    assert.ok(bytes > 10_000 && bytes < 80_000, `${bytes} bytes`);
  });

  await t.test('a file has the same bytes in every encoding', async () => {
    for (const address of addresses) {
      const read = async (encoding: string) => {
        const response = await fetch(`${app.url}${address}`, { headers: { 'Accept-Encoding': encoding } });
        return Buffer.from(await response.arrayBuffer());
      };
      const plain = await read('identity');
      assert.deepEqual(await read('gzip'), plain, address);
      assert.deepEqual(await read('br'), plain, address);
    }
  });

  await t.test('a file of another version is asked for each time, an unknown file is 404', async () => {
    const old = await app.get(`${addresses[0]?.split('?')[0]}?v=old`);
    assert.equal(old.headers.get('Cache-Control'), 'no-cache');
    await old.arrayBuffer();
    for (const name of ['nothing.css', '..%2findex.ts', '__proto__']) {
      const response = await app.get(`/console/assets/${name}`);
      assert.equal(response.status, 404, name);
      await response.text();
    }
  });
});
