// The entries of a log as an evidence pack holds them. They are read twice: once for their size, their CRC and what they
// say, and once to be sent, so that no more of a log is held than a part.
import { crc32 } from 'node:zlib';
import { parseJson } from '../../shared/audit/canonical-json.ts';
import type { LogRef } from '../../shared/audit/log-record.ts';
import { SEGMENT_SIZE } from '../../shared/log-store/segment.ts';
import { readStoredEntries, type SegmentReader } from '../../shared/log-store/segment-reader.ts';
import { CompactRange } from '../../shared/merkle/compact-range.ts';
import { hashLeaf } from '../../shared/merkle/hash.ts';
import { AlignWork } from '../../shared/reports/align-work.ts';
import { boundOriginals } from '../../shared/reports/bound-originals.ts';
import { mayLeave } from '../../shared/reports/entry-texts.ts';
import { OriginalSearch } from '../../shared/reports/leak-originals.ts';
import { leakFinderFor } from '../../shared/reports/leak-scan.ts';
import { readReport } from '../../shared/reports/read-report.ts';
import { alignTranscripts } from '../../shared/reports/transcripts.ts';
import type { SessionPayloads } from '../../shared/sessions/session.ts';
import { moveBytes } from '../threads/moved-bytes.ts';
import { isStopped, type StopFlag } from '../threads/stop-flag.ts';

/** The first `size` entries of a log, whose report is at hand. */
export type SurveyOrder = Readonly<{ log: LogRef; size: number; rootHex: string; reportJson: Uint8Array }>;

export type EntriesSurvey =
  | Readonly<{ kind: 'clean' /** Of all lines. */; bytes: number; crc: number }>
  /** An entry holds what may be PHI. */
  | Readonly<{ kind: 'leak'; seq: number }>
  /** The stored entries are not those under the root. */
  | Readonly<{ kind: 'changed' }>;

type SurveyDeps = Readonly<{
  reader: SegmentReader;
  findPayloads(log: LogRef): Promise<SessionPayloads | null>;
}>;

export async function surveyEntries(
  { reader, findPayloads }: SurveyDeps,
  { log, size, rootHex, reportJson, stop }: SurveyOrder & Readonly<{ stop: StopFlag }>,
): Promise<EntriesSurvey> {
  const payloads = await findPayloads(log);
  const work = new AlignWork(() => isStopped(stop));
  const { kept } = boundOriginals(alignTranscripts(payloads?.request, payloads?.masked, work).originals);
  const finder = leakFinderFor(readReport(reportJson), new OriginalSearch(kept), () => isStopped(stop));
  const tree = new CompactRange();
  let [seq, bytes, crc] = [0, 0, 0];
  const look = () => {
    if (isStopped(stop)) throw new Error('The pack was stopped');
  };
  for await (const stored of readStoredEntries(reader, log.accountId, log.sessionId, look)) {
    if (seq === size) break;
    const line = lineOf(stored.bytes.subarray(stored.begin, stored.end));
    tree.appendLeafHash(hashLeaf(line.subarray(0, -1)));
    bytes += line.length;
    crc = crc32(line, crc);
    const entry = parseJson(line.toString());
    if (!(entry instanceof Map)) return { kind: 'changed' };
    if (!mayLeave(entry, finder)) return { kind: 'leak', seq };
    seq += 1;
  }
  return seq === size && tree.rootHex() === rootHex ? { kind: 'clean', bytes, crc } : { kind: 'changed' };
}

/** The first `size` entries of a log, and how many bytes of lines are counted at most. */
export type MeasureOrder = Readonly<{ log: LogRef; size: number; limit: number }>;

/** Bytes of the lines; null for more than the limit. Unpacks the log, and reads no entry. */
export async function measureEntries(
  reader: SegmentReader,
  { log, size, limit, stop }: MeasureOrder & Readonly<{ stop: StopFlag }>,
): Promise<number | null> {
  let [seq, bytes] = [0, 0];
  const look = () => {
    if (isStopped(stop)) throw new Error('The pack was stopped');
  };
  for await (const { begin, end } of readStoredEntries(reader, log.accountId, log.sessionId, look)) {
    if (seq === size) break;
    bytes += end - begin + 1;
    if (bytes > limit) return null;
    seq += 1;
  }
  return bytes;
}

/** Segments of one part: a megabyte or two of common entries. */
export const PART_SEGMENTS = 16;

/** The lines of `PART_SEGMENTS` segments, of a log's first `size` entries. */
export async function readLines(
  reader: SegmentReader,
  { log, firstSegment, size }: Readonly<{ log: LogRef; firstSegment: number; size: number }>,
): Promise<Readonly<{ lines: Uint8Array }>> {
  const indexes = Array.from({ length: PART_SEGMENTS }, (_, i) => firstSegment + i);
  const lines: Buffer[] = [];
  let seq = firstSegment * SEGMENT_SIZE;
  for (const segment of await reader.read(log.accountId, log.sessionId, indexes)) {
    const { bytes, begins, ends } = segment.open();
    for (const [i, begin] of begins.entries()) {
      if (seq === size) break;
      lines.push(lineOf(bytes.subarray(begin, ends[i])));
      seq += 1;
    }
  }
  const joined = new Uint8Array(Buffer.concat(lines));
  return moveBytes({ lines: joined }, [joined]);
}

function lineOf(entry: Uint8Array): Buffer {
  const line = Buffer.alloc(entry.length + 1, '\n');
  line.set(entry);
  return line;
}
