// Walks every log of a window: short ones in batches, a long one in ranges, on all threads.
import type { StartedSession } from '../../shared/sessions/started-session.ts';
import type { WalkedPart } from './walked-part.ts';
import { type LoggedEntries, shareEntries } from './window-log.ts';

/** Entries of a batch. A log of as many is walked in ranges. */
const BATCH_ENTRIES = 8192;
/** Sessions of a batch: a short log costs as much as so many entries beside those that it has. */
const SESSION_COST = 32;

/** Sessions that one task walks, or one that is walked in ranges. */
export type WindowBatch = Readonly<{
  sessionIds: readonly string[];
  isLong: boolean;
  /** Their entries in the account log, as `shareEntries` shares them. */
  logged: Uint8Array;
}>;

/** Cuts a window into batches of about equal work, in its order. */
export function cutBatches(
  sessions: readonly StartedSession[],
  entries: LoggedEntries = new Map(),
): WindowBatch[] {
  const batches: WindowBatch[] = [];
  let held: string[] = [];
  let cost = 0;
  const add = (sessionIds: readonly string[], isLong: boolean) =>
    batches.push({ sessionIds, isLong, logged: shareEntries(entries, sessionIds) });
  const end = () => {
    if (held.length > 0) add(held, false);
    held = [];
    cost = 0;
  };
  for (const { id, size } of sessions) {
    if (size >= BATCH_ENTRIES) {
      end();
      add([id], true);
      continue;
    }
    if (cost > 0 && cost + size + SESSION_COST > BATCH_ENTRIES) end();
    held.push(id);
    cost += size + SESSION_COST;
  }
  end();
  return batches;
}

/** How far a walk has come. */
export type WindowProgress = Readonly<{ done: number; total: number }>;

/**
 * Walks the batches, `lanes` at a time; parts come back in the order of the batches. Calls `onPart` after each, which may
 * throw to end the walk.
 */
export async function walkBatches(
  batches: readonly WindowBatch[],
  lanes: number,
  walk: (batch: WindowBatch) => Promise<WalkedPart>,
  onPart: (part: WalkedPart, progress: WindowProgress) => Promise<void>,
): Promise<WalkedPart[]> {
  const parts: WalkedPart[] = new Array(batches.length);
  const total = batches.reduce((sum, { sessionIds }) => sum + sessionIds.length, 0);
  let next = 0;
  let done = 0;
  let hasEnded = false;
  async function walkLane(): Promise<void> {
    while (!hasEnded && next < batches.length) {
      const at = next;
      next += 1;
      const batch = batches[at] as WindowBatch;
      const part = await walk(batch);
      parts[at] = part;
      done += batch.sessionIds.length;
      await onPart(part, { done, total });
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(lanes, batches.length) }, walkLane));
  } finally {
    hasEnded = true;
  }
  return parts;
}
