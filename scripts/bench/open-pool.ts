import { createReportPool, type ReportPool } from '../../workers/reports/pool.ts';
import type { BenchDatabase } from './bench-database.ts';
import { SAMPLE_KEY } from './sample-log.ts';

/** A report pool over the benchmark's database. It closes with the scope that holds it (`await using`). */
export async function openPool(
  { uri, name }: Pick<BenchDatabase, 'uri' | 'name'>,
  reportThreads: number,
): Promise<ReportPool & AsyncDisposable> {
  const config = { mongodbDb: name, auditKeys: [SAMPLE_KEY], reportThreads, reportQueueLimit: 64 };
  const pool = await createReportPool({ mongodbUri: uri, config });
  return { ...pool, [Symbol.asyncDispose]: () => pool.close() };
}
