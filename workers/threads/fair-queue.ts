// Decides whose turn it is on the threads. Each caller holds a ticket, and tickets take turns task by task, so that a
// large log never starves a small one.
import { AppError } from '../../shared/errors/app-error.ts';
import { reportFailure } from '../../shared/errors/report-failure.ts';

export type Ticket = Readonly<{
  /** Runs a task when this ticket's turn comes. Rejects after the place was given back. */
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Gives the place back. Tasks that have not begun are dropped, rejecting with `reason` where there is one. */
  leave(reason?: unknown): void;
}>;

type Waiting = { begin(): void; drop(reason: unknown): void };

const RETRY_AFTER_S = 1;

export class FairQueue {
  readonly #lanes: number;
  readonly #limit: number;
  readonly #held = new Map<string, number>();
  // Tickets in the order of their next turns: a new caller goes first, a caller that was served goes last.
  readonly #rotation: Waiting[][] = [];
  #running = 0;
  #closed: { reason: unknown } | null = null;

  /** `lanes`: tasks at once. `limit`: tickets at once; one account holds at most half of them. */
  constructor(lanes: number, limit: number) {
    this.#lanes = lanes;
    this.#limit = limit;
  }

  get running(): number {
    return this.#running;
  }

  get tickets(): number {
    return this.#rotation.length;
  }

  /** Throws `overloaded` at once when the queue is full, or half of it is this account's. */
  enter(accountId: string): Ticket {
    const held = this.#held.get(accountId) ?? 0;
    if (this.#rotation.length >= this.#limit || held >= Math.max(1, Math.floor(this.#limit / 2))) {
      throw new AppError('overloaded', 'Too many reports are being made: try again shortly', {
        retryAfterS: RETRY_AFTER_S,
      });
    }
    const waiting: Waiting[] = [];
    this.#rotation.unshift(waiting);
    return this.#issue(accountId, waiting);
  }

  /** Drops all tasks that have not begun and refuses new ones. Running tasks end by themselves. */
  close(reason: unknown): void {
    this.#closed ??= { reason };
    for (const waiting of this.#rotation) for (const { drop } of waiting.splice(0)) drop(reason);
  }

  /**
   * A ticket for work that is owed to an admitted caller after its first task. It ignores the limit, and goes last: the
   * caller was served before.
   */
  admit(accountId: string): Ticket {
    const waiting: Waiting[] = [];
    this.#rotation.push(waiting);
    return this.#issue(accountId, waiting);
  }

  #issue(accountId: string, waiting: Waiting[]): Ticket {
    this.#held.set(accountId, (this.#held.get(accountId) ?? 0) + 1);
    let left: { reason: unknown } | null = null;
    return {
      run: async (task) => {
        const gone = left ?? this.#closed;
        if (gone) throw gone.reason ?? givenUp();
        return this.#enqueue(waiting, task);
      },
      leave: (reason) => {
        if (left) return;
        left = { reason };
        this.#leave(accountId, waiting, reason);
      },
    };
  }

  #leave(accountId: string, waiting: Waiting[], reason: unknown): void {
    const held = (this.#held.get(accountId) ?? 1) - 1;
    if (held > 0) this.#held.set(accountId, held);
    else this.#held.delete(accountId);
    this.#rotation.splice(this.#rotation.indexOf(waiting), 1);
    for (const { drop } of waiting.splice(0)) drop(reason ?? givenUp());
  }

  #enqueue<T>(waiting: Waiting[], task: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const begin = () => {
      this.#running += 1;
      task()
        .then(resolve, reject)
        .finally(() => {
          this.#running -= 1;
          this.#serve();
        });
    };
    waiting.push({ begin, drop: reject });
    this.#serve();
    return promise;
  }

  #serve(): void {
    while (this.#running < this.#lanes) {
      const at = this.#rotation.findIndex((waiting) => waiting.length > 0);
      const [next] = at < 0 ? [] : this.#rotation.splice(at, 1);
      if (!next) return;
      this.#rotation.push(next);
      next.shift()?.begin();
    }
  }
}

// Made only when it is thrown: most tickets leave with no task left, and a stack costs a tenth of a millisecond.
function givenUp(): AppError {
  return reportFailure('renderer', 'The work was given up');
}
