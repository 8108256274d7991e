import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFleetReportJobs } from '../../../shared/reports/fleet-report-jobs.ts';
import { createReminder } from '../../../shared/time/reminder.ts';
import { sweepReports } from '../../../workers/jobs/sweep-reports.ts';
import { openTestDatabase } from '../../support/mongo.ts';

test('a row of report_jobs that no order made is logged by its ids, once an hour', async (t) => {
  const { db } = await openTestDatabase(t);
  const row = { account_id: 'acc_x', status: 'queued', touched_at: new Date(0) };
  await db.collection<{ _id: string }>('report_jobs').insertOne({ _id: 'junk-0', ...row } as never);
  const told: unknown[] = [];
  const deps = {
    reports: { fleetJobs: createFleetReportJobs(db), isToTell: createReminder() },
    queues: { addAll: async () => {} },
    log: { warn: (about: object) => told.push(about) },
  } as unknown as Parameters<typeof sweepReports>[0];
  for (let i = 0; i < 2; i += 1)
    assert.equal(await sweepReports(deps, new Date()), '0 reports queued again, 0 expired, 0 cleaned');
  assert.deepEqual(told, [{ report_id: 'junk-0', account_id: 'acc_x' }]);
});
