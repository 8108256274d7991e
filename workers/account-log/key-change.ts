// The entry that says that a log's key was changed.
import { keyChangedText } from '../../shared/transparency/log-entry.ts';
import { logKeys } from '../../shared/transparency/log-origin.ts';
import { LOG_SEGMENT_SIZE } from '../../shared/transparency/log-rows.ts';
import { isSignedBy, parseNote } from '../../shared/transparency/note.ts';
import type { KeeperDeps } from './keeper-deps.ts';

/**
 * The entry to append because the last checkpoint was signed by an earlier key; null where it was not, or where the entry is
 * there already and no checkpoint covers it yet.
 */
export async function keyChangeDue(
  { identity, heads, segments }: KeeperDeps,
  accountId: string,
  size: number,
): Promise<string | null> {
  const { checkpoint } = await heads.find(accountId);
  const note = checkpoint && parseNote(checkpoint.note);
  const [present, ...earlier] = logKeys(identity, accountId);
  if (!note || !present || isSignedBy(note, present)) return null;
  const before = earlier.find((key) => isSignedBy(note, key));
  if (!before) return null;
  const text = keyChangedText(accountId, before.publicKey, present.publicKey);
  const from = Math.floor(checkpoint.size / LOG_SEGMENT_SIZE);
  let at = from * LOG_SEGMENT_SIZE;
  for await (const segment of segments.readOn(accountId, from)) {
    const isThere = segment.entries.some(
      (bytes, i) => at + i >= checkpoint.size && bytes.toString() === text,
    );
    if (isThere) return null;
    at += segment.entries.length;
    if (at >= size) break;
  }
  return text;
}
