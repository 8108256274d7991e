// A process that walks one stored log, and then says how much memory it ever held.
import { peakMemory } from '../../scripts/bench/peak-memory.ts';
import { connectMongo } from '../../shared/mongo/connection.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { createReportPool } from '../../workers/reports/pool.ts';
import { TEST_KEY } from './audit-world.ts';
import { verifyStored } from './verify.ts';

export type WalkTask = Readonly<{ uri: string; dbName: string; accountId: string; sessionId: string }>;
export type WalkUse = Readonly<{ size: number; peakRssBytes: number }>;

if (import.meta.main) {
  console.log(JSON.stringify(await walk(JSON.parse(process.argv[2] as string) as WalkTask)));
}

async function walk({ uri, dbName, accountId, sessionId }: WalkTask): Promise<WalkUse> {
  const { db, close } = await connectMongo(uri, dbName);
  const session = await createSessionRepository(db).find(accountId, sessionId);
  if (!session) throw new Error('There is no such session');
  const config = { mongodbDb: dbName, auditKeys: [TEST_KEY], reportThreads: 2, reportQueueLimit: 8 };
  const pool = await createReportPool({ mongodbUri: uri, config });
  const { verdict } = await verifyStored(pool, session);
  if (verdict.status !== 'verified') throw new Error('The log is not as it was written');
  await pool.close();
  await close();
  return { size: verdict.size, peakRssBytes: peakMemory() };
}
