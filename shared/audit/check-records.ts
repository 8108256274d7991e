// A log's records are rows, and whoever can write to the database can put anything there. What no writer of ours can
// have written is named before anything is computed from it.
import type { Records } from './judge.ts';
import { type FailedLog, failed } from './verdict.ts';

/** The first record that is not even of its type, as a wrong log; null when all are. Says nothing of their truth. */
export function checkRecords({ session, lastReported }: Records): FailedLog | null {
  const { log, merkleRootHex, merkleRootSize } = session;
  const head = isSize(log.size) && isHash(log.headHashHex) && isText(log.keyId) && isText(log.keyCheck);
  const facts =
    (log.seal === null || isText(log.seal)) &&
    isDate(session.startedAt) &&
    (session.endedAt === null || isDate(session.endedAt)) &&
    [session.agentId, session.status, session.policySha256Hex].every(isText);
  if (!head || !facts) return failed('altered', 0, null, null);
  const sealed = merkleRootHex === null || isHash(merkleRootHex);
  const reported = lastReported === null || (isHash(lastReported.rootHex) && isSize(lastReported.size));
  if (!sealed || !reported || !(merkleRootSize === null || isSize(merkleRootSize))) {
    return failed('root_mismatch', 0, null, null);
  }
  return null;
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isHash(value: unknown): boolean {
  return isText(value) && /^[0-9a-f]{64}$/.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed();
}

function isDate(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime());
}
