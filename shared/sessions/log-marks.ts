// What a log can be found by among the rows of sessions: the marks that verifications left, and a missing seal. A range in
// place of an existence, so that an index on the field serves the filter.
import type { Filter } from 'mongodb';
import type { StoredSession } from './session-row.ts';

/** What an earlier verification left on a session's row. */
export const LOG_MARKS = ['failed', 'unverifiable'] as const;
export type LogMark = (typeof LOG_MARKS)[number];

/** Why a log is looked for: a mark, or that the session ended without a seal. */
export const LOG_FINDINGS = [...LOG_MARKS, 'unsealed'] as const;
export type LogFinding = (typeof LOG_FINDINGS)[number];

/** Any value of the type. */
export const ANY_DATE = { $gte: new Date(-8.64e15) };
const ANY_TEXT = { $gt: '' };

/** Rows with a mark. */
export const MARKED: Readonly<Record<LogMark, Filter<StoredSession>>> = {
  failed: { 'log_failed.found_at': ANY_DATE },
  unverifiable: { 'log_unverifiable.reason': ANY_TEXT },
};

/** Rows of ended sessions whose log has no seal. */
export const UNSEALED: Filter<StoredSession> = { 'log.seal': null, ended_at: ANY_DATE };

/** Rows by what is found of their log. */
export const FOUND: Readonly<Record<LogFinding, Filter<StoredSession>>> = { ...MARKED, unsealed: UNSEALED };
