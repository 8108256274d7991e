import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { accessEvent, writeAccess } from '../../support/access-rows.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';
import { readPage, textOf } from '../../support/pages.ts';
import { startApp } from '../../support/start-app.ts';

test('the page of the access record', async (t) => {
  const app = await startApp(t);
  const [north, south] = [await app.addTenant('North'), await app.addTenant('South')];
  const { accountId } = north;
  const { db } = app.database;
  const reader = await app.login(accountId, ['access:read']);
  const ada = (await app.deps.users.findOrCreate(accountId, 'Ada'))!;
  const [session, token] = [newId('session'), newId('token')];
  const at = new Date(Date.now() - 60_000);
  const command = { user: null, address: null, requestId: null } as const;
  const events = [
    accessEvent(0, { at, user: ada.id, subject: session }),
    accessEvent(1, { at, user: null, token, action: 'proof.read' }),
    accessEvent(2, { ...command, at, action: 'token.make', subject: token }),
  ];
  await writeAccess(db, events, { accountId });
  const foreign = accessEvent(0, { at });
  await writeAccess(db, [foreign], { accountId: south.accountId });
  const show = async (query = '') => readPage(await app.get(`/access${query}`, reader));
  const rowsOf = (page: Awaited<ReturnType<typeof show>>) =>
    [...page.querySelectorAll('tbody tr')].map((row) => row.textContent.replaceAll(/\s+/g, ' '));

  await t.test('takes a login that holds access:read, and is not in the navigation of others', async () => {
    assert.equal((await app.get('/access', null, { redirect: 'manual' })).status, 303);
    const page = await readPage(await app.get('/access', north.cookie), 403);
    assert.match(textOf(page), /lacks the permission access:read/);
    assert.ok(!page.toString().includes('href="/access"'));
    assert.equal((await show()).querySelector('nav a[aria-current]')?.textContent, 'Access record');
  });

  await t.test('says who did what, in words, and shows nothing of another account', async () => {
    const page = await show();
    const rows = rowsOf(page);
    assert.equal(rows.length, 3);
    assert.match(rows[0] ?? '', /an operator’s command.*API token made.*tok_\w+.*a terminal/);
    assert.match(rows[1] ?? '', new RegExp(`Token ${token}.*Proof downloaded`));
    assert.match(
      rows[2] ?? '',
      new RegExp(`Ada.*${ada.id}.*Session looked at.*${session}.*203\\.0\\.113\\.7`),
    );
    assert.equal(page.querySelector(`a[href="/sessions/${session}"]`)?.textContent, session);
    assert.ok(!page.toString().includes(foreign.subject as string));
  });

  await t.test('filters and pages, and a CSV of what the filters choose', async () => {
    assert.equal(rowsOf(await show('?action=proof.read&user=&subject=')).length, 1);
    assert.equal(rowsOf(await show(`?user=${ada.id}`)).length, 1);
    assert.equal(rowsOf(await show(`?token=${newId('token')}`)).length, 0);
    await readPage(await app.get('/access?action=look', reader), 422);
    const first = await show(`?limit=2&since=7d`);
    const next = first.querySelector('.pager a')?.getAttribute('href') ?? '';
    assert.equal(rowsOf(await readPage(await app.get(next, reader))).length, 1);
    const csv = first.querySelector('a[download]')?.getAttribute('href') ?? '';
    assert.equal(csv, '/api/v1/access-log?since=7d&format=csv');
    assert.equal((await (await app.get(csv, reader)).text()).trimEnd().split('\r\n').length, 4);
  });

  await t.test('hostile names, subjects and filters are text', async () => {
    const storable = HOSTILE_TEXTS.filter((text) => text.isWellFormed() && text !== '').slice(0, 90);
    const made = storable.map((subject, i) => accessEvent(i, { at, subject, address: subject }));
    await writeAccess(db, made, { accountId });
    const page = await show('?limit=100');
    assert.equal(
      page.querySelectorAll('main :is(script, img, svg, iframe, base, meta, a[href^="data:"])').length,
      0,
    );
    assert.doesNotMatch(page.toString(), /(?![\n\t])\p{C}/u);
    const text = '"><script>alert(1)</script>';
    const filtered = await show(`?subject=${encodeURIComponent(text)}`);
    assert.equal(filtered.querySelector('input[name=subject]')?.getAttribute('value'), text);
  });
});
