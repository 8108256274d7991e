import { createReportPool, type ReportPool } from '../../workers/reports/pool.ts';
import type { BenchDatabase } from './bench-database.ts';
import { SAMPLE_KEY } from './sample-log.ts';

/** A pool over the benchmark's own database, which closes with its scope. */
export async function openPool(
  { uri, name }: Pick<BenchDatabase, 'uri' | 'name'>,
  reportThreads: number,
): Promise<ReportPool & AsyncDisposable> {
  const config = { mongodbDb: name, auditKeys: [SAMPLE_KEY], reportThreads, reportQueueLimit: 64 };
  const pool = await createReportPool({ mongodbUri: uri, config });
  return { ...pool, [Symbol.asyncDispose]: () => pool.close() };
}
