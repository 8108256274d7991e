// One caller's use of the threads, from its ticket to its release: its turn, its stop flag, its abort.
import type { Ticket } from './fair-queue.ts';
import { createStopFlag, type StopFlag, setStop } from './stop-flag.ts';
import type { TaskInput, TaskMap, TaskName, TaskResult } from './task-map.ts';
import type { Threads } from './threads.ts';

/**
 * A stopped task sees its flag between two batches, and wherever it waits. A task that still runs after this time hangs:
 * its thread is ended.
 */
const HANG_MS = 5_000;

export class ThreadRun<Tasks extends TaskMap> implements Disposable {
  readonly stop: StopFlag = createStopFlag();
  readonly #threads: Threads<Tasks>;
  readonly #ticket: Ticket;
  readonly #signal: AbortSignal;
  readonly #hang = new AbortController();
  #hangTimer: NodeJS.Timeout | undefined;
  #running = 0;

  constructor(threads: Threads<Tasks>, ticket: Ticket, signal: AbortSignal) {
    this.#threads = threads;
    this.#ticket = ticket;
    this.#signal = signal;
    if (signal.aborted) this.#abandon();
    else signal.addEventListener('abort', this.#abandon, { once: true });
  }

  /** Runs a task when this run's turn comes. Rejects with the signal's reason once the signal has aborted. */
  async task<Name extends TaskName<Tasks>>(
    name: Name,
    input: TaskInput<Tasks, Name>,
  ): Promise<TaskResult<Tasks, Name>> {
    this.#signal.throwIfAborted();
    try {
      return await this.#ticket.run(() => this.#runOnThread(name, input));
    } finally {
      // A task that was stopped may still give a result or an error: the caller gets the reason to stop.
      this.#signal.throwIfAborted();
    }
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener('abort', this.#abandon);
    this.#abandon();
  }

  async #runOnThread<Name extends TaskName<Tasks>>(
    name: Name,
    input: TaskInput<Tasks, Name>,
  ): Promise<TaskResult<Tasks, Name>> {
    this.#running += 1;
    try {
      return await this.#threads.run(name, input, { stop: this.stop, hang: this.#hang.signal });
    } finally {
      this.#running -= 1;
      if (this.#running === 0) clearTimeout(this.#hangTimer);
    }
  }

  readonly #abandon = (): void => {
    setStop(this.stop);
    this.#ticket.leave(this.#signal.reason);
    if (this.#running > 0) this.#hangTimer ??= setTimeout(() => this.#hang.abort(), HANG_MS).unref();
  };
}
