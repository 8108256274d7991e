// The indexes of the collection that this room's repositories share.
import type { IndexSpec } from '../mongo/index-spec.ts';
import { BY_ENTRY } from '../transparency/named-entries.ts';
import { SESSIONS } from './session-row.ts';

const on = (key: IndexSpec['key'], options: Partial<IndexSpec> = {}): IndexSpec => ({
  collection: SESSIONS,
  key,
  ...options,
});

/** The indexes of lists, newest start first, of an account and of an agent. */
export const BY_ACCOUNT = { account_id: 1, started_at: -1, _id: -1 } as const;
export const BY_AGENT = { account_id: 1, agent_id: 1, started_at: -1, _id: -1 } as const;

/** As `BY_ACCOUNT`, with what `min_redactions` asks for. */
export const BY_REDACTIONS = { ...BY_ACCOUNT, 'aggregate.redaction_count': 1 } as const;

/** The indexes of an account's sessions by what is found of their logs. */
export const BY_FINDING = {
  failed: { account_id: 1, 'log_failed.found_at': 1 },
  unverifiable: { account_id: 1, 'log_unverifiable.reason': 1 },
  unsealed: { account_id: 1, 'log.seal': 1, started_at: -1, _id: -1 },
} as const;

/** The index of an account's sessions by id. */
export const BY_ID = { account_id: 1, _id: 1 } as const;

/** Indexes of the session rows, of an account and of the fleet. */
export const SESSION_INDEXES: readonly IndexSpec[] = [
  // session-repository: lists.
  on(BY_ACCOUNT, { isNamed: true }),
  on(BY_AGENT, { isNamed: true }),
  on({ account_id: 1, status: 1, started_at: -1, _id: -1 }),
  // Tells of a row whether it has enough redactions without reading it.
  on(BY_REDACTIONS),
  // Lists of one finding, and account-findings: of marked logs there are few, and the others need not be read.
  ...Object.values(BY_FINDING).map((key) => on(key)),
  // session-repository: `listByRoot`.
  on({ account_id: 1, merkle_root_hex: 1 }),
  // session-repository: `findByExternalId`, and lists of one.
  on({ external_key: 1 }, { unique: true, sparse: true }),
  // session-sums: holds every field that `listHours` looks at, so that it reads no session.
  on({ account_id: 1, started_at: 1, agent_id: 1, stage: 1 }),
  // fleet-sessions: `listSelected` and `countSelected` by account, in ascending order of ids.
  on(BY_ID),
  // fleet-sessions: sessions that are due, that are open, and that have ended.
  on({ stage: 1, _id: 1 }),
  on({ ended_at: 1, _id: 1 }),
  // session-gauges: the oldest change, sessions with a mark, and ended ones without a seal.
  on({ stage: 1, changed_at: 1 }),
  on({ 'log_failed.found_at': 1 }, { sparse: true }),
  on({ 'log_unverifiable.reason': 1 }, { sparse: true }),
  on({ 'log.seal': 1, ended_at: 1 }),
  // session-gauges: the oldest walk, and sessions that were never walked.
  on({ walked_at: 1, ended_at: 1 }),
  // logged-sessions: sessions that are due for the account log.
  on({ account_id: 1, log_due: 1, _id: 1 }),
  on({ log_due: 1 }, { sparse: true }),
  // named-entries.
  on(BY_ENTRY),
];
