// A row of the ledger: its stored form and the codec.
import { isHashHex } from '../audit/hash-hex.ts';
import { isId } from '../audit/ids.ts';
import { LOG_STATES, type LogState } from '../audit/verdict.ts';
import { isTime } from '../time/is-time.ts';
import { isLogIndex } from '../transparency/log-rows.ts';
import { REPORT_SCOPES, type ReportScope } from './subject.ts';
import { WIDE_FORMATS, type WideFormat } from './wide-formats.ts';

/** One issued report. `until` is null while the session is open; `rootHex` is 64 hex digits. */
export type LedgerEntry = Readonly<{
  /** The report's id. */
  id: string;
  userId: string;
  scope: ReportScope;
  /** Null of many sessions. */
  sessionId: string | null;
  /** Of a report on an agent's sessions alone. */
  agentId?: string;
  /** Start and end of what the report covers; the end is null while the session is open. */
  since: Date;
  until: Date | null;
  rootHex: string;
  /** Entries under that root. */
  size: number;
  /** What the log was then: whoever was told that it was sealed is not told later that it never was. Null of many. */
  logState: LogState | null;
  generatedAt: Date;
  /** Over the bytes of the report's JSON. */
  jsonSha256Hex: string;
  /** Over the bytes of its PDF; null where JSON alone was issued. */
  pdfSha256Hex: string | null;
  /** The signed note over its PDF; null where there is none, or the process that issued it had no signing key. */
  pdfStatement: string | null;
  /** Over the bytes of its CSV, and the signed note over them; absent where none was issued, or nothing was signed. */
  csvSha256Hex?: string;
  csvStatement?: string;
  /** In which format it was issued; null where it was recorded before formats were kept. */
  format: WideFormat | null;
  /** The signed note over its JSON; null where the process that issued it had no signing key. */
  statement: string | null;
  /** The signed note over the entry that the account log is to hold; absent where none was signed. */
  entryStatement?: string;
  /** Which entry of the account log is about it; absent while there is none. */
  logIndex?: number;
}>;

/** A row of the ledger. */
export type StoredReport = {
  _id: string;
  account_id: string;
  user_id: string;
  scope: ReportScope;
  /** Absent of many sessions. */
  session_id?: string;
  /** Of a report on an agent's sessions. */
  agent_id?: string;
  since: Date;
  until: Date | null;
  root_hex: string;
  size: number;
  /** Absent where the report was made before states were recorded. */
  log_state?: LogState;
  generated_at: Date;
  json_sha256: string;
  pdf_sha256?: string | null;
  /** Absent where nothing was signed, or JSON alone was issued. */
  pdf_statement?: string;
  /** Absent where no CSV was issued, or before its digest was recorded. */
  csv_sha256?: string;
  /** Absent where nothing was signed, or no CSV was issued. */
  csv_statement?: string;
  /** Absent where the report was made before formats were recorded. */
  format?: WideFormat;
  /** Absent where nothing was signed. */
  statement?: string;
  /** Absent where nothing was signed. */
  entry_statement?: string;
  /** The account log lacks its entry. */
  log_due?: true;
  /** Which entry of the account log is about it. */
  log_index?: number;
};

/** Name of the collection. */
export const REPORTS = 'reports';

/** The row of a report, which the account log lacks. */
export function toRow(accountId: string, entry: LedgerEntry): StoredReport {
  return {
    _id: entry.id,
    account_id: accountId,
    user_id: entry.userId,
    scope: entry.scope,
    ...(entry.sessionId !== null && { session_id: entry.sessionId }),
    ...(entry.agentId !== undefined && { agent_id: entry.agentId }),
    since: entry.since,
    until: entry.until,
    root_hex: entry.rootHex,
    size: entry.size,
    ...(entry.logState !== null && { log_state: entry.logState }),
    generated_at: entry.generatedAt,
    json_sha256: entry.jsonSha256Hex,
    pdf_sha256: entry.pdfSha256Hex,
    ...(entry.pdfStatement !== null && { pdf_statement: entry.pdfStatement }),
    ...(entry.csvSha256Hex !== undefined && { csv_sha256: entry.csvSha256Hex }),
    ...(entry.csvStatement !== undefined && { csv_statement: entry.csvStatement }),
    ...(entry.format !== null && { format: entry.format }),
    ...(entry.statement !== null && { statement: entry.statement }),
    ...(entry.entryStatement !== undefined && { entry_statement: entry.entryStatement }),
    log_due: true,
  };
}

/** Whether a row is one that `record` wrote, by its types. */
export function isRecorded(row: StoredReport): boolean {
  return (
    isId('report', row._id) &&
    (REPORT_SCOPES as readonly unknown[]).includes(row.scope) &&
    isTime(row.generated_at) &&
    isTime(row.since) &&
    (row.until === null || isTime(row.until)) &&
    Number.isSafeInteger(row.size) &&
    row.size >= 0 &&
    typeof row.user_id === 'string' &&
    [row.root_hex, row.json_sha256].every(isHashHex) &&
    [row.pdf_sha256, row.csv_sha256].every(
      (value) => value === undefined || value === null || isHashHex(value),
    ) &&
    isTextOrAbsent(row.pdf_statement) &&
    isTextOrAbsent(row.csv_statement) &&
    isTextOrAbsent(row.statement) &&
    isTextOrAbsent(row.entry_statement) &&
    (row.session_id === undefined || isId('session', row.session_id)) &&
    (row.agent_id === undefined || isId('agent', row.agent_id))
  );
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'string';
}

/** A row that `isRecorded`. */
export function toRecorded(row: StoredReport): LedgerEntry {
  return {
    id: row._id,
    userId: row.user_id,
    scope: row.scope,
    sessionId: row.session_id ?? null,
    ...(row.agent_id !== undefined && { agentId: row.agent_id }),
    since: row.since,
    until: row.until,
    rootHex: row.root_hex,
    size: row.size,
    logState: LOG_STATES.find((state) => state === row.log_state) ?? null,
    generatedAt: row.generated_at,
    jsonSha256Hex: row.json_sha256,
    pdfSha256Hex: row.pdf_sha256 ?? null,
    pdfStatement: row.pdf_statement ?? null,
    ...(typeof row.csv_sha256 === 'string' && { csvSha256Hex: row.csv_sha256 }),
    ...(typeof row.csv_statement === 'string' && { csvStatement: row.csv_statement }),
    format: WIDE_FORMATS.find((format) => format === row.format) ?? null,
    statement: row.statement ?? null,
    ...(typeof row.entry_statement === 'string' && { entryStatement: row.entry_statement }),
    ...(isLogIndex(row.log_index) && { logIndex: row.log_index }),
  };
}
