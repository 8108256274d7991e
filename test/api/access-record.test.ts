// What stands in the access record, and that nothing is shown that could not be recorded.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { AccessAction } from '../../shared/access-record/access-row.ts';
import { walkAccess } from '../../shared/access-record/walk-access.ts';
import { loginIdOf } from '../../shared/accounts/login-repository.ts';
import { PERMISSIONS } from '../../shared/accounts/permissions.ts';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { isId, newId } from '../../shared/audit/ids.ts';
import { storedAccess } from '../support/access-rows.ts';
import { assertError } from '../support/answers.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { keepLogs } from '../support/logged-app.ts';
import { addSessionWithLog, redaction } from '../support/logs.ts';
import { openTestDatabase } from '../support/mongo.ts';
import { cookiesSet, sendForm } from '../support/page-forms.ts';
import { type AppOptions, startApp } from '../support/start-app.ts';
import { POLICY_TEXT } from '../support/writer-client.ts';

const PAYLOADS = { request: 'I am Ada.', masked: 'I am [NAME_1].', response: 'Hello.' };
const LOGGED = { policy: 'billing-strict@3', events: [redaction('NAME')] } as const;

test('the access record', async (t) => {
  // Without a PDF a pack takes no time.
  const app = await startApp(t, { CHROME_PATH: '/nonexistent' });
  const keep = await keepLogs(t, app);
  const tenant = await app.addTenant('Clinic');
  const { accountId, cookie } = tenant;
  const all = await app.login(accountId, PERMISSIONS);
  const userId = (await app.deps.users.findOrCreate(accountId, 'Test User'))!.id;
  const session = await addSessionWithLog(app, tenant, { ...LOGGED, payloads: PAYLOADS });
  const { id } = session;
  await keep(accountId);
  const rows = storedAccess(app.database.db);
  const seen = new Set<string>();

  /** The rows that a request adds. */
  async function recorded(send: () => Promise<Response>, status = 200) {
    const response = await send();
    await response.arrayBuffer();
    assert.equal(response.status, status);
    const found = await rows.find({}).sort({ _id: 1 }).toArray();
    const added = found.filter(({ _id }) => !seen.has(_id));
    for (const { _id } of added) seen.add(_id);
    return added;
  }
  const actions = async (...asked: Parameters<typeof recorded>) =>
    (await recorded(...asked)).map(({ action, subject }) => `${action} ${subject}`);
  const api = `/api/v1/sessions/${id}`;

  await t.test('a row says who looked at what, from where, and holds ids alone', async () => {
    const requestId = newId('request');
    const [row, more] = await recorded(() =>
      app.get(api, cookie, { headers: { 'X-Request-Id': requestId } }),
    );
    assert.equal(more, undefined);
    const { _id, at, prev_hash: _, this_hash: __, key_check: ___, ...rest } = row!;
    assert.ok(Math.abs(at.getTime() - Date.now()) < 60_000);
    assert.deepEqual(rest, {
      ...{ account: accountId, seq: 0, user: userId, token: null, action: 'session.view', subject: id },
      ...{ request_id: requestId, address: '127.0.0.1', key_id: 'k_test' },
    });
  });

  await t.test('a request by token names the token and no user', async () => {
    const draft = { name: 'x', scopes: ['sessions:read'], expiresAt: new Date(Date.now() + 9e6) } as const;
    const token = await app.deps.tokens.create(accountId, draft);
    const headers = { authorization: `Bearer ${token.text}` };
    const [row] = await recorded(() => app.get(api, null, { headers }));
    assert.deepEqual([row?.user, row?.token], [null, token.id]);
  });

  await t.test('every look at a session, its payloads, reports and proofs is recorded', async () => {
    for (const [path, expected] of [
      [api, ['session.view', 'payloads.view']],
      [`/sessions/${id}`, ['session.view', 'payloads.view']],
      [`/sessions/${id}?entity_kind=NAME`, ['session.view', 'payloads.view']],
      [`/verify?value=${id}`, ['session.view']],
      [`${api}/report?format=json`, ['report.issue']],
      [`${api}/proof`, ['proof.read']],
      [`${api}/events/0/proof`, ['proof.read']],
      [`${api}/events/proof?from=0&to=1`, ['proof.read']],
      [`${api}/evidence`, ['evidence.read']],
    ] as const) {
      const found = await actions(() => app.get(path, all));
      assert.deepEqual(
        found,
        expected.map((action) => `${action} ${id}`),
        path,
      );
    }
    const verify = () => sendForm(app, `/sessions/${id}/verify`, {}, { cookie });
    assert.deepEqual(await actions(verify), [`session.view ${id}`]);
  });

  await t.test('reports over many sessions, and what proves a report', async () => {
    assert.deepEqual(await actions(() => app.get('/api/v1/reports?since=30d', all)), [
      `report.issue ${accountId}`,
    ]);
    const agent = `/api/v1/agents/${session.agentId}/report?since=30d`;
    assert.deepEqual(await actions(() => app.get(agent, all)), [`report.issue ${session.agentId}`]);
    const [issued] = await app.deps.ledger.list(accountId, { after: null, limit: 1 });
    const path = `/api/v1/reports/${issued!.id}`;
    assert.deepEqual(await actions(() => app.get(`${path}/statement`, all)), [`proof.read ${issued!.id}`]);
    await keep(accountId);
    assert.deepEqual(await actions(() => app.get(`${path}/proof`, all)), [`proof.read ${issued!.id}`]);
  });

  await t.test('lists, HEAD, and what shows nothing leave no row', async () => {
    for (const path of ['/api/v1/sessions', '/api/v1/agents', '/api/v1/reports/ledger', '/sessions', '/']) {
      assert.deepEqual(await actions(() => app.get(path, all)), [], path);
    }
    for (const path of [api, `/sessions/${id}`, `${api}/report`, `${api}/proof`, `${api}/evidence`]) {
      assert.deepEqual(await actions(() => app.get(path, all, { method: 'HEAD' })), [], path);
    }
    assert.deepEqual(await actions(() => app.get(`/api/v1/sessions/${newId('session')}`, all), 404), []);
    assert.deepEqual(await actions(() => app.get(api), 401), []);
    const other = await app.addTenant('Other');
    assert.deepEqual(await actions(() => app.get(api, other.cookie), 404), []);
  });

  await t.test('a list that leaves as a whole, as CSV, is recorded', async () => {
    for (const [path, name] of [
      ['/api/v1/sessions', 'sessions'],
      [`/api/v1/agents/${session.agentId}/sessions`, `sessions-${session.agentId}`],
      ['/api/v1/agents', 'agents'],
      ['/api/v1/reports/ledger', 'report-ledger'],
      ['/api/v1/access-log', 'access-log'],
      ['/api/v1/stats/redactions', 'redactions'],
    ]) {
      const csv = () => app.get(`${path}?format=csv`, all);
      assert.deepEqual(await actions(csv), [`list.export ${name}`]);
      assert.deepEqual(await actions(() => app.get(`${path}?format=csv`, all, { method: 'HEAD' })), []);
    }
  });

  await t.test('webhooks, policies, agents and tokens that are made and changed', async () => {
    Object.assign(app.deps.webhookUrls, { resolve: async () => [{ address: '8.8.8.8', family: 4 }] });
    const send = (method: string, path: string, body?: object | string) => () =>
      app.get(`/api/v1${path}`, all, {
        method,
        headers: {
          origin: app.url,
          'content-type': typeof body === 'string' ? 'application/yaml' : 'application/json',
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
    const hook = { url: 'https://hooks.example/in', events: ['session.closed'] };
    const [made] = await recorded(send('POST', '/webhooks', hook), 201);
    assert.deepEqual([made?.action, isId('webhook', made?.subject)], ['webhook.make', true]);
    const path = `/webhooks/${made?.subject}`;
    const acts = async (method: string, at: string, body?: object, status = 200) =>
      await actions(send(method, at, body), status);
    assert.deepEqual(await acts('PUT', path, hook), [`webhook.change ${made?.subject}`]);
    assert.deepEqual(await acts('POST', `${path}/secret`), [`webhook.secret ${made?.subject}`]);
    assert.deepEqual(await acts('POST', `${path}/test`, undefined, 202), [`webhook.test ${made?.subject}`]);
    const messages = await app.deps.deliveries.list(accountId, made!.subject!, { after: null, limit: 1 });
    const retry = `${path}/deliveries/${messages[0]?.messageId}/retry`;
    assert.deepEqual(await acts('POST', retry, undefined, 202), [`webhook.retry ${made?.subject}`]);
    assert.deepEqual(await acts('GET', path), []);
    assert.deepEqual(await acts('DELETE', path, undefined, 204), [`webhook.delete ${made?.subject}`]);

    const agent = `/agents/${newId('agent')}`;
    const body = { name: 'Desk', policy_name: 'healthcare-default' };
    assert.equal((await acts('PUT', agent, body, 201)).length, 1);
    // A program sends its agents before each call.
    assert.deepEqual(await acts('PUT', agent, body), []);
    assert.deepEqual(await acts('PUT', agent, { ...body, name: 'Front' }), [`agent.store ${agent.slice(8)}`]);
    const policy = send('PUT', '/policies/desk/1', POLICY_TEXT.replace('healthcare-default', 'desk'));
    const stored = (await (await policy()).json()) as { sha256: string };
    assert.deepEqual(await actions(policy), [`policy.store ${stored.sha256}`]);
    const [token] = await recorded(
      send('POST', '/tokens', { name: 'x', scopes: ['sessions:read'], expires: '1d' }),
      201,
    );
    assert.equal(token?.action, 'token.make');
    const revoke = await acts('DELETE', `/tokens/${token?.subject}`, undefined, 204);
    assert.deepEqual(revoke, [`token.revoke ${token?.subject}`]);
  });

  await t.test('signing in by a link, and ending a login', async () => {
    const link = { accountId, userId, permissions: ['sessions:read'] } as const;
    const { token } = await app.deps.signInLinks.issue(link);
    let signedIn = '';
    const [row] = await recorded(async () => {
      const response = await sendForm(app, '/sign-in', { link: token });
      signedIn = cookiesSet(response).masker_session ?? '';
      return response;
    }, 303);
    const loginId = loginIdOf(signedIn);
    assert.deepEqual([row?.action, row?.user, row?.subject], ['login.link', userId, loginId]);
    const revoke = () => sendForm(app, `/logins/${loginId}/revoke`, {}, { cookie: all });
    assert.deepEqual(await actions(revoke, 303), [`login.revoke ${loginId}`]);
    for (const leave of ['/sign-out', '/api/v1/auth/logout']) {
      const leaving = await app.login(accountId);
      const [left, ...more] = await recorded(
        () => sendForm(app, leave, {}, { cookie: leaving }),
        leave === '/sign-out' ? 303 : 204,
      );
      assert.deepEqual([left?.action, left?.user, more], ['login.end', userId, []]);
      assert.equal(left?.subject, loginIdOf(leaving.slice('masker_session='.length)));
    }
  });

  await t.test('the pages of operators', async () => {
    for (const page of ['health', 'accounts', 'keys']) {
      const path = `/operators/${page}`;
      assert.deepEqual(await actions(() => app.get(path, all)), [`admin.view ${path}`]);
      assert.deepEqual(await actions(() => app.get(path, cookie), 403), []);
    }
  });

  await t.test('all of it is one chain, and is verified', async () => {
    const keyring = createKeyring(app.config.auditKeys);
    const verdict = await walkAccess({ rows: app.deps.accessRows, keyring }, accountId);
    assert.ok(verdict.status === 'verified');
    assert.equal(verdict.size, seen.size);
    for (const row of await rows.find({}).toArray()) assert.ok(isId('request', row.request_id));
  });
});

/** An API whose database can be made to refuse. */
async function startBehindProxy(t: TestContext) {
  const cleanUps: (() => Promise<void>)[] = [];
  const database = await openTestDatabase({ after: (cleanUp) => cleanUps.push(cleanUp) });
  const proxy = await startFaultyProxy(database.uri);
  const app = await startApp(t, { MONGODB_URI: proxy.uri }, { database } satisfies AppOptions);
  t.after(async () => {
    for (const cleanUp of [proxy.close, ...cleanUps]) await cleanUp();
  });
  return { app, database, proxy };
}

test('what cannot be recorded is not shown', async (t) => {
  const { app, database, proxy } = await startBehindProxy(t);
  const tenant = await app.addTenant('Clinic');
  const { accountId, cookie } = tenant;
  const { id } = await addSessionWithLog(app, tenant, { ...LOGGED, payloads: PAYLOADS });
  proxy.setFaults((name, collection) =>
    name === 'insert' && collection === 'access_log'
      ? { reply: { ok: 0, code: 189, codeName: 'PrimarySteppedDown', errmsg: 'stepped down' } }
      : null,
  );

  for (const path of [
    `/api/v1/sessions/${id}`,
    `/sessions/${id}`,
    `/api/v1/sessions/${id}/report?format=json`,
    '/api/v1/reports?since=30d&format=csv',
  ]) {
    await t.test(`${path.replace(id, '{id}')} is 503, with nothing of what it would have shown`, async () => {
      const response = await app.get(path, cookie);
      const text = await response.clone().text();
      assert.equal(response.headers.get('content-disposition'), null);
      assert.equal(response.headers.get('retry-after'), '5');
      if (path.startsWith('/api')) await assertError(response, 503, 'unavailable');
      else assert.equal(response.status, 503);
      assert.ok(!text.includes('NAME'));
      assert.ok(!text.includes('merkle'));
    });
  }

  await t.test('nobody is signed in', async () => {
    const userId = (await app.deps.users.findOrCreate(accountId, 'Ada'))!.id;
    const { token } = await app.deps.signInLinks.issue({ accountId, userId, permissions: [] });
    const response = await sendForm(app, '/sign-in', { link: token });
    assert.deepEqual([response.status, cookiesSet(response)], [503, {}]);
    assert.equal(response.headers.get('location'), null);
  });

  await t.test('once rows can be stored again, the answer is as ever', async () => {
    proxy.setFaults(() => null);
    assert.equal((await app.get(`/api/v1/sessions/${id}`, cookie)).status, 200);
    assert.equal(await storedAccess(database.db).countDocuments({}), 1);
  });
});

test('an act that a second request would find done is recorded before it is done', async (t) => {
  const { app, database, proxy } = await startBehindProxy(t);
  Object.assign(app.deps.webhookUrls, { resolve: async () => [{ address: '8.8.8.8', family: 4 }] });
  const { accountId } = await app.addTenant('Clinic');
  const all = await app.login(accountId, PERMISSIONS);
  const rows = storedAccess(database.db);
  const send = (method: string, path: string, type?: string, body?: string) =>
    app.get(`/api/v1${path}`, all, {
      method,
      headers: { origin: app.url, ...(type !== undefined && { 'content-type': `application/${type}` }) },
      ...(body !== undefined && { body }),
    });
  const hook = JSON.stringify({ url: 'https://hooks.example/in', events: ['session.closed'] });
  const { id: webhook } = (await (await send('POST', '/webhooks', 'json', hook)).json()) as { id: string };
  const [leaving, revoked] = [await app.login(accountId), await app.login(accountId)];
  const loginId = (cookie: string) => loginIdOf(cookie.slice('masker_session='.length));
  const agent = newId('agent');
  const acts: Readonly<Record<string, () => Promise<Response>>> = {
    'policy.store': () =>
      send('PUT', '/policies/desk/1', 'yaml', POLICY_TEXT.replace('healthcare-default', 'desk')),
    'agent.store': () =>
      send('PUT', `/agents/${agent}`, 'json', '{"name":"Desk","policy_name":"healthcare-default"}'),
    'webhook.delete': () => send('DELETE', `/webhooks/${webhook}`),
    'login.end': () => sendForm(app, '/sign-out', {}, { cookie: leaving }),
    'login.revoke': () => sendForm(app, `/logins/${loginId(revoked)}/revoke`, {}, { cookie: all }),
  };
  const collections = ['policies', 'agents', 'webhooks', 'logins'];
  const stored = async () =>
    await Promise.all(
      collections.map((name) => database.db.collection(name).find().sort({ _id: 1 }).toArray()),
    );

  for (const [action, act] of Object.entries(acts)) {
    await t.test(action, async () => {
      const count = () => rows.countDocuments({ action: action as AccessAction });
      const before = await stored();
      proxy.setFaults((name, collection) =>
        name === 'insert' && collection === 'access_log'
          ? { reply: { ok: 0, code: 189, codeName: 'PrimarySteppedDown', errmsg: 'stepped down' } }
          : null,
      );
      assert.equal((await act()).status, 503);
      assert.deepEqual(await stored(), before);
      // The process is killed in place of the act.
      proxy.setFaults((name, collection) =>
        collections.includes(String(collection)) && /^(insert|update|delete|findAndModify)$/.test(name)
          ? { reply: { ok: 0, code: 13, codeName: 'Unauthorized', errmsg: 'not authorized' } }
          : null,
      );
      assert.ok((await act()).status >= 500);
      assert.equal(await count(), 1);
      proxy.setFaults(() => null);
      assert.ok((await act()).status < 400);
      assert.notDeepEqual(await stored(), before);
      assert.equal(await count(), 2);
      // Whoever finds it done leaves no row.
      await act();
      assert.equal(await count(), 2);
    });
  }
});
