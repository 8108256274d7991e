import { createReportPool, type ReportPool } from '../../workers/reports/pool.ts';
import type { Connected } from './connect.ts';

/** The threads that verify logs for a command. They end with the scope that holds them (`await using`). */
export async function openPool({
  mongodbUri,
  config,
}: Pick<Connected, 'mongodbUri' | 'config'>): Promise<ReportPool & AsyncDisposable> {
  const pool = await createReportPool({ mongodbUri, config });
  return { ...pool, [Symbol.asyncDispose]: () => pool.close() };
}
