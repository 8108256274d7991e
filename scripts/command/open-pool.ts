import { createReportPool, type PoolOptions, type ReportPool } from '../../workers/reports/pool.ts';

/** What a command knows of the database whose logs it verifies. */
export type PoolPlace = Pick<PoolOptions, 'mongodbUri' | 'config'>;

/** The threads that verify logs for a command. They end with the scope that holds them (`await using`). */
export async function openPool({ mongodbUri, config }: PoolPlace): Promise<ReportPool & AsyncDisposable> {
  const pool = await createReportPool({ mongodbUri, config });
  return { ...pool, [Symbol.asyncDispose]: () => pool.close() };
}
