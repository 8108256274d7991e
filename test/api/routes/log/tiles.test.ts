// The account log over HTTP, read by a client that knows C2SP's pages alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTokenRepository } from '../../../../shared/accounts/token-repository.ts';
import { openTestLogs } from '../../../support/account-logs.ts';
import { entryText, growLog } from '../../../support/long-log.ts';
import { startApp, type TestApp } from '../../../support/start-app.ts';
import { createTlogClient } from '../../../support/tlog-client.ts';

const SIZES = [1, 255, 256, 257, 65_536, 70_000];

async function openLogs(t: Parameters<typeof startApp>[0], app: TestApp) {
  const { db } = app.database;
  return { db, logs: await openTestLogs(t, { db, sessions: app.deps.sessions }) };
}

test('a client that knows C2SP alone walks the tiles and makes the root anew, at every size', async (t) => {
  const app = await startApp(t);
  const { accountId, cookie } = await app.addTenant('Clinic');
  const { db, logs } = await openLogs(t, app);
  const token = await tokenOf(app, accountId);
  const key = (await (await app.get('/api/v1/log/key', cookie)).text()).trim();
  const client = createTlogClient(`${app.url}/api/v1/log`, key, token);
  assert.equal((await app.get('/api/v1/log/checkpoint', cookie)).status, 404);

  for (const size of SIZES) {
    await growLog({ db }, logs, accountId, size);
    const checkpoint = await client.checkpoint();
    assert.equal(checkpoint.size, size);
    assert.deepEqual(await client.rootOfTiles(size), checkpoint.root, `size ${size}`);
    const entries = await client.entries(size);
    assert.equal(entries.length, size);
    assert.equal(entries.at(-1)?.toString(), entryText(accountId, size - 1));
  }
  // Every size that was signed before still has its partial tiles.
  for (const size of SIZES) assert.equal((await client.rootOfTiles(size)).length, 32);
});

test('a tile is served where a checkpoint covers it, and nothing else is', async (t) => {
  const app = await startApp(t);
  const { accountId, cookie } = await app.addTenant('Clinic');
  const { db, logs } = await openLogs(t, app);
  await growLog({ db }, logs, accountId, 300);
  const status = async (path: string, as = cookie) => (await app.get(`/api/v1/log/tile/${path}`, as)).status;
  const found = [
    '0/000',
    '0/001.p/44',
    '0/001.p/1',
    '0/000.p/3',
    '1/000.p/1',
    'entries/000',
    'entries/001.p/44',
  ];
  for (const path of found) assert.equal(await status(path), 200, path);
  const not = [
    ...[
      '0/001',
      '0/001.p/45',
      '0/002.p/1',
      '1/000.p/2',
      '1/000',
      '2/000.p/1',
      'entries/001',
      '0/1',
      '0/0000',
    ],
    ...[
      '0/000.p/0',
      '0/000.p/256',
      '0/x000/000',
      '-1/000',
      '0/000/',
      '64/000',
      '0/000.p/01',
      'a/000',
      '0',
      '',
    ],
    ...['0/000.p/', '0/../checkpoint', '0/000x', '9999999999999999999/000', '0/x999/x999/x999/x999/x999/999'],
  ];
  for (const path of not) assert.equal(await status(path), 404, path);
  const other = await app.addTenant('Other');
  assert.equal(await status('0/000', other.cookie), 404);
  assert.equal(await status('0/000', ''), 401);
  const agentsOnly = await app.login(accountId, ['agents:read']);
  assert.equal(await status('0/000', agentsOnly), 403);
});

test('a full tile may be kept for ever, and a partial one not', async (t) => {
  const app = await startApp(t);
  const { accountId, cookie } = await app.addTenant('Clinic');
  const { db, logs } = await openLogs(t, app);
  await growLog({ db }, logs, accountId, 257);
  const kept = async (path: string) =>
    (await app.get(`/api/v1/log/tile/${path}`, cookie)).headers.get('cache-control');
  assert.equal(await kept('0/000'), 'private, max-age=31536000, immutable');
  assert.equal(await kept('0/001.p/1'), 'no-store');
});

async function tokenOf(app: TestApp, accountId: string): Promise<string> {
  const tokens = createTokenRepository(app.database.db);
  const made = {
    name: 'auditor',
    scopes: ['log:read'],
    expiresAt: new Date(Date.now() + 3_600_000),
  } as const;
  return (await tokens.create(accountId, made)).text;
}
