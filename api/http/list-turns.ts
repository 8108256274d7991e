// Whose turn it is to read a list. An account has a few of its lists read at once and the others wait in order, so that one
// that asks for many, over however many connections, leaves the event loop and the database to the others.
import { AppError } from '../../shared/errors/app-error.ts';

export type ListTurns = Readonly<{
  /** Runs the work when it is its turn. Rejects with `overloaded` at once where too many of the account wait. */
  run<T>(accountId: string, work: () => Promise<T>): Promise<T>;
  /** As `run`, for a list of which a part is sent: it waits behind however many. */
  goOn<T>(accountId: string, work: () => Promise<T>): Promise<T>;
  /** Whether a list of any account is read, or was a moment ago: whoever looks around asks for the next one soon. */
  isBusy(): boolean;
}>;

type Line = { running: number; readonly starts: (() => void)[] };

const RETRY_AFTER_S = 1;
/** For how long after a list somebody is taken to look around. */
const LOOKS_AROUND_MS = 250;

/** `atOnce`: of an account. `limit`: of an account that wait. */
export function createListTurns(atOnce: number, limit: number): ListTurns {
  const lines = new Map<string, Line>();
  let lastEndMs = Number.NEGATIVE_INFINITY;

  async function take(accountId: string, mostWaiting: number): Promise<Line> {
    const line = lines.get(accountId) ?? { running: 0, starts: [] };
    lines.set(accountId, line);
    if (line.running < atOnce) {
      line.running += 1;
      return line;
    }
    if (line.starts.length >= mostWaiting) {
      throw new AppError('overloaded', 'Too many lists of the account wait: try again shortly.', {
        retryAfterS: RETRY_AFTER_S,
      });
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    line.starts.push(resolve);
    await promise;
    return line;
  }

  function give(accountId: string, line: Line): void {
    lastEndMs = performance.now();
    const start = line.starts.shift();
    if (start) {
      start();
    } else {
      line.running -= 1;
      if (line.running === 0) lines.delete(accountId);
    }
  }

  async function runInTurn<T>(accountId: string, work: () => Promise<T>, mostWaiting: number): Promise<T> {
    const line = await take(accountId, mostWaiting);
    try {
      return await work();
    } finally {
      give(accountId, line);
    }
  }

  return {
    run: (accountId, work) => runInTurn(accountId, work, limit),
    goOn: (accountId, work) => runInTurn(accountId, work, Number.POSITIVE_INFINITY),
    isBusy: () => lines.size > 0 || performance.now() - lastEndMs < LOOKS_AROUND_MS,
  };
}
