import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import {
  deliveriesResponse,
  newWebhookResponse,
  queuedResponse,
  secretResponse,
  webhookDetailResponse,
  webhookResponse,
  webhooksResponse,
} from '../../../api/routes/webhooks/schema.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { draftsWithIds } from '../../support/draft-events.ts';
import { startApp } from '../../support/start-app.ts';
import { errorOf, openOne, openWriter, prepare, WRITER_SCOPES } from '../../support/writer-client.ts';
import { WRONG_VALUES } from '../../support/wrong-values.ts';

const DRAFT = { url: 'https://hooks.example/in', events: ['session.closed'] };

test('webhooks', async (t) => {
  const app = await startApp(t);
  Object.assign(app.deps.webhookUrls, {
    resolve: async (host: string) => [
      { address: host === 'inside.example' ? '10.0.0.1' : '8.8.8.8', family: 4 },
    ],
  });
  const [north, south] = [await app.addTenant('North'), await app.addTenant('South')];
  const { accountId } = north;
  const send = await openWriter(app, accountId, [...WRITER_SCOPES, 'webhooks:write']);
  const other = await openWriter(app, south.accountId, ['webhooks:write']);
  const make = async (draft: object = DRAFT, by = send) =>
    newWebhookResponse.parse((await by('POST', '/webhooks', draft)).body);
  const seen = (answer: Parameters<typeof errorOf>[0]) => {
    const { status, code } = errorOf(answer);
    return [status, code];
  };
  const ROUTES = (id: string, message: string): [method: string, path: string, body?: object][] => [
    ['GET', `/webhooks/${id}`],
    ['PUT', `/webhooks/${id}`, DRAFT],
    ['GET', `/webhooks/${id}/deliveries`],
    ['POST', `/webhooks/${id}/test`],
    ['POST', `/webhooks/${id}/secret`],
    ['POST', `/webhooks/${id}/deliveries/${message}/retry`],
    ['DELETE', `/webhooks/${id}`],
  ];

  await t.test('401 without a login, 403 without webhooks:write', async () => {
    const reader = await openWriter(app, accountId, WRITER_SCOPES);
    const routes = [
      ['GET', '/webhooks'] as const,
      ['POST', '/webhooks'] as const,
      ...ROUTES(newId('webhook'), newId('message')),
    ];
    for (const [method, path] of routes) {
      const anonymous = await fetch(`${app.url}/api/v1${path}`, { method });
      assert.equal(anonymous.status, 401, path);
      assert.deepEqual(seen(await reader(method, path)), [403, 'forbidden'], path);
    }
  });

  await t.test(
    'another account gets the 404 of an unknown and a malformed id, and changes nothing',
    async () => {
      const { id } = await make();
      const { message_id: message } = queuedResponse.parse((await send('POST', `/webhooks/${id}/test`)).body);
      for (const tried of [id, newId('webhook'), 'whk_x', '%zz', id.toLowerCase()]) {
        for (const [method, path, body] of ROUTES(tried, message)) {
          assert.deepEqual(seen(await other(method, path, body)), [404, 'webhook_not_found'], path);
        }
      }
      for (const unknown of [newId('message'), 'msg_', '%zz']) {
        const path = `/webhooks/${id}/deliveries/${unknown}/retry`;
        assert.deepEqual(seen(await send('POST', path)), [404, 'webhook_not_found']);
      }
      assert.equal(webhooksResponse.parse((await other('GET', '/webhooks')).body).data.length, 0);
      assert.equal((await send('DELETE', `/webhooks/${id}`)).status, 204);
    },
  );

  await t.test('422 with a remedy for a URL or events that cannot be used', async () => {
    const refused: [body: object, param: string, remedy: RegExp][] = [
      [{ ...DRAFT, url: 'http://hooks.example/' }, 'url', /https:/],
      [{ ...DRAFT, url: 'https://a:b@hooks.example/' }, 'url', /leave them out/],
      [{ ...DRAFT, url: 'https://hooks.example/#x' }, 'url', /leave it out/],
      [{ ...DRAFT, url: 'https://inside.example/' }, 'url', /WEBHOOK_ALLOW_PRIVATE/],
      [{ ...DRAFT, url: 'https://127.0.0.1/' }, 'url', /WEBHOOK_ALLOW_PRIVATE/],
      [{ ...DRAFT, url: `https://hooks.example/${'x'.repeat(2_000)}` }, 'url', /shorter/],
      [{ ...DRAFT, url: `https://hooks.example/${'x'.repeat(25_000)}` }, 'url', /2000/],
      [{ ...DRAFT, url: '' }, 'url', /empty/],
      [{ ...DRAFT, events: [] }, 'events', /one or more of/],
      [
        { ...DRAFT, events: ['session.opened'] },
        'events[0]',
        /^events\[0\]: must be one of .*session\.closed/,
      ],
      [{ url: DRAFT.url }, 'events', /one or more of/],
      [{ ...DRAFT, description: 'x'.repeat(501) }, 'description', /500/],
      [{ ...DRAFT, description: '\u2066' }, 'description', /mark of direction/],
      [{ ...DRAFT, secret: 'whsec_x' }, 'body', /./],
    ];
    for (const [body, param, remedy] of refused) {
      const error = errorOf(await send('POST', '/webhooks', body));
      assert.deepEqual([error.status, error.code, error.param], [422, 'validation_failed', param]);
      assert.match(error.message, remedy);
    }
    const cursor = errorOf(await send('GET', '/webhooks?cursor=e.y'));
    assert.deepEqual([cursor.status, cursor.param], [422, 'cursor']);
  });

  await t.test('the secret is shown when it is made, and never again', async () => {
    const made = await make({ ...DRAFT, events: ['log.failed', 'log.failed'], description: '<b>' });
    assert.deepEqual(made.events, ['log.failed']);
    const rotated = secretResponse.parse((await send('POST', `/webhooks/${made.id}/secret`)).body);
    assert.notEqual(rotated.secret, made.secret);
    const secrets = await app.deps.webhooks.findSecrets(accountId, made.id, new Date());
    assert.deepEqual(secrets, [rotated.secret, made.secret]);
    const later = await app.deps.webhooks.findSecrets(accountId, made.id, new Date(rotated.previous_until));
    assert.deepEqual(later, [rotated.secret]);
    for (const path of ['/webhooks', `/webhooks/${made.id}`, `/webhooks/${made.id}/deliveries`]) {
      assert.doesNotMatch(JSON.stringify((await send('GET', path)).body), /whsec|secret/);
    }
    const rows = app.database.db.collection<{ _id: string }>('webhooks');
    for (const value of [...WRONG_VALUES, [null], [{ text: 5, until: null }]]) {
      await rows.updateOne({ _id: made.id }, { $set: { secrets: value } } as object);
      const { status, body } = await send('POST', `/webhooks/${made.id}/secret`);
      assert.equal(status, 200, inspect(value));
      const valid = await app.deps.webhooks.findSecrets(accountId, made.id, new Date());
      assert.deepEqual(valid, [secretResponse.parse(body).secret], inspect(value));
    }
    await send('DELETE', `/webhooks/${made.id}`);
  });

  await t.test('the end of a session makes one message, however often it is sent', async () => {
    const taker = await make();
    const deaf = await make({ ...DRAFT, events: ['report.ready'] });
    const foreign = await make(DRAFT, other);
    const { agentId } = await prepare(send);
    const id = await openOne(send, agentId, { external_id: 'call/42', metadata: { line: 'front desk' } });
    const events = draftsWithIds(3).map((draft) => ({ ...draft, ts: new Date().toISOString() }));
    await send('POST', `/sessions/${id}/events`, { events });
    const end = { ended_at: '2026-11-01T10:00:00Z', status: 'ok' };
    const [ended] = [await send('POST', `/sessions/${id}/end`, end)];
    await send('POST', `/sessions/${id}/end`, end);
    const list = async (webhookId: string, by = send) =>
      deliveriesResponse.parse((await by('GET', `/webhooks/${webhookId}/deliveries`)).body).data;
    const messages = await list(taker.id);
    const { size, merkle_root_hex } = ended.body as { size: number; merkle_root_hex: string };
    assert.deepEqual(
      messages.map(({ type, data, state, attempts }) => ({ type, data, state, attempts })),
      [
        {
          type: 'session.closed',
          data: { session_id: id, agent_id: agentId, size, merkle_root_hex },
          state: 'pending',
          attempts: [],
        },
      ],
    );
    assert.deepEqual([await list(deaf.id), await list(foreign.id, other)], [[], []]);
    for (const each of [taker, deaf]) await send('DELETE', `/webhooks/${each.id}`);
  });

  await t.test('webhooks and messages are listed page by page, each once', async () => {
    const ids = [];
    for (let i = 0; i < 5; i += 1) ids.push((await make()).id);
    const walk = async (path: string) => {
      const found: string[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const query: string = `?limit=2${cursor && `&cursor=${cursor}`}`;
        const { body } = await send('GET', `${path}${query}`);
        const page = body as { data: { id?: string; message_id?: string }[]; next_cursor: string | null };
        found.push(...page.data.map((row) => row.id ?? (row.message_id as string)));
        cursor = page.next_cursor;
      }
      return found;
    };
    assert.deepEqual(await walk('/webhooks'), ids);
    const [first = '', second = ''] = ids;
    const sent: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      const { body } = await send('POST', `/webhooks/${first}/test`);
      sent.push(queuedResponse.parse(body).message_id);
    }
    assert.deepEqual((await walk(`/webhooks/${first}/deliveries`)).sort(), sent.sort());
    const detail = webhookDetailResponse.parse((await send('GET', `/webhooks/${first}`)).body);
    assert.equal(detail.deliveries.length, 5);
    const { next_cursor: cursor } = (await send('GET', `/webhooks/${first}/deliveries?limit=1`)).body as {
      next_cursor: string;
    };
    const elsewhere = errorOf(await send('GET', `/webhooks/${second}/deliveries?cursor=${cursor}`));
    assert.deepEqual([elsewhere.status, elsewhere.param], [422, 'cursor']);
    for (const id of ids) await send('DELETE', `/webhooks/${id}`);
    assert.equal(
      await app.database.db.collection('webhook_deliveries').countDocuments({ account_id: accountId }),
      0,
    );
  });

  await t.test('a message is sent again on demand, except to a receiver that wants no more', async () => {
    const { id } = await make();
    const { message_id: message } = queuedResponse.parse((await send('POST', `/webhooks/${id}/test`)).body);
    await app.deps.deliveries.abandon(accountId, id);
    const retry = () => send('POST', `/webhooks/${id}/deliveries/${message}/retry`);
    assert.equal((await retry()).status, 202);
    const [again] = await app.deps.deliveries.list(accountId, id, { after: null, limit: 5 });
    assert.equal(again?.state, 'pending');
    await app.deps.webhooks.disable(accountId, id, new Date());
    const refused = errorOf(await retry());
    assert.deepEqual([refused.status, refused.param], [422, 'webhook_id']);
    assert.match(refused.message, /PUT the webhook/);
    await send('DELETE', `/webhooks/${id}`);
  });

  await t.test('a webhook is changed, and sent to again after a 410', async () => {
    const { id, secret } = await make();
    await app.deps.webhooks.disable(accountId, id, new Date());
    const refused = errorOf(
      await send('PUT', `/webhooks/${id}`, { ...DRAFT, url: 'https://inside.example/' }),
    );
    assert.deepEqual([refused.status, refused.param], [422, 'url']);
    assert.ok((await app.deps.webhooks.find(accountId, id))?.disabledAt);
    const draft = { url: 'https://hooks.example/new', events: ['log.failed'], description: 'The new one' };
    const answer = await send('PUT', `/webhooks/${id}`, draft);
    const { created_at: _, ...changed } = webhookResponse.parse(answer.body);
    assert.deepEqual(changed, { id, ...draft, disabled_at: null });
    assert.deepEqual(await app.deps.webhooks.findSecrets(accountId, id, new Date()), [secret]);
    // Without a description there is none: PUT says what the webhook is to be.
    const bare = webhookResponse.parse((await send('PUT', `/webhooks/${id}`, DRAFT)).body);
    assert.equal(bare.description, '');
    await send('DELETE', `/webhooks/${id}`);
  });

  await t.test(
    'messages that are asked for are 429 from the twenty-first on, for that account alone',
    async () => {
      const { id } = await make();
      let refused = await send('POST', `/webhooks/${id}/test`);
      for (let i = 0; i < 20 && refused.status === 202; i += 1) {
        refused = await send('POST', `/webhooks/${id}/test`);
      }
      assert.deepEqual(seen(refused), [429, 'rate_limited']);
      assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d?\d?$/);
      const [message] = await app.deps.deliveries.list(accountId, id, { after: null, limit: 1 });
      const retry = `/webhooks/${id}/deliveries/${message?.messageId ?? newId('message')}/retry`;
      assert.deepEqual(seen(await send('POST', retry)), [429, 'rate_limited']);
      const foreign = await make(DRAFT, other);
      assert.equal((await other('POST', `/webhooks/${foreign.id}/test`)).status, 202);
      await send('DELETE', `/webhooks/${id}`);
    },
  );

  await t.test('an account has 20 webhooks at most', async () => {
    for (let i = 0; i < 20; i += 1) await make();
    const error = errorOf(await send('POST', '/webhooks', DRAFT));
    assert.equal(error.status, 422);
    assert.match(error.message, /20 webhooks.*delete one/);
    assert.equal((await app.deps.webhooks.list(accountId, { afterId: null, limit: 50 })).length, 20);
  });
});
