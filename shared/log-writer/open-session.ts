// The start of a session: a row with an empty log under the key that writes new sessions.
//
// A library for services that write sessions in process; the API's routes for writing call it, too.
import type { Keyring } from '../audit/audit-keys.ts';
import { ZERO_HASH_HEX } from '../audit/chain.ts';
import { newId } from '../audit/ids.ts';
import { openingMarkOf } from '../audit/opening.ts';
import type { FailedLog, UnverifiableLog } from '../audit/verdict.ts';
import { AppError } from '../errors/app-error.ts';
import { StoreFailure } from '../mongo/store-failure.ts';
import { tryOn } from '../mongo/try-on.ts';
import type { Session, SessionPayloads } from '../sessions/session.ts';
import type { SessionRepository } from '../sessions/session-repository.ts';
import { assertRecordable } from '../time/parse-time.ts';
import { findWritable } from './writable-row.ts';

/** The start of a session, as its writer states it. */
export type SessionStart = Readonly<{
  /** A new id by default. */
  id?: string;
  agentId: string;
  startedAt: Date;
  upstreamModel: string;
  policy: Readonly<{ name: string; version: number; sha256Hex: string }>;
  payloads?: SessionPayloads | null;
  /** Unique among the account's sessions. */
  externalId?: string | undefined;
  metadata?: Session['metadata'] | undefined;
}>;

type Deps = Readonly<{ sessions: SessionRepository; keyring: Keyring }>;

/**
 * Stores a new, open session and returns it. A session that has this id already stays as it is, and the new one is not
 * stored. Tries on for 20 s while the database is away. Throws `unavailable` when no audit key is in force for the
 * account at that time and today, and a RangeError for a start that is no time that `assertRecordable` accepts.
 */
export async function openSession(deps: Deps, accountId: string, start: SessionStart): Promise<Session> {
  const session = newSession(deps.keyring, accountId, start);
  // The row is stored at most once: a second try finds that its id is taken.
  await tryOn(() => deps.sessions.insert(accountId, session, start.payloads ?? null));
  return session;
}

/** Whether a session was opened under an id of its writer's. */
export type OpenResult =
  /** `found`: the account has the id already, and that session was left as it is. */
  | Readonly<{ status: 'opened' | 'found'; session: Session }>
  /** Another account has the id, or a session that is hidden. */
  | Readonly<{ status: 'taken' }>
  /** Another session of the account has the external id. */
  | Readonly<{ status: 'external_id_taken' }>
  /** The account has the id already, and what its row records of the log is not as a writer stores it. */
  | FailedLog
  | UnverifiableLog;

/** As `openSession`, for a writer that has to know what became of it. Throws as `openSession`. */
export async function openSessionOnce(
  deps: Deps,
  accountId: string,
  start: SessionStart & Readonly<{ id: string }>,
): Promise<OpenResult> {
  const { sessions } = deps;
  const session = newSession(deps.keyring, accountId, start);
  return await tryOn(async () => {
    if (await sessions.insert(accountId, session, start.payloads ?? null))
      return { status: 'opened', session };
    const found = await findWritable(deps, accountId, start.id);
    if (found.status === 'found') return { status: 'found', session: found.session };
    if (found.status !== 'no_session') return found;
    const { externalId } = start;
    if (externalId !== undefined && (await sessions.findByExternalId(accountId, externalId))) {
      return { status: 'external_id_taken' };
    }
    // The row is on the primary, and no majority has it yet.
    if (await sessions.isBehind(accountId, start.id)) throw new StoreFailure('unavailable');
    return { status: 'taken' };
  });
}

function newSession(
  keyring: Keyring,
  accountId: string,
  { id, agentId, startedAt, upstreamModel, policy, externalId, metadata }: SessionStart,
): Session {
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
  const unmarked = {
    id: id ?? newId('session', startedAt.getTime()),
    accountId,
    agentId,
    startedAt,
    upstreamModel,
    ...(externalId !== undefined && { externalId }),
    ...(metadata && { metadata }),
    endedAt: null,
    // Nobody knows yet how the call goes.
    status: 'partial' as const,
    policyName: policy.name,
    policyVersion: policy.version,
    policySha256Hex: policy.sha256Hex,
    stageDurationsMs: [],
    log: { size: 0, headHashHex: ZERO_HASH_HEX, keyId: writer.id, keyCheck: writer.check, seal: null },
    aggregate: EMPTY_AGGREGATE,
    merkleRootHex: null,
    merkleRootSize: null,
  };
  return { ...unmarked, log: { ...unmarked.log, opening: openingMarkOf(writer.openingKey, unmarked) } };
}

/** The counts of an empty log. */
export const EMPTY_AGGREGATE: Session['aggregate'] = {
  redactionCount: 0,
  redactionsByKind: [],
  redactionsByPass: [],
  rehydrationFailureCount: 0,
  throughSeq: -1,
};
