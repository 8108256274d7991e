// Whose turn it is, of requests that take much: those that write, and those with a big body. A few have their turn at once, so
// that the event loop and the database have time for the rest, and accounts take turns, so that one that sends much holds up
// no other.
import { AppError } from '../../shared/errors/app-error.ts';

export type AccountTurns = Readonly<{
  /**
   * Runs the work when it is the account's turn. Rejects with `overloaded` at once where too many wait; never where none of
   * this account does, so that no others can lock it out.
   */
  run<T>(accountId: string, work: () => Promise<T>): Promise<T>;
}>;

const RETRY_AFTER_S = 1;

/** `lanes`: requests at once, asked before each; 1 or more. `limit`: requests that wait; one account has at most half of these places. */
export function createAccountTurns(lanes: () => number, limit: number): AccountTurns {
  /** By account, in the order of their turns: an account that was served goes last. */
  const waiting = new Map<string, (() => void)[]>();
  let places = 0;
  let running = 0;

  function serve(): void {
    while (running < lanes()) {
      const [first] = waiting;
      if (!first) return;
      const [accountId, starts] = first;
      const start = starts.shift();
      waiting.delete(accountId);
      if (starts.length > 0) waiting.set(accountId, starts);
      places -= 1;
      running += 1;
      start?.();
    }
  }

  function wait(accountId: string): Promise<void> {
    const starts = waiting.get(accountId) ?? [];
    if (starts.length > 0 && (places >= limit || starts.length >= limit / 2)) {
      throw new AppError('overloaded', 'Too many requests wait for their turn: try again shortly.', {
        retryAfterS: RETRY_AFTER_S,
      });
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    starts.push(resolve);
    waiting.set(accountId, starts);
    places += 1;
    serve();
    return promise;
  }

  return {
    async run(accountId, work) {
      if (waiting.size === 0 && running < lanes()) running += 1;
      else await wait(accountId);
      try {
        return await work();
      } finally {
        running -= 1;
        serve();
      }
    },
  };
}
