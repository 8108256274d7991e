// The end of a walk: composed ranges are held against everything recorded of the log elsewhere.
import { CompactRange } from '../merkle/compact-range.ts';
import type { Session } from '../sessions/session.ts';
import type { AuditKey } from './audit-keys.ts';
import { ZERO_HASH_HEX } from './chain.ts';
import { computeSeal, sealMatches } from './seal.ts';
import { LISTED_LIMIT, Tally } from './tally.ts';
import { type FailedLog, failed, type LogState, type LogVerdict, type VerifiedLog } from './verdict.ts';
import type { WalkedRange } from './walked-range.ts';

/** A root that was sealed or reported, and the tree size it was computed at. */
export type RecordedRoot = Readonly<{ size: number; rootHex: string }>;

/** Everything recorded of a log outside its entries. */
export type Records = Readonly<{ session: Session; lastReported: RecordedRoot | null }>;

/** The sizes at which a walk must take a snapshot for `judgeWalk`, ascending, each once. */
export function recordedSizes(records: Records): number[] {
  const sizes = [records.session.log.size, ...recordedRoots(records).map(({ size }) => size)];
  return [...new Set(sizes)].sort((a, b) => a - b);
}

/**
 * Requires records that `checkRecords` passed. Composes clean ranges, which cover the log from 0 without a hole, into the verdict on the whole. Compares links
 * between ranges, then the recorded head, the seal, and every recorded root at its own size.
 */
export function judgeWalk(ranges: readonly WalkedRange[], records: Records, key: AuditKey): LogVerdict {
  const { log, endedAt } = records.session;
  const broken = findBrokenLink(ranges);
  if (broken) return broken;
  const whole = new CompactRange();
  for (const range of ranges) whole.append(range.range);
  const size = whole.end;
  if (size < log.size) return failed('truncated', size, String(log.size), String(size));
  const atHead = snapshotAt(ranges, log.size);
  if (atHead.headHashHex !== log.headHashHex) {
    return failed('altered', Math.max(0, log.size - 1), log.headHashHex, atHead.headHashHex);
  }
  if (log.seal !== null) {
    if (size > log.size) return failed('overlong', log.size, String(log.size), String(size));
    const { id: sessionId, accountId, agentId, startedAt, status, policySha256Hex } = records.session;
    const computed = computeSeal(key.sealKey, {
      ...{ accountId, agentId, sessionId, startedAt, endedAt, status, policySha256Hex },
      ...{ keyId: log.keyId, size, headHashHex: atHead.headHashHex, rootHex: whole.rootHex() },
    });
    // As with entries, the right seal is never shown.
    if (!sealMatches(log.seal, computed)) return failed('seal_mismatch', Math.max(0, size - 1), null, null);
  }
  for (const recorded of recordedRoots(records)) {
    if (recorded.size > size) return failed('truncated', size, String(recorded.size), String(size));
    const { rootHex } = snapshotAt(ranges, recorded.size);
    if (rootHex !== recorded.rootHex) {
      return failed('root_mismatch', Math.max(0, recorded.size - 1), recorded.rootHex, rootHex);
    }
  }
  return describe(ranges, whole, log.keyId, stateOf(records.session));
}

/** Open while the session runs; once it ended, only a seal shows that the tail is all there. */
function stateOf(session: Session): LogState {
  if (session.log.seal !== null) return 'sealed';
  return session.endedAt === null ? 'open' : 'unsealed';
}

function recordedRoots({ session, lastReported }: Records): RecordedRoot[] {
  const sealed =
    session.merkleRootHex === null
      ? []
      : [{ size: session.merkleRootSize ?? session.log.size, rootHex: session.merkleRootHex }];
  return lastReported ? [...sealed, lastReported] : sealed;
}

function findBrokenLink(ranges: readonly WalkedRange[]): FailedLog | null {
  let head = ZERO_HASH_HEX;
  for (const range of ranges) {
    if (range.end > range.begin && range.prevHashHex !== head) {
      return failed('altered', range.begin, head, range.prevHashHex);
    }
    if (range.end > range.begin) head = range.headHashHex;
  }
  return null;
}

/** Root and head hash of the log as it was when it held `size` entries. */
function snapshotAt(ranges: readonly WalkedRange[], size: number): { rootHex: string; headHashHex: string } {
  const tree = new CompactRange();
  let headHashHex = ZERO_HASH_HEX;
  for (const range of ranges) {
    if (range.begin >= size) break;
    const part = range.end <= size ? range : range.snapshots.find((snapshot) => snapshot.size === size);
    if (!part) throw new Error(`No snapshot was taken at size ${size}`);
    tree.append(part.range);
    headHashHex = part.headHashHex;
  }
  return { rootHex: tree.rootHex(), headHashHex };
}

function describe(
  ranges: readonly WalkedRange[],
  whole: CompactRange,
  keyId: string,
  state: LogState,
): VerifiedLog {
  const filled = ranges.filter((range) => range.end > range.begin);
  const tally = new Tally();
  for (const range of filled) tally.addCounts(range.counts);
  return {
    status: 'verified',
    state,
    size: whole.end,
    rootHex: whole.rootHex(),
    headHashHex: filled.at(-1)?.headHashHex ?? ZERO_HASH_HEX,
    keyId,
    firstTs: filled[0]?.firstTs ?? null,
    lastTs: filled.at(-1)?.lastTs ?? null,
    counts: tally.counts(),
    events: filled.flatMap((range) => range.events).slice(0, LISTED_LIMIT),
    rehydrationFailures: filled.flatMap((range) => range.rehydrationFailures).slice(0, LISTED_LIMIT),
    policyReloads: filled.flatMap((range) => range.policyReloads).slice(0, LISTED_LIMIT),
  };
}
