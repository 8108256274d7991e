// A session's row: its stored form, and how it is read. `to-row.ts` has what is written into one, and `session-states.ts`
// alone says when. Names that come from outside (kinds, passes, stages) are kept as pairs: none of them may
// become a field name in the database.
import {
  type DamagedRow,
  damagedRow,
  logStateOf,
  type UnknownKey,
  type UnverifiableLog,
  unknownKey,
} from '../audit/verdict.ts';
import { isTime } from '../time/is-time.ts';
import { isLogIndex } from '../transparency/log-rows.ts';
import { findDamage, isDuration, isText, pairsOr, withoutDamage } from './damaged-row.ts';
import { readExternalKey } from './external-id.ts';
import type {
  ListedSession,
  RecordedSession,
  Session,
  SessionMarks,
  SessionSnapshot,
  SessionStage,
  SessionStatus,
  SessionSummary,
} from './session.ts';
import { fromStoredCounts, type StoredCounts } from './stored-counts.ts';

/** Name of the collection. */
export const SESSIONS = 'sessions';

/** A session's counts as its row has them. */
export type StoredAggregate = StoredCounts & { through_seq: number };

/** The recorded head of a session's log as its row has it. */
export type StoredLog = {
  size: number;
  head_hash: string;
  key_id: string;
  key_check: string;
  seal: string | null;
  /** The mark of `audit/opening.ts`; absent in rows of earlier releases, and of sealed sessions that were imported. */
  opening?: string;
};

/** That a log failed, as its row has it. */
export type StoredFailed = { fault: string; seq: number; found_at: Date };

/** Why a log was unverifiable, as its row has it. */
export type StoredUnverifiable =
  | { reason: UnknownKey['reason']; key_id: string }
  | { reason: DamagedRow['reason']; field: string };

/** A session's row. `session.ts` describes the same fields under the names that the code uses. */
/** How somebody ended a session, or was about to. */
export type StoredEnd = { ended_at: Date; status: SessionStatus };

export type StoredSession = {
  _id: string;
  account_id: string;
  agent_id: string;
  started_at: Date;
  ended_at: Date | null;
  status: SessionStatus;
  upstream_model: string;
  /** The account's id and the external id: see `external-id.ts`. */
  external_key?: string;
  metadata?: [name: string, value: string][];
  policy_name: string;
  policy_version: number;
  policy_sha256: string;
  stage_durations_ms: [stage: string, durationMs: number][];
  /** JSON text, in rows that earlier versions wrote; null in others. */
  payloads: string | null;
  /** Names the document of the session's payloads: see `session-payloads.ts`. Absent or null without. */
  payloads_sha256?: string | null;
  /** The ends with which those payloads came. Absent where they came with the row. */
  payloads_for?: StoredEnd[];
  log: StoredLog;
  aggregate: StoredAggregate;
  merkle_root_hex: string | null;
  merkle_root_size: number | null;
  // The states: what each field means and who writes it is in `session-states.ts`.
  importing?: true;
  changes?: number;
  changed_at?: Date;
  stage?: NonNullable<SessionStage>;
  log_failed?: StoredFailed;
  log_unverifiable?: StoredUnverifiable;
  log_due?: string;
  walked_at?: Date;
  log_index?: number;
};

const CORE_FIELDS = {
  account_id: 1,
  agent_id: 1,
  started_at: 1,
  ended_at: 1,
  status: 1,
  importing: 1,
} as const;

const NAMED_FIELDS = { ...CORE_FIELDS, upstream_model: 1, external_key: 1 } as const;
const SUMMARY_FIELDS = { ...NAMED_FIELDS, aggregate: 1 } as const;

const RECORD_FIELDS = {
  policy_name: 1,
  policy_version: 1,
  policy_sha256: 1,
  log: 1,
  merkle_root_hex: 1,
  merkle_root_size: 1,
  log_index: 1,
} as const;

const STATE_FIELDS = { changes: 1, stage: 1, log_failed: 1, log_unverifiable: 1 } as const;

/**
 * Kinds of a session that a list reads. No writer counts more names than these (`NAMES_LIMIT` in log-writer), and a page
 * of rows that somebody filled with more would keep the process from everyone else for seconds.
 */
const KINDS_LISTED = 2_000;

/** The projection of everything that `toListed` reads: of the counts what a list shows, and no more. */
export const LISTED_FIELDS = {
  ...NAMED_FIELDS,
  'aggregate.redaction_count': 1,
  'aggregate.redactions_by_kind': { $slice: KINDS_LISTED },
  'log.seal': 1,
} as const;

/** The projection of everything that `toSession` reads. */
export const SESSION_FIELDS = {
  ...SUMMARY_FIELDS,
  ...RECORD_FIELDS,
  stage_durations_ms: 1,
  metadata: 1,
} as const;

/** The projection of everything that `toSnapshot` reads. */
export const SNAPSHOT_FIELDS = { ...SESSION_FIELDS, ...STATE_FIELDS } as const;

/** The projection of everything that `toRecordedSnapshot` reads. */
export const RECORDED_SNAPSHOT_FIELDS = { ...CORE_FIELDS, ...RECORD_FIELDS, ...STATE_FIELDS } as const;

/** A row as lists show it. */
export function toListed(row: StoredSession): ListedSession {
  const { redactionCount, redactionsByKind } = fromStoredCounts(row.aggregate);
  const logState = logStateOf(row.log?.seal ?? null, row.ended_at);
  return { ...toNamed(row), aggregate: { redactionCount, redactionsByKind }, logState };
}

/** The part of a row that every reader wants. */
export function toSummary(row: StoredSession): SessionSummary {
  // A row without counts is counted again: its log can be verified all the same.
  const throughSeq = row.aggregate?.through_seq ?? -1;
  return { ...toNamed(row), aggregate: { ...fromStoredCounts(row.aggregate), throughSeq } };
}

function toNamed(row: StoredSession): Omit<SessionSummary, 'aggregate'> {
  const externalId = readExternalKey(row.account_id, row.external_key);
  return {
    id: row._id,
    accountId: row.account_id,
    agentId: row.agent_id,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    status: row.status,
    upstreamModel: isText(row.upstream_model) ? row.upstream_model : '',
    ...(externalId !== null && { externalId }),
  };
}

/** What is shown and is not of its type is left out: `findDamage` names it. */
export function toSession(row: StoredSession): Session {
  const metadata = pairsOr(row.metadata, isText);
  return {
    ...toSummary(row),
    ...toRecorded(row),
    policyName: isText(row.policy_name) ? row.policy_name : '',
    policyVersion: Number.isSafeInteger(row.policy_version) ? row.policy_version : 0,
    stageDurationsMs: pairsOr(row.stage_durations_ms, isDuration),
    ...(metadata.length > 0 && { metadata }),
  };
}

/** Nothing is checked: whatever somebody put into `log` is passed on, and the check of the log's record names it. */
function toRecorded(row: StoredSession): RecordedSession {
  return {
    id: row._id,
    accountId: row.account_id,
    agentId: row.agent_id,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    status: row.status,
    policyName: row.policy_name,
    policyVersion: row.policy_version,
    policySha256Hex: row.policy_sha256,
    log: {
      size: row.log?.size,
      headHashHex: row.log?.head_hash,
      keyId: row.log?.key_id,
      keyCheck: row.log?.key_check,
      seal: row.log?.seal,
      ...(row.log?.opening !== undefined && { opening: row.log.opening }),
    },
    // Absent and null say the same.
    merkleRootHex: row.merkle_root_hex ?? null,
    merkleRootSize: row.merkle_root_size ?? null,
    // Another type is nobody's index.
    ...(isLogIndex(row.log_index) && { logIndex: row.log_index }),
  };
}

/** A row with the marks that earlier verifications left. */
export function toSnapshot(row: StoredSession): SessionSnapshot {
  return snapshotOf(row, toSession(row), SNAPSHOT_FIELDS);
}

/** As `toSnapshot`, of what is recorded of the log alone. */
export function toRecordedSnapshot(row: StoredSession): SessionSnapshot<RecordedSession> {
  return snapshotOf(row, toRecorded(row), RECORDED_SNAPSHOT_FIELDS);
}

function snapshotOf<Row extends RecordedSession>(
  row: StoredSession,
  session: Row,
  read: object,
): SessionSnapshot<Row> {
  const damage = findDamage(row, read);
  return {
    session: damage ? withoutDamage(session) : session,
    // Another type would stand in a filter as an operator.
    changes: typeof row.changes === 'number' ? row.changes : 0,
    stage: row.stage ?? null,
    marks: toMarks(row),
    damage,
  };
}

/** The marks on a row. */
export function toMarks(row: Pick<StoredSession, 'log_failed' | 'log_unverifiable'>): SessionMarks {
  // A mark of another type is none: whoever verifies the log next makes it anew.
  const failed = row.log_failed ? fromFailed(row.log_failed) : null;
  const unverifiable = row.log_unverifiable ? fromUnverifiable(row.log_unverifiable) : null;
  const isOdd =
    (row.log_failed !== undefined && failed === null) ||
    (row.log_unverifiable !== undefined && unverifiable === null);
  return { failed, unverifiable, ...(isOdd && { isOdd }) };
}

function fromFailed({ fault, seq, found_at: foundAt }: StoredFailed): SessionMarks['failed'] {
  return isText(fault) && Number.isSafeInteger(seq) && isTime(foundAt) ? { fault, seq, foundAt } : null;
}

function fromUnverifiable(stored: StoredUnverifiable): UnverifiableLog | null {
  if (stored.reason === 'unknown_key') return isText(stored.key_id) ? unknownKey(stored.key_id) : null;
  return stored.reason === 'damaged_row' && isText(stored.field) ? damagedRow(stored.field) : null;
}
