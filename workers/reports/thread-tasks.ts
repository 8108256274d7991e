// The tasks that the threads run, by name. Each thread makes them once, over a connection of its own that only reads.
import type { AuditKeyBytes } from '../../shared/audit/audit-keys.ts';
import type { LogRef } from '../../shared/audit/log-record.ts';
import { openMongo } from '../../shared/mongo/connection.ts';
import type { LogKeys } from '../../shared/reports/account-log.ts';
import { readPolicy } from '../../shared/reports/policy-reading.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { countTail, type TailTask } from '../logs/count-tail.ts';
import type { ConcludeTask, RangeTask, VerifyTask } from '../logs/log-tasks.ts';
import { createPageReader } from '../logs/page-reader.ts';
import { openPage, type PageTask, type PartTask, readPart } from '../logs/page-tasks.ts';
import { beginVerify, concludeVerify, createVerifyDeps } from '../logs/verify-session.ts';
import { type ViewTask, viewEntries, viewFacts } from '../logs/view-tasks.ts';
import { walkRange } from '../logs/walk-range.ts';
import { type FinishInput, finishInThisThread } from '../pdf/pdf-tasks.ts';
import { isStopped, type StopFlag } from '../threads/stop-flag.ts';
import { openLogReader } from './account-logs.ts';
import { createFactGatherer } from './gather-facts.ts';
import {
  type MeasureOrder,
  measureEntries,
  readLines,
  type SurveyOrder,
  surveyEntries,
} from './pack-entries.ts';
import { type CleanOrder, proveClean } from './prove-clean.ts';
import type { BeginReportTask, ConcludeReportTask } from './report-orders.ts';
import { beginReport, concludeReport } from './report-tasks.ts';
import {
  type ComposeWideTask,
  composeWide,
  createWideReader,
  type ListTask,
  listWindow,
  type WalkTask,
  walkSessions,
} from './wide-tasks.ts';

export type ThreadData = Readonly<{
  mongodbUri: string;
  mongodbDb: string;
  keys: readonly AuditKeyBytes[];
  /** The public keys of the account logs; null in a deployment without them. */
  logKeys: LogKeys | null;
}>;

type FinishTask = FinishInput & Readonly<{ stop: StopFlag }>;

/** Enough for the reads of one short report to run at the same time. */
const CONNECTIONS = 5;

export type ThreadTasks = ReturnType<typeof createTasks>;

export function createTasks({ mongodbUri, mongodbDb, keys, logKeys }: ThreadData) {
  const { db } = openMongo(mongodbUri, mongodbDb, { maxPoolSize: CONNECTIONS });
  const entries = openLogReader(db, logKeys);
  const logs = entries && logKeys && { reader: entries, keys: logKeys };
  const deps = {
    ...createVerifyDeps(db, keys, logs),
    page: createPageReader(db),
    gather: createFactGatherer(db, logs),
    wide: createWideReader(db),
    logs,
  };
  const sessions = createSessionRepository(db);
  const findPayloads = ({ accountId, sessionId }: LogRef) => sessions.findPayloads(accountId, sessionId);
  return {
    beginVerify: (task: VerifyTask) => beginVerify(deps, task),
    walkRange: (task: RangeTask) => walkRange(deps, task),
    concludeVerify: (task: ConcludeTask) => concludeVerify(deps, task),
    countTail: (task: TailTask) => countTail(deps, task),
    listSegments: ({ accountId, sessionId }: LogRef) => deps.reader.list(accountId, sessionId),
    openPage: (task: PageTask) => openPage(deps, task),
    readPart: (task: PartTask) => readPart(deps, task),
    viewFacts: (task: PageTask) => viewFacts(deps, task),
    viewEntries: (task: ViewTask) => viewEntries(deps, task),
    proveEntries: (task: CleanOrder & Readonly<{ stop: StopFlag }>) =>
      proveClean({ ...deps, sessions }, task),
    surveyEntries: (task: SurveyOrder & Readonly<{ stop: StopFlag }>) =>
      surveyEntries({ ...deps, findPayloads }, task),
    measureEntries: (task: MeasureOrder & Readonly<{ stop: StopFlag }>) => measureEntries(deps.reader, task),
    readLines: (task: Parameters<typeof readLines>[1]) => readLines(deps.reader, task),
    readPolicy: async (text: string) => readPolicy(text),
    beginReport: (task: BeginReportTask) => beginReport(deps, task),
    concludeReport: (task: ConcludeReportTask) => concludeReport(deps, task),
    listWindow: (task: ListTask) => listWindow(deps, task),
    walkSessions: (task: WalkTask) => walkSessions(deps, task),
    composeWide: (task: ComposeWideTask) => composeWide(deps, task),
    finishPdf: ({ stop, ...input }: FinishTask) =>
      finishInThisThread(input, findPayloads, () => isStopped(stop)),
  };
}
