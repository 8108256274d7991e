// What is written into a session's row: the stored form of a session, of its end, and of its log's recorded head.
import type { UnverifiableLog } from '../audit/verdict.ts';
import { externalKey } from './external-id.ts';
import type { ClosedLog, CountedLog, LogHead, Session, SessionAggregate } from './session.ts';
import type { StoredAggregate, StoredLog, StoredSession, StoredUnverifiable } from './session-row.ts';
import { toStoredCounts } from './stored-counts.ts';

/**
 * The row of a session under its own account, without any state. `payloadsSha256Hex` names its payloads, which must be
 * stored; null for none.
 */
export function toRow(session: Session, payloadsSha256Hex: string | null): StoredSession {
  return {
    _id: session.id,
    account_id: session.accountId,
    agent_id: session.agentId,
    started_at: session.startedAt,
    ended_at: session.endedAt,
    status: session.status,
    upstream_model: session.upstreamModel,
    ...(session.externalId !== undefined && {
      external_key: externalKey(session.accountId, session.externalId),
    }),
    ...(session.metadata && { metadata: session.metadata.map(([name, value]) => [name, value]) }),
    policy_name: session.policyName,
    policy_version: session.policyVersion,
    policy_sha256: session.policySha256Hex,
    stage_durations_ms: toStoredDurations(session.stageDurationsMs),
    payloads: null,
    payloads_sha256: payloadsSha256Hex,
    log: toStoredLog(session.log),
    aggregate: toStoredAggregate(session.aggregate),
    merkle_root_hex: session.merkleRootHex,
    merkle_root_size: session.merkleRootSize,
    ...(session.endedAt !== null && dueForLog(session.merkleRootHex)),
  };
}

/** The field of a row whose stored root the account log does not hold yet; none without a root. */
export function dueForLog(rootHex: string | null): Pick<StoredSession, 'log_due'> {
  return rootHex === null ? {} : { log_due: rootHex };
}

/** The fields of a row that a close writes. */
export function toStoredClose(closed: ClosedLog): Partial<StoredSession> {
  return {
    ended_at: closed.endedAt,
    status: closed.status,
    log: toStoredLog(closed.log),
    aggregate: toStoredAggregate(closed.aggregate),
    merkle_root_hex: closed.merkleRootHex,
    merkle_root_size: closed.log.size,
    ...dueForLog(closed.merkleRootHex),
    ...(closed.stageDurationsMs && { stage_durations_ms: toStoredDurations(closed.stageDurationsMs) }),
  };
}

/** A recorded head and the counts up to it, as an update names the fields: the log's key and seal stay as they are. */
export function toStoredHead({ aggregate, size, headHashHex }: CountedLog) {
  return { aggregate: toStoredAggregate(aggregate), 'log.size': size, 'log.head_hash': headHashHex };
}

/** The mark of an unverifiable log as its row has it. */
export function toStoredUnverifiable(verdict: UnverifiableLog): StoredUnverifiable {
  const { reason } = verdict;
  return reason === 'unknown_key' ? { reason, key_id: verdict.keyId } : { reason, field: verdict.field };
}

/** The durations of a session's stages as its row has them. */
function toStoredDurations(durations: Session['stageDurationsMs']): StoredSession['stage_durations_ms'] {
  return durations.map(([stage, ms]) => [stage, ms]);
}

/** A log's recorded head as its row has it. */
function toStoredLog(log: LogHead): StoredLog {
  return {
    size: log.size,
    head_hash: log.headHashHex,
    key_id: log.keyId,
    key_check: log.keyCheck,
    seal: log.seal,
    ...(log.opening !== undefined && { opening: log.opening }),
  };
}

/** A session's counts as its row has them. */
function toStoredAggregate(aggregate: SessionAggregate): StoredAggregate {
  return { ...toStoredCounts(aggregate), through_seq: aggregate.throughSeq };
}
