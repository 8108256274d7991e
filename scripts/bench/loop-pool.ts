// The pool but for its walk, which does what the program must not: it hashes a whole log on the event loop, in one call.
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { judgeWalk, recordedSizes } from '../../shared/audit/judge.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import type { StoredSegment } from '../../shared/audit/segment.ts';
import { createSegmentReader } from '../../shared/audit/segment-reader.ts';
import { openMongo } from '../../shared/mongo.ts';
import {
  createReportPool as createThreadPool,
  type PoolOptions,
  type ReportPool,
} from '../../workers/reports/pool.ts';
import { readSegments } from './read-segments.ts';

export async function createReportPool(options: PoolOptions): Promise<ReportPool> {
  const { mongodbDb, auditKeys } = options.config;
  const pool = await createThreadPool(options);
  const mongo = openMongo(options.mongodbUri, mongodbDb);
  const reader = createSegmentReader(mongo.db);
  const keyring = createKeyring(auditKeys);
  return {
    ...pool,
    async walk(session, { lastReported }) {
      const key = keyring.find(session.log.keyId, session.log.keyCheck);
      if (!key) throw new Error('The log is under a key that is not the benchmark’s');
      const segments: StoredSegment[] = [];
      await readSegments(reader, session.accountId, session.id, (segment) => segments.push(segment));
      const records = { session, lastReported };
      const log = { agentId: session.agentId, sessionId: session.id };
      const walker = new LogWalker(log, key.hasher, { snapshotSizes: recordedSizes(records) });
      for (const { bytes, begins, ends } of segments) {
        if (walker.stepAll(bytes, begins, ends)) throw new Error('The log to measure is wrong');
      }
      return judgeWalk([walker.finish()], records, key);
    },
    async close() {
      await pool.close();
      await mongo.close();
    },
  };
}
