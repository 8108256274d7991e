// Reports that are made in the background, over HTTP, by real workers.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Document } from 'mongodb';
import { runVerify } from '../../../../scripts/verify.ts';
import { newId } from '../../../../shared/audit/ids.ts';
import { SWEEP } from '../../../../shared/queues/jobs.ts';
import { openRedis } from '../../../../shared/queues/redis.ts';
import { assertError, readError } from '../../../support/answers.ts';
import { writeSession } from '../../../support/audit-world.ts';
import { commandEnv } from '../../../support/commands.ts';
import { eventually } from '../../../support/eventually.ts';
import { inReverse } from '../../../support/in-reverse.ts';
import { addSessionWithLog, redaction } from '../../../support/logs.ts';
import { startOwnRedis, testRedisUrl, WITH_REDIS } from '../../../support/redis.ts';
import { createJobWorld, type JobWorld, TEST_KEYS_SETTING } from '../../../support/report-jobs.ts';
import { runHere } from '../../../support/run-here.ts';
import { pemOf, TEST_ORIGIN } from '../../../support/signers.ts';
import { openTestQueues } from '../../../support/start-pipeline.ts';

type Row = Document & { _id: string };

const digestOf = (bytes: Uint8Array) => `sha-256=:${hash('sha256', bytes, 'base64')}:`;

const read = async (response: Response) => new Uint8Array(await response.arrayBuffer());

function jobsOf({ db }: JobWorld) {
  return db.collection<Row>('report_jobs');
}

test('reports in the background', WITH_REDIS, async (t) => {
  const redisUrl = testRedisUrl();
  const whole = inReverse(t);
  const world = await createJobWorld(whole, redisUrl);
  const queues = openTestQueues(whole, world, redisUrl);
  await world.startWorkers();
  const ledgerOf = (id: string) => world.db.collection<Row>('reports').findOne({ _id: id });

  for (const [format, type] of [
    ['json', 'application/json; charset=utf-8'],
    ['csv', 'text/csv; charset=utf-8'],
    ['pdf', 'application/pdf'],
  ] as const) {
    await t.test(`${format}: the content is the report, under the id of the order`, async () => {
      const ordered = await world.order(`since=30d&format=${format}`);
      assert.ok(['queued', 'running'].includes(ordered.status));
      const job = await world.until(ordered.id, 'ready');
      const { sessions_done, sessions_total } = job.progress ?? {};
      assert.deepEqual([sessions_done, sessions_total], [3, 3]);
      const response = await world.content(ordered.id);
      const bytes = await read(response);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('Content-Type'), type);
      assert.equal(response.headers.get('Content-Length'), String(bytes.length));
      assert.equal(response.headers.get('Content-Digest'), digestOf(bytes));
      assert.match(
        response.headers.get('Content-Disposition') ?? '',
        new RegExp(`^attachment; filename="masker-account-${world.accountId}-.*\\.${format}"$`),
      );
      assert.deepEqual([job.size, job.sha256], [bytes.length, hash('sha256', bytes)]);
      const row = await ledgerOf(ordered.id);
      assert.equal(row?.account_id, world.accountId);
      assert.equal(row?.generated_at.toISOString().replace('.000Z', 'Z'), job.generated_at);
      if (format === 'json') {
        assert.equal(row?.json_sha256, hash('sha256', bytes));
        const { report } = JSON.parse(Buffer.from(bytes).toString()) as { report: Document };
        assert.deepEqual([report.id, report.sessions_total], [ordered.id, 3]);
      }
      assert.equal(row?.pdf_sha256, format === 'pdf' ? hash('sha256', bytes) : null);
      assert.equal((await world.countStored()).files, 1);
      assert.equal((await world.remove(ordered.id)).status, 204);
    });
  }

  await t.test(
    'npm run verify finds the content of both forms verified, its place in the ledger included',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'masker-evidence-jobs-'));
      whole.after(() => rm(folder, { recursive: true, force: true }));
      const signing = { SIGNING_KEY: pemOf(1), LOG_ORIGIN: TEST_ORIGIN };
      const env = { ...commandEnv(world.database, folder, TEST_KEYS_SETTING), ...signing };
      for (const format of ['json', 'pdf']) {
        const { id } = await world.order(`since=30d&format=${format}`);
        await world.until(id, 'ready');
        const file = join(folder, `report.${format}`);
        await writeFile(file, await read(await world.content(id)));
        const { code, stdout, stderr } = await runHere(runVerify, [file, '--json'], env);
        assert.equal(code, 0, stderr);
        const axes = stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Document);
        assert.equal(axes.find(({ axis }) => axis === 'ledger')?.status, 'verified');
        const pages = axes.find(({ axis }) => axis === 'pages');
        if (format === 'pdf') assert.match(pages?.detail, /the one issued under this id, byte for byte/);
        assert.deepEqual(
          axes.filter(({ status }) => status === 'failed'),
          [],
        );
        await world.remove(id);
      }
    },
  );

  await t.test('a PDF that the workers cannot print fails with what an operator has to do', async (sub) => {
    const bare = inReverse(sub);
    const other = await createJobWorld(bare, redisUrl, { sessions: 1 });
    openTestQueues(bare, other, redisUrl);
    await other.startWorkers({ CHROME_PATH: '/nowhere/chromium' });
    const { id } = await other.order('since=30d&format=pdf');
    const { error } = await other.until(id, 'failed');
    assert.equal(error?.code, 'unavailable');
    assert.match(error?.message ?? '', /CHROME_PATH names no Chromium.*where npm run workers runs/);
    assert.match(error?.message ?? '', /or order format=json/);
  });

  await t.test('an order on an agent names the agent, and its report has that agent’s sessions', async () => {
    const session = await writeSession(world, 12, { accountId: world.accountId });
    const { agentId } = session;
    const order = await world.send('since=30d', world.cookie, `/api/v1/agents/${agentId}/report`);
    assert.equal(order.status, 202);
    const { id } = (await order.json()) as { id: string };
    assert.equal((await world.until(id, 'ready')).agent_id, agentId);
    const { report } = (await (await world.content(id)).json()) as { report: Document };
    assert.deepEqual([report.agent_id, report.sessions_total], [agentId, 1]);
    await world.remove(id);
    const unknown = `/api/v1/agents/${newId('agent')}/report`;
    await assertError(await world.send('since=30d', world.cookie, unknown), 404, 'agent_not_found');
  });

  await t.test(
    'bytes that are not those of the signed ledger row are not sent, whole or in part',
    async () => {
      for (const format of ['json', 'csv', 'pdf']) {
        const { id } = await world.order(`since=30d&format=${format}`);
        await world.until(id, 'ready');
        const chunks = world.db.collection<Row>('report_files.chunks');
        const of = { files_id: ((await jobsOf(world).findOne({ _id: id })) as Row).composed.file_id };
        const chunk = (await chunks.findOne(of)) as Row;
        const bytes = Buffer.from(chunk.data.buffer);
        const refused = async (range?: string) => {
          const answer = await world.content(id, range ? { Range: range } : {});
          const { code, reason, message } = await readError(answer);
          assert.deepEqual(
            [answer.status, code, reason],
            [500, 'report_generation_failed', 'stored_bytes'],
            message,
          );
          return message;
        };
        const whole = await world.content(id);
        assert.equal(whole.status, 200, format);
        await read(whole);
        const forged = Buffer.from(bytes);
        forged[20] = (forged[20] as number) ^ 1;
        await chunks.updateOne({ _id: chunk._id }, { $set: { data: forged } });
        assert.match(await refused(), /another SHA-256/);
        await refused('bytes=0-3');
        // The driver's own stream ended the process at such a piece.
        await chunks.updateOne({ _id: chunk._id }, { $set: { data: null } });
        await refused();
        await chunks.updateOne({ _id: chunk._id }, { $set: { data: forged } });
        // Whoever changes the rows, too, meets their signatures.
        const sha256 = hash('sha256', forged);
        const row = (await jobsOf(world).findOne({ _id: id })) as Row;
        await jobsOf(world).updateOne({ _id: id }, { $set: { 'composed.sha256': sha256 } });
        assert.match(await refused(), /did not sign/);
        await jobsOf(world).replaceOne({ _id: id }, row);
        const ledger = world.db.collection<Row>('reports');
        const issued = (await ledger.findOne({ _id: id })) as Row;
        await ledger.updateOne({ _id: id }, { $set: { [`${format}_sha256`]: sha256 } });
        assert.match(await refused(), /row in the ledger states another SHA-256/);
        await ledger.replaceOne({ _id: id }, issued);
        const statement = format === 'json' ? 'statement' : `${format}_statement`;
        await ledger.updateOne({ _id: id }, { $set: { [statement]: 'a note\n' } });
        assert.match(await refused(), /No key of this deployment signed/);
        await ledger.deleteOne({ _id: id });
        assert.match(await refused(), /no row/);
        await world.remove(id);
      }
    },
  );

  await t.test('a window that may hold PHI is refused, and the session is named', async () => {
    const own = await world.app.addTenant('Named');
    const session = await addSessionWithLog(world.app, own, { events: [redaction('219-09-9999')] });
    const answer = await world.app.get('/api/v1/reports?since=366d', own.cookie);
    const { reason, message } = await readError(answer);
    assert.equal(reason, 'leak_scan');
    assert.ok(message.includes(session.id), message);
    assert.doesNotMatch(message, /219/);
  });

  await t.test('a row whose period is no period is a damaged one, and names no file', async () => {
    const { id } = await world.order('period=2026-09&tz=America/New_York');
    await world.until(id, 'ready');
    const named = await world.content(id);
    await read(named);
    assert.match(named.headers.get('content-disposition') ?? '', /-2026-09\.json"$/);
    for (const period of [
      ...['\0', 'a\r\nSet-Cookie: x=y', '✓', '', '-', '2026-13', '2026-02-30', '2026\n'],
      ...['x"; filename="evil.html', '../../../etc/passwd'],
    ]) {
      await jobsOf(world).updateOne({ _id: id }, { $set: { period } });
      for (const method of ['GET', 'HEAD']) {
        const response = await world.content(id, {}, method);
        await response.text();
        assert.deepEqual(
          [response.status, response.headers.get('content-disposition')],
          [404, null],
          `${method} ${JSON.stringify(period)}`,
        );
      }
      await assertError(await world.content(id), 404, 'report_not_found');
    }
    await jobsOf(world).updateOne({ _id: id }, { $set: { period: '2026-09' } });
    await world.remove(id);
  });

  await t.test('a range is its bytes, with the digest of these bytes', async () => {
    const { id } = await world.order('since=30d');
    await world.until(id, 'ready');
    const whole = await read(await world.content(id));
    const size = whole.length;
    for (const [range, begin, end] of [
      ['bytes=0-0', 0, 1],
      ['bytes=10-99', 10, 100],
      ['bytes=100-', 100, size],
      ['bytes=-7', size - 7, size],
      [`bytes=5-${size + 50}`, 5, size],
      [`bytes=-${size + 50}`, 0, size],
    ] as const) {
      const response = await world.content(id, { Range: range });
      const part = await read(response);
      assert.equal(response.status, 206, range);
      assert.deepEqual(part, whole.slice(begin, end), range);
      assert.equal(response.headers.get('Content-Range'), `bytes ${begin}-${end - 1}/${size}`);
      assert.equal(response.headers.get('Content-Length'), String(end - begin));
      assert.equal(response.headers.get('Content-Digest'), digestOf(part));
      assert.equal(response.headers.get('Repr-Digest'), digestOf(whole));
    }
    for (const range of [`bytes=${size}-`, 'bytes=-0']) {
      const beyond = await world.content(id, { Range: range });
      assert.equal(beyond.headers.get('Content-Range'), `bytes */${size}`);
      await assertError(beyond, 416, 'range_not_satisfiable');
    }
    for (const headers of [
      { Range: 'bytes=9-3' },
      { Range: 'bytes=0-1,4-5' },
      { Range: 'lines=1-2' },
      { Range: 'bytes=0-1', 'If-Range': '"another"' },
    ] as Record<string, string>[]) {
      const response = await world.content(id, headers);
      assert.equal(response.status, 200, JSON.stringify(headers));
      assert.deepEqual(await read(response), whole);
    }
    const head = await world.content(id, { Range: 'bytes=0-1' }, 'HEAD');
    assert.equal(head.status, 200);
    assert.equal(head.headers.get('Content-Length'), String(size));
    assert.equal(head.headers.get('Content-Digest'), digestOf(whole));
    await world.remove(id);
  });

  await t.test('another account’s report answers as an unknown and a malformed id does', async () => {
    const { id } = await world.order('since=30d');
    await world.until(id, 'ready');
    const other = await world.app.addTenant('Other');
    for (const path of ['', '/content']) {
      for (const method of path === '' ? ['GET', 'DELETE'] : ['GET']) {
        for (const [named, cookie] of [
          [id, other.cookie],
          [newId('report'), world.cookie],
          ['rep_1', world.cookie],
          ['%zz', world.cookie],
        ] as const) {
          const at = `/api/v1/reports/${named}${path}`;
          const headers = { origin: world.app.url };
          const answer = await world.app.get(at, cookie, { method, headers });
          await assertError(answer, 404, 'report_not_found');
        }
      }
    }
    assert.equal((await world.status(id)).status, 'ready');
    // A file that the row of another account names is not that account's.
    const { composed } = (await jobsOf(world).findOne({ _id: id })) as Row;
    const first = { begin: 0, end: 1 };
    assert.equal(await world.app.deps.reportFiles.open(other.accountId, composed.file_id, first), null);
    await world.remove(id);
  });

  await t.test('the checks are made in order: login, permission, existence', async () => {
    const path = `/api/v1/reports/${newId('report')}`;
    const weak = await world.app.login(world.accountId, ['sessions:read']);
    for (const method of ['GET', 'DELETE']) {
      await assertError(await world.app.get(path, null, { method }), 401, 'unauthenticated');
      await assertError(await world.app.get(path, weak, { method }), 403, 'forbidden');
    }
    const unstated = await world.app.get(path, world.cookie, { method: 'DELETE' });
    assert.match((await readError(unstated)).message, /header Origin/);
    assert.equal(unstated.status, 403);
    const headers = { 'Sec-Fetch-Site': 'cross-site' };
    const foreign = await world.app.get(path, world.cookie, { method: 'DELETE', headers });
    await assertError(foreign, 403, 'forbidden');
    for (const method of ['GET', 'HEAD']) {
      const bytes = await world.app.get(`${path}/content`, world.cookie, { method, headers });
      assert.equal(bytes.status, 403, method);
    }
  });

  await t.test(
    'a report that is removed has expired, its bytes are gone, its ledger row is not',
    async () => {
      const { id } = await world.order('since=30d');
      await world.until(id, 'ready');
      for (let i = 0; i < 2; i += 1) assert.equal((await world.remove(id)).status, 204);
      assert.equal((await world.status(id)).status, 'expired');
      const gone = await world.content(id);
      assert.equal(gone.status, 410);
      assert.match((await readError(gone)).message, /Order it again/);
      assert.deepEqual(await world.countStored(), { files: 0, chunks: 0 });
      assert.ok(await ledgerOf(id));
    },
  );

  await t.test('bytes whose time is up are refused at once, and gone after the sweep', async () => {
    const { id } = await world.order('since=30d');
    const { expires_at } = await world.until(id, 'ready');
    const { finished_at } = (await jobsOf(world).findOne({ _id: id })) as Row;
    assert.equal(Date.parse(expires_at ?? '') - finished_at.getTime(), 24 * 3_600_000);
    await jobsOf(world).updateOne({ _id: id }, { $set: { expires_at: new Date(Date.now() - 1) } });
    assert.equal((await world.status(id)).status, 'expired');
    await assertError(await world.content(id), 410, 'report_expired');
    assert.equal((await world.countStored()).files, 1);
    await queues.add(SWEEP, { of: 'reports' });
    await eventually('the bytes are gone', async () =>
      assert.deepEqual(await world.countStored(), { files: 0, chunks: 0 }),
    );
    assert.equal((await jobsOf(world).findOne({ _id: id }))?.status, 'expired');
  });

  await t.test('pieces of an upload that broke off go with a report that failed', async () => {
    const { id } = await world.order('since=30d');
    await world.until(id, 'ready');
    await world.remove(id);
    const piece = { files_id: `${world.accountId}/${id}/01`, n: 0, data: Buffer.alloc(9) };
    await world.db.collection('report_files.chunks').insertOne(piece);
    await jobsOf(world).updateOne({ _id: id }, { $set: { touched_at: new Date(Date.now() - 120_000) } });
    await queues.add(SWEEP, { of: 'reports' });
    await eventually('the row may be forgotten', async () =>
      assert.ok((await jobsOf(world).findOne({ _id: id }))?.forget_at),
    );
    assert.deepEqual(await world.countStored(), { files: 0, chunks: 0 });
  });

  await t.test('a job that Redis lost is queued again by the sweep', async () => {
    const id = newId('report');
    const window = { since: new Date(Date.now() - 86_400_000), until: new Date(), tz: 'UTC', period: null };
    const subject = { scope: 'account', window } as const;
    const asked = { userId: 'usr_1', userName: 'Ada Auditor', paper: 'a4' } as const;
    const order = { id, ...asked, subject, exceptions: 'refuse', format: 'json' } as const;
    await world.app.deps.reportJobs.insert(world.accountId, order, new Date(Date.now() - 120_000));
    await queues.add(SWEEP, { of: 'reports' });
    await world.until(id, 'ready');
    await world.remove(id);
  });

  await t.test('an order that somebody put into the database is not made', async () => {
    const honest = await world.order('since=30d');
    await world.until(honest.id, 'ready');
    const row = (await jobsOf(world).findOne({ _id: honest.id })) as Row;
    const id = newId('report');
    const [since, until] = [new Date('2026-11-30T09:00:00Z'), new Date('2026-11-30T09:30:00Z')];
    const asked = { since, until, period: '2026-11-29', user_id: newId('user'), user_name: 'Grace Hopper' };
    const fresh = { status: 'queued', composed: null, attempts: 0, touched_at: new Date(0) };
    await jobsOf(world).insertOne({ ...row, ...asked, ...fresh, _id: id });
    await queues.add(SWEEP, { of: 'reports' });
    await eventually('a worker has ended it', async () =>
      assert.equal((await jobsOf(world).findOne({ _id: id }))?.status, 'failed'),
    );
    const { error } = await world.status(id);
    assert.deepEqual([error?.code, error?.reason], ['report_generation_failed', 'stored_order']);
    assert.equal(await ledgerOf(id), null);
    await world.remove(honest.id);
  });

  await t.test(
    'a ready report whose stated root or digest somebody changed is failed, not told',
    async () => {
      const { id } = await world.order('since=30d');
      const { expires_at } = await world.until(id, 'ready');
      const row = (await jobsOf(world).findOne({ _id: id })) as Row;
      for (const field of ['root_hex', 'json_sha256', 'sha256']) {
        await jobsOf(world).updateOne({ _id: id }, { $set: { [`composed.${field}`]: 'ab'.repeat(32) } });
        const told = (await world.status(id)) as unknown as Record<string, unknown>;
        const { status, error, merkle_root_hex: root, sha256, window } = told;
        assert.deepEqual([status, root, sha256], ['failed', null, null], field);
        assert.equal((error as { reason: string }).reason, 'stored_bytes');
        assert.ok(window);
        await jobsOf(world).replaceOne({ _id: id }, row);
      }
      assert.equal((await world.until(id, 'ready')).expires_at, expires_at);
      await world.remove(id);
    },
  );

  await t.test('a ready report whose order somebody changed is neither named nor sent by it', async () => {
    const { id } = await world.order('since=30d');
    await world.until(id, 'ready');
    const row = (await jobsOf(world).findOne({ _id: id })) as Row;
    const [since, until] = [new Date('2026-07-01T00:00:00Z'), new Date('2026-10-01T00:00:00Z')];
    await jobsOf(world).updateOne({ _id: id }, { $set: { since, until, period: '2026-Q3' } });
    const told = (await world.status(id)) as unknown as Record<string, unknown>;
    const { status, window, user_id, agent_id, content, sha256 } = told;
    assert.deepEqual([status, window, user_id, agent_id], ['failed', null, null, null]);
    assert.deepEqual([content, sha256], [null, null]);
    for (const method of ['GET', 'HEAD']) {
      const answer = await world.content(id, {}, method);
      assert.equal(answer.headers.get('content-disposition'), null);
      if (method === 'GET') assert.equal((await readError(answer)).reason, 'stored_order');
      assert.equal(answer.status, 500);
    }
    await jobsOf(world).replaceOne({ _id: id }, row);
    assert.equal((await world.content(id)).status, 200);
    await world.remove(id);
  });

  await t.test('a window of too many sessions fails, with the part of it that fits', async (sub) => {
    const strictly = inReverse(sub);
    const strict = await createJobWorld(strictly, redisUrl);
    openTestQueues(strictly, strict, redisUrl);
    await strict.startWorkers({ REPORT_SESSIONS_LIMIT: '2' });
    const refused = await strict.order('since=30d');
    const { error } = await strict.until(refused.id, 'failed');
    assert.equal(error?.code, 'validation_failed');
    assert.match(error?.message ?? '', /holds 3 sessions, and a report covers 2/);
    const content = await strict.content(refused.id);
    assert.equal(content.status, 409);
    assert.match((await readError(content)).message, /holds 3 sessions/);
  });

  await t.test(
    'a failed log refuses the report, is marked, and is listed where that is asked for',
    async () => {
      const { id: sessionId } = await writeSession(world, 30, { accountId: world.accountId });
      const rows = world.db.collection<Row>('sessions');
      await rows.updateOne({ _id: sessionId }, { $set: { 'log.seal': '0'.repeat(64) } });
      const refused = await world.order('since=30d');
      const { error } = await world.until(refused.id, 'failed');
      assert.deepEqual([error?.code, error?.reason], ['report_generation_failed', 'log_failed']);
      assert.match(error?.message ?? '', new RegExp(`${sessionId} seal_mismatch`));
      const isMarked = async () => assert.ok((await rows.findOne({ _id: sessionId }))?.log_failed);
      await eventually('the session is marked', isMarked);
      const listed = await world.order('since=30d&exceptions=list');
      await world.until(listed.id, 'ready');
      const { report } = (await (await world.content(listed.id)).json()) as { report: Document };
      assert.deepEqual(
        report.exceptions.map((each: Document) => each.session_id ?? each.id),
        [sessionId],
      );
      await world.remove(listed.id);
    },
  );
});

test('orders that no worker takes', WITH_REDIS, async (t) => {
  const whole = inReverse(t);
  const world = await createJobWorld(whole, testRedisUrl(), { env: { REPORT_QUEUE_LIMIT: '4' } });
  openTestQueues(whole, world, testRedisUrl());
  const [first, second] = [await world.order('since=30d'), await world.order('since=30d')];

  await t.test('an account holds half of REPORT_QUEUE_LIMIT, and another account its own half', async () => {
    const refused = await world.send('since=30d');
    assert.ok(refused.headers.has('Retry-After'));
    await assertError(refused, 503, 'overloaded');
    const other = await world.app.addTenant('Other');
    assert.equal((await world.send('since=30d', other.cookie)).status, 202);
  });

  await t.test('of a hundred orders at once an account gets no more than it may hold', async () => {
    const crowd = await world.app.addTenant('Crowd');
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => world.send('since=30d', crowd.cookie)),
    );
    const taken = answers.filter(({ status }) => status === 202);
    assert.deepEqual([taken.length, answers.filter(({ status }) => status === 503).length], [2, 98]);
  });

  await t.test('the content of a queued report is 409, with the time to ask again', async () => {
    assert.equal((await world.status(first.id)).status, 'queued');
    const response = await world.content(first.id);
    assert.ok(response.headers.has('Retry-After'));
    await assertError(response, 409, 'report_not_ready');
  });

  await t.test('a queued report has no statement, and is said to be not issued', async () => {
    const path = `/api/v1/reports/${first.id}/statement`;
    const { code, message } = await readError(await world.app.get(path, world.cookie));
    assert.deepEqual(
      [code, message.slice(0, 43)],
      ['report_not_found', 'This report was ordered and is not issued: '],
    );
  });

  await t.test('a queued report that is cancelled is never made', async () => {
    assert.equal((await world.remove(first.id)).status, 204);
    const { status, error } = await world.status(first.id);
    assert.deepEqual([status, error?.code], ['failed', 'cancelled']);
    await world.startWorkers();
    await world.until(second.id, 'ready');
    assert.equal((await world.status(first.id)).status, 'failed');
    assert.equal(await world.db.collection<Row>('reports').findOne({ _id: first.id }), null);
  });
});

test('orders while Redis is away', WITH_REDIS, async (t) => {
  const redis = await startOwnRedis(t);
  if (!redis) return;
  const world = await createJobWorld(inReverse(t), redis.url);
  await redis.stop();

  const refused = await world.send('since=30d');
  assert.ok(refused.headers.has('Retry-After'));
  assert.equal(refused.status, 503);
  const { code, message } = await readError(refused);
  assert.equal(code, 'unavailable');
  assert.match(message, /without Prefer: respond-async/);
  assert.equal(await jobsOf(world).countDocuments(), 0);
  const direct = await world.app.get('/api/v1/reports?since=30d', world.cookie);
  assert.equal(direct.status, 200);
  await direct.text();
});

test('an order that Redis refuses says so, and not that Redis does not answer', WITH_REDIS, async (t) => {
  const redis = await startOwnRedis(t);
  if (!redis) return;
  const world = await createJobWorld(inReverse(t), redis.url);
  const client = openRedis(redis.url, 'worker');
  t.after(() => client.disconnect());
  await client.config('SET', 'maxmemory', '1');
  await eventually('the API is connected, and refused', async () => {
    const refused = await world.send('since=30d');
    assert.equal(refused.status, 503);
    assert.match((await readError(refused)).message, /since Redis refuses writes\. .*Prefer: respond-async/);
  });
  assert.equal(await jobsOf(world).countDocuments(), 0);
});

test(
  'a row that is ready and names no bytes of its account answers that they are gone',
  WITH_REDIS,
  async (t) => {
    const whole = inReverse(t);
    const world = await createJobWorld(whole, testRedisUrl(), { sessions: 1 });
    openTestQueues(whole, world, testRedisUrl());
    await world.startWorkers();
    const { id } = await world.order('since=30d');
    await world.until(id, 'ready');
    const row = (await jobsOf(world).findOne({ _id: id })) as Row;
    const own = row.composed;
    const foreign = `${newId('account')}/${newId('report')}/01`;
    const files = world.db.collection<Row>('report_files.files');
    const file = (await files.findOne({ _id: own.file_id })) as Row;
    await files.insertOne({ ...file, _id: foreign, metadata: { account_id: newId('account') } });
    for (const composed of [
      null,
      { ...own, file_id: foreign },
      { ...own, file_id: `${world.accountId}/${id}/none` },
      { ...own, bytes: own.bytes + 1 },
      { ...own, bytes: 2 ** 40 },
    ]) {
      await jobsOf(world).updateOne({ _id: id }, { $set: { composed } });
      for (const headers of [{}, { Range: 'bytes=1-' }] as Record<string, string>[]) {
        const response = await world.content(id, headers);
        assert.equal(response.headers.get('ETag'), null);
        await assertError(response, 410, 'report_expired');
      }
    }
    await jobsOf(world).updateOne({ _id: id }, { $set: { composed: own } });
    assert.equal((await world.content(id)).status, 200);
  },
);

test('a row of another form answers as an unknown id', WITH_REDIS, async (t) => {
  const whole = inReverse(t);
  const world = await createJobWorld(whole, testRedisUrl(), { sessions: 1 });
  openTestQueues(whole, world, testRedisUrl());
  const { id } = await world.order('since=30d');
  for (const set of [
    { progress: 7 },
    { since: 'yesterday' },
    { status: 'done' },
    { error: { code: 1 } },
    { composed: { sha256: '\n' } },
  ]) {
    const row = (await jobsOf(world).findOne({ _id: id })) as Row;
    await jobsOf(world).updateOne({ _id: id }, { $set: set });
    const path = `/api/v1/reports/${id}`;
    await assertError(await world.app.get(path, world.cookie), 404, 'report_not_found');
    await jobsOf(world).replaceOne({ _id: id }, row);
  }
});
