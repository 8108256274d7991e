import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.ts';
import { sendForm } from '../../support/page-forms.ts';
import { readPage, textOf } from '../../support/pages.ts';
import { startApp } from '../../support/start-app.ts';

test('the pages of webhooks', async (t) => {
  const app = await startApp(t);
  Object.assign(app.deps.webhookUrls, { resolve: async () => [{ address: '8.8.8.8', family: 4 }] });
  const [north, south] = [await app.addTenant('North'), await app.addTenant('South')];
  const boss = await app.login(north.accountId, ['webhooks:write']);
  const other = await app.login(south.accountId, ['webhooks:write']);
  const submit = (path: string, fields: [string, string][] = [], cookie = boss, headers = {}) =>
    sendForm(app, path, new URLSearchParams(fields), { cookie, ...headers });
  const DRAFT: [string, string][] = [
    ['url', 'https://hooks.example/in'],
    ['events', 'session.closed'],
    ['events', 'log.failed'],
  ];
  const listOf = () => app.deps.webhooks.list(north.accountId, { afterId: null, limit: 50 });
  const idOf = async () => (await listOf()).at(-1)?.id as string;

  await t.test('take a login that holds webhooks:write', async () => {
    assert.equal((await app.get('/webhooks', null, { redirect: 'manual' })).status, 303);
    await readPage(await app.get('/webhooks', north.cookie), 403);
    await readPage(await submit('/webhooks', DRAFT, north.cookie), 403);
    await readPage(await submit('/webhooks', DRAFT, boss, { 'Sec-Fetch-Site': 'cross-site' }), 403);
    assert.equal((await listOf()).length, 0);
  });

  await t.test('a webhook is added, its secret shown once, a message sent, and it is deleted', async () => {
    const added = await readPage(await submit('/webhooks', DRAFT));
    assert.match(textOf(added), /whsec_[A-Za-z0-9+/]{43}=/);
    const id = await idOf();
    assert.match(textOf(await readPage(await app.get('/webhooks', boss))), /session\.closed, log\.failed/);
    const sent = await submit(`/webhooks/${id}/test`);
    assert.deepEqual([sent.status, sent.headers.get('location')], [303, `/webhooks/${id}`]);
    const [message] = await app.deps.deliveries.list(north.accountId, id, { after: null, limit: 1 });
    assert.ok(message);
    const attempt = { at: new Date(), status: null, error: 'timeout', durationMs: 10_000 } as const;
    await app.deps.deliveries.record(message, attempt, 'dead');
    const page = textOf(await readPage(await app.get(`/webhooks/${id}`, boss)));
    assert.match(page, /webhook\.test.*given up.*no answer within 10 seconds, 10000 ms/);
    assert.doesNotMatch(page, /whsec/);
    assert.equal((await submit(`/webhooks/${id}/messages/${message.messageId}/retry`)).status, 303);
    assert.match(textOf(await readPage(await app.get(`/webhooks/${id}`, boss))), /pending/);
    const secret = await readPage(await submit(`/webhooks/${id}/secret`));
    assert.match(textOf(secret), /whsec_.*signs as well until/);
    // Or the script that tells the time zone would load it again, and make another secret.
    assert.ok(secret.documentElement.hasAttribute('data-posted'));
    assert.equal((await submit(`/webhooks/${id}/delete`)).headers.get('location'), '/webhooks');
    assert.equal((await listOf()).length, 0);
  });

  await t.test('a webhook is changed on its page, which sends to it again after a 410', async () => {
    await submit('/webhooks', DRAFT);
    const id = await idOf();
    await app.deps.webhooks.disable(north.accountId, id, new Date());
    const page = await readPage(await app.get(`/webhooks/${id}`, boss));
    assert.match(textOf(page), /answered 410.*save/);
    // It would be refused.
    assert.doesNotMatch(textOf(page), /Send a test message/);
    assert.equal(page.querySelectorAll('input[checked]').length, 2);
    const change = (fields: [string, string][]) => submit(`/webhooks/${id}/change`, fields);
    const none = await readPage(await change([['url', 'https://hooks.example/new']]), 422);
    assert.match(textOf(none), /Choose at least one thing/);
    assert.match(
      textOf(await readPage(await change([['url', 'http://x/'], ...DRAFT.slice(1)]), 422)),
      /https:/,
    );
    const saved = await change([
      ['url', 'https://hooks.example/new'],
      ['events', 'log.failed'],
    ]);
    assert.deepEqual([saved.status, saved.headers.get('location')], [303, `/webhooks/${id}`]);
    const webhook = await app.deps.webhooks.find(north.accountId, id);
    assert.deepEqual(
      [webhook?.url, webhook?.events, webhook?.disabledAt],
      ['https://hooks.example/new', ['log.failed'], null],
    );
    await submit(`/webhooks/${id}/delete`);
  });

  await t.test('a form that lacks something is shown again as it was filled in', async () => {
    const page = await readPage(await submit('/webhooks', [['url', 'https://a<b>"/']]), 422);
    assert.match(textOf(page), /Choose at least one thing/);
    assert.equal(page.querySelector('input[name=url]')?.getAttribute('value'), 'https://a<b>"/');
    const plain = await readPage(
      await submit('/webhooks', [['url', 'http://x.example/'], ...DRAFT.slice(1)]),
      422,
    );
    assert.match(textOf(plain), /https:/);
    assert.equal(plain.querySelectorAll('input[checked]').length, 2);
    assert.equal((await listOf()).length, 0);
  });

  await t.test('a webhook of another account answers as an unknown and a malformed id do', async () => {
    await submit('/webhooks', DRAFT);
    const id = await idOf();
    const message = newId('message');
    for (const path of ['change', 'test', 'secret', 'delete', `messages/${message}/retry`]) {
      const told = new Set<string>();
      for (const tried of [id, newId('webhook'), 'whk_', '%zz']) {
        told.add(textOf(await readPage(await submit(`/webhooks/${tried}/${path}`, [], other), 404)));
      }
      assert.equal(told.size, 1, path);
    }
    await readPage(await app.get(`/webhooks/${id}`, other), 404);
    assert.equal((await listOf()).length, 1);
    await submit(`/webhooks/${id}/delete`);
  });

  await t.test('hostile texts are text', async () => {
    for (const description of HOSTILE_TEXTS.slice(0, 15)) {
      const draft = {
        url: 'https://hooks.example/?<script>',
        events: ['session.closed'] as const,
        description,
      };
      await app.deps.webhooks.create(north.accountId, draft);
    }
    const pages = [await app.get('/webhooks', boss), await app.get(`/webhooks/${await idOf()}`, boss)];
    for (const response of pages) {
      const page = await readPage(response);
      assert.equal(page.querySelectorAll('main :is(script, img, svg, iframe, base, meta)').length, 0);
    }
  });
});
