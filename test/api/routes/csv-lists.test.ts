import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { createApp } from '../../../api/app.ts';
import { listen } from '../../../api/server.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { DAY_MS } from '../../../shared/time/durations.ts';
import { assertError } from '../../support/answers.ts';
import { LOCAL } from '../../support/local.ts';
import { buildSession } from '../../support/sessions.ts';
import { startApp, type Tenant, type TestApp } from '../../support/start-app.ts';

const HOSTILE = [
  '=1+1',
  '+1',
  '-1',
  '@x',
  '\t=1',
  '\r=1',
  'a"b,c',
  'line\nbreak',
  'lone\rreturn',
  'a\u2028b',
  '\u200f=x',
];

/** What a cell of the text holds. */
const asCell = (text: string) => (/^[\u200f\s]*[=+\-@]/.test(text) ? `'${text}` : text);

async function addSessions(app: TestApp, tenant: Tenant, count: number): Promise<void> {
  const texts = (i: number) => HOSTILE[i % HOSTILE.length] as string;
  const startedAt = new Date(Date.now() - 60_000);
  const kinds = HOSTILE.map((_, i) => buildSession(tenant, { startedAt, redactionsByKind: [[texts(i), 2]] }));
  for (const [i, session] of kinds.slice(0, count).entries()) {
    await app.deps.sessions.insert(tenant.accountId, { ...session, upstreamModel: texts(i) }, null);
  }
  const rows = app.database.db.collection<{ _id: string }>('sessions');
  const stored = await rows.find({ account_id: tenant.accountId }).toArray();
  const more = Array.from({ length: count - stored.length }, (_, i) => ({
    ...stored[i % stored.length],
    _id: newId('session'),
  }));
  if (more.length > 0) await rows.insertMany(more);
}

async function addLedgerRow(app: TestApp, { accountId }: Tenant, userId: string): Promise<void> {
  await app.deps.ledger.record(accountId, {
    id: newId('report'),
    userId,
    scope: 'session',
    sessionId: newId('session'),
    since: new Date(Date.now() - DAY_MS),
    until: null,
    rootHex: 'ab'.repeat(32),
    size: 4,
    logState: 'open',
    generatedAt: new Date(),
    jsonSha256Hex: 'cd'.repeat(32),
    pdfSha256Hex: null,
    pdfStatement: null,
    format: 'json',
    statement: null,
  });
}

const SESSION_HEADER =
  'id,agent_id,agent_name,started_at,ended_at,duration_ms,status,redaction_count,redactions_by_kind,upstream_model,external_id,log_state';

test('lists as CSV', async (t) => {
  const app = await startApp(t);
  const tenant = await app.addTenant('Clinic');
  const other = await app.addTenant('Other');
  const { cookie, accountId, agentId } = tenant;
  const agents = HOSTILE.map((name) => ({ id: newId('agent'), name, policyName: name }));
  for (const agent of agents) await app.deps.agents.upsert(accountId, agent);
  await addSessions(app, tenant, 2103);
  await addSessions(app, other, 3);
  await addLedgerRow(app, tenant, '=HYPERLINK("x")');
  await addLedgerRow(app, other, 'usr_other');

  const LISTS = [
    ['/api/v1/sessions', SESSION_HEADER, 'sessions', 2103],
    [`/api/v1/agents/${agentId}/sessions`, SESSION_HEADER, `sessions-${agentId}`, 2103],
    [
      '/api/v1/agents',
      'id,name,policy_name,session_count_24h,session_count_7d,redaction_count_24h,p50_latency_ms,p95_latency_ms',
      'agents',
      1 + HOSTILE.length,
    ],
    [
      '/api/v1/reports/ledger',
      'id,scope,session_id,agent_id,since,until,merkle_root_hex,entries,log_state,generated_at,user_id,json_sha256,pdf_sha256,csv_sha256,format,statement,log_index,proof',
      'report-ledger',
      1,
    ],
  ] as const;

  async function read(path: string, init: RequestInit = {}): Promise<Record<string, string>[]> {
    const response = await app.get(path, cookie, init);
    assert.equal(response.status, 200, path);
    assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8');
    return parse(await response.text(), { columns: true });
  }

  async function readPages(path: string): Promise<Record<string, unknown>[]> {
    const rows: Record<string, unknown>[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const more = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = (await (await app.get(`${path}?limit=100${more}`, cookie)).json()) as {
        data: Record<string, unknown>[];
        next_cursor: string | null;
      };
      rows.push(...page.data);
      cursor = page.next_cursor;
    }
    return rows;
  }

  const inCell = (value: unknown) =>
    asCell(typeof value === 'object' && value !== null ? JSON.stringify(value) : `${value ?? ''}`);

  await t.test('every row of all pages, in their order, under a header that stays', async () => {
    for (const [path, header, name, count] of LISTS) {
      const pages = await readPages(path);
      assert.equal(pages.length, count, path);
      for (const init of [{}, { headers: { accept: 'text/csv' } }]) {
        const response = await app.get('headers' in init ? path : `${path}?format=csv`, cookie, init);
        assert.equal(response.headers.get('content-disposition'), `attachment; filename="${name}.csv"`);
        assert.match(response.headers.get('vary') ?? '', /\bAccept\b/);
        const text = await response.text();
        assert.equal(text.slice(0, text.indexOf('\r\n')), header);
        const wanted = pages.map((row) =>
          Object.fromEntries(Object.entries(row).map(([column, value]) => [column, inCell(value)])),
        );
        assert.deepEqual(parse(text, { columns: true }), wanted);
      }
    }
  });

  await t.test('redactions by bucket, whose kinds somebody else wrote', async () => {
    const window = `since=${new Date(Date.now() - DAY_MS).toISOString()}&until=${new Date().toISOString()}`;
    const path = `/api/v1/stats/redactions?${window}&group_by=kind`;
    const { data } = (await (await app.get(path, cookie)).json()) as { data: Record<string, unknown>[] };
    const rows = await read(`${path}&format=csv`);
    const wanted = data.map((row) =>
      Object.fromEntries(Object.entries(row).map(([column, value]) => [column, inCell(value)])),
    );
    assert.deepEqual(rows, wanted);
    assert.deepEqual(Object.keys(rows[0] ?? {}), ['start', 'end', 'key', 'count']);
  });

  await t.test('a cursor is gone on from, with its filters', async () => {
    for (const [path, , , count] of LISTS) {
      const page = (await (await app.get(`${path}?limit=1`, cookie)).json()) as {
        next_cursor: string | null;
      };
      if (page.next_cursor === null) continue;
      assert.equal((await read(`${path}?format=csv&cursor=${page.next_cursor}`)).length, count - 1);
    }
    assert.deepEqual(await read('/api/v1/sessions?format=csv&status=error'), []);
    const unknown = await app.get(`/api/v1/agents/${newId('agent')}/sessions?format=csv`, cookie);
    await assertError(unknown, 404, 'agent_not_found');
    assert.equal(unknown.headers.get('content-disposition'), null);
  });

  await t.test(
    '422 for a limit, which CSV cannot keep, and for names and formats that are none',
    async () => {
      for (const path of [...LISTS.map(([list]) => list), '/api/v1/stats/redactions']) {
        const refusals = [
          ['format=xml', 'format'],
          ['format=csv&format=csv', 'format'],
          ['fromat=csv', 'format'],
        ] as const;
        for (const [query, param] of refusals) {
          await assertError(await app.get(`${path}?${query}`, cookie), 422, 'validation_failed', param);
        }
        // Statistics have no limit at all, and nothing that resembles one.
        const limited = await app.get(`${path}?format=csv&limit=10`, cookie);
        const param = path.startsWith('/api/v1/stats/') ? undefined : 'limit';
        await assertError(limited, 422, 'validation_failed', param);
      }
      const byAccept = await app.get('/api/v1/sessions?limit=10', cookie, {
        headers: { accept: 'text/csv' },
      });
      await assertError(byAccept, 422, 'validation_failed', 'limit');
    },
  );

  await t.test('HEAD reads no row, and still refuses a cursor that is none', async () => {
    for (const [path, , name] of LISTS) {
      const head = await app.get(`${path}?format=csv`, cookie, { method: 'HEAD' });
      assert.equal(head.status, 200);
      assert.equal(head.headers.get('content-type'), 'text/csv; charset=utf-8');
      assert.equal(head.headers.get('content-disposition'), `attachment; filename="${name}.csv"`);
      const bad = await app.get(`${path}?format=csv&cursor=eyJ`, cookie, { method: 'HEAD' });
      assert.equal(bad.status, 422, path);
    }
  });
});

test('a CSV that is not read to its end', async (t) => {
  const app = await startApp(t);
  const tenant = await app.addTenant('Clinic');
  await addSessions(app, tenant, 1);
  const rows = app.database.db.collection<{ _id: string }>('sessions');
  const [row] = await rows.find({}).toArray();
  // More than the sockets between hold.
  const long = { ...row, upstream_model: 'x'.repeat(2_000) };
  for (let batch = 0; batch < 5; batch += 1) {
    await rows.insertMany(Array.from({ length: 2_000 }, () => ({ ...long, _id: newId('session') })));
  }
  const { sessions } = app.deps;
  let reads = 0;
  let failsFrom = Number.POSITIVE_INFINITY;
  Object.assign(app.deps, {
    sessions: {
      ...sessions,
      list: (...given: Parameters<typeof sessions.list>) => {
        reads += 1;
        if (reads >= failsFrom) throw new Error('The database went away.');
        return sessions.list(...given);
      },
    },
  });
  const path = '/api/v1/sessions?format=csv';

  await t.test('is whole where it is', async () => {
    const text = await (await app.get(path, tenant.cookie)).text();
    assert.equal(parse(text, { columns: true }).length, 10_001);
    assert.equal(reads, 6);
  });

  await t.test('is cut where a later page cannot be read', async () => {
    [reads, failsFrom] = [0, 4];
    await assert.rejects((await app.get(path, tenant.cookie)).text());
    [reads, failsFrom] = [0, 1];
    const first = await app.get(path, tenant.cookie);
    await assertError(first, 500, 'internal_error');
    assert.equal(first.headers.get('content-disposition'), null);
    failsFrom = Number.POSITIVE_INFINITY;
  });

  await t.test('is read no further once its caller hung up', async () => {
    reads = 0;
    const leaving = new AbortController();
    const response = await app.get(path, tenant.cookie, { signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
    let before = -1;
    while (before !== reads) {
      before = reads;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.ok(reads < 6, `${reads} pages were read`);
  });

  await t.test('is cut when the server stops', async () => {
    reads = 0;
    const server = await listen(createApp(app.deps), LOCAL);
    const headers = { cookie: tenant.cookie, 'accept-encoding': 'identity' };
    const response = await fetch(`${server.url}${path}`, { headers });
    const closed = server.close(AbortSignal.timeout(30_000));
    await assert.rejects(response.text());
    await closed;
    assert.ok(reads < 6, `${reads} pages were read`);
  });
});
