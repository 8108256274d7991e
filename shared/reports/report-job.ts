// A report that is made in the background, and its row. The row holds ids, times and counts, and never a report's bytes.
import { z } from 'zod';
import { ID_PATTERNS } from '../audit/ids.ts';
import { parsePeriod } from '../time/local-buckets.ts';
import type { LogIdentity } from '../transparency/log-origin.ts';
import { DEFAULT_PAPER, PAPERS } from './paper.ts';
import { orderFault, type TakenOrder } from './report-order.ts';
import type { LedgerEntry } from './report-row.ts';
import { WIDE_FORMATS } from './wide-formats.ts';

/**
 * `queued`: no worker has begun. `ready`: its bytes can be fetched. `failed`: it ended without a report, cancelled ones
 * included. `expired`: it was ready, and its bytes are removed.
 */
export const REPORT_JOB_STATUSES = ['queued', 'running', 'ready', 'failed', 'expired'] as const;
/** One of `REPORT_JOB_STATUSES`. */
export type ReportJobStatus = (typeof REPORT_JOB_STATUSES)[number];

/**
 * What a worker does for a report: it lists the window, walks its logs, composes the report, prints it where it is a PDF,
 * and stores its bytes.
 */
export const REPORT_STAGES = ['listing', 'walking', 'composing', 'printing', 'storing'] as const;
/** One of `REPORT_STAGES`. */
export type ReportStage = (typeof REPORT_STAGES)[number];

/**
 * How far the worker has come: sessions walked, of how many (null until the first are walked), when it began, and when it last
 * said so. A worker that works says so every half second.
 */
export type ReportJobProgress = Readonly<{
  stage: ReportStage;
  done: number;
  total: number | null;
  startedAt: Date;
  at: Date;
}>;

/** A composed report: what the ledger records of it, and the file that holds its bytes. Never changed once stored. */
export type ComposedJob = Pick<
  LedgerEntry,
  | 'rootHex'
  | 'size'
  | 'generatedAt'
  | 'jsonSha256Hex'
  | 'pdfSha256Hex'
  | 'pdfStatement'
  | 'csvSha256Hex'
  | 'csvStatement'
  | 'statement'
  | 'entryStatement'
> &
  Readonly<{
    fileId: string;
    bytes: number;
    /** Over the bytes that are handed out, in whatever format. */
    sha256Hex: string;
  }>;

/** Why there is no report. The message is safe to show. */
export type ReportJobError = Readonly<{ code: string; reason: string | null; message: string }>;

/** A report that is made in the background. */
export type ReportJob = TakenOrder &
  Readonly<{
    status: ReportJobStatus;
    /**
     * Why the order does not hold, safe to show; null where it does. Where it does not, the job is `failed` whatever its row
     * says, and nothing that it says is to be told.
     */
    orderFault: string | null;
    /** The same of its composed report; what is ordered may be told. */
    composedFault: string | null;
    /** How often a worker has begun. */
    attempts: number;
    progress: ReportJobProgress | null;
    composed: ComposedJob | null;
    error: ReportJobError | null;
    finishedAt: Date | null;
    /** When its bytes are removed, of a report that is or was ready. */
    expiresAt: Date | null;
  }>;

const count = z.int().nonnegative();

const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

/** A period of some calendar: the name of the report's file is made of it, and goes into a header. */
const period = z.string().refine((text) => parsePeriod(text, 'UTC') !== null);

const storedComposed = z.object({
  root_hex: sha256Hex,
  size: count,
  generated_at: z.date(),
  json_sha256: sha256Hex,
  pdf_sha256: sha256Hex.nullable(),
  /** Absent where nothing was signed, or no PDF was made. */
  pdf_statement: z.string().optional(),
  /** Absent where no CSV was made. */
  csv_sha256: sha256Hex.optional(),
  /** Absent where nothing was signed, or no CSV was made. */
  csv_statement: z.string().optional(),
  /** Absent where nothing was signed. */
  statement: z.string().optional(),
  /** Absent where nothing was signed. */
  entry_statement: z.string().optional(),
  file_id: z.string(),
  bytes: count,
  sha256: sha256Hex,
});

const storedJob = z.object({
  _id: z.string().regex(ID_PATTERNS.report),
  account_id: z.string().regex(ID_PATTERNS.account),
  user_id: z.string(),
  /** Absent of orders from before names were kept. */
  user_name: z.string().optional(),
  status: z.enum(REPORT_JOB_STATUSES),
  /** Of a report on an agent's sessions. */
  agent_id: z.string().regex(ID_PATTERNS.agent).optional(),
  since: z.date(),
  until: z.date(),
  tz: z.string(),
  period: period.nullable(),
  exceptions: z.enum(['refuse', 'list']),
  format: z.enum(WIDE_FORMATS),
  /** Absent of orders from before there was a choice. */
  paper: z.enum(PAPERS).optional(),
  ordered_at: z.date(),
  /** Over all that is ordered. Absent of a deployment that signs nothing, and of orders from before they were signed. */
  order_statement: z.string().optional(),
  /** Absent of a deployment that signs nothing, and of orders from before it was kept. */
  log_size: count.optional(),
  /** When anything was last written here. */
  touched_at: z.date(),
  attempts: count,
  progress: z
    .object({
      stage: z.enum(REPORT_STAGES),
      done: count,
      total: count.nullable(),
      started_at: z.date(),
      at: z.date(),
    })
    .nullable(),
  composed: storedComposed.nullable(),
  error: z.object({ code: z.string(), reason: z.string().nullable(), message: z.string() }).nullable(),
  finished_at: z.date().nullable(),
  expires_at: z.date().nullable(),
  /** Set once no bytes are left: MongoDB removes the row at that time. */
  forget_at: z.date().optional(),
});

/** A row of `report_jobs`. */
export type StoredReportJob = z.infer<typeof storedJob>;

/** Whether a row is one that an order made, by its types: whoever writes to the database can leave one of any. */
export function isOrdered(stored: unknown): boolean {
  return storedJob.safeParse(stored).success;
}

/** The row of a new order. `statement` is over it; null where nothing is signed. */
export function toJobRow(order: TakenOrder, statement: string | null): StoredReportJob {
  const {
    id,
    accountId,
    userId,
    userName,
    subject,
    exceptions,
    format,
    paper,
    orderedAt: at,
    logSize,
  } = order;
  const { since, until, tz, period } = subject.window;
  return {
    _id: id,
    account_id: accountId,
    user_id: userId,
    user_name: userName,
    status: 'queued',
    ...(subject.scope === 'agent' && { agent_id: subject.agentId }),
    since,
    until,
    tz,
    period,
    exceptions,
    format,
    paper,
    ordered_at: at,
    ...(statement !== null && { order_statement: statement }),
    ...(logSize !== undefined && { log_size: logSize }),
    touched_at: at,
    attempts: 0,
    progress: null,
    composed: null,
    error: null,
    finished_at: null,
    expires_at: null,
  };
}

/**
 * The job of a row; null where no order made the row: whoever writes to the database can leave one of any types. `identity`: null
 * without a signing key.
 */
export function toReportJob(stored: unknown, identity: LogIdentity | null): ReportJob | null {
  const { data: row } = storedJob.safeParse(stored);
  if (!row) return null;
  const job = jobOf(row);
  const fault = orderFault(identity, job, row.order_statement);
  if (fault === null) return job;
  const error = { code: 'report_generation_failed', reason: 'stored_order', message: fault };
  return { ...job, status: 'failed', error, orderFault: fault };
}

function jobOf(row: StoredReportJob): ReportJob {
  const { since, until, tz, period, progress } = row;
  const window = { since, until, tz, period };
  return {
    id: row._id,
    accountId: row.account_id,
    userId: row.user_id,
    userName: row.user_name ?? row.user_id,
    status: row.status,
    subject:
      row.agent_id === undefined
        ? { scope: 'account', window }
        : { scope: 'agent', agentId: row.agent_id, window },
    exceptions: row.exceptions,
    format: row.format,
    paper: row.paper ?? DEFAULT_PAPER,
    orderedAt: row.ordered_at,
    ...(row.log_size !== undefined && { logSize: row.log_size }),
    orderFault: null,
    composedFault: null,
    attempts: row.attempts,
    progress: progress && toProgress(progress),
    composed: row.composed && toComposed(row.composed),
    error: row.error,
    finishedAt: row.finished_at,
    expiresAt: row.expires_at,
  };
}

function toProgress({
  started_at: startedAt,
  ...progress
}: NonNullable<StoredReportJob['progress']>): ReportJobProgress {
  return { ...progress, startedAt };
}

/** The stored form of a composed report. */
export function fromComposed(composed: ComposedJob): NonNullable<StoredReportJob['composed']> {
  return {
    root_hex: composed.rootHex,
    size: composed.size,
    generated_at: composed.generatedAt,
    json_sha256: composed.jsonSha256Hex,
    pdf_sha256: composed.pdfSha256Hex,
    ...(composed.pdfStatement !== null && { pdf_statement: composed.pdfStatement }),
    ...(composed.csvSha256Hex !== undefined && { csv_sha256: composed.csvSha256Hex }),
    ...(composed.csvStatement !== undefined && { csv_statement: composed.csvStatement }),
    ...(composed.statement !== null && { statement: composed.statement }),
    ...(composed.entryStatement !== undefined && { entry_statement: composed.entryStatement }),
    file_id: composed.fileId,
    bytes: composed.bytes,
    sha256: composed.sha256Hex,
  };
}

function toComposed(stored: z.infer<typeof storedComposed>): ComposedJob {
  return {
    rootHex: stored.root_hex,
    size: stored.size,
    generatedAt: stored.generated_at,
    jsonSha256Hex: stored.json_sha256,
    pdfSha256Hex: stored.pdf_sha256,
    pdfStatement: stored.pdf_statement ?? null,
    ...(stored.csv_sha256 !== undefined && { csvSha256Hex: stored.csv_sha256 }),
    ...(stored.csv_statement !== undefined && { csvStatement: stored.csv_statement }),
    statement: stored.statement ?? null,
    ...(stored.entry_statement !== undefined && { entryStatement: stored.entry_statement }),
    fileId: stored.file_id,
    bytes: stored.bytes,
    sha256Hex: stored.sha256,
  };
}
