// The thread pool behind reports and session pages, and the only way to it. Nothing of a log passes through the
// caller's event loop but verdicts, and pages already written out.
import { type AuditKeyBytes, createKeyring } from '../../shared/audit/audit-keys.ts';
import type { Anchor, LogRecord } from '../../shared/audit/log-record.ts';
import type { FailedLog, LogVerdict, UnverifiableLog } from '../../shared/audit/verdict.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { logRecordOf, type Session } from '../../shared/sessions/session.ts';
import type { Deadline } from '../logs/forecast.ts';
import { logRef } from '../logs/ranges.ts';
import { type EventStream, streamEvents, type TaskRunner } from '../logs/stream-events.ts';
import { walkLog } from '../logs/walk-log.ts';
import { assertFinished, type PdfTasks } from '../pdf/pdf-tasks.ts';
import { FairQueue } from '../threads/fair-queue.ts';
import { ReportRun } from '../threads/thread-run.ts';
import { startThreads } from '../threads/threads.ts';
import type { NoSession, ReportOrder, ReportTaskOutcome, TailOutcome } from './tasks.ts';

export type PoolOptions = Readonly<{
  mongodbUri: string;
  config: Readonly<{
    mongodbDb: string;
    auditKeys: readonly AuditKeyBytes[];
    reportThreads: number;
    reportQueueLimit: number;
  }>;
}>;

export type { Deadline } from '../logs/forecast.ts';

export type ReportOptions = Readonly<{ signal: AbortSignal; deadline?: Deadline }>;

export type WalkOptions = ReportOptions & Readonly<{ lastReported: Pick<Anchor, 'size' | 'rootHex'> | null }>;

export type ReportOutcome =
  | ReportTaskOutcome
  | NoSession
  | Readonly<{ kind: 'not_verified'; verdict: FailedLog | UnverifiableLog }>;

export type ReportPool = PdfTasks &
  Readonly<{
    /**
     * Walks a session's log and says what it found. Throws an `AppError`: `overloaded` at once when the queue is full,
     * `unavailable` when the database is away, `report_generation_failed` when a thread broke off. Rejects with the
     * signal's reason when that aborts, and with the deadline's as soon as it is clear that the log is too long for it.
     */
    walk(session: Session, options: WalkOptions): Promise<LogVerdict>;
    /**
     * The session's redactions in `seq` order as JSON text: members of an array, comma-separated, in bounded chunks.
     * `counts` are of what the chunks hold and settle after the last. Fails as `walk` does.
     */
    streamEvents(session: Session, options: WalkOptions): EventStream;
    /**
     * Checks and counts what was appended since the session's counts were made, a bounded part at a time, at a cost
     * that does not depend on what was counted before. Fails as `walk` does.
     */
    countTail(session: Session, signal: AbortSignal): Promise<TailOutcome>;
    /** Walks a session's log and, where it is well, makes the report's JSON. Fails as `walk` does. */
    report(order: ReportOrder, options: ReportOptions): Promise<ReportOutcome>;
    /** Tasks on a thread, and callers being served or waiting. */
    stats(): Readonly<{ threads: number; running: number; waiting: number }>;
    /** Ends the threads: what runs fails with `report_generation_failed`, what waits or comes later with `unavailable`. */
    close(): Promise<void>;
  }>;

export async function createReportPool({ mongodbUri, config }: PoolOptions): Promise<ReportPool> {
  const { mongodbDb, auditKeys: keys, reportThreads, reportQueueLimit } = config;
  const threads = startThreads(reportThreads, { mongodbUri, mongodbDb, keys });
  const queue = new FairQueue(reportThreads, reportQueueLimit);
  const walker = { keyring: createKeyring(keys), lanes: reportThreads };

  return {
    async walk(session, { signal, lastReported, deadline }) {
      using run = new ReportRun(threads, queue.enter(session.accountId), signal);
      return await walkLog(run, recordOf(session, lastReported), { ...walker, deadline });
    },
    streamEvents(session, { signal: requested, lastReported }) {
      const abandoned = new AbortController();
      const signal = AbortSignal.any([requested, abandoned.signal]);
      const walk = new ReportRun(threads, queue.enter(session.accountId), signal);
      const verdict = walkLog(walk, recordOf(session, lastReported), walker).finally(() =>
        walk[Symbol.dispose](),
      );
      const run: TaskRunner = async (name, input) => {
        using batch = new ReportRun(threads, queue.admit(session.accountId), signal);
        return await batch.task(name, input);
      };
      return streamEvents(run, session, verdict, () => abandoned.abort());
    },
    async countTail(session, signal) {
      using run = new ReportRun(threads, queue.enter(session.accountId), signal);
      return await run.task('countTail', {
        log: logRef(logRecordOf(session)),
        begin: session.aggregate.throughSeq + 1,
        headHashHex: session.log.headHashHex,
        stop: run.stop,
      });
    },
    async report(order, { signal, deadline }) {
      using run = new ReportRun(threads, queue.enter(order.accountId), signal);
      const short = await run.task('makeShortReport', { order, stop: run.stop });
      if (short.kind !== 'to_walk') return short;
      const { session, lastReported } = short;
      const verdict = await walkLog(run, recordOf(session, lastReported), { ...walker, deadline });
      if (verdict.status !== 'verified') return { kind: 'not_verified', verdict };
      const { baaChainText } = order;
      return await run.task('makeReport', { session, baaChainText, verdict });
    },
    async composeDocument(accountId, reportJson, signal) {
      using run = new ReportRun(threads, queue.admit(accountId), signal);
      return await run.task('composeDocument', reportJson);
    },
    async finishPdf(accountId, input, signal) {
      using run = new ReportRun(threads, queue.admit(accountId), signal);
      return assertFinished(await run.task('finishPdf', input));
    },
    stats: () => ({ threads: reportThreads, running: queue.running, waiting: queue.tickets }),
    close: () => {
      queue.close(new AppError('unavailable', 'The report threads are closed'));
      return threads.close();
    },
  };
}

function recordOf(session: Session, lastReported: WalkOptions['lastReported']): LogRecord {
  return logRecordOf(session, lastReported ? [{ source: 'reported', ...lastReported }] : []);
}
