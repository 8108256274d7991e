// Walks one stored log as a report does, in a process that does nothing else, and sends back its peak memory.
// `report-memory.ts` starts it and sends the log to walk.
import { availableParallelism } from 'node:os';
import { createReportPool } from '../../workers/reports/pool.ts';
import { peakMemory } from './peak-memory.ts';
import { SAMPLE_KEY } from './sample-log.ts';
import type { StoredLog } from './stored-log.ts';

export type WalkRequest = StoredLog & Readonly<{ mongodbUri: string; mongodbDb: string }>;
export type WalkedReport = Readonly<{ peakBytes: number }>;

async function walkReport(request: WalkRequest): Promise<WalkedReport> {
  const { mongodbUri, mongodbDb, accountId, sessionId, size } = request;
  const reportThreads = availableParallelism();
  const config = { mongodbDb, auditKeys: [SAMPLE_KEY], reportThreads, reportQueueLimit: 2 };
  const pool = await createReportPool({ mongodbUri, config });
  try {
    const { signal } = new AbortController();
    const verdict = (await pool.verifySession({ accountId, sessionId }, { signal }))?.verdict;
    if (verdict?.status !== 'verified' || verdict.size !== size) throw new Error('The log was not verified');
  } finally {
    await pool.close();
  }
  return { peakBytes: peakMemory() };
}

if (import.meta.main) {
  process.once('message', async (request: WalkRequest) => {
    process.send?.(await walkReport(request));
    process.disconnect();
  });
}
