// The thread pool that computes everything stated about logs, and the only door to it. The caller's event loop gets
// only verdicts, reports, and pages as finished text.
import type { AuditKeyBytes } from '../../shared/audit/audit-keys.ts';
import type { LogRef } from '../../shared/audit/log-record.ts';
import { LISTED_LIMIT } from '../../shared/audit/tally.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { SEGMENT_SIZE } from '../../shared/log-store/segment.ts';
import type { PolicyReading } from '../../shared/reports/policy-reading.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { openIdentity, type SigningSettings } from '../../shared/transparency/open-signing.ts';
import { type TailOutcome, tailTask } from '../logs/count-tail.ts';
import type { Deadline } from '../logs/forecast.ts';
import type { RangeTask, SessionEvidence, VerifyOrder } from '../logs/log-tasks.ts';
import { type SessionPage, writePage } from '../logs/session-page.ts';
import { type SessionView, type ViewOrder, viewSession } from '../logs/session-view.ts';
import { evidenceOf } from '../logs/verify-session.ts';
import { type Lanes, walkRest } from '../logs/walk-rest.ts';
import { assertFinished, type PdfTasks } from '../pdf/pdf-tasks.ts';
import { FairQueue } from '../threads/fair-queue.ts';
import { createStopFlag, setStop } from '../threads/stop-flag.ts';
import type { TaskInput, TaskName, TaskResult } from '../threads/task-map.ts';
import { ThreadRun } from '../threads/thread-run.ts';
import { startThreads } from '../threads/threads.ts';
import { type EntriesSurvey, type MeasureOrder, PART_SEGMENTS, type SurveyOrder } from './pack-entries.ts';
import type { CleanOrder, CleanProof } from './prove-clean.ts';
import type { ReportOrder, ReportOutcome, WideOrder, WideOutcome } from './report-orders.ts';
import type { ThreadData, ThreadTasks } from './thread-tasks.ts';
import type { ReportOptions, WaitOptions, WideOptions } from './wait-options.ts';
import { makeWideReport } from './wide-report.ts';

export type { Deadline } from '../logs/forecast.ts';
export type { SessionEvidence } from '../logs/log-tasks.ts';
export type { SessionPage } from '../logs/session-page.ts';
export type { SessionView } from '../logs/session-view.ts';
export type { EntryView, ViewedEntry } from '../logs/view-tasks.ts';
export { type IssuedSession, issueSession, issueWithParts, noSession } from './issue-session.ts';
export { type IssuedWide, issueWide } from './issue-wide.ts';
export type {
  MadeReport,
  ReportFormat,
  ReportOrder,
  ReportOutcome,
  WideFormat,
  WideOrder,
  WideOutcome,
} from './report-orders.ts';
export { WIDE_FORMATS } from './report-orders.ts';
export type { WaitOptions, WideOptions } from './wait-options.ts';
export type { WindowProgress } from './walk-window.ts';

export type PoolOptions = Readonly<{
  mongodbUri: string;
  config: Readonly<{
    mongodbDb: string;
    auditKeys: readonly AuditKeyBytes[];
    /** The keys of the account logs; the threads get the public ones alone. */
    signing?: SigningSettings | null;
    reportThreads: number;
    reportQueueLimit: number;
  }>;
  /** Starts a thread when a task needs it, so that a caller without a task has none. By default all start at once. */
  isLazy?: boolean;
}>;

/** `anchors`: none beside the recorded ones by default. `until`: the whole log. `listed`: the first 1,000 entries. */
export type VerifyOptions = WaitOptions & Partial<Pick<VerifyOrder, 'anchors' | 'until' | 'listed'>>;

export type ReportPool = PdfTasks &
  Readonly<{
    /**
     * Verifies a session's log against everything recorded of it. Null where the account has no such session. Throws an
     * `AppError`: `overloaded` at once when the queue is full, `unavailable` when the database does not answer,
     * `report_generation_failed` when a thread broke off. Rejects with the signal's reason when the signal aborts, and
     * with the deadline's reason as soon as the log is found too long for the deadline.
     */
    verifySession(log: LogRef, options: VerifyOptions): Promise<SessionEvidence | null>;
    /**
     * The session's page; null where the account has no such session. `withPayloads`: its reader may see them. Fails as
     * `verifySession` does.
     */
    openPage(
      log: LogRef,
      options: Pick<WaitOptions, 'signal'> & Readonly<{ withPayloads: boolean }>,
    ): Promise<SessionPage | null>;
    /**
     * What a person sees of a session; null where the account has no such session. Walks the whole log. Fails as
     * `verifySession` does.
     */
    viewSession(order: ViewOrder, options: Pick<WaitOptions, 'signal'>): Promise<SessionView | null>;
    /**
     * Proves entries of a log by the tree over its first `size`, and says whether they may leave. Fails as `verifySession`
     * does.
     */
    proveEntries(order: CleanOrder, options: Pick<WaitOptions, 'signal'>): Promise<CleanProof>;
    /** Whether a log's entries may be handed out, and their size as lines. Fails as `verifySession` does. */
    surveyEntries(order: SurveyOrder, options: Pick<WaitOptions, 'signal'>): Promise<EntriesSurvey>;
    /** Bytes of a log's first `size` entries as lines; null for more than the limit. Fails as `verifySession` does. */
    measureEntries(order: MeasureOrder, options: Pick<WaitOptions, 'signal'>): Promise<number | null>;
    /** The first `size` entries as lines, part by part. A slow reader holds no thread between two of them. */
    readLines(log: LogRef, size: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
    /**
     * What follows from a policy's text. A long text takes a thread a second: an event loop must not read it. Fails as
     * `verifySession` does.
     */
    readPolicy(accountId: string, text: string, options: Pick<WaitOptions, 'signal'>): Promise<PolicyReading>;
    /**
     * Checks and counts a bounded part of the entries that the session's counts do not cover yet. The cost does not
     * depend on the entries counted before. Fails as `verifySession` does.
     */
    countTail(session: Session, signal: AbortSignal): Promise<TailOutcome>;
    /** Verifies a session's log and makes the report's JSON. Fails as `verifySession` does. */
    report(order: ReportOrder, options: ReportOptions): Promise<ReportOutcome>;
    /**
     * Walks every log of a window and makes the report on it. Fails as `verifySession` does. `onOutcome` takes what has to
     * be recorded of a session.
     */
    wideReport(order: WideOrder, options: WideOptions): Promise<WideOutcome>;
    /** Tasks on a thread, and callers being served or waiting. */
    stats(): Readonly<{ threads: number; running: number; waiting: number }>;
    /**
     * Ends the threads. Running calls fail with `report_generation_failed`, waiting and later ones with `unavailable`.
     */
    close(): Promise<void>;
  }>;

export async function createReportPool({ mongodbUri, config, isLazy }: PoolOptions): Promise<ReportPool> {
  const { mongodbDb, auditKeys: keys, signing = null, reportThreads, reportQueueLimit } = config;
  const logKeys = signing && openIdentity(signing);
  const data: ThreadData = { mongodbUri, mongodbDb, keys, logKeys };
  const threads = startThreads<ThreadTasks>(reportThreads, { tasksUrl: TASKS_URL, data }, { isLazy });
  const queue = new FairQueue(reportThreads, reportQueueLimit);

  const enter = (accountId: string, signal: AbortSignal) =>
    new ThreadRun<ThreadTasks>(threads, queue.enter(accountId), signal);

  /** For a task that is owed to a caller who was admitted before. */
  const owe = (accountId: string, signal: AbortSignal) =>
    new ThreadRun<ThreadTasks>(threads, queue.admit(accountId), signal);

  async function runOwed<Name extends TaskName<ThreadTasks>>(
    accountId: string,
    signal: AbortSignal,
    name: Name,
    input: TaskInput<ThreadTasks, Name>,
  ): Promise<TaskResult<ThreadTasks, Name>> {
    using run = owe(accountId, signal);
    return await run.task(name, input);
  }

  function lanesFor(run: ThreadRun<ThreadTasks>, deadline: Deadline | undefined) {
    const walk = (task: RangeTask) => run.task('walkRange', task);
    return [run.stop, walk, { lanes: reportThreads, deadline } satisfies Lanes] as const;
  }

  async function verify(
    run: ThreadRun<ThreadTasks>,
    order: VerifyOrder,
    deadline: Deadline | undefined,
  ): Promise<SessionEvidence | null> {
    const begun = await run.task('beginVerify', { order, stop: run.stop });
    if (begun.kind === 'no_session') return null;
    if (begun.kind === 'concluded') return evidenceOf(begun);
    const ranges = await walkRest(begun, ...lanesFor(run, deadline));
    const { found, plan } = begun;
    return evidenceOf(await run.task('concludeVerify', { order, found, plan, ranges, stop: run.stop }));
  }

  return {
    async verifySession(log, { signal, deadline, anchors = [], until = null, listed = LISTED_LIMIT }) {
      using run = enter(log.accountId, signal);
      const { accountId, sessionId } = log;
      return await verify(run, { accountId, sessionId, anchors, until, listed }, deadline);
    },
    async openPage({ accountId, sessionId }, { signal: requested, withPayloads }) {
      const abandoned = new AbortController();
      const signal = AbortSignal.any([requested, abandoned.signal]);
      // All tasks of the page share one flag: any of them may be running when the page is dropped.
      const stop = createStopFlag();
      signal.addEventListener('abort', () => setStop(stop), { once: true });
      using run = enter(accountId, signal);
      const opened = await run.task('openPage', { log: { accountId, sessionId }, withPayloads, stop });
      if (opened.kind === 'no_session') return null;
      const tasks = {
        readPart: (task: TaskInput<ThreadTasks, 'readPart'>) => runOwed(accountId, signal, 'readPart', task),
        listSegments: (task: LogRef) => runOwed(accountId, signal, 'listSegments', task),
        concludeVerify: (task: TaskInput<ThreadTasks, 'concludeVerify'>) =>
          runOwed(accountId, signal, 'concludeVerify', task),
      };
      return writePage(opened, tasks, stop, () => abandoned.abort());
    },
    async viewSession(order, { signal }) {
      using run = enter(order.log.accountId, signal);
      const tasks = {
        viewFacts: (task: TaskInput<ThreadTasks, 'viewFacts'>) => run.task('viewFacts', task),
        viewEntries: (task: TaskInput<ThreadTasks, 'viewEntries'>) => run.task('viewEntries', task),
        verify: () => verify(run, { ...order.log, anchors: [], until: null, listed: 0 }, undefined),
      };
      return await viewSession(tasks, order, run.stop);
    },
    async proveEntries(order, { signal }) {
      using run = enter(order.log.accountId, signal);
      return await run.task('proveEntries', { ...order, stop: run.stop });
    },
    async surveyEntries(order, { signal }) {
      using run = enter(order.log.accountId, signal);
      return await run.task('surveyEntries', { ...order, stop: run.stop });
    },
    async measureEntries(order, { signal }) {
      using run = enter(order.log.accountId, signal);
      return await run.task('measureEntries', { ...order, stop: run.stop });
    },
    async *readLines(log, size, signal) {
      for (let firstSegment = 0; firstSegment * SEGMENT_SIZE < size; firstSegment += PART_SEGMENTS) {
        const { lines } = await runOwed(log.accountId, signal, 'readLines', { log, firstSegment, size });
        yield lines;
      }
    },
    async readPolicy(accountId, text, { signal }) {
      using run = enter(accountId, signal);
      return await run.task('readPolicy', text);
    },
    async countTail(session, signal) {
      using run = enter(session.accountId, signal);
      return await run.task('countTail', tailTask(session, run.stop));
    },
    async report(order, { signal, deadline, known = null }) {
      using run = enter(order.accountId, signal);
      const task = { order, known, stop: run.stop };
      const begun = await run.task('beginReport', task);
      if (begun.kind !== 'begun') return begun;
      const { found, plan } = begun;
      const ranges = await walkRest(begun, ...lanesFor(run, deadline));
      return await run.task('concludeReport', { ...task, found, plan, ranges });
    },
    async wideReport(order, { signal, deadline, known = null, onOutcome, onProgress, onStage }) {
      using run = enter(order.accountId, signal);
      return await makeWideReport(run, order, {
        lanes: reportThreads,
        deadline,
        known,
        verify: (log, anchors) => verify(run, { ...log, anchors, until: null, listed: 0 }, deadline),
        onOutcome,
        onProgress,
        onStage,
      });
    },
    async finishPdf(accountId, input, signal) {
      using run = owe(accountId, signal);
      return assertFinished(await run.task('finishPdf', { ...input, stop: run.stop }));
    },
    stats: () => ({ threads: reportThreads, running: queue.running, waiting: queue.tickets }),
    close: () => {
      queue.close(new AppError('unavailable', 'The report threads are closed'));
      return threads.close();
    },
  };
}

const TASKS_URL = new URL('./thread-tasks.ts', import.meta.url).href;
