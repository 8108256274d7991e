// A lost or wrong audit key, as /health and /metrics tell it, with the pipeline that keeps the counts.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { judgeAuditLog } from '../../api/routes/health/judge-audit-log.ts';
import { healthResponse } from '../../api/routes/health/schema.ts';
import { newId } from '../../shared/audit/ids.ts';
import { SWEEP } from '../../shared/queues/jobs.ts';
import { createKeyNeeds } from '../../shared/sessions/key-needs.ts';
import { createLogWorld, TEST_KEY, writeSession } from '../support/audit-world.ts';
import { eventually } from '../support/eventually.ts';
import { rowsOf } from '../support/pipeline-world.ts';
import { testRedisUrl, WITH_REDIS } from '../support/redis.ts';
import { startApp, type TestApp } from '../support/start-app.ts';
import { openTestQueues, startTestPipeline } from '../support/start-pipeline.ts';

const RIGHT = `${TEST_KEY.id}:${Buffer.from(TEST_KEY.bytes).toString('hex')}`;
const WRONG = `${TEST_KEY.id}:${'9f'.repeat(32)}`;
const OTHER = `k_other:${'9f'.repeat(32)}`;

async function auditLogOf(app: TestApp): Promise<string> {
  const response = await app.get('/health');
  assert.equal(response.status, 200);
  const { status, components } = healthResponse.parse(await response.json());
  if (components.audit_log !== 'ok') assert.equal(status, 'degraded');
  return components.audit_log;
}

async function samplesOf(app: TestApp): Promise<string[]> {
  const text = await (await app.get('/metrics')).text();
  return text.split('\n').filter((line) => line.startsWith('masker_audit_key_needed_sessions{'));
}

test('a lost or wrong audit key in health and metrics', async (t) => {
  const world = await createLogWorld(t);
  for (const size of [0, 5]) await writeSession(world, size);
  await writeSession(world, 3, { seal: false });
  const start = (t: TestContext, keys: string) =>
    startApp(t, { AUDIT_KEYS: keys }, { database: world.database });

  await t.test('a lost key is named with how many sessions need it', async (t) => {
    const app = await start(t, OTHER);
    assert.equal(
      await auditLogOf(app),
      'degraded: stored logs need audit keys: k_test is not configured (3 sessions)',
    );
    const sample = 'masker_audit_key_needed_sessions{key_id="k_test",problem="missing"} 3';
    assert.deepEqual(await samplesOf(app), [sample]);
  });

  await t.test('a wrong key of the same id is said not to match', async (t) => {
    const app = await start(t, WRONG);
    assert.equal(
      await auditLogOf(app),
      'degraded: stored logs need audit keys: k_test does not match (3 sessions)',
    );
    const sample = 'masker_audit_key_needed_sessions{key_id="k_test",problem="mismatch"} 3';
    assert.deepEqual(await samplesOf(app), [sample]);
  });

  await t.test('a key whose scope leaves sessions out is named, and no account is', async (t) => {
    const app = await start(t, `${RIGHT};account=${newId('account')},${OTHER}`);
    assert.equal(
      await auditLogOf(app),
      'degraded: stored logs need audit keys: k_test is out of scope (3 sessions; ;account= is missing for 3 accounts)',
    );
    const sample = 'masker_audit_key_needed_sessions{key_id="k_test",problem="out_of_scope"} 3';
    assert.deepEqual(await samplesOf(app), [sample]);
  });

  await t.test('a key that was brought back is needed no more, at once', async (t) => {
    const app = await start(t, `${RIGHT},${OTHER}`);
    assert.equal(await auditLogOf(app), 'ok');
    assert.deepEqual(await samplesOf(app), []);
  });
});

test('a key is needed no more once its last session was deleted and a sweep ran', WITH_REDIS, async (t) => {
  const world = await createLogWorld(t);
  const keyNeeds = createKeyNeeds(world.db, []);
  const auditLog = () => judgeAuditLog({ keyNeeds, hasAuditKeys: true }, 5_000);
  const [first, last] = [await writeSession(world, 2), await writeSession(world, 2)];
  assert.match(await auditLog(), /k_test is not configured \(2 sessions\)$/);

  const queues = openTestQueues(t, world, testRedisUrl());
  await startTestPipeline(t, world, testRedisUrl());
  const expectSwept = (what: string, expected: RegExp) =>
    eventually(what, async () => {
      await queues.add(SWEEP, { of: 'changed' });
      assert.match(await auditLog(), expected);
    });
  await rowsOf(world).deleteOne({ _id: first.id });
  await expectSwept('one session is counted', /k_test is not configured \(1 session\)$/);
  await rowsOf(world).deleteOne({ _id: last.id });
  await expectSwept('no session is counted', /^ok$/);
});
