// A page of another origin in a real browser, whose reader is signed in here: it can send requests with the reader's cookie,
// and changes nothing. It stands on another port, which is the same site, so that SameSite=Lax holds no cookie back.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { PERMISSIONS } from '../../shared/accounts/permissions.ts';
import { newId } from '../../shared/audit/ids.ts';
import { openTab, startBrowser } from '../support/browser.ts';
import { WITH_CHROMIUM } from '../support/chromium.ts';
import { inReverse } from '../support/in-reverse.ts';
import { startApp } from '../support/start-app.ts';
import { openOne, openWriter, POLICY_TEXT, prepare, sessionOf } from '../support/writer-client.ts';

/** Scripts of the page: this project's own code has no DOM. */
const SENDERS = `
  globalThis.sendForm = async (action, text, enctype) => {
    const frame = Object.assign(document.createElement('iframe'), { name: 'into' });
    const form = Object.assign(document.createElement('form'), { method: 'post', action, enctype, target: 'into' });
    form.append(Object.assign(document.createElement('input'), { name: text || 'a', value: '' }));
    document.body.append(frame, form);
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
    form.submit();
    await Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, 2_000))]);
    frame.remove();
    form.remove();
  };
`;

test('a page of another origin', WITH_CHROMIUM, async (t) => {
  const whole = inReverse(t);
  const app = await startApp(whole as TestContext);
  const { accountId } = await app.addTenant('Clinic');
  const send = await openWriter(app, accountId);
  const { agentId } = await prepare(send);
  const open = await openOne(send, agentId);
  const cookie = await app.login(accountId, PERMISSIONS);

  const elsewhere = createServer((_, answer) => {
    answer.setHeader('Content-Type', 'text/html').end('<!doctype html><title>elsewhere</title><body>');
  });
  elsewhere.listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  whole.after(async () => {
    elsewhere.close();
  });
  const browser = await startBrowser(whole);
  const { page } = await openTab(browser, app.url, cookie);

  const tables = [
    'sessions',
    'audit_segments',
    'policies',
    'agents',
    'tokens',
    'logins',
    'reports',
    'webhooks',
  ];
  const readAll = async () => {
    const rows = tables.map((name) => app.database.db.collection(name).find().toArray());
    // The login's own use is noted.
    return JSON.stringify(await Promise.all(rows), (name, value) => (/_at$/.test(name) ? null : value));
  };
  const before = await readAll();
  const json = JSON.stringify(sessionOf(agentId));
  const writes = [
    ['PUT', `/api/v1/sessions/${newId('session')}`, json],
    ['POST', `/api/v1/sessions/${open}/events`, JSON.stringify({ events: [] })],
    ['POST', `/api/v1/sessions/${open}/end`, JSON.stringify({ ended_at: new Date(), status: 'ok' })],
    ['PUT', '/api/v1/policies/healthcare-default/2', POLICY_TEXT.replace('version: 1', 'version: 2')],
    ['PUT', `/api/v1/agents/${newId('agent')}`, JSON.stringify({ name: 'Mine', policy_name: 'p' })],
    ['POST', '/api/v1/tokens', JSON.stringify({ name: 'mine', scopes: ['sessions:read'] })],
    ['POST', '/tokens', 'name=mine&scopes=sessions:read&days=90'],
    ['POST', '/api/v1/auth/logout', ''],
    ['DELETE', `/api/v1/reports/${newId('report')}`, ''],
  ] as const;

  await page.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`);

  await t.test('reaches this service with the cookie of its reader', async () => {
    const record = app.database.db.collection('access_log');
    const looks = await record.countDocuments();
    // Its answer is kept from the page (Cross-Origin-Resource-Policy): the record tells that it came.
    const url = JSON.stringify(`${app.url}/api/v1/sessions/${open}`);
    await page.evaluate(`fetch(${url}, { mode: 'no-cors', credentials: 'include' }).catch(() => null)`);
    assert.equal(await record.countDocuments(), looks + 1);
  });

  for (const mode of ['no-cors', 'cors'] as const) {
    for (const type of ['text/plain', 'application/json', 'application/x-www-form-urlencoded']) {
      await t.test(`changes nothing by fetch, ${mode}, as ${type}`, async () => {
        for (const [method, path, body] of writes) {
          await page.evaluate((url, init) => fetch(url, init).catch(() => null), app.url + path, {
            ...{ method, mode, credentials: 'include', headers: { 'content-type': type } },
            ...(body !== '' && { body }),
          } as RequestInit);
        }
        assert.deepEqual(JSON.parse(await readAll()), JSON.parse(before));
      });
    }
  }

  await t.test('changes nothing by a form or a beacon', async () => {
    await page.evaluate(SENDERS);
    for (const [, path, body] of writes) {
      const url = JSON.stringify(app.url + path);
      const text = JSON.stringify(body);
      await page.evaluate(`navigator.sendBeacon(${url}, ${text})`);
      for (const type of ['text/plain', 'multipart/form-data', 'application/x-www-form-urlencoded']) {
        await page.evaluate(`sendForm(${url}, ${text}, '${type}')`);
      }
    }
    assert.equal(await readAll(), before);
    assert.equal((await app.get('/api/v1/me', cookie)).status, 200, 'the login works still');
  });
});
