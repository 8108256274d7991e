import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import type { Samples } from '../../../../api/routes/metrics/gather-samples.ts';
import { registerSamples } from '../../../../api/routes/metrics/register-samples.ts';

const QUEUES = {
  depths: new Map([['sweep', { waiting: 1, active: 0, delayed: 0, failed: 2 }]]),
  totals: new Map([['sweep', { completed: 5, failed: 3 }]]),
  driftFound: 4,
  logEntries: 12,
  logFindings: 14,
  failedLogs: 6,
  webhooks: { delivered: 16, failed: 17, dead: 18 },
};

const ALL: Samples = {
  mongodbUp: true,
  redisUp: true,
  queues: QUEUES,
  sessions: { lagS: 1.5, failed: 7, unverifiable: 8, unsealed: 10 },
  neededKeys: [
    { keyId: 'k1', problem: 'missing', sessionCount: 10 },
    { keyId: 'k2', problem: 'mismatch', sessionCount: 11 },
  ],
  accountLogsFailed: 13,
  accountLogRowsRefused: 15,
  witnessContradictions: 16,
  messages: { pending: 19, oldestS: 20 },
  failedLogsByRequests: 9,
  brokenPrints: { recovered: 21, failed: 22 },
  pool: { threads: 4, running: 1, waiting: 2 },
};

/** A registry of which each scrape gathers what `set` was given last. */
function createRegistry(samples: Samples = ALL) {
  const registry = new Registry();
  let gathered = 0;
  let current = samples;
  registerSamples(registry, async () => {
    gathered += 1;
    return current;
  });
  const scrape = async () => {
    const lines = (await registry.metrics()).split('\n');
    return lines.filter((line) => line !== '' && !line.startsWith('#')).sort();
  };
  const set = (samples: Samples) => {
    current = samples;
  };
  return { registry, scrape, set, gathered: () => gathered };
}

test('every component that answers has its samples, and a second scrape has them once', async () => {
  const { scrape } = createRegistry();
  const expected = [
    'masker_account_log_entries_total 12',
    'masker_account_log_findings_total 14',
    'masker_account_log_rows_refused 15',
    'masker_account_logs_failed 13',
    'masker_aggregate_lag_seconds 1.5',
    'masker_audit_key_needed_sessions{key_id="k1",problem="missing"} 10',
    'masker_audit_key_needed_sessions{key_id="k2",problem="mismatch"} 11',
    'masker_drift_found_total 4',
    'masker_jobs_total{queue="sweep",status="completed"} 5',
    'masker_jobs_total{queue="sweep",status="failed"} 3',
    'masker_logs_failed 7',
    'masker_logs_found_failed_total{by="pipeline"} 6',
    'masker_logs_found_failed_total{by="request"} 9',
    'masker_logs_unsealed 10',
    'masker_logs_unverifiable 8',
    'masker_mongodb_up 1',
    'masker_pdf_prints_broken_off_total{outcome="failed"} 22',
    'masker_pdf_prints_broken_off_total{outcome="recovered"} 21',
    'masker_queue_depth{queue="sweep",state="active"} 0',
    'masker_queue_depth{queue="sweep",state="delayed"} 0',
    'masker_queue_depth{queue="sweep",state="failed"} 2',
    'masker_queue_depth{queue="sweep",state="waiting"} 1',
    'masker_redis_up 1',
    'masker_report_pool_callers 2',
    'masker_report_pool_utilization 0.25',
    'masker_webhook_attempts_total{outcome="delivered"} 16',
    'masker_webhook_attempts_total{outcome="failed"} 17',
    'masker_webhook_messages_dead_total 18',
    'masker_webhook_messages_pending 19',
    'masker_webhook_oldest_pending_seconds 20',
    'masker_witness_contradictions 16',
  ];
  assert.deepEqual(await scrape(), expected);
  assert.deepEqual(await scrape(), expected);
});

test('a component that stops answering has no samples, not zeros', async () => {
  const { scrape, set } = createRegistry();
  await scrape();
  set({
    ...ALL,
    mongodbUp: false,
    redisUp: false,
    queues: null,
    sessions: null,
    neededKeys: null,
    messages: null,
    accountLogsFailed: null,
    accountLogRowsRefused: null,
    witnessContradictions: null,
  });
  assert.deepEqual(await scrape(), [
    'masker_logs_found_failed_total{by="request"} 9',
    'masker_mongodb_up 0',
    'masker_pdf_prints_broken_off_total{outcome="failed"} 22',
    'masker_pdf_prints_broken_off_total{outcome="recovered"} 21',
    'masker_redis_up 0',
    'masker_report_pool_callers 2',
    'masker_report_pool_utilization 0.25',
  ]);
});

test('totals are of type counter, the rest are gauges', async () => {
  const text = await createRegistry().registry.metrics();
  const types = [...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)].map(([, name, type]) => [name, type]);
  assert.ok(types.length > 10);
  for (const [name, type] of types) assert.equal(type, name?.endsWith('_total') ? 'counter' : 'gauge', name);
});

test('scrapes at the same time share one gathering, and the next scrape gathers again', async () => {
  const { registry, gathered } = createRegistry();
  const texts = await Promise.all([registry.metrics(), registry.metrics(), registry.metrics()]);
  assert.equal(gathered(), 1);
  assert.equal(new Set(texts).size, 1);
  await registry.metrics();
  assert.equal(gathered(), 2);
});
