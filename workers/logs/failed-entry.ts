// Names the entry at which a log was found to fail, so that whoever looks into it finds the event.
import { readEntry } from '../../shared/audit/entry.ts';
import type { LogRef } from '../../shared/audit/log-record.ts';
import type { FailedLog, LogVerdict } from '../../shared/audit/verdict.ts';
import { SEGMENT_SIZE } from '../../shared/log-store/segment.ts';
import type { SegmentReader } from '../../shared/log-store/segment-reader.ts';

/** Adds the event of the entry to the verdict; nothing where the entry cannot be read. */
export function withEntry(verdict: FailedLog, bytes: Uint8Array): FailedLog {
  const entry = readEntry(bytes);
  return entry ? { ...verdict, event: { id: entry.eventId, ts: entry.ts } } : verdict;
}

/** Adds the event at the verdict's place in a log whose entries all passed. Other verdicts come back as they are. */
export async function withStoredEntry<Verdict extends LogVerdict>(
  reader: SegmentReader,
  { accountId, sessionId }: LogRef,
  verdict: Verdict,
): Promise<Verdict | FailedLog> {
  if (verdict.status !== 'failed') return verdict;
  const { seq } = verdict;
  const segments = await reader.read(accountId, sessionId, [Math.floor(seq / SEGMENT_SIZE)]);
  for (const segment of segments) {
    const { bytes, begins, ends } = segment.open();
    for (const [i, begin] of begins.entries()) {
      const text = bytes.subarray(begin, ends[i]);
      if (readEntry(text)?.seq === seq) return withEntry(verdict, text);
    }
  }
  return verdict;
}
