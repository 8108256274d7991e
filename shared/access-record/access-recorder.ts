// Records what is looked at and done. Rows of one account that come while a write is under way go in together with the
// next one, so that a burst of looks costs a few writes.

import type { AccessTail } from './access-repository.ts';
import type { AccessEvent } from './access-row.ts';
import { type AppendDeps, type AppendedTail, appendAccess } from './append-access.ts';

/** Records events of an account, in their order. Rejects with a store failure where they may not be stored. */
export type RecordAccess = (accountId: string, events: readonly AccessEvent[]) => Promise<void>;

type Waiting = Readonly<{
  events: readonly AccessEvent[];
  resolve(): void;
  reject(error: unknown): void;
}>;

/** The record of one account, as this process writes it. */
type Line = {
  /**
   * The end after the last write that was acknowledged; null where none was. It stays when a write fails, so that a record
   * that was cut meanwhile is told from one that another writer went on with.
   */
  tail: AccessTail | null;
  waiting: Waiting[];
  isWriting: boolean;
};

/** Rows of one write at most. */
const ROWS_AT_ONCE = 500;
/** Accounts whose ends are remembered. */
const LINES_KEPT = 1_000;

/**
 * The recorder of a process: one, so that what comes at once goes in at once. `onAppended` is told where a record ends each
 * time that rows were added; it must neither throw nor wait.
 */
export function createAccessRecorder(
  deps: AppendDeps,
  onAppended: (accountId: string, tail: AppendedTail) => void = () => {},
): RecordAccess {
  const lines = new Map<string, Line>();

  async function drain(accountId: string, line: Line): Promise<void> {
    line.isWriting = true;
    while (line.waiting.length > 0) {
      const batch = takeBatch(line.waiting);
      const events = batch.flatMap((one) => one.events);
      try {
        const tail = await appendAccess(deps, accountId, events, line.tail);
        line.tail = tail;
        onAppended(accountId, tail);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    line.isWriting = false;
    forgetOldest(lines);
  }

  return (accountId, events) => {
    if (events.length === 0) return Promise.resolve();
    const line = lines.get(accountId) ?? { tail: null, waiting: [], isWriting: false };
    // Put behind all others: the first one is forgotten first.
    lines.delete(accountId);
    lines.set(accountId, line);
    return new Promise<void>((resolve, reject) => {
      line.waiting.push({ events, resolve, reject });
      if (!line.isWriting) void drain(accountId, line);
    });
  };
}

function takeBatch(waiting: Waiting[]): Waiting[] {
  let rows = 0;
  const over = waiting.findIndex(({ events }) => {
    rows += events.length;
    return rows > ROWS_AT_ONCE;
  });
  return waiting.splice(0, over === -1 ? waiting.length : Math.max(1, over));
}

function forgetOldest(lines: Map<string, Line>): void {
  for (const [accountId, line] of lines) {
    if (lines.size <= LINES_KEPT) return;
    if (!line.isWriting) lines.delete(accountId);
  }
}
