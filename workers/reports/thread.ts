// The pool's thread entry. Each thread has a connection of its own, kept between tasks, and only reads.
import { constants, setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { createSegmentReader } from '../../shared/log-store/segment-reader.ts';
import { openMongo } from '../../shared/mongo/connection.ts';
import { asStoreFailure } from '../../shared/mongo/store-failure.ts';
import { countTail } from '../logs/count-tail.ts';
import { presentEvents } from '../logs/present-events.ts';
import { walkRange, walkWhole } from '../logs/walk-tasks.ts';
import type { PdfDocument } from '../pdf/document/compose-document.ts';
import {
  composeInThisThread,
  type FinishInput,
  type FinishOutcome,
  finishInThisThread,
} from '../pdf/pdf-tasks.ts';
import { createFactGatherer } from './gather-facts.ts';
import { makeReport, makeShortReport } from './report-tasks.ts';
import type {
  EventsOutcome,
  EventsTask,
  LogRef,
  Outcome,
  RangeOutcome,
  RangeTask,
  ReportTask,
  ReportTaskOutcome,
  ShortReportOutcome,
  ShortReportTask,
  TailOutcome,
  TailTask,
  ThreadData,
  WholeOutcome,
  WholeTask,
} from './tasks.ts';

giveWay();

const { mongodbUri, mongodbDb, keys } = workerData as ThreadData;
// Enough that a short report's reads wait for none of each other.
const mongo = openMongo(mongodbUri, mongodbDb, { maxPoolSize: 5 });
const reader = createSegmentReader(mongo.db);
const walker = { reader, keyring: createKeyring(keys) };
const reports = { ...walker, gather: createFactGatherer(mongo.db) };

/** The tasks that the pool may ask for, by name. */
export const THREAD_TASKS = {
  walkRange: (task: RangeTask): Promise<Outcome<RangeOutcome>> => withStore(() => walkRange(walker, task)),
  walkWhole: (task: WholeTask): Promise<Outcome<WholeOutcome>> => withStore(() => walkWhole(walker, task)),
  countTail: (task: TailTask): Promise<Outcome<TailOutcome>> => withStore(() => countTail(walker, task)),
  listSegments: ({ accountId, sessionId }: LogRef): Promise<Outcome<number[]>> =>
    withStore(() => reader.list(accountId, sessionId)),
  presentEvents: (task: EventsTask): Promise<Outcome<EventsOutcome>> =>
    withStore(() => presentEvents(reader, task)),
  makeReport: (task: ReportTask): Promise<Outcome<ReportTaskOutcome>> =>
    withStore(() => makeReport(reports, task)),
  makeShortReport: (task: ShortReportTask): Promise<Outcome<ShortReportOutcome>> =>
    withStore(() => makeShortReport(reports, task)),
  composeDocument: (reportJson: Uint8Array): Promise<Outcome<PdfDocument>> =>
    withStore(() => composeInThisThread(reportJson)),
  finishPdf: (input: FinishInput): Promise<Outcome<FinishOutcome>> =>
    withStore(() => finishInThisThread(input)),
};

export type ThreadTasks = typeof THREAD_TASKS;
export type ThreadCall = {
  [N in keyof ThreadTasks]: { name: N; input: Parameters<ThreadTasks[N]>[0] };
}[keyof ThreadTasks];

/** What piscina calls. */
export function runThreadTask({ name, input }: ThreadCall): Promise<Outcome<unknown>> {
  return (THREAD_TASKS[name] as (input: ThreadCall['input']) => Promise<Outcome<unknown>>)(input);
}

async function withStore<T>(task: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { status: 'done', result: await task() };
  } catch (error) {
    if (asStoreFailure(error)) return { status: 'store_down' };
    throw error;
  }
}

/** On Linux a priority is the thread's own: whoever only wants a list does not wait behind a report. */
function giveWay(): void {
  if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}
