// Stores rows of ended sessions without logs, which is all that lists read.
import type { Db } from 'mongodb';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { newId } from '../../shared/audit/ids.ts';
import { openSession } from '../../shared/log-writer/open-session.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { SESSIONS, type StoredSession } from '../../shared/sessions/session-row.ts';
import type { BenchAccount } from './bench-account.ts';
import { SAMPLE_KEY } from './sample-log.ts';

const BATCH = 2_000;
const EVERY_MS = 60_000;
const LASTED_MS = 30_000;

/** Stores `count` sessions, one a minute until now. Resolves to the `depth`th of a list, newest first. */
export async function storeSessions(
  db: Db,
  { accountId, agentId, policy }: BenchAccount,
  count: number,
  depth: number,
): Promise<{ startedAt: Date; id: string }> {
  const rows = db.collection<StoredSession>(SESSIONS);
  const now = Date.now();
  const deps = { sessions: createSessionRepository(db), keyring: createKeyring([SAMPLE_KEY]) };
  const start = {
    agentId,
    upstreamModel: 'gpt-4o-mini',
    policy,
    startedAt: new Date(now - EVERY_MS * (count + 1)),
  };
  const { id: firstId } = await openSession(deps, accountId, start);
  const first = await rows.findOne({ _id: firstId });
  if (!first) throw new Error('The session to multiply is gone');
  await rows.deleteOne({ _id: firstId });

  let deep = { startedAt: new Date(now), id: firstId };
  for (let begin = 0; begin < count; begin += BATCH) {
    const copies = Array.from({ length: Math.min(BATCH, count - begin) }, (_, i): StoredSession => {
      const startedAt = new Date(now - EVERY_MS * (begin + i + 1));
      const _id = newId('session');
      if (begin + i + 1 === depth) deep = { startedAt, id: _id };
      return {
        ...first,
        _id,
        started_at: startedAt,
        ended_at: new Date(startedAt.getTime() + LASTED_MS),
        status: 'ok',
        stage: 'done',
      };
    });
    await rows.insertMany(copies);
  }
  return deep;
}
