import { mayPassOver } from '../../shared/process/pass-over.ts';
import { parseLogEntry } from '../../shared/transparency/log-entry.ts';
import { placeOf } from '../../shared/transparency/log-places.ts';
import { LOG_SEGMENT_SIZE } from '../../shared/transparency/log-rows.ts';
import type { KeeperDeps } from './keeper-deps.ts';

/**
 * Notes which entries are about which session, as far as the log goes: in a log of an earlier version for all at once.
 * Whatever a killed keeper did not note, the next one does. Resolves to false where more were said to be noted than the log
 * has, which no writer of ours says: then all are noted again.
 */
export async function notePlaces(
  { segments, places }: Pick<KeeperDeps, 'segments' | 'places'>,
  accountId: string,
  size: number,
  signal: AbortSignal,
): Promise<boolean> {
  const noted = await places.notedUpTo(accountId);
  // Another keeper may have appended since the size was read.
  const isTrue = noted <= size || noted <= (await segments.findTail(accountId, size)).size;
  if (!isTrue) await places.forgetNoted(accountId);
  const from = isTrue ? noted : 0;
  if (from >= size) return isTrue;
  const firstSegment = Math.floor(from / LOG_SEGMENT_SIZE);
  let begin = firstSegment * LOG_SEGMENT_SIZE;
  for await (const { entries } of segments.readOn(accountId, firstSegment)) {
    signal.throwIfAborted();
    const end = Math.min(size, begin + entries.length);
    const placed = entries.flatMap((bytes, i) => {
      const index = begin + i;
      if (index < from || index >= end) return [];
      return placeOf(parseLogEntry(bytes.toString()), index) ?? [];
    });
    await places.note(accountId, placed, end);
    begin += entries.length;
    if (begin >= size) break;
  }
  return isTrue;
}

/** As `notePlaces`, of which it logs what is wrong. A place is a hint: where none can be noted, the account log goes on. */
export async function tryToNotePlaces(
  deps: Pick<KeeperDeps, 'segments' | 'places' | 'log' | 'isToTell'>,
  accountId: string,
  size: number,
  signal: AbortSignal,
): Promise<void> {
  const { log, isToTell } = deps;
  const about = { account_id: accountId, entries: size };
  try {
    if (!(await notePlaces(deps, accountId, size, signal))) log.warn(about, FALSE_PLACES);
  } catch (error) {
    if (signal.aborted || !mayPassOver(error)) throw error;
    if (isToTell(`${accountId} places`)) log.error({ ...about, err: error }, UNNOTED);
  }
}

const UNNOTED =
  'account_log_places could not be written for the account log, which goes on without: an older copy of the sessions in its last entries could be put back unseen';

const FALSE_PLACES =
  'account_log_places said that more entries are noted than the account log has: somebody changed its row, or the log is an older copy. All are noted again';
