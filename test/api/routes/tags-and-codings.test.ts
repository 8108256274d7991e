import assert from 'node:assert/strict';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { CONSOLE_PAGES } from '../../../api/console/index.ts';
import { ROUTES } from '../../../api/routes/index.ts';
import { TENANT_PERMISSIONS } from '../../../shared/accounts/permissions.ts';
import { addSession } from '../../support/sessions.ts';
import { startApp } from '../../support/start-app.ts';

type Raw = Readonly<{ status: number; headers: Record<string, unknown>; bytes: Buffer }>;

/** As `fetch`, which decodes what it gets and asks for codings by itself. */
function ask(url: string, headers: Record<string, string>, method = 'GET'): Promise<Raw> {
  return new Promise((resolve, reject) => {
    request(url, { headers, method }, async (response) => {
      const { statusCode: status = 0 } = response;
      resolve({ status, headers: response.headers, bytes: await buffer(response) });
    })
      .on('error', reject)
      .end();
  });
}

test('tags and content codings', async (t) => {
  const app = await startApp(t);
  const tenant = await app.addTenant('Clinic');
  const { agentId, accountId } = tenant;
  const cookie = await app.login(accountId, [...TENANT_PERMISSIONS, 'access:read']);
  const first = await addSession(app, tenant);
  for (let i = 0; i < 29; i += 1) await addSession(app, tenant);
  const of = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    ask(`${app.url}${path}`, { cookie, ...headers }, method);
  const window = 'since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z';
  const TAGGED = [
    '/api/v1/sessions',
    `/api/v1/agents/${agentId}/sessions`,
    '/api/v1/agents',
    `/api/v1/agents/${agentId}`,
    `/api/v1/stats/redactions?${window}`,
    '/api/v1/reports/ledger',
    '/api/v1/access-log',
    '/api/v1/log/key',
  ];

  await t.test('304 without a body where the caller has the answer, HEAD too, in every coding', async () => {
    for (const path of TAGGED) {
      const { headers, bytes } = await of(path);
      const tag = String(headers.etag);
      assert.match(tag, /^(W\/)?"[\w-]{43}"$/, path);
      assert.equal(headers['cache-control'], 'no-store');
      assert.ok(bytes.length > 0);
      for (const condition of [tag, `"x", ${tag}`, tag.replace('W/', ''), '*']) {
        for (const method of ['GET', 'HEAD']) {
          const again = await of(path, { 'if-none-match': condition, 'accept-encoding': 'br' }, method);
          assert.equal(again.status, 304, `${path} ${condition}`);
          assert.equal(again.bytes.length, 0);
          assert.equal(again.headers.etag, tag);
          assert.equal(again.headers['content-encoding'], undefined);
        }
      }
      assert.equal((await of(path, { 'if-none-match': '"x"' })).status, 200);
      assert.equal((await of(path, {}, 'HEAD')).headers.etag, tag);
    }
  });

  await t.test('the tag of a page changes with its rows, and not with the time of the request', async () => {
    const before = await of('/api/v1/sessions');
    assert.notEqual(JSON.parse(before.bytes.toString()).next_cursor, null);
    const stale = { 'if-none-match': String(before.headers.etag) };
    assert.equal((await of('/api/v1/sessions', stale)).status, 304);
    assert.equal((await of('/api/v1/sessions?limit=30', stale)).status, 200);
    await addSession(app, tenant, { startedAt: new Date() });
    assert.equal((await of('/api/v1/sessions', stale)).status, 200);
  });

  await t.test('a caller who may not see it learns nothing by its tag', async () => {
    const { headers } = await of('/api/v1/sessions');
    const condition = { 'if-none-match': String(headers.etag) };
    assert.equal((await ask(`${app.url}/api/v1/sessions`, condition)).status, 401);
    const other = await app.login(accountId, ['agents:read']);
    assert.equal((await of('/api/v1/sessions', { ...condition, cookie: other })).status, 403);
    assert.equal((await of('/api/v1/sessions?limit=0', condition)).status, 422);
  });

  const DECODE = { br: brotliDecompressSync, gzip: gunzipSync };

  await t.test('lists, CSV and pages come in the coding that is preferred, and say so', async () => {
    const path = `/api/v1/sessions?until=${new Date(Date.now() + 1_000).toISOString()}`;
    for (const each of [path, `${path}&format=csv`, '/sessions', '/agents', '/reports', '/']) {
      const plain = await of(each);
      assert.equal(plain.headers['content-encoding'], undefined);
      assert.match(String(plain.headers.vary), /Accept-Encoding/);
      for (const [accepted, coding] of [
        ['br', 'br'],
        ['gzip', 'gzip'],
        ['gzip;q=0.5, br;q=0.9', 'br'],
        ['br;q=0, gzip;q=0.1, identity;q=0', 'gzip'],
        ['*', 'br'],
        ['br;q=0.1, identity;q=1', undefined],
        ['identity;q=0, zstd', undefined],
        ['deflate', undefined],
        ['', undefined],
      ] as const) {
        const given = { 'accept-encoding': accepted };
        const got = await of(each, given);
        assert.equal(got.headers['content-encoding'], coding, `${each} ${accepted}`);
        assert.equal(got.headers['content-type'], plain.headers['content-type']);
        assert.equal(got.headers.etag, plain.headers.etag);
        const bytes = coding ? DECODE[coding](got.bytes) : got.bytes;
        if (each.startsWith('/api') && each.endsWith('csv')) assert.deepEqual(bytes, plain.bytes);
        else assert.equal(bytes.length, plain.bytes.length);
        const head = await of(each, given, 'HEAD');
        assert.equal(head.headers['content-encoding'], coding);
        assert.equal(head.headers['content-type'], got.headers['content-type']);
      }
    }
  });

  await t.test('a short answer is coded where it may not be sent as it is, and there alone', async () => {
    const path = `/api/v1/stats/redactions?${window}&bucket=day`;
    assert.equal((await of(path, { 'accept-encoding': 'gzip' })).headers['content-encoding'], undefined);
    const coded = await of(path, { 'accept-encoding': 'gzip, identity;q=0' });
    assert.equal(coded.headers['content-encoding'], 'gzip');
    assert.deepEqual(gunzipSync(coded.bytes), (await of(path)).bytes);
  });

  await t.test('what another site has a browser ask for is not coded', async () => {
    for (const site of ['cross-site', 'same-site']) {
      const got = await of('/api/v1/sessions', { 'accept-encoding': 'br', 'sec-fetch-site': site });
      assert.equal(got.headers['content-encoding'], undefined);
    }
  });

  await t.test('reports, sessions, evidence, tokens and refusals are never coded', async () => {
    const coded = { 'accept-encoding': 'br, gzip' };
    const id = first.id;
    for (const path of [`/api/v1/sessions/${id}`, `/sessions/${id}`, '/api/v1/me', '/logins', '/api/v1/x']) {
      assert.equal((await of(path, coded)).headers['content-encoding'], undefined, path);
    }
    const routes = [...ROUTES, ...CONSOLE_PAGES].filter(({ compressed }) => compressed);
    assert.deepEqual(routes.map(({ path }) => path).sort(), COMPRESSED);
  });
});

/** Whoever adds one has looked for a secret in it, beside a text that somebody else chose. */
const COMPRESSED = [
  '/',
  '/access',
  '/agents',
  '/agents/{agent_id}',
  '/api/v1/access-log',
  '/api/v1/agents',
  '/api/v1/agents/{agent_id}',
  '/api/v1/agents/{agent_id}/sessions',
  '/api/v1/reports/ledger',
  '/api/v1/sessions',
  '/api/v1/stats/redactions',
  '/policies',
  '/policies/compare',
  '/reports',
  '/sessions',
];
