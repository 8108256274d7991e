// Checks the types in a log's record. The record comes from rows, which anyone with access to the database can change.
// A value of another type than its field's was written by no writer of ours, and nothing is computed from it.
import { isHashHex } from './hash-hex.ts';
import type { Anchor, LogRecord } from './log-record.ts';
import { type FailedLog, failed } from './verdict.ts';

/**
 * Null when every recorded value has its field's type. Otherwise a failed log at `seq` 0: `root_mismatch` when only an
 * anchor is ill typed, `altered` for any other value.
 */
export function checkRecord({ log, anchors, ...facts }: LogRecord): FailedLog | null {
  const isHead = isSize(log.size) && isHashHex(log.headHashHex) && isText(log.keyId) && isText(log.keyCheck);
  const areFacts =
    (log.seal === null || isText(log.seal)) &&
    isDate(facts.startedAt) &&
    (facts.endedAt === null || isDate(facts.endedAt)) &&
    [facts.agentId, facts.status, facts.policySha256Hex].every(isText);
  if (!isHead || !areFacts) return failed('altered', 0, null, null);
  return anchors.every(isAnchor) ? null : failed('root_mismatch', 0, null, null);
}

/** Whether a size and a root are of the types that a writer stores. */
export function isAnchor({ size, rootHex }: Anchor): boolean {
  return isHashHex(rootHex) && isSize(size);
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed();
}

function isDate(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime());
}
