// The nightly check of the account logs: what was deleted or stripped in the database is noticed without any command.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { pino } from 'pino';
import { createHourRepository } from '../../../shared/aggregates/hour-repository.ts';
import { floorHour, sumHour } from '../../../shared/aggregates/hour-sum.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { createCounters } from '../../../shared/queues/counters.ts';
import { CHECK_DRIFT } from '../../../shared/queues/jobs.ts';
import { openRedis } from '../../../shared/queues/redis.ts';
import { cutTail, NEVER, openTestLogs, recordStated, SIGNING_ENV } from '../../support/account-logs.ts';
import { createLogWorld, writeSession } from '../../support/audit-world.ts';
import { eventually } from '../../support/eventually.ts';
import { rowsOf } from '../../support/pipeline-world.ts';
import { testRedisUrl, WITH_REDIS } from '../../support/redis.ts';
import { openTestQueues, startTestPipeline } from '../../support/start-pipeline.ts';

it(
  'the nightly check notices a deleted session, a deleted report, a stripped row and a false account log, beside odd rows',
  WITH_REDIS,
  async (t) => {
    const world = await createLogWorld(t);
    const redisUrl = testRedisUrl();
    const queues = openTestQueues(t, world, redisUrl);
    const logs = await openTestLogs(t, world);
    const rows = rowsOf(world);
    // The sample begins at the first session of all.
    const odd = [{ toString: 1 }, 'yesterday', null, 5];
    for (const started_at of odd) {
      const { id } = await writeSession(world, 1);
      await rows.updateOne({ _id: id }, { $set: { started_at, stage: 'done' } as never });
    }
    // A sum in the place of another's that nobody can replace.
    const { accountId: summed, agentId, startedAt, id: counted } = await writeSession(world, 1);
    await rows.updateOne({ _id: counted }, { $set: { stage: 'done' } });
    const hour = new Date(floorHour(startedAt.getTime()));
    await createHourRepository(world.db).replace(summed, agentId, hour, sumHour([]), null);
    await world.db
      .collection('redaction_aggregates')
      .updateOne({ account_id: summed }, { $set: { account_id: newId('account') } });
    const stripped = await writeSession(world, 5);
    const { accountId } = stripped;
    const deleted = await writeSession(world, 5, { accountId });
    const reportId = await recordStated(world, logs, deleted);
    const other = await writeSession(world, 1);
    for (const id of [accountId, other.accountId])
      assert.equal((await logs.logs.keep(id, NEVER)).failed, null);
    await rows.deleteOne({ _id: deleted.id });
    await world.db.collection('reports').deleteMany({});
    // A whole tail would be sealed again by the sweep.
    await cutTail(world, stripped, 3);
    await rows.updateOne({ _id: stripped.id }, { $unset: { log_index: '' } });
    await world.db
      .collection('account_log_segments')
      .updateOne({ account_id: other.accountId }, { $set: { 'entries.0': '{}' } });

    const told: Record<string, unknown>[] = [];
    const log = pino({ level: 'error' }, { write: (line: string) => told.push(JSON.parse(line)) });
    const env = { ...SIGNING_ENV, DATA_DIR: logs.dataDir };
    await startTestPipeline(t, world, redisUrl, { env, log, schedules: { sweepEveryMs: 3_600_000 } });
    await queues.add(CHECK_DRIFT, { sessions: 10 });
    const redis = openRedis(redisUrl, 'worker');
    t.after(async () => redis.disconnect());
    const counters = createCounters(redis, world.database.name);
    await eventually(
      'the findings are counted',
      async () => (await counters.read()).account_log_findings === 4,
    );

    await eventually('the check ends at its first try', async () => {
      const counts = (await queues.counts()).get(CHECK_DRIFT.name);
      // Tonight's is scheduled.
      assert.deepEqual(counts, { waiting: 0, active: 0, delayed: 1, failed: 0 });
    });
    const found = told.filter(({ msg }) => msg === 'an account log and the database disagree');
    assert.deepEqual(
      found.map(({ finding, session_id: session, report_id: report }) => [finding, session ?? report]).sort(),
      [
        ['account_log_contradicted', undefined],
        ['logged_report_gone', reportId],
        ['logged_session_differs', stripped.id],
        ['logged_session_gone', deleted.id],
      ],
    );
    const marked = await world.sessions.findSnapshot(accountId, stripped.id);
    assert.equal(marked?.marks.failed?.fault, 'seal_missing');
    // The log that is false itself is marked, so that /health says it.
    const head = () => world.db.collection('account_logs').findOne({ _id: other.accountId as never });
    await eventually('the log is marked', async () => (await head())?.failed !== undefined);
  },
);
