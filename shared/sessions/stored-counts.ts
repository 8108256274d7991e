// Counts as documents hold them, in session rows and in summed hours. Names of kinds and passes come from outside, so
// they are kept as pairs: none may become a field name in the database.
import type { CountPair, RedactionCounts } from '../audit/verdict.ts';

/** Counts of entries as rows and hours have them. Pairs, since a name from a log may not be usable as a field. */
export type StoredCounts = {
  redaction_count: number;
  redactions_by_kind: CountPair[];
  redactions_by_pass: CountPair[];
  rehydration_failure_count: number;
};

/** The projection that reads them, where they are fields of the document itself. */
export const COUNT_FIELDS = {
  redaction_count: 1,
  redactions_by_kind: 1,
  redactions_by_pass: 1,
  rehydration_failure_count: 1,
} as const;

/** The stored form of counts; what else the value holds is left out. */
export function toStoredCounts(counts: RedactionCounts): StoredCounts {
  return {
    redaction_count: counts.redactionCount,
    redactions_by_kind: [...counts.redactionsByKind],
    redactions_by_pass: [...counts.redactionsByPass],
    rehydration_failure_count: counts.rehydrationFailureCount,
  };
}

/** The counts of a stored document, unchecked: whoever wrote the row answers for them. */
export function fromStoredCounts(row: StoredCounts | null | undefined): RedactionCounts {
  return {
    redactionCount: row?.redaction_count ?? 0,
    redactionsByKind: row?.redactions_by_kind ?? [],
    redactionsByPass: row?.redactions_by_pass ?? [],
    rehydrationFailureCount: row?.rehydration_failure_count ?? 0,
  };
}
