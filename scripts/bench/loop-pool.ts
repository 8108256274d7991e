// The pool but for its reports, which do what the program must not: hash a whole log on the event loop, in one call.
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { judgeWalk } from '../../shared/audit/judge.ts';
import { type LogRecord, recordedSizes } from '../../shared/audit/log-record.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import type { VerifiedLog } from '../../shared/audit/verdict.ts';
import type { StoredSegment } from '../../shared/log-store/segment.ts';
import { createSegmentReader } from '../../shared/log-store/segment-reader.ts';
import { openMongo } from '../../shared/mongo/connection.ts';
import { logRecordOf } from '../../shared/sessions/session.ts';
import { createFactGatherer } from '../../workers/reports/gather-facts.ts';
import {
  createReportPool as createThreadPool,
  type PoolOptions,
  type ReportPool,
} from '../../workers/reports/pool.ts';
import { makeReport } from '../../workers/reports/report-tasks.ts';
import { readSegments } from './read-segments.ts';

export async function createReportPool(options: PoolOptions): Promise<ReportPool> {
  const { mongodbDb, auditKeys } = options.config;
  const pool = await createThreadPool(options);
  const mongo = openMongo(options.mongodbUri, mongodbDb);
  const reader = createSegmentReader(mongo.db);
  const keyring = createKeyring(auditKeys);
  const gather = createFactGatherer(mongo.db);
  const reports = { reader, keyring, gather };

  async function walk(record: LogRecord): Promise<VerifiedLog> {
    const { accountId, sessionId, agentId } = record;
    const key = keyring.find(record.log.keyId, record.log.keyCheck);
    if (!key) throw new Error('The log is under a key that is not the benchmark’s');
    const segments: StoredSegment[] = [];
    await readSegments(reader, accountId, sessionId, (segment) => segments.push(segment));
    const walker = new LogWalker({ agentId, sessionId }, key.hasher, {
      snapshotSizes: recordedSizes(record),
    });
    for (const { bytes, begins, ends } of segments) {
      if (walker.stepAll(bytes, begins, ends)) throw new Error('The log to measure failed');
    }
    const verdict = judgeWalk([walker.finish()], record, key);
    if (verdict.status !== 'verified') throw new Error('The log to measure failed');
    return verdict;
  }
  return {
    ...pool,
    async report({ accountId, sessionId, baaChainText }) {
      const records = await gather.records(accountId, sessionId);
      if (!records) return { kind: 'no_session' };
      const { session } = records;
      return await makeReport(reports, { session, baaChainText, verdict: await walk(logRecordOf(session)) });
    },
    async close() {
      await pool.close();
      await mongo.close();
    },
  };
}
