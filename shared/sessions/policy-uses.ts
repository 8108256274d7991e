// Which policy an agent's sessions ran under.
import type { Collection, Db } from 'mongodb';
import { evidenceCollection } from '../mongo/evidence.ts';
import { LISTED_WITHIN } from '../mongo/read-limit.ts';
import { ANY_DATE } from './log-marks.ts';
import { isPlaced } from './placed-row.ts';
import { SESSIONS, type StoredSession } from './session-row.ts';

/** The policy version of a session, and when the session started. */
export type PolicyUse = Readonly<{ name: string; version: number; sha256Hex: string; startedAt: Date }>;

/** The uses of policies by an account's sessions. */
export type PolicyUses = ReturnType<typeof createPolicyUses>;

/** All methods reject with the driver's error when the database is away. */
export function createPolicyUses(db: Db) {
  const sessions: Collection<StoredSession> = evidenceCollection(db, SESSIONS);

  return {
    /** The policy of the agent's newest session, open ones included; null where it has none. */
    async findNewest(accountId: string, agentId: string): Promise<PolicyUse | null> {
      const rows = sessions
        .find(
          { account_id: accountId, agent_id: agentId, started_at: ANY_DATE, importing: { $ne: true } },
          { projection: FIELDS },
        )
        .sort({ started_at: -1, _id: -1 })
        .maxTimeMS(LISTED_WITHIN.maxTimeMS)
        .batchSize(FEW);
      for await (const row of rows) {
        const { policy_name: name, policy_version: version, policy_sha256: sha256Hex } = row;
        // A row may hold anything.
        if (!isPlaced(row, accountId, { mayBeOpen: true })) continue;
        if (typeof name !== 'string' || typeof sha256Hex !== 'string') continue;
        if (!Number.isSafeInteger(version)) continue;
        return { name, version, sha256Hex, startedAt: row.started_at };
      }
      return null;
    },
  };
}

const FIELDS = {
  account_id: 1,
  agent_id: 1,
  started_at: 1,
  ended_at: 1,
  importing: 1,
  policy_name: 1,
  policy_version: 1,
  policy_sha256: 1,
} as const;
const FEW = 2;
