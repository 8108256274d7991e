// A report pool whose reports do what the program must never do: they hash a whole log on the event loop in one call.
import { recordedSizes } from '../../shared/audit/log-record.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import type { WalkedRange } from '../../shared/audit/walked-range.ts';
import type { StoredSegment } from '../../shared/log-store/segment.ts';
import { openMongo } from '../../shared/mongo/connection.ts';
import { logRecordOf } from '../../shared/sessions/session.ts';
import type { WalkPlan } from '../../workers/logs/log-tasks.ts';
import { createVerifyDeps } from '../../workers/logs/verify-session.ts';
import { planWalk } from '../../workers/logs/walk-plan.ts';
import { createFactGatherer } from '../../workers/reports/gather-facts.ts';
import {
  createReportPool as createThreadPool,
  type PoolOptions,
  type ReportPool,
} from '../../workers/reports/pool.ts';
import { concludeReport } from '../../workers/reports/report-tasks.ts';
import { createStopFlag } from '../../workers/threads/stop-flag.ts';
import { readSegments } from './read-segments.ts';

const LISTED = 1_000;

export async function createReportPool(options: PoolOptions): Promise<ReportPool> {
  const { mongodbDb, auditKeys } = options.config;
  const pool = await createThreadPool(options);
  const mongo = openMongo(options.mongodbUri, mongodbDb);
  const deps = { ...createVerifyDeps(mongo.db, auditKeys), gather: createFactGatherer(mongo.db) };

  async function walk({ record }: WalkPlan): Promise<WalkedRange> {
    const { accountId, sessionId, log } = record;
    const { key } = deps.keyring.find({ ...record, ...log });
    if (!key) throw new Error('The log is not signed with the benchmark’s key');
    const segments: StoredSegment[] = [];
    await readSegments(deps.reader, accountId, sessionId, (segment) => segments.push(segment));
    const snapshotSizes = recordedSizes(record);
    const walker = new LogWalker(record, key.hasher, { snapshotSizes, listedLimit: LISTED });
    for (const segment of segments) {
      const { bytes, begins, ends } = segment.open();
      if (walker.stepAll(bytes, begins, ends)) throw new Error('The log to measure failed');
    }
    return walker.finish();
  }
  return {
    ...pool,
    async report(order) {
      const row = await deps.rows.find(order);
      if (!row) return { kind: 'no_session' };
      const { found } = row;
      const plan = planWalk(logRecordOf(found.session), { until: null, listed: LISTED });
      const ranges = [await walk(plan)];
      return await concludeReport(deps, {
        order,
        known: null,
        found,
        plan,
        ranges,
        stop: createStopFlag(),
      });
    },
    async close() {
      await pool.close();
      await mongo.close();
    },
  };
}
