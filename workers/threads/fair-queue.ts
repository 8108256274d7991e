// Decides whose turn it is on the threads. Each caller holds a ticket. Accounts take turns task by task, and so do the
// tickets of an account: a large log never starves a small one, and no account starves another, however many ask for it.
import { AppError } from '../../shared/errors/app-error.ts';
import { reportFailure } from '../../shared/errors/report-failure.ts';

export type Ticket = Readonly<{
  /** Runs a task when this ticket's turn comes. Rejects after the place was given back. */
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Gives the place back. Tasks that have not begun are dropped, rejecting with `reason` where there is one. */
  leave(reason?: unknown): void;
}>;

type Waiting = { begin(): void; drop(reason: unknown): void };

/** The tickets of an account in the order of their next turns. */
type Holder = Readonly<{ accountId: string; tickets: Waiting[][] }>;

const RETRY_AFTER_S = 1;

export class FairQueue {
  readonly #lanes: number;
  readonly #limit: number;
  // In the order of their next turns: a new account, and a new caller of one, goes first; whoever was served goes last.
  readonly #rotation: Holder[] = [];
  #tickets = 0;
  #running = 0;
  #closed: { reason: unknown } | null = null;

  /**
   * `lanes`: tasks at once. `limit`: tickets at once; one account holds at most half of them. An account that holds none
   * gets one beyond the limit, so that no others can lock it out.
   */
  constructor(lanes: number, limit: number) {
    this.#lanes = lanes;
    this.#limit = limit;
  }

  get running(): number {
    return this.#running;
  }

  get tickets(): number {
    return this.#tickets;
  }

  /**
   * Throws `overloaded` at once when the queue is full, or half of it is this account's; never where this account holds
   * nothing.
   */
  enter(accountId: string): Ticket {
    const held = this.#find(accountId)?.tickets.length ?? 0;
    if (held > 0 && (this.#tickets >= this.#limit || held >= Math.max(1, Math.floor(this.#limit / 2)))) {
      throw new AppError('overloaded', 'Too many reports are being made: try again shortly', {
        retryAfterS: RETRY_AFTER_S,
      });
    }
    const waiting: Waiting[] = [];
    const holder = this.#find(accountId);
    if (holder) holder.tickets.unshift(waiting);
    else this.#rotation.unshift({ accountId, tickets: [waiting] });
    return this.#issue(accountId, waiting);
  }

  /** Drops all tasks that have not begun and refuses new ones. Running tasks end by themselves. */
  close(reason: unknown): void {
    this.#closed ??= { reason };
    for (const waiting of this.#rotation.flatMap(({ tickets }) => tickets)) {
      for (const { drop } of waiting.splice(0)) drop(reason);
    }
  }

  /**
   * A ticket for work that is owed to an admitted caller after its first task. It ignores the limit, and goes last: the
   * caller was served before.
   */
  admit(accountId: string): Ticket {
    const waiting: Waiting[] = [];
    const holder = this.#find(accountId);
    if (holder) holder.tickets.push(waiting);
    else this.#rotation.push({ accountId, tickets: [waiting] });
    return this.#issue(accountId, waiting);
  }

  #find(accountId: string): Holder | undefined {
    return this.#rotation.find((holder) => holder.accountId === accountId);
  }

  #issue(accountId: string, waiting: Waiting[]): Ticket {
    this.#tickets += 1;
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
    const holder = this.#find(accountId) as Holder;
    holder.tickets.splice(holder.tickets.indexOf(waiting), 1);
    if (holder.tickets.length === 0) this.#rotation.splice(this.#rotation.indexOf(holder), 1);
    this.#tickets -= 1;
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
      const holder = takeFirst(this.#rotation, ({ tickets }) => tickets.some(hasTasks));
      if (!holder) return;
      this.#rotation.push(holder);
      const ticket = takeFirst(holder.tickets, hasTasks) as Waiting[];
      holder.tickets.push(ticket);
      ticket.shift()?.begin();
    }
  }
}

function hasTasks(waiting: readonly Waiting[]): boolean {
  return waiting.length > 0;
}

function takeFirst<T>(list: T[], isWanted: (item: T) => boolean): T | undefined {
  const at = list.findIndex(isWanted);
  return at < 0 ? undefined : list.splice(at, 1)[0];
}

// Made only when it is thrown: most tickets leave with no task left, and a stack costs a tenth of a millisecond.
function givenUp(): AppError {
  return reportFailure('renderer', 'The work was given up');
}
