// The entries of a short log as the PDF of its report carries them, so that one file proves itself.
import { parseJson } from '../../shared/audit/canonical-json.ts';
import type { LogRef } from '../../shared/audit/log-record.ts';
import { readStoredEntries, type SegmentReader } from '../../shared/log-store/segment-reader.ts';
import { CompactRange } from '../../shared/merkle/compact-range.ts';
import { hashLeaf } from '../../shared/merkle/hash.ts';
import type { Attachment } from '../../shared/reports/attachments.ts';
import { mayLeave } from '../../shared/reports/entry-texts.ts';
import type { LeakFinder } from '../../shared/reports/leak-finder.ts';

/** Entries of a log that is attached, at most. */
const ATTACHED_ENTRIES = 2_000;

/** Bytes that are attached at most: entries may have 32 KiB each. */
const ATTACHED_BYTES = 16 * 1024 * 1024;

/**
 * The first `size` entries of a log, each and a line feed. Null where nothing is attached: the log is too long, or an
 * entry holds what may be PHI. `changed` where the stored entries are no longer those under `rootHex`.
 */
export async function entryLines(
  reader: SegmentReader,
  { accountId, sessionId }: LogRef,
  { size, rootHex }: Readonly<{ size: number; rootHex: string }>,
  finder: LeakFinder,
): Promise<Attachment | 'changed' | null> {
  if (size > ATTACHED_ENTRIES) return null;
  const lines: Buffer[] = [];
  const tree = new CompactRange();
  let length = 0;
  for await (const { bytes, begin, end } of readStoredEntries(reader, accountId, sessionId)) {
    if (lines.length === size) break;
    length += end - begin + 1;
    if (length > ATTACHED_BYTES) return null;
    // Copied, since the bytes are valid only until the next entry is asked for.
    const line = Buffer.alloc(end - begin + 1, '\n');
    line.set(bytes.subarray(begin, end));
    lines.push(line);
    tree.appendLeafHash(hashLeaf(line.subarray(0, -1)));
  }
  if (lines.length !== size || tree.rootHex() !== rootHex) return 'changed';
  for (const line of lines) {
    const entry = parseJson(line.toString());
    if (!(entry instanceof Map) || !mayLeave(entry, finder)) return null;
  }
  return { name: 'entries.ndjson', bytes: new Uint8Array(Buffer.concat(lines)) };
}
