import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { newId } from '../../../shared/audit/ids.ts';
import { eventually } from '../../support/eventually.ts';
import { signInAt, startIssuer } from '../../support/oidc-issuer.ts';
import { cookiesSet } from '../../support/page-forms.ts';
import { readPage, textOf } from '../../support/pages.ts';
import { occupyPort } from '../../support/ports.ts';
import { startApp, type TestApp } from '../../support/start-app.ts';

const PUBLIC_URL = 'https://evidence.example';
const CLIENT = { clientId: 'evidence service', clientSecret: 's3cret+/%: x' };
const CALLBACK = '/sign-in/oidc/callback';

const ACCOUNTS = { clinic: newId('account'), deleted: newId('account'), absent: newId('account') };

const verified = (email: string) => ({ email, email_verified: true });
const FORGED = [
  ...['other-audience', 'two-audiences', 'other-issuer', 'other-nonce', 'no-nonce', 'expired-token'],
  ...['other-key', 'other-subject'],
];
const PEOPLE = {
  ada: { ...verified('ada@clinic.example'), groups: ['staff', 'compliance'] },
  olga: { ...verified('olga@clinic.example'), groups: ['operators', 'compliance'] },
  stranger: { ...verified('stranger@clinic.example'), groups: ['staff'] },
  nobody: {},
  unverified: { email: 'ada@clinic.example', email_verified: false, groups: ['compliance'] },
  unstated: { email: 'ada@clinic.example', groups: ['compliance'] },
  nameless: { ...verified('a\u202eb'), groups: ['compliance'] },
  'of-deleted': { ...verified('x@clinic.example'), groups: ['deleted'] },
  'of-absent': { ...verified('x@clinic.example'), groups: ['absent'] },
  disabled: { ...verified('disabled@clinic.example'), groups: ['compliance'] },
  'by-email': { ...verified('boss@clinic.example'), groups: [] },
  'claims-email': { email: 'boss@clinic.example', email_verified: 'true', groups: [] },
  ...Object.fromEntries(
    FORGED.map((login) => [login, { ...verified(`${login}@x.example`), groups: ['compliance'] }]),
  ),
};

const MAP = {
  scope: 'openid email groups',
  user: 'email',
  rules: [
    { claims: { groups: 'operators' }, account: ACCOUNTS.clinic, permissions: ['admin', 'sessions:read'] },
    { claims: { groups: ['compliance', 'audit'] }, account: ACCOUNTS.clinic, permissions: ['sessions:read'] },
    { claims: { email: 'boss@clinic.example' }, account: ACCOUNTS.clinic, permissions: ['reports:read'] },
    { claims: { groups: 'deleted' }, account: ACCOUNTS.deleted, permissions: ['sessions:read'] },
    { claims: { groups: 'absent' }, account: ACCOUNTS.absent, permissions: ['sessions:read'] },
  ],
};

function oidcEnv(t: TestContext, issuer: string): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'map.json');
  writeFileSync(file, JSON.stringify(MAP, null, '\t'));
  return {
    PUBLIC_URL,
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: CLIENT.clientId,
    OIDC_CLIENT_SECRET: CLIENT.clientSecret,
    OIDC_MAP_FILE: file,
  };
}

/** Begins at the console; the cookies that the browser holds then, and the provider's page. */
async function begin(app: TestApp, next = '') {
  const response = await app.get(`/sign-in/oidc${next && `?next=${encodeURIComponent(next)}`}`, null, {
    redirect: 'manual',
  });
  assert.equal(response.status, 303);
  const { masker_oidc } = cookiesSet(response);
  assert.ok(masker_oidc);
  return { cookie: `masker_oidc=${masker_oidc}`, page: response.headers.get('location') ?? '', response };
}

/** The provider sends browsers to PUBLIC_URL; the test's proxy brings them here. */
const comeBack = (app: TestApp, to: URL, cookie: string | null) => {
  assert.equal(`${to.origin}${to.pathname}`, `${PUBLIC_URL}${CALLBACK}`);
  return app.get(`${to.pathname}${to.search}`, cookie, { redirect: 'manual' });
};

async function signIn(app: TestApp, login: string, next = ''): Promise<Response> {
  const { cookie, page } = await begin(app, next);
  return comeBack(app, await signInAt(page, login), cookie);
}

test('signing in by an identity provider', async (t) => {
  const issuer = await startIssuer(t, { ...CLIENT, redirectUri: `${PUBLIC_URL}${CALLBACK}`, people: PEOPLE });
  const lines: string[] = [];
  const log = pino({ base: null, level: 'warn' }, { write: (line: string) => void lines.push(line) });
  const app = await startApp(t, oidcEnv(t, issuer.url), { log });
  await app.deps.accounts.upsert(ACCOUNTS.clinic, 'Clinic');
  await app.deps.accounts.upsert(ACCOUNTS.deleted, 'Deleted');
  const rows = (name: string) => app.database.db.collection<{ _id: string }>(name);
  await rows('accounts').updateOne({ _id: ACCOUNTS.deleted }, { $set: { deleted_at: new Date() } });
  const disabled = (await app.deps.users.findOrCreate(ACCOUNTS.clinic, 'disabled@clinic.example'))!;
  await rows('users').updateOne({ _id: disabled.id }, { $set: { disabled_at: new Date() } });
  const countLogins = () => rows('logins').countDocuments({});

  async function assertRefused(response: Response, says: RegExp, status = 403): Promise<void> {
    assert.equal(cookiesSet(response).masker_session, undefined);
    const page = await readPage(response, status);
    assert.match(textOf(page), says);
    assert.equal(page.querySelector('main a[href="/sign-in"]')?.textContent, 'Sign in again');
  }

  await t.test('the page to sign in on leads there by a link, with the page to come back to', async () => {
    const page = await readPage(await app.get('/sign-in?next=%2Fsessions%3Fsince%3D7d'));
    const link = [...page.querySelectorAll('main a')].find(({ textContent }) =>
      /organisation/.test(textContent),
    );
    assert.equal(link?.getAttribute('href'), '/sign-in/oidc?next=%2Fsessions%3Fsince%3D7d');
  });

  await t.test('it asks for a code with PKCE, state and nonce, other ones each time', async () => {
    const [one, two] = [await begin(app), await begin(app)];
    const asked = new URL(one.page).searchParams;
    assert.equal(new URL(one.page).origin, issuer.url);
    assert.deepEqual(
      ['response_type', 'redirect_uri', 'scope', 'code_challenge_method', 'client_id'].map((name) =>
        asked.get(name),
      ),
      ['code', `${PUBLIC_URL}${CALLBACK}`, MAP.scope, 'S256', CLIENT.clientId],
    );
    for (const name of ['state', 'nonce', 'code_challenge']) {
      assert.match(asked.get(name) ?? '', /^[\w-]{43}$/);
      assert.notEqual(asked.get(name), new URL(two.page).searchParams.get(name));
    }
    const [set = ''] = one.response.headers.getSetCookie();
    assert.match(set, /^masker_oidc=[^;]+; Path=\/sign-in\/oidc; Expires=.*; HttpOnly; SameSite=Lax$/);
    assert.ok(!one.page.includes(CLIENT.clientSecret));
  });

  await t.test('a page of another site cannot begin one', async () => {
    const headers = { 'Sec-Fetch-Site': 'cross-site' };
    const response = await app.get('/sign-in/oidc', null, { headers, redirect: 'manual' });
    assert.deepEqual(cookiesSet(response), {});
    await readPage(response, 403);
  });

  await t.test('the first rule that fits gives account and permissions, and a claim the name', async () => {
    for (const [login, permissions] of [
      ['ada', ['sessions:read']],
      ['olga', ['admin', 'sessions:read']],
      ['by-email', ['reports:read']],
    ] as const) {
      const response = await signIn(app, login);
      assert.deepEqual(
        [response.status, response.headers.get('location')],
        [303, '/'],
        await response.text(),
      );
      const set = cookiesSet(response);
      assert.equal(set.masker_oidc, '');
      const me = await (await app.get('/api/v1/me', `masker_session=${set.masker_session}`)).json();
      const { user, account, permissions: held } = me as Record<string, { id: string; name: string }>;
      assert.deepEqual([account?.id, held], [ACCOUNTS.clinic, permissions]);
      assert.equal(user?.name, PEOPLE[login].email);
    }
  });

  await t.test('it leads back to where the reader was, and to no other host', async () => {
    assert.equal(
      (await signIn(app, 'ada', '/sessions?since=7d')).headers.get('location'),
      '/sessions?since=7d',
    );
    const long = `/sessions?cursor=${'x'.repeat(1_500)}`;
    assert.equal((await signIn(app, 'ada', long)).headers.get('location'), long);
    for (const bad of ['//evil.example', '/\\evil.example', 'https://evil.example', '/sign-in/oidc']) {
      assert.equal((await signIn(app, 'ada', bad)).headers.get('location'), '/');
    }
  });

  await t.test('whoever no rule fits, or has no usable name, is told what to do', async () => {
    const before = await countLogins();
    for (const login of ['stranger', 'nobody', 'claims-email']) {
      await assertRefused(await signIn(app, login), /gives you no access here.*OIDC_MAP_FILE/);
    }
    for (const login of ['unverified', 'unstated', 'nameless']) {
      await assertRefused(await signIn(app, login), /e-mail address that it has not verified.*OIDC_MAP_FILE/);
    }
    for (const login of ['of-deleted', 'of-absent']) {
      await assertRefused(await signIn(app, login), /account .* does not exist, or was deleted/);
    }
    await assertRefused(await signIn(app, 'disabled'), /your user is disabled here, or was deleted/);
    assert.equal(await countLogins(), before);
  });

  await t.test(
    'an answer that a provider forged, or that is not for this sign-in, signs nobody in',
    async () => {
      const before = await countLogins();
      for (const login of FORGED)
        await assertRefused(await signIn(app, login), /left for more than ten minutes/);
      const { cookie, page } = await begin(app);
      const asked = new URL(page);
      asked.searchParams.set('nonce', 'another');
      await assertRefused(await comeBack(app, await signInAt(asked.href, 'ada'), cookie), /This sign-in was/);
      assert.equal(await countLogins(), before);
    },
  );

  await t.test('code and state serve once, in the browser that began', async () => {
    const { cookie, page } = await begin(app);
    const to = await signInAt(page, 'ada');
    const before = await countLogins();
    const other = await begin(app);
    await assertRefused(await comeBack(app, to, null), /began in another browser/);
    await assertRefused(await comeBack(app, to, other.cookie), /began in another browser/);
    const altered = `${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'B' : 'A'}`;
    await assertRefused(await comeBack(app, to, altered), /began in another browser/);
    // The very flow, but signed as a cursor is.
    const [payload = ''] = cookie.slice('masker_oidc='.length).split('.');
    const cursor = app.deps.cursors.sign(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    await assertRefused(await comeBack(app, to, `masker_oidc=${cursor}`), /began in another browser/);
    assert.equal(await countLogins(), before);

    assert.equal((await comeBack(app, to, cookie)).status, 303);
    await assertRefused(await comeBack(app, to, cookie), /was finished before/);
    // A code of another sign-in, under the state of this one.
    const mine = await begin(app);
    const stolen = await signInAt((await begin(app)).page, 'olga');
    stolen.searchParams.set('state', new URL(mine.page).searchParams.get('state') ?? '');
    await assertRefused(await comeBack(app, stolen, mine.cookie), /This sign-in was/);
    assert.equal(await countLogins(), before + 1);
  });

  await t.test('a sign-in of more than ten minutes ago is over', async () => {
    const { page } = await begin(app);
    const state = new URL(page).searchParams.get('state');
    const old = { secrets: { state, nonce: 'n', codeVerifier: 'v' }, next: '/', expiresAtMs: Date.now() - 1 };
    const cookie = `masker_oidc=${app.deps.signInFlows.sign(old)}`;
    await assertRefused(await comeBack(app, await signInAt(page, 'ada'), cookie), /more than ten minutes/);
  });

  await t.test(
    'an error of the provider is told, and nothing that a stranger wrote into the address',
    async () => {
      const { cookie, page } = await begin(app);
      const to = new URL(`${PUBLIC_URL}${CALLBACK}`);
      const told = {
        error: 'access_denied',
        error_description: '<script>alert(1)</script>',
        state: new URL(page).searchParams.get('state') ?? '',
        iss: issuer.url,
      };
      to.search = new URLSearchParams(told).toString();
      const response = await comeBack(app, to, cookie);
      assert.doesNotMatch(await response.clone().text(), /alert\(1\)/);
      await assertRefused(response, /did not sign you in, or you told it not to/);
      to.searchParams.delete('state');
      await assertRefused(await comeBack(app, to, cookie), /This sign-in was/);
      for (const query of ['', '?code=x', '?code=x&code=y&state=z&state=z', '?%zz&=&state']) {
        const crafted = new URL(`${PUBLIC_URL}${CALLBACK}${query}`);
        await assertRefused(await comeBack(app, crafted, (await begin(app)).cookie), /This sign-in was/);
      }
    },
  );

  await t.test('the log says why a sign-in was refused, and holds nothing of the person', () => {
    assert.ok(lines.some((line) => line.includes('"code":"no_rule"')));
    assert.ok(lines.some((line) => line.includes('"code":"OAUTH_JWT_CLAIM_COMPARISON_FAILED"')));
    assert.ok(lines.some((line) => line.includes('"code":"invalid_grant"')));
    assert.doesNotMatch(lines.join(''), /clinic\.example|x\.example|s3cret|eyJ/);
  });

  await t.test('while the provider is away the page says so, and links still work', async () => {
    const { cookie, page } = await begin(app);
    const to = await signInAt(page, 'ada');
    await issuer.stop();
    const response = await comeBack(app, to, cookie);
    assert.equal(cookiesSet(response).masker_session, undefined);
    assert.match(textOf(await readPage(response, 503)), /does not answer.*sign-in link.*OIDC_ISSUER/);
  });
});

test('a service whose identity provider is away starts, and says so at the first sign-in', async (t) => {
  const port = await occupyPort(t);
  const app = await startApp(t, oidcEnv(t, `http://127.0.0.1:${port}`));
  assert.match(textOf(await readPage(await app.get('/sign-in'))), /Sign in with your organisation/);
  const response = await app.get('/sign-in/oidc', null, { redirect: 'manual' });
  assert.deepEqual(cookiesSet(response), {});
  assert.match(textOf(await readPage(response, 503)), /does not answer.*sign-in link.*OIDC_ISSUER/);
});

test('sign-ins that begin at the same time ask the identity provider once', async (t) => {
  let asked = 0;
  const { promise: allWait, resolve: letGo } = Promise.withResolvers<void>();
  const silent = createServer((_, answer) => {
    asked += 1;
    void allWait.then(() => answer.writeHead(500).end());
  });
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const app = await startApp(t, oidcEnv(t, `http://127.0.0.1:${(silent.address() as AddressInfo).port}`));
  const beginning = Promise.all(Array.from({ length: 20 }, () => app.get('/sign-in/oidc')));
  await eventually('all sign-ins have begun', async () => {
    const metrics = await (await app.get('/metrics')).text();
    return /^http_requests_in_flight (?:2\d)$/m.test(metrics);
  });
  letGo();
  const begun = await beginning;
  assert.ok(begun.every(({ status }) => status === 503));
  assert.equal(asked, 1);
  assert.equal((await app.get('/sign-in/oidc')).status, 503);
  assert.equal(asked, 2);
});

test('a service that the provider does not know says so', async (t) => {
  const known = { ...CLIENT, redirectUri: `${PUBLIC_URL}${CALLBACK}`, people: PEOPLE };
  const issuer = await startIssuer(t, known);
  const app = await startApp(t, { ...oidcEnv(t, issuer.url), OIDC_CLIENT_SECRET: 'another' });
  await app.deps.accounts.upsert(ACCOUNTS.clinic, 'Clinic');
  const page = await readPage(await signIn(app, 'ada'), 503);
  assert.match(textOf(page), /does not know this service.*OIDC_CLIENT_SECRET/);
});
