import assert from 'node:assert/strict';
import { test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { newId } from '../../shared/audit/ids.ts';
import { AGGREGATE_SESSION } from '../../shared/queues/jobs.ts';
import { eventually } from '../support/eventually.ts';
import { addSessionWithLog, damageEntry, redaction } from '../support/logs.ts';
import { sendRaw } from '../support/raw-http.ts';
import { testRedisUrl, WITH_REDIS } from '../support/redis.ts';
import { startApp, type TestApp } from '../support/start-app.ts';
import { withoutKey } from '../support/unverifiable-mark.ts';

/** Samples by their name and labels. */
async function scrape(app: TestApp): Promise<Map<string, number>> {
  const response = await app.get('/metrics');
  assert.equal(response.status, 200);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

test('GET /metrics without a pipeline', async (t) => {
  const app = await startApp(t);
  const tenant = await app.addTenant('Clinic');

  await t.test('metrics are Prometheus text, without a login', async () => {
    const response = await app.get('/metrics');
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.match(await response.text(), /^# HELP process_cpu_user_seconds_total /);
  });

  await t.test('who ask for metrics at once share one look', async (t) => {
    const ping = t.mock.method(app.deps, 'pingDatabase');
    await Promise.all(Array.from({ length: 20 }, () => scrape(app)));
    assert.ok(ping.mock.callCount() < 20, `${ping.mock.callCount()} looks`);
  });

  await t.test('metrics have no sample of a pipeline that is not configured', async () => {
    const found = await scrape(app);
    assert.equal(found.get('masker_mongodb_up'), 1);
    assert.equal(found.get('masker_report_pool_utilization'), 0);
    assert.equal(found.get('masker_report_pool_callers'), 0);
    assert.equal(found.get('masker_aggregate_lag_seconds'), 0);
    assert.ok(![...found.keys()].some((name) => /redis|queue|jobs|drift/.test(name)));
  });

  await t.test('metrics state how long reports take, and how they end', async () => {
    const session = await addSessionWithLog(app, tenant, { events: [redaction('NAME')] });
    const path = `/api/v1/sessions/${session.id}/report`;
    assert.equal((await app.get(path, tenant.cookie)).status, 200);
    await damageEntry(app, session, 0);
    for (let i = 0; i < 2; i += 1) assert.equal((await app.get(path, tenant.cookie)).status, 500);

    const found = await scrape(app);
    const count = (outcome: string) =>
      found.get(`masker_report_duration_seconds_count{format="json",outcome="${outcome}"}`);
    assert.equal(count('ok'), 1);
    assert.equal(count('report_generation_failed'), 2);
    assert.equal(found.get('masker_logs_failed'), 1);
    const byVerdict = (verdict: string) => found.get(`masker_logs_by_verdict{verdict="${verdict}"}`);
    assert.deepEqual(['failed', 'unverifiable', 'unmarked'].map(byVerdict), [1, 0, 0]);
  });

  await t.test(
    'metrics state how long ago the log was walked that was not for the longest time',
    async () => {
      const sessions = app.database.db.collection('sessions');
      const oldest = async () => (await scrape(app)).get('masker_log_oldest_verification_seconds')!;
      const hourAgo = new Date(Date.now() - 3_600_000);
      await sessions.updateMany({}, { $set: { ended_at: hourAgo } });
      assert.ok(Math.abs((await oldest()) - 3_600) < 60, 'never walked since its end');
      await sessions.updateMany({}, { $set: { walked_at: new Date(Date.now() - 60_000) } });
      assert.ok((await oldest()) < 120);
    },
  );

  await t.test('metrics count a failed log once, however often a report is asked for', async () => {
    assert.equal((await scrape(app)).get('masker_logs_found_failed_total{by="request"}'), 1);
  });

  await t.test('metrics state the longest wait of a change, and the unverifiable logs', async (t) => {
    const sessions = app.database.db.collection('sessions');
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const changed_at = new Date(Date.now() - 90_000);
    await sessions.updateMany({}, { $set: { changed_at, ...withoutKey('k_gone') }, $unset: { stage: '' } });
    const found = await scrape(app);
    assert.equal(found.get('masker_aggregate_lag_seconds'), 90);
    assert.equal(found.get('masker_logs_unverifiable'), 1);
  });

  await t.test('metrics count and time requests by the pattern of their route, never by a path', async () => {
    for (let i = 0; i < 3; i += 1) await app.get(`/api/v1/agents/${newId('agent')}`, tenant.cookie);
    for (const path of ['/nowhere/acc_1', '/nowhere/acc_2']) await app.get(path, null);
    await app.get('/api/v1/me');
    await app.get('/health/live', null, { method: 'HEAD' });
    await eventually('the last request is counted', async () => {
      const found = await scrape(app);
      const count = (name: string, method: string, route: string, status: string) =>
        found.get(`${name}{method="${method}",route="${route}",status="${status}"}`);
      const total = count.bind(null, 'http_requests_total');
      assert.equal(total('GET', '/api/v1/agents/:agent_id', '4xx'), 3);
      assert.equal(total('GET', 'unmatched', '4xx'), 2);
      assert.equal(total('GET', '/api/v1/me', '4xx'), 1);
      assert.equal(total('HEAD', '/health/live', '2xx'), 1);
      assert.equal(total('GET', '/api/v1/sessions/:session_id/report', '5xx'), 2);
      assert.equal(count('http_request_duration_seconds_count', 'GET', '/api/v1/agents/:agent_id', '4xx'), 3);
      // The scrape itself.
      assert.equal(found.get('http_requests_in_flight'), 1);
    });
  });

  await t.test('a method that the service does not know makes no series of its own', async () => {
    for (const method of ['PROPFIND', 'MKCOL', 'LOCK']) await app.get('/api/v1/me', null, { method });
    await eventually('the requests are counted', async () => {
      const counted = [...(await scrape(app))].filter(([name]) => /^http_requests_total.*"other"/.test(name));
      assert.deepEqual(counted, [['http_requests_total{method="other",route="unmatched",status="4xx"}', 3]]);
    });
  });

  await t.test('requests that are no valid HTTP, or broke, count by their status', async () => {
    const counts = async () => {
      const found = await scrape(app);
      const count = (labels: string) => found.get(`http_requests_total{${labels}}`) ?? 0;
      return [
        count('method="other",route="unmatched",status="4xx"'),
        count('method="POST",route="/api/v1/tokens",status="4xx"'),
        [...found].filter(([name]) => name.startsWith('http_requests_total') && name.includes('aborted'))
          .length,
      ] as const;
    };
    const [unmatched, broken] = await counts();
    await sendRaw(app.url, 'nonsense\r\n\r\n');
    await sendRaw(app.url, 'GET /api/v1/me HTTP/1.1\r\n\r\n');
    const headers = `Host: test\r\nOrigin: http://test\r\nCookie: ${await app.login(tenant.accountId, ['tokens:write'])}`;
    const type = 'Content-Type: application/json\r\nTransfer-Encoding: chunked';
    await sendRaw(app.url, `POST /api/v1/tokens HTTP/1.1\r\n${headers}\r\n${type}\r\n\r\nzz\r\n`);
    assert.deepEqual(await counts(), [unmatched + 2, broken + 1, 0]);
    assert.equal((await scrape(app)).get('http_requests_in_flight'), 1);
  });

  await t.test('metrics say which version runs, and on which Node', async () => {
    const name = `masker_build_info{version="${packageJson.version}",node="${process.versions.node}",process="api"}`;
    assert.equal((await scrape(app)).get(name), 1);
  });

  await t.test('metrics name no account, agent or session', async () => {
    const text = await (await app.get('/metrics')).text();
    assert.doesNotMatch(text, /(acc|agt|sess|usr)_|Clinic/);
  });
});

test('metrics count requests beyond the rate limit by their route', async (t) => {
  const app = await startApp(t, { RATE_LIMIT: '1:2' });
  const { cookie } = await app.addTenant('Clinic');
  const answers = [1, 2, 3, 4].map(() => app.get('/api/v1/me', cookie));
  const refused = (await Promise.all(answers)).filter(({ status }) => status === 429);
  assert.ok(refused.length > 0);
  await eventually('the refusals are counted', async () =>
    assert.equal(
      (await scrape(app)).get('http_requests_rate_limited_total{route="/api/v1/me"}'),
      refused.length,
    ),
  );
});

test('metrics are not on the public port where METRICS_PORT gives them their own', async (t) => {
  const app = await startApp(t, { METRICS_PORT: '0' });
  const response = await app.get('/metrics');
  assert.equal(response.status, 404);
  assert.doesNotMatch(await response.text(), /masker_|http_requests/);
});

test('GET /metrics with a pipeline', WITH_REDIS, async (t) => {
  const app = await startApp(t, { REDIS_URL: testRedisUrl() });
  const { accountId } = await app.addTenant('Clinic');
  await eventually('metrics say that Redis is up', async () =>
    assert.equal((await scrape(app)).get('masker_redis_up'), 1),
  );

  await t.test('metrics state each queue’s jobs, and what the pipeline found', async () => {
    const { queues, counters } = app.deps.pipeline!;
    await queues.add(AGGREGATE_SESSION, { accountId, sessionId: 'sess_01M83DZDSNJ35B2JQAGEA1PF9D' });
    await counters.add('drift_found', 2);
    await counters.add('logs_found_failed', 3);
    const found = await scrape(app);
    assert.equal(found.get('masker_queue_depth{queue="aggregate-session",state="waiting"}'), 1);
    assert.equal(found.get('masker_queue_depth{queue="sweep",state="failed"}'), 0);
    assert.equal(found.get('masker_jobs_total{queue="check-drift",status="completed"}'), 0);
    assert.equal(found.get('masker_drift_found_total'), 2);
    assert.equal(found.get('masker_logs_found_failed_total{by="pipeline"}'), 3);
    assert.equal(found.get('masker_logs_found_failed_total{by="request"}'), 0);
  });

  const failedLogs = async (of: TestApp) =>
    (await scrape(of)).get('masker_logs_found_failed_total{by="request"}');
  await t.test('an app in the same process counts nothing of another', async (t) => {
    app.deps.metrics.countFailedLog();
    const other = await startApp(t);
    app.deps.metrics.countFailedLog();
    assert.equal(await failedLogs(other), 0);
  });
  // Not beside the other app: what this one opens meanwhile would count as left open by that one.
  await t.test('an app counts its own, whatever other apps there were in its process', async () => {
    assert.equal(await failedLogs(app), 2);
  });
});
