// Every field of a session's row, of every wrong type. Lists pass over the row and count it, its page says that nothing can
// be told of it, and nothing breaks. With FAULT_ROUNDS, as `npm run test:faults` sets it, all mutations; otherwise one in 29.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { Document } from 'mongodb';
import { sessionsResponse } from '../../api/http/session-summary.ts';
import { runVerify } from '../../scripts/verify.ts';
import { PERMISSIONS } from '../../shared/accounts/permissions.ts';
import { newId } from '../../shared/audit/ids.ts';
import { SESSIONS } from '../../shared/sessions/session-row.ts';
import { commandEnv } from '../support/commands.ts';
import { runHere } from '../support/run-here.ts';
import { startApp } from '../support/start-app.ts';
import { openOne, openWriter, prepare } from '../support/writer-client.ts';
import { WRONG_VALUES } from '../support/wrong-values.ts';

type Row = Document & { _id: string };

/** As the driver reads them, with what a row of before may lack. */
const FIELDS = [
  ...[
    'account_id',
    'agent_id',
    'started_at',
    'ended_at',
    'status',
    'policy_name',
    'policy_version',
    'policy_sha256',
  ],
  ...[
    'upstream_model',
    'external_key',
    'metadata',
    'stage_durations_ms',
    'payloads',
    'aggregate',
    'importing',
  ],
  ...['log', 'log.size', 'log.head_hash', 'log.key_id', 'log.key_check', 'log.seal', 'log.opening'],
  ...[
    'merkle_root_hex',
    'merkle_root_size',
    'changes',
    'stage',
    'log_failed',
    'log_unverifiable',
    'log_index',
    'log_due',
    'changed_at',
  ],
];

const MUTATIONS = FIELDS.flatMap((field) => WRONG_VALUES.map((value) => ({ field, value })));

/** Fields that nothing of a page is stated from, or that are a key of their own. */
const NOT_OF_THE_PAGE =
  /^(account_id|importing|aggregate|payloads|changes|stage|log_failed|log_unverifiable|log_due|changed_at)/;

test('damaged rows', { timeout: 600_000 }, async (t) => {
  // A page shows a damaged row's own values, which are of no type.
  const app = await startApp(t, {}, { hasOwnContent: true });
  const { accountId } = await app.addTenant('Clinic');
  const send = await openWriter(app, accountId);
  const { agentId } = await prepare(send);
  const cookie = await app.login(accountId, PERMISSIONS);
  const rows = app.database.db.collection<Row>(SESSIONS);

  async function addEnded(): Promise<string> {
    const id = await openOne(send, agentId, {
      metadata: { ticket: '7' },
      external_id: `call-${Math.random()}`,
    });
    const events = ['a', 'b'].map((reason) => ({
      event_id: newId('event'),
      kind: 'note',
      ts: new Date().toISOString(),
      reason,
    }));
    assert.equal((await send('POST', `/sessions/${id}/events`, { events })).status, 200);
    const end = { ended_at: new Date().toISOString(), status: 'ok', stage_durations_ms: { upstream: 5 } };
    assert.equal((await send('POST', `/sessions/${id}/end`, end)).status, 200);
    return id;
  }

  const [well, damaged] = [await addEnded(), await addEnded()];
  const original = (await rows.findOne({ _id: damaged }))!;

  let title = '';
  async function read(path: string, headers: Record<string, string> = {}) {
    const response = await app.get(path, cookie, { headers });
    const body = await response.text();
    const code = response.status < 400 ? null : /"code":"(\w+)"/.exec(body)?.[1];
    assert.ok(
      response.status < 500 || code === 'report_generation_failed',
      `${title} ${path}: ${response.status} ${body}`,
    );
    return { status: response.status, body, code };
  }

  async function mutate({ field, value }: (typeof MUTATIONS)[number]): Promise<boolean> {
    await rows.replaceOne({ _id: damaged }, original);
    return await rows.updateOne({ _id: damaged }, { $set: { [field]: value } }).then(
      () => true,
      // The index of external ids refuses some.
      () => false,
    );
  }

  await t.test('a row as it was written is no damaged one', async () => {
    const list = sessionsResponse.parse(JSON.parse((await read('/api/v1/sessions')).body));
    assert.deepEqual([list.data.length, list.damaged_rows], [2, 0]);
    const { session } = JSON.parse((await read(`/api/v1/sessions/${damaged}`)).body);
    assert.deepEqual([session.log_verdict, session.log_problem], ['verified', null]);
  });

  await t.test(
    'no mutation ends a list, a page, statistics, a ledger or a report in an error of ours',
    async (t) => {
      const step = process.env.FAULT_ROUNDS === undefined ? 29 : 1;
      const said = new Map<string, number>();
      for (const mutation of MUTATIONS.filter((_, i) => i % step === 0)) {
        if (!(await mutate(mutation))) continue;
        const { field } = mutation;
        title = `${field} ${inspect(mutation.value)}`;
        const list = sessionsResponse.parse(JSON.parse((await read('/api/v1/sessions')).body));
        assert.ok(
          list.data.some(({ id }) => id === well),
          title,
        );
        const isListed = list.data.some(({ id }) => id === damaged);
        for (const path of [
          '/api/v1/stats/redactions?bucket=day',
          '/api/v1/reports/ledger',
          `/api/v1/agents/${agentId}`,
          '/sessions',
        ]) {
          assert.equal((await read(path)).status, 200, `${title} ${path}`);
        }
        const page = await read(`/api/v1/sessions/${damaged}`);
        const report = await read(`/api/v1/sessions/${damaged}/report`);
        const shown = await read(`/sessions/${damaged}`, { accept: 'text/html' });
        assert.ok([200, 404].includes(page.status), title);
        assert.equal(shown.status, page.status, title);
        if (page.status === 404) continue;
        const { session } = JSON.parse(page.body);
        said.set(session.log_verdict, (said.get(session.log_verdict) ?? 0) + 1);
        if (session.log_verdict === 'verified') {
          assert.ok(isListed || NOT_OF_THE_PAGE.test(field), `${title} is verified and not listed`);
          continue;
        }
        if (session.log_verdict !== 'unverifiable') {
          // Values of their types, which are not the log's.
          assert.match(
            title,
            /^(log\.(size 5|seal (null|[\0x])?)|merkle_root_size 5|ended_at null)$/,
            session.log_verdict,
          );
          continue;
        }
        assert.match(session.log_problem, /^(the row is damaged: |audit key )/, title);
        assert.equal(report.code, 'report_generation_failed', title);
        if (field.startsWith('log.key_id')) continue;
        assert.match(shown.body, /unverifiable: the row is damaged/, title);
      }
      t.diagnostic(JSON.stringify(Object.fromEntries(said)));
    },
  );

  await t.test('a row without the field of its stored root has none, and its log is verified', async () => {
    for (const fields of [{ merkle_root_hex: '' }, { merkle_root_hex: '', merkle_root_size: '' }]) {
      await rows.replaceOne({ _id: damaged }, original);
      await rows.updateOne({ _id: damaged }, { $unset: fields } as object);
      const { session } = JSON.parse((await read(`/api/v1/sessions/${damaged}`)).body);
      assert.equal(session.log_verdict, 'verified');
    }
  });

  await t.test('a check value of another key is told from a key that is missing', async () => {
    await mutate({ field: 'log.key_check', value: '0011223344556677' });
    const { session } = JSON.parse((await read(`/api/v1/sessions/${damaged}`)).body);
    assert.match(session.log_problem, /^the row is damaged: log\.key_check/);
  });

  await t.test('a log that failed is told as failed also where its row is damaged', async () => {
    await mutate({ field: 'metadata', value: 5 });
    await rows.updateOne({ _id: damaged }, { $set: { 'log.seal': '00'.repeat(32) } });
    const { session } = JSON.parse((await read(`/api/v1/sessions/${damaged}`)).body);
    assert.equal(session.log_verdict, 'seal_mismatch');
  });

  await t.test(
    'a list passes over a damaged row, and says so beside it, in the console and in metrics',
    async () => {
      await mutate({ field: 'upstream_model', value: { a: 1 } });
      const { data, damaged_rows } = sessionsResponse.parse(
        JSON.parse((await read('/api/v1/sessions')).body),
      );
      assert.deepEqual([data.map(({ id }) => id), damaged_rows], [[well], 1]);
      assert.match((await read('/sessions')).body, /1 rows among these are damaged and not listed/);
      const metrics = await (await app.get('/metrics')).text();
      assert.match(metrics, /^masker_damaged_rows_passed_over_total [1-9]/m);
      const report = await read(`/api/v1/sessions/${damaged}/report`);
      assert.match(report.body, /"reason":"log_failed"/);
      assert.match(report.body, /the row is damaged: upstream_model/);
    },
  );

  await t.test('verify --all names damaged rows and goes on', async () => {
    await mutate({ field: 'metadata', value: 'zzz' });
    const keys = `k_test:${'1f'.repeat(32)}`;
    const env = { ...commandEnv(app.database, '/tmp/no-data', keys) };
    const { code, stdout } = await runHere(runVerify, ['--all'], env);
    assert.match(stdout, new RegExp(`${damaged} unverifiable: the row is damaged: metadata is not as`));
    assert.match(stdout, new RegExp(`${well} verified`));
    assert.equal(code, 2);
  });
});
