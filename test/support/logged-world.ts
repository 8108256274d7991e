// A database with account logs that are kept by `TEST_SIGNING`, and report pools over it.
import type { SigningSettings } from '../../shared/transparency/open-signing.ts';
import { createReportPool, type ReportPool } from '../../workers/reports/pool.ts';
import { openTestLogs, TEST_SIGNING, type TestLogs } from './account-logs.ts';
import { createLogWorld, type LogWorld, TEST_KEY } from './audit-world.ts';
import { type Cleaned, inReverse } from './in-reverse.ts';

export type LoggedWorld = Readonly<{
  world: LogWorld;
  logs: TestLogs;
  /** Of a process with the keys of the logs. */
  pool: ReportPool;
  /** Opens another; null is a process without keys of logs. */
  openPool(signing: SigningSettings | null): Promise<ReportPool>;
}>;

export async function createLoggedWorld(t: Cleaned): Promise<LoggedWorld> {
  const whole = inReverse(t);
  const world = await createLogWorld(whole);
  const logs = await openTestLogs(whole, world);
  async function openPool(signing: SigningSettings | null): Promise<ReportPool> {
    const config = { mongodbDb: world.database.name, auditKeys: [TEST_KEY], signing };
    const limits = { reportThreads: 1, reportQueueLimit: 20 };
    const pool = await createReportPool({ mongodbUri: world.database.uri, config: { ...config, ...limits } });
    whole.after(() => pool.close());
    return pool;
  }
  return { world, logs, pool: await openPool(TEST_SIGNING), openPool };
}
