// Every field of the rows that console pages read, of every wrong type: no page ends in an error of ours. Sessions have a
// test of their own. With FAULT_ROUNDS, as `npm run test:faults` sets it, all mutations; otherwise one in 29.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { Document } from 'mongodb';
import { PERMISSIONS } from '../../../shared/accounts/permissions.ts';
import { newId } from '../../../shared/audit/ids.ts';
import type { ReportJobOrder } from '../../../shared/reports/report-order.ts';
import { DAY_MS } from '../../../shared/time/durations.ts';
import { keepLogs } from '../../support/logged-app.ts';
import { startApp } from '../../support/start-app.ts';
import { KEEPING_POLICY, openOne, openWriter, prepare } from '../../support/writer-client.ts';
import { WRONG_VALUES } from '../../support/wrong-values.ts';

type Row = Document & { _id: string };

/** Collections whose rows a page, or a list of the API, reads; or that stand behind a login. */
const COLLECTIONS = [
  ...['accounts', 'agents', 'users', 'policies', 'tokens', 'reports', 'report_jobs', 'webhooks'],
  ...['webhook_deliveries', 'access_log', 'account_logs', 'account_log_places', 'logins'],
];

/** The fields of a row, with those of objects in it. */
function fieldsOf(row: Document, prefix = ''): string[] {
  return Object.entries(row).flatMap(([name, value]) => {
    if (name === '_id') return [];
    const isNested = value !== null && typeof value === 'object' && value.constructor === Object;
    return [`${prefix}${name}`, ...(isNested ? fieldsOf(value, `${prefix}${name}.`) : [])];
  });
}

test('damaged rows behind the console', { timeout: 900_000 }, async (t) => {
  const app = await startApp(t, {}, { hasOwnContent: true });
  Object.assign(app.deps.webhookUrls, { resolve: async () => [{ address: '8.8.8.8', family: 4 }] });
  const { db } = app.database;
  const { accountId } = await app.addTenant('Clinic');
  const keep = await keepLogs(t, app);
  const send = await openWriter(app, accountId, PERMISSIONS);
  const { agentId } = await prepare(send);
  const later = await send('PUT', '/policies/healthcare-default/2', KEEPING_POLICY);
  assert.equal(later.status, 201, JSON.stringify(later.body));
  const sessionId = await openOne(send, agentId);
  const at = new Date().toISOString();
  const events = [{ event_id: newId('event'), kind: 'note', ts: at, reason: 'x' }];
  assert.equal((await send('POST', `/sessions/${sessionId}/events`, { events })).status, 200);
  assert.equal(
    (await send('POST', `/sessions/${sessionId}/end`, { ended_at: at, status: 'ok' })).status,
    200,
  );
  assert.equal((await send('GET', `/sessions/${sessionId}/report`)).status, 200);
  const hook = await send('POST', '/webhooks', { url: 'https://hooks.example/in', events: ['log.failed'] });
  assert.equal(hook.status, 201, JSON.stringify(hook.body));
  const { id: webhookId } = hook.body as { id: string };
  assert.equal((await send('POST', `/webhooks/${webhookId}/test`)).status, 202);
  const window = { since: new Date(0), until: new Date(DAY_MS), tz: 'UTC', period: null };
  const order: ReportJobOrder = {
    ...{ id: newId('report'), userId: newId('user'), userName: 'Asker', paper: 'a4', format: 'json' },
    ...{ exceptions: 'list', subject: { scope: 'account', window } },
  };
  await app.deps.reportJobs.insert(accountId, order, new Date());
  await keep(accountId);
  const {
    json_sha256: jsonSha256,
    _id: reportId,
    root_hex: rootHex,
  } = (await db.collection<Row>('reports').findOne({}))!;
  const policies = await db.collection<Row>('policies').find({}).toArray();
  const [policy, other] = policies.map(({ _id }) => _id.slice(-64));
  const cookie = await app.login(accountId, PERMISSIONS);

  const PAGES = [
    ...[
      '/',
      '/sessions',
      `/sessions/${sessionId}`,
      '/agents',
      `/agents/${agentId}`,
      '/reports',
      '/reports/new',
    ],
    ...[`/reports/${order.id}`, '/policies', `/policies/${policy}`, '/connect'],
    `/policies/compare?from=${policy}&to=${other}`,
    ...[
      '/verify',
      ...[sessionId, reportId, jsonSha256, rootHex, policy].map((value) => `/verify?value=${value}`),
    ],
    ...['/auditors', '/logins', '/tokens', '/access', '/webhooks', `/webhooks/${webhookId}`],
    ...['/operators/health', '/operators/accounts', '/operators/keys', '/operators/queues'],
  ];
  const CALLS = [
    ...['me', 'agents', `agents/${agentId}`, 'tokens', 'webhooks', `webhooks/${webhookId}`, 'access-log'],
    ...[`webhooks/${webhookId}/deliveries`, 'reports/ledger', `reports/${reportId}`, `reports/${order.id}`],
    ...[
      `reports/${reportId}/statement`,
      `reports/${reportId}/proof`,
      'log/checkpoint',
      `sessions/${sessionId}`,
    ],
    ...[`sessions/${sessionId}/proof`, `sessions/${sessionId}/events/0/proof`],
  ].map((path) => `/api/v1/${path}`);

  /** What ended in an error of ours. */
  async function findErrors(title: string): Promise<string[]> {
    const answers = await Promise.all(
      [...PAGES, ...CALLS].map(async (path) => {
        const headers = path.startsWith('/api/') ? {} : { accept: 'text/html' };
        const response = await app.get(path, cookie, { headers, redirect: 'manual' });
        const body = await response.text();
        // A row that contradicts the account log is said to be false, by name.
        return response.status < 500 || /"reason":"account_log"/.test(body)
          ? []
          : [`${title} ${path}: ${response.status} ${body.startsWith('<') ? '' : body}`];
      }),
    );
    return answers.flat();
  }

  await t.test('rows as they were written are shown', async () => {
    for (const path of [...PAGES, ...CALLS]) {
      const response = await app.get(path, cookie, { headers: { accept: '*/*' } });
      assert.equal(response.status, 200, `${path} ${(await response.text()).slice(0, 500)}`);
    }
  });

  const step = process.env.FAULT_ROUNDS === undefined ? 29 : 1;
  let nth = 0;
  for (const name of COLLECTIONS) {
    await t.test(`no mutation of a row in ${name} ends a page or an answer in an error of ours`, async () => {
      const rows = db.collection<Row>(name);
      const original = await rows.findOne({});
      const all = await rows.find({}).toArray();
      assert.ok(original, name);
      const errors: string[] = [];
      const restore = async () => {
        await rows.deleteOne({ _id: original._id });
        await rows.insertOne(original);
      };
      for (const field of fieldsOf(original)) {
        for (const value of WRONG_VALUES) {
          nth += 1;
          if (nth % step !== 0) continue;
          const isSet = await rows.updateOne({ _id: original._id }, { $set: { [field]: value } }).then(
            () => true,
            // A unique index refuses some.
            () => false,
          );
          if (isSet) errors.push(...(await findErrors(`${name}.${field} ${inspect(value)}`)));
          await restore();
        }
      }
      for (const value of WRONG_VALUES) {
        nth += 1;
        if (nth % step !== 0) continue;
        const added = await rows.insertOne({ ...original, _id: value as string }).catch(() => null);
        if (!added) continue;
        errors.push(...(await findErrors(`${name}._id ${inspect(value)}`)));
        // Not by its id: a filter on null or on a pattern asks for something else.
        await rows.deleteMany({});
        await rows.insertMany(all);
      }
      assert.deepEqual(errors, []);
    });
  }
});
