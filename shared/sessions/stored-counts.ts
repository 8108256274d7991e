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

/** The counts of a stored document. A value of another type counts as absent: it would break what adds it up. */
export function fromStoredCounts(row: StoredCounts | null | undefined): RedactionCounts {
  return {
    redactionCount: isCount(row?.redaction_count) ? row.redaction_count : 0,
    redactionsByKind: arePairs(row?.redactions_by_kind) ? row.redactions_by_kind : [],
    redactionsByPass: arePairs(row?.redactions_by_pass) ? row.redactions_by_pass : [],
    rehydrationFailureCount: isCount(row?.rehydration_failure_count) ? row.rehydration_failure_count : 0,
  };
}

/** Whether all counts are there, each of its type. */
export function areStoredCounts(row: StoredCounts): boolean {
  return (
    isCount(row.redaction_count) &&
    arePairs(row.redactions_by_kind) &&
    arePairs(row.redactions_by_pass) &&
    isCount(row.rehydration_failure_count)
  );
}

/** Whether a stored value is a list of names with counts. */
export function arePairs(value: unknown): value is CountPair[] {
  return Array.isArray(value) && value.every((pair) => isPair(pair) && typeof pair[0] === 'string');
}

/** Whether a stored value is a pair that ends in a count. */
export function isPair(value: unknown): value is [unknown, number] {
  return Array.isArray(value) && value.length === 2 && isCount(value[1]);
}

/** Whether a stored value is a count. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
