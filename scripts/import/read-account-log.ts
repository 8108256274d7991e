// What `account-log.ndjson` says, read to its end: whose log it is, how far it reaches, and what is wrong with it. Decides
// nothing: `judge-account-log.ts` does, by what the ledger says of the keys, too.
import { CompactRange } from '../../shared/merkle/compact-range.ts';
import { hashLeaf } from '../../shared/merkle/hash.ts';
import { ROW_LIMIT } from '../../shared/sessions/row-limit.ts';
import { parseCheckpoint } from '../../shared/transparency/checkpoint.ts';
import { parseLogEntry } from '../../shared/transparency/log-entry.ts';
import type { SignedCheckpoint } from '../../shared/transparency/log-heads.ts';
import type { LogIdentity } from '../../shared/transparency/log-origin.ts';
import { trust } from '../../shared/transparency/log-reader.ts';
import { LOG_SEGMENT_SIZE } from '../../shared/transparency/log-rows.ts';
import type { LogSegment } from '../../shared/transparency/log-segments.ts';
import { isSegmentSigned } from '../../shared/transparency/segment-note.ts';
import { type LogLine, parseLogLine } from '../bundle/account-log-lines.ts';
import { readLines } from './read-lines.ts';
import { noteSignedBy, type SignedBy } from './signed-by.ts';

/** The entry on a report. */
export type LoggedReport = Readonly<{ index: number; text: string }>;

export type ReadLog = Readonly<{
  lines: number;
  /** Entries up to the end, or to the first hole. */
  size: number;
  /** As its line says; null where there is none. */
  checkpoint: SignedCheckpoint | null;
  /** Of the checkpoint and all segments: a single one that a key of ours signed makes the log ours. */
  signedBy: SignedBy;
  /** The first thing that is wrong with it as a log of ours; null for nothing. */
  damage: string | null;
  /** By the report's id. */
  reports: ReadonlyMap<string, LoggedReport>;
  /** When sessions started, by id, as the entries of reports on them say. */
  starts: ReadonlyMap<string, Date>;
  /** Ids of closed sessions and SHA-256 of policies that it has entries on. */
  others: ReadonlySet<string>;
  /** When the first of the reports was made, Unix milliseconds; infinite where there is none. */
  firstReportAt: number;
  /** When the last of the reports under the checkpoint was made; 0 where there is none. */
  lastReportAt: number;
}>;

export async function readAccountLog(
  identity: LogIdentity,
  path: string,
  accountId: string,
): Promise<ReadLog> {
  const range = new CompactRange();
  const reports = new Map<string, LoggedReport>();
  const starts = new Map<string, Date>();
  const others = new Set<string>();
  let checkpoint: SignedCheckpoint | null = null;
  let damage: string | null = null;
  let signedBy: SignedBy = 'unknown';
  let rootHex = range.rootHex();
  let lines = 0;
  let firstReportAt = Number.POSITIVE_INFINITY;
  let lastReportAt = 0;
  for await (const line of readLogLines(path)) {
    lines += 1;
    if (line === null) {
      damage ??= 'it holds a line that is no part of an account log';
    } else if (line.checkpoint) {
      checkpoint ??= line.checkpoint;
      const isTrusted = trust(identity, accountId, line.checkpoint) !== null;
      if (lines > 1) damage ??= 'its checkpoint is not its first line alone';
      if (!isTrusted) damage ??= 'its checkpoint is not as it was signed';
      const noted = isTrusted
        ? 'ours'
        : noteSignedBy(identity, accountId, line.checkpoint.note, originOfCheckpoint);
      if (signedBy !== 'ours' && noted !== 'unknown') signedBy = noted;
    } else {
      const isSigned = isSegmentSigned(identity, accountId, line);
      if (isSigned) signedBy = 'ours';
      damage ??= findDamage(line, range.end, isSigned);
      if (damage !== null) continue;
      for (const bytes of line.entries) {
        const text = bytes.toString();
        const entry = parseLogEntry(text);
        if (entry?.kind === 'session_closed') others.add(entry.session_id);
        if (entry?.kind === 'policy_stored') others.add(entry.sha256);
        if (entry?.kind === 'report_issued') {
          reports.set(entry.report_id, { index: range.end, text });
          if (entry.session_id !== null) starts.set(entry.session_id, new Date(entry.since));
          const madeAt = Date.parse(entry.generated_at);
          firstReportAt = Math.min(firstReportAt, madeAt);
          if (range.end < (checkpoint?.size ?? 0)) lastReportAt = Math.max(lastReportAt, madeAt);
        }
        range.appendLeafHash(hashLeaf(bytes));
        if (range.end === checkpoint?.size) rootHex = range.rootHex();
      }
    }
  }
  if (checkpoint && rootHex !== checkpoint.rootHex) {
    damage ??= 'its entries do not give the root of its checkpoint';
  }
  return {
    lines,
    size: range.end,
    checkpoint,
    signedBy,
    damage,
    reports,
    starts,
    others,
    firstReportAt,
    lastReportAt,
  };
}

/** The segments of the file, in its order. */
export async function* readSegments(path: string): AsyncGenerator<LogSegment> {
  for await (const line of readLogLines(path)) if (line && !line.checkpoint) yield line;
}

async function* readLogLines(path: string): AsyncGenerator<LogLine> {
  for await (const lines of readLines(path, ROW_LIMIT)) {
    for (const { bytes } of lines) yield bytes && parseLogLine(bytes);
  }
}

function findDamage({ index, entries }: LogSegment, end: number, isSigned: boolean): string | null {
  if (index * LOG_SEGMENT_SIZE !== end || entries.length > LOG_SEGMENT_SIZE) return 'it has a hole';
  return isSigned ? null : UNSIGNED_SEGMENT;
}

const UNSIGNED_SEGMENT =
  'a segment of it bears no signature of SIGNING_KEY or one of RETIRED_KEYS (if the key was changed, add the earlier one)';

function originOfCheckpoint(noteText: string): string | null {
  return parseCheckpoint(noteText)?.origin ?? null;
}
