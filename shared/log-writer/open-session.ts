// The start of a session: a row with an empty log under the key that writes new sessions.
//
// A library for the services that write sessions. In this repository only the demo, the benchmark and tests call it.
import type { Keyring } from '../audit/audit-keys.ts';
import { ZERO_HASH_HEX } from '../audit/chain.ts';
import { newId } from '../audit/ids.ts';
import { AppError } from '../errors/app-error.ts';
import { tryOn } from '../mongo/try-on.ts';
import type { Session, SessionPayloads } from '../sessions/session.ts';
import type { SessionRepository } from '../sessions/session-repository.ts';
import { assertRecordable } from '../time/parse-time.ts';

/** The start of a session, as its writer states it. */
export type SessionStart = Readonly<{
  /** A new id by default. */
  id?: string;
  agentId: string;
  startedAt: Date;
  upstreamModel: string;
  policy: Readonly<{ name: string; version: number; sha256Hex: string }>;
  payloads?: SessionPayloads | null;
}>;

/**
 * Stores a new, open session and returns it. A session that has this id already stays as it is, and the new one is not
 * stored. Tries on for 20 s while the database is away. Throws `unavailable` when no audit key is in force for the
 * account at that time and today, and a RangeError for a start that is no time that `assertRecordable` accepts.
 */
export async function openSession(
  { sessions, keyring }: Readonly<{ sessions: SessionRepository; keyring: Keyring }>,
  accountId: string,
  { id, agentId, startedAt, upstreamModel, policy, payloads }: SessionStart,
): Promise<Session> {
  assertRecordable('startedAt', startedAt);
  const writer = keyring.writerFor({ accountId, startedAt });
  if (!writer) {
    const lapsed = keyring.lapsedFor({ accountId, startedAt });
    const today = lapsed.length > 0 ? ` today (${lapsed.join(', ')} was so at the session's start)` : '';
    throw new AppError(
      'unavailable',
      `No audit key is in force for ${accountId}${today}: add one to AUDIT_KEYS, id:hex;account=${accountId}`,
    );
  }
  const session: Session = {
    id: id ?? newId('session', startedAt.getTime()),
    accountId,
    agentId,
    startedAt,
    upstreamModel,
    endedAt: null,
    // Nobody knows yet how the call goes.
    status: 'partial',
    policyName: policy.name,
    policyVersion: policy.version,
    policySha256Hex: policy.sha256Hex,
    stageDurationsMs: [],
    log: { size: 0, headHashHex: ZERO_HASH_HEX, keyId: writer.id, keyCheck: writer.check, seal: null },
    aggregate: EMPTY_AGGREGATE,
    merkleRootHex: null,
    merkleRootSize: null,
  };
  // The row is stored at most once: a second try finds that its id is taken.
  await tryOn(() => sessions.insert(accountId, session, payloads ?? null));
  return session;
}

/** The counts of an empty log. */
export const EMPTY_AGGREGATE: Session['aggregate'] = {
  redactionCount: 0,
  redactionsByKind: [],
  redactionsByPass: [],
  rehydrationFailureCount: 0,
  throughSeq: -1,
};
