// Writes a session's page as a stream: the head first, then a part of the events whenever the reader took the part
// before, and the verdict last, since it takes the whole log.
import type { LogRef } from '../../shared/audit/log-record.ts';
import { Tally } from '../../shared/audit/tally.ts';
import type { LogCounts, LogVerdict } from '../../shared/audit/verdict.ts';
import type { WalkedRange } from '../../shared/audit/walked-range.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { reportFailure } from '../../shared/errors/report-failure.ts';
import type { SessionSnapshot } from '../../shared/sessions/session.ts';
import type { StopFlag } from '../threads/stop-flag.ts';
import type { Concluded, ConcludeTask } from './log-tasks.ts';
import type { PageFacts } from './page-reader.ts';
import { type OpenedPage, PART_SEGMENTS, type PagePart, type PartTask } from './page-tasks.ts';

export type SessionPage = Readonly<{
  found: SessionSnapshot;
  facts: PageFacts;
  /** The redactions in `seq` order as JSON text: members of an array, comma-separated, in bounded chunks. */
  events: AsyncIterable<Uint8Array>;
  /** Settles as soon as it is known, which may be before the last chunk. Rejects where the chunks break off before. */
  verdict: Promise<LogVerdict>;
  /** Settles after the last chunk, and rejects where the chunks break off. */
  outcome: Promise<Readonly<{ verdict: LogVerdict; counts: LogCounts }>>;
}>;

/**
 * The tasks after the page was opened. Each waits for its turn, so a slow reader holds no place between two of them.
 */
export type PageTasks = Readonly<{
  readPart(task: PartTask): Promise<PagePart>;
  listSegments(log: LogRef): Promise<number[]>;
  concludeVerify(task: ConcludeTask): Promise<Concluded>;
}>;

/** Calls `abandon` when the reader drops the chunks, even before the first one: nobody waits for the tasks then. */
export function writePage(
  opened: OpenedPage,
  tasks: PageTasks,
  stop: StopFlag,
  abandon: () => void,
): SessionPage {
  const { found, facts } = opened;
  const verdict = Promise.withResolvers<LogVerdict>();
  const outcome = Promise.withResolvers<{ verdict: LogVerdict; counts: LogCounts }>();
  // A caller that reads only the chunks gets the failure from them, so these rejections may stay unhandled.
  verdict.promise.catch(() => {});
  outcome.promise.catch(() => {});
  const fail = (error: unknown) => {
    verdict.reject(error);
    outcome.reject(error);
  };
  const writer = new PageWriter(opened, tasks, stop, verdict.resolve);

  async function* writeChunks(): AsyncGenerator<Uint8Array> {
    try {
      let separator = '';
      for await (const json of writer.parts()) {
        if (json.length === 0) continue;
        if (separator !== '') yield Buffer.from(separator);
        yield json;
        separator = ',';
      }
      outcome.resolve(await writer.conclude());
    } catch (error) {
      fail(error);
      throw error;
    }
  }

  const written = writeChunks();
  const iterator = {
    next: () => written.next(),
    // A generator that is dropped before its first chunk never runs its body, so a `finally` there would not do.
    async return() {
      abandon();
      fail(reportFailure('renderer', 'The events were not read to their end'));
      return written.return(undefined);
    },
  };
  const events = { [Symbol.asyncIterator]: () => iterator };
  return { found, facts, events, verdict: verdict.promise, outcome: outcome.promise };
}

class PageWriter {
  readonly #opened: OpenedPage;
  readonly #tasks: PageTasks;
  readonly #stop: StopFlag;
  readonly #onVerdict: (verdict: LogVerdict) => void;
  readonly #log: LogRef;
  readonly #tally = new Tally();
  readonly #ranges: WalkedRange[] = [];
  #taken = 0;
  /** The first segment that no part has read. */
  #next = 0;
  #verdict: LogVerdict | null = null;

  constructor(
    opened: OpenedPage,
    tasks: PageTasks,
    stop: StopFlag,
    onVerdict: (verdict: LogVerdict) => void,
  ) {
    const { accountId, id: sessionId } = opened.found.session;
    this.#opened = opened;
    this.#tasks = tasks;
    this.#stop = stop;
    this.#onVerdict = onVerdict;
    this.#log = { accountId, sessionId };
  }

  /** The events of the parts in order. */
  async *parts(): AsyncGenerator<Uint8Array> {
    const opened = this.#opened;
    if (opened.plan === null) {
      this.#settle(opened.verdict);
      yield* this.#unwalkedParts();
      return;
    }
    const { plan } = opened;
    let part: PagePart = opened.first;
    for (;;) {
      yield this.#take(part, PART_SEGMENTS);
      if (part.range === null) {
        yield* this.#unwalkedParts();
        return;
      }
      this.#ranges.push(part.range);
      if (!part.more) return;
      part = await this.#read(this.#following(), plan);
    }
  }

  async conclude(): Promise<{ verdict: LogVerdict; counts: LogCounts }> {
    const verdict = this.#verdict ?? this.#settle(await this.#judge(this.#ranges));
    return { verdict, counts: this.#tally.counts() };
  }

  /**
   * The rest of a log that could not be walked part by part. Such a log may still be verified, if its entries are only
   * spread unevenly over segments: then the verified entries are written out. Of any other log, everything that is
   * stored.
   */
  async *#unwalkedParts(): AsyncGenerator<Uint8Array> {
    const verdict = this.#verdict ?? this.#settle(await this.#judge(null));
    const size = verdict.status === 'verified' ? verdict.size : Number.POSITIVE_INFINITY;
    const stored = await this.#tasks.listSegments(this.#log);
    const left = stored.filter((index) => index >= this.#next);
    for (let at = 0; at < left.length && this.#taken < size; at += PART_SEGMENTS) {
      const indexes = left.slice(at, at + PART_SEGMENTS);
      yield this.#take(await this.#read(indexes, null, size - this.#taken), indexes.length);
    }
  }

  #settle(verdict: LogVerdict): LogVerdict {
    this.#verdict = verdict;
    this.#onVerdict(verdict);
    return verdict;
  }

  #take(part: PagePart, segments: number): Uint8Array {
    this.#tally.addCounts(part.counts);
    this.#taken += part.taken;
    this.#next += segments;
    return part.json;
  }

  #following(): number[] {
    return Array.from({ length: PART_SEGMENTS }, (_, i) => this.#next + i);
  }

  #read(indexes: readonly number[], plan: PartTask['plan'], limit = Number.POSITIVE_INFINITY) {
    return this.#tasks.readPart({ log: this.#log, indexes, limit, plan, stop: this.#stop });
  }

  async #judge(ranges: WalkedRange[] | null): Promise<LogVerdict> {
    const { found, plan } = this.#opened;
    if (plan === null) throw new TypeError('A page without a plan has its verdict');
    const order = { ...this.#log, anchors: [], until: null, listed: 0 };
    const concluded = await this.#tasks.concludeVerify({ order, found, plan, ranges, stop: this.#stop });
    if (concluded.kind === 'concluded') return concluded.verdict;
    throw new AppError('session_not_found', 'The session was deleted while its page was written');
  }
}
