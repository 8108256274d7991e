// Ends a walk: composes its ranges and compares them with everything that is recorded of the log.
import { CompactRange } from '../merkle/compact-range.ts';
import type { AuditKey } from './audit-keys.ts';
import { ZERO_HASH_HEX } from './chain.ts';
import { composeTimes } from './entry-times.ts';
import type { Anchor, DisputedAnchor, LogHead, LogRecord } from './log-record.ts';
import { computeSeal, sealMatches } from './seal.ts';
import { LISTED_LIMIT, Tally } from './tally.ts';
import {
  type FailedLog,
  failed,
  type LogCounts,
  type LogVerdict,
  logStateOf,
  type VerifiedLog,
} from './verdict.ts';
import type { WalkedRange } from './walked-range.ts';

/**
 * Composes clean ranges, which cover the log from 0 without a hole, into the verdict on the whole: compares the links
 * between ranges, then the recorded head, the seal, and every anchor at its own size. Requires a record that
 * `checkRecord` passed. Throws an Error if the ranges lack a snapshot at one of its `recordedSizes`.
 */
export function judgeWalk(
  ranges: readonly WalkedRange[],
  record: LogRecord,
  key: AuditKey,
): Exclude<LogVerdict, { status: 'unverifiable' }> {
  const { log } = record;
  const broken = findBrokenLink(ranges);
  if (broken) return broken;
  const whole = new CompactRange();
  for (const range of ranges) whole.append(range.range);
  const size = whole.end;
  if (size < log.size) return failed('truncated', size, String(log.size), String(size));
  const end: State = { size, rootHex: whole.rootHex(), headHashHex: headOf(ranges) };
  // Most records are of the whole log: its root is made once, since roots are the largest part of a short log's verdict.
  const recordedAt = (at: number) => (at === size ? end : stateAt(ranges, at));
  const atHead = recordedAt(log.size);
  if (atHead.headHashHex !== log.headHashHex) {
    return failed('altered', Math.max(0, log.size - 1), log.headHashHex, atHead.headHashHex);
  }
  if (log.seal !== null) {
    if (size > log.size) return failed('overlong', log.size, String(log.size), String(size));
    // The computed seal is never shown: it would let an attacker seal the altered log.
    if (!sealMatches(log.seal, sealOf(record, end.rootHex, key))) {
      return failed('seal_mismatch', Math.max(0, size - 1), null, null);
    }
  } else {
    const witness = record.anchors.find(({ sealed, overruled }) => sealed && !overruled?.seal);
    if (witness) return failedBy(witness, 'seal_missing', Math.max(0, size - 1), null, null);
  }
  const opposed: Opposed[] = [];
  for (const anchor of record.anchors) {
    if (anchor.size > size) {
      opposed.push({ anchor, fault: failedBy(anchor, 'truncated', size, String(anchor.size), String(size)) });
      continue;
    }
    const { rootHex } = recordedAt(anchor.size);
    if (rootHex === anchor.rootHex) continue;
    const at = Math.max(0, anchor.size - 1);
    opposed.push({ anchor, fault: failedBy(anchor, 'root_mismatch', at, anchor.rootHex, rootHex) });
  }
  const counting = opposed.filter(({ anchor }) => !anchor.overruled?.root);
  const first = counting.find(({ anchor }) => anchor.isSigned !== false) ?? counting[0];
  if (first) return first.fault;
  return judgeSealing(record, size) ?? describe(ranges, end, record, opposed);
}

/**
 * A sealed log against what says that it was sealed before: with fewer entries, or by another seal. A seal is under the
 * log's key, so nothing that nobody signed speaks against it. Null where nothing does.
 */
function judgeSealing({ log, anchors }: LogRecord, size: number): FailedLog | null {
  const witness = anchors.find(
    (anchor) => isSealedOtherwise(anchor, log) && anchor.isSigned !== false && !anchor.overruled?.seal,
  );
  if (!witness) return null;
  return witness.size < size
    ? failedBy(witness, 'overlong', witness.size, String(witness.size), String(size))
    : failedBy(witness, 'seal_mismatch', Math.max(0, size - 1), witness.seal ?? null, log.seal);
}

/** Whether an anchor says that the log was sealed in another way than its row does. */
function isSealedOtherwise({ sealed, seal, size }: Anchor, log: LogHead): boolean {
  return log.seal !== null && sealed === true && (size < log.size || (seal ?? log.seal) !== log.seal);
}

/**
 * A log whose row names a key that is not configured, against what a key of this deployment signed: whoever renames the key
 * would else choose that nothing is checked. Null where no signed anchor names another key.
 */
export function judgeUnknownKey({ log, anchors }: LogRecord): FailedLog | null {
  const witness = anchors.find(({ isSigned, keyId = log.keyId }) => isSigned && keyId !== log.keyId);
  return witness ? failedBy(witness, 'altered', 0, witness.keyId ?? null, log.keyId) : null;
}

/** An anchor that the log contradicts, and what it makes of the log if it counts. */
type Opposed = Readonly<{ anchor: Anchor; fault: FailedLog }>;

/** Names the anchor where somebody asked who signed it. */
function failedBy(
  { source, isSigned, reportId = null }: Anchor,
  ...fault: Parameters<typeof failed>
): FailedLog {
  if (isSigned === undefined) return failed(...fault);
  return { ...failed(...fault), anchor: { source, isSigned, reportId } };
}

/** Computes the seal over the record's facts, for a log that ends at the recorded head. */
function sealOf(record: LogRecord, rootHex: string, key: AuditKey): string {
  const { log, ...facts } = record;
  const { size, headHashHex, keyId } = log;
  return computeSeal(key.sealKey, { ...facts, keyId, size, headHashHex, rootHex });
}

function headOf(ranges: readonly WalkedRange[]): string {
  return ranges.findLast((range) => range.end > range.begin)?.headHashHex ?? ZERO_HASH_HEX;
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

/** The log as it was when it held `size` entries. */
type State = Readonly<{ size: number; rootHex: string; headHashHex: string }>;

function stateAt(ranges: readonly WalkedRange[], size: number): State {
  const tree = new CompactRange();
  let headHashHex = ZERO_HASH_HEX;
  for (const range of ranges) {
    if (range.begin >= size) break;
    const part = range.end <= size ? range : range.snapshots.find((snapshot) => snapshot.size === size);
    if (!part) throw new Error(`No snapshot was taken at size ${size}`);
    tree.append(part.range);
    headHashHex = part.headHashHex;
  }
  return { size, rootHex: tree.rootHex(), headHashHex };
}

function describe(
  ranges: readonly WalkedRange[],
  end: State,
  record: LogRecord,
  opposed: readonly Opposed[],
): VerifiedLog {
  const filled = ranges.filter((range) => range.end > range.begin);
  const contradicted = new Set(opposed.map(({ anchor }) => anchor));
  const disputed = listDisputed(record, contradicted);
  return {
    status: 'verified',
    state: logStateOf(record.log.seal, record.endedAt),
    ...end,
    keyId: record.log.keyId,
    anchors: record.anchors.filter((anchor) => !contradicted.has(anchor)),
    ...(disputed.length > 0 && { disputed }),
    times: composeTimes(filled),
    counts: addUp(filled),
    events: filled.flatMap((range) => range.events).slice(0, LISTED_LIMIT),
    rehydrationFailures: filled.flatMap((range) => range.rehydrationFailures).slice(0, LISTED_LIMIT),
    policyReloads: filled.flatMap((range) => range.policyReloads).slice(0, LISTED_LIMIT),
  };
}

function listDisputed(
  { anchors, log, disputed = [] }: LogRecord,
  contradicted: ReadonlySet<Anchor>,
): DisputedAnchor[] {
  const isUnsealed = log.seal === null;
  const found = anchors.flatMap((anchor): DisputedAnchor[] => {
    const { source, reportId = null, sealed, overruled } = anchor;
    if (contradicted.has(anchor)) return [{ source, reportId, claim: 'root' }];
    const isDisputed = isUnsealed ? sealed && overruled?.seal : isSealedOtherwise(anchor, log);
    return isDisputed ? [{ source, reportId, claim: 'seal' }] : [];
  });
  return [...disputed, ...found];
}

/** One range's counts are the log's. */
function addUp(filled: readonly WalkedRange[]): LogCounts {
  const [only, other] = filled;
  if (only && !other) return only.counts;
  const tally = new Tally();
  for (const range of filled) tally.addCounts(range.counts);
  return tally.counts();
}
