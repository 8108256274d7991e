// A database for tests of sums, and what the pipeline's other half does to a session's row.
import type { Db } from 'mongodb';
import { createHourRepository } from '../../shared/aggregates/hour-repository.ts';
import type { SumSources } from '../../shared/aggregates/read-sums.ts';
import { newId } from '../../shared/audit/ids.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import type { StoredSession } from '../../shared/sessions/session-row.ts';
import { createSessionSumRepository } from '../../shared/sessions/session-sums.ts';
import { openTestDatabase } from './mongo.ts';
import { buildSession, type SessionTraits } from './sessions.ts';

export type Owner = Readonly<{ accountId: string; agentId: string }>;

export type HourTraits = SessionTraits &
  Readonly<{ durationMs?: number; redactionsByPass?: Session['aggregate']['redactionsByPass'] }>;

export type HourWorld = SumSources &
  Readonly<{
    db: Db;
    /** Stores a session's row without a log. */
    add(owner: Owner, traits?: HourTraits): Promise<Session>;
    /** Says that the counts of these sessions, or of all, are those of their logs. */
    markCounted(...sessions: readonly Session[]): Promise<void>;
    /** Writes to a session's row as every writer does. */
    change(session: Session, set?: Partial<StoredSession>): Promise<void>;
    stageOf(session: Session): Promise<StoredSession['stage'] | null>;
  }>;

export async function openHourWorld(t: { after(cleanUp: () => Promise<void>): void }): Promise<HourWorld> {
  const { db } = await openTestDatabase(t);
  return createHourWorld(db);
}

/** The change of a session's row that makes it as long as this. */
export function lasting({ startedAt }: Pick<Session, 'startedAt'>, durationMs: number) {
  return { ended_at: new Date(startedAt.getTime() + durationMs) };
}

export function createHourWorld(db: Db): HourWorld {
  const rows = db.collection<StoredSession>('sessions');
  const sessions = createSessionRepository(db);
  return {
    db,
    hours: createHourRepository(db),
    sessionSums: createSessionSumRepository(db),

    async add(owner, { durationMs, redactionsByPass, ...traits } = {}) {
      const built = buildSession({ ...owner, cookie: '' }, traits);
      const session: Session = {
        ...built,
        ...(durationMs !== undefined && { endedAt: lasting(built, durationMs).ended_at }),
        ...(redactionsByPass && { aggregate: { ...built.aggregate, redactionsByPass } }),
      };
      await sessions.insert(owner.accountId, session, null);
      return session;
    },

    async markCounted(...some) {
      const which = some.length === 0 ? {} : { _id: { $in: some.map(({ id }) => id) } };
      await rows.updateMany({ ...which, ended_at: { $ne: null } }, { $set: { stage: 'counted' } });
    },

    async change({ id }, set = {}) {
      const update = { $set: { changed_at: new Date(), ...set }, $inc: { changes: 1 } };
      await rows.updateOne({ _id: id }, { ...update, $unset: { stage: '' } });
    },

    async stageOf({ id }) {
      const row = await rows.findOne({ _id: id });
      return row?.stage ?? null;
    },
  };
}

export function newOwner(accountId = newId('account')): Owner {
  return { accountId, agentId: newId('agent') };
}
