// The ledger of issued reports: who asked, for what, what root was stated. Never a report's bytes.
import type { Collection, Db } from 'mongodb';
import { isId } from '../audit/ids.ts';
import type { Anchor } from '../audit/log-record.ts';
import { LOG_STATES, type LogState } from '../audit/verdict.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { insertRow } from '../mongo/insert-row.ts';
import { StoreFailure } from '../mongo/store-failure.ts';
import { tryOn } from '../mongo/try-on.ts';
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
  /** In which format it was issued; null where it was recorded before formats were kept. */
  format: WideFormat | null;
  /** The signed note over its JSON; null where the process that issued it had no signing key. */
  statement: string | null;
  /** The signed note over the entry that the account log is to hold; absent where none was signed. */
  entryStatement?: string;
  /** Which entry of the account log is about it; absent while there is none. */
  logIndex?: number;
}>;

/** Which rows of the ledger to list. */
export type LedgerQuery = Readonly<{
  after: Readonly<{ generatedAt: Date; id: string }> | null;
  limit: number;
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

/** Indexes of the ledger: holds every field that `reportedAnchors` looks at, so that it reads no row. */
export const LEDGER_INDEXES: readonly IndexSpec[] = [
  // The list, newest first.
  { collection: REPORTS, key: { account_id: 1, generated_at: -1, _id: -1 } },
  // `listByHash`.
  { collection: REPORTS, key: { account_id: 1, json_sha256: 1 } },
  { collection: REPORTS, key: { account_id: 1, pdf_sha256: 1 } },
  { collection: REPORTS, key: { account_id: 1, root_hex: 1 } },
  // logged-reports: what the account log lacks.
  { collection: REPORTS, key: { log_due: 1 }, sparse: true },
  { collection: REPORTS, key: { account_id: 1, session_id: 1, size: -1, root_hex: 1, log_state: 1 } },
];

/**
 * Anchors of one session that a walk compares. A log that was cut or altered below the smallest of so many fails at the
 * larger ones too: whoever adds rows to push out a true one needs roots that the log still gives at larger sizes.
 */
const ANCHORS_AT_MOST = 1000;

const HASHES = ['json_sha256', 'pdf_sha256', 'root_hex'] as const;

/** The issued reports of an account. */
export type ReportLedger = ReturnType<typeof createReportLedger>;

/** Records and finds issued reports. All methods reject with the driver's error when the database does not answer. */
export function createReportLedger(db: Db) {
  const reports: Collection<StoredReport> = evidenceCollection(db, REPORTS);

  return {
    /**
     * Records a report under its id, which must be new. Tries on for 20 s while the database is away. When the reply to
     * the insertion is lost, the next try finds the row.
     */
    async record(accountId: string, entry: LedgerEntry): Promise<void> {
      const row = {
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
        ...(entry.format !== null && { format: entry.format }),
        ...(entry.statement !== null && { statement: entry.statement }),
        ...(entry.entryStatement !== undefined && { entry_statement: entry.entryStatement }),
        log_due: true,
      } as const;
      await tryOn(async () => {
        if (await insertRow(reports, row)) return;
        const stored = await reports.findOne(
          { _id: row._id },
          { projection: { account_id: 1, json_sha256: 1 } },
        );
        // The row is on the primary, and no majority has it yet.
        if (!stored) throw new StoreFailure('unavailable');
        const isOurs = stored.account_id === accountId && stored.json_sha256 === row.json_sha256;
        if (!isOurs) throw new Error('Another report has this id');
      });
    },

    /** The report of this id; null where the account has none, or no report made the row. */
    async find(accountId: string, reportId: string): Promise<LedgerEntry | null> {
      const row = await reports.findOne({ _id: reportId, account_id: accountId });
      return row?.account_id === accountId && isRecorded(row) ? toRecorded(row) : null;
    },

    /**
     * The account's reports, newest first, at most `limit` after the row `after`. Passes over rows that no report made:
     * whoever writes to the database can leave one of any types.
     */
    async list(accountId: string, { after, limit }: LedgerQuery): Promise<LedgerEntry[]> {
      const next = after && [
        { generated_at: { $lt: after.generatedAt } },
        { generated_at: after.generatedAt, _id: { $lt: after.id } },
      ];
      const rows = reports
        .find({ account_id: accountId, ...(next && { $or: next }) })
        .sort({ generated_at: -1, _id: -1 })
        .batchSize(limit + 1);
      const page: LedgerEntry[] = [];
      for await (const row of rows) {
        if (row.account_id === accountId && isRecorded(row)) page.push(toRecorded(row));
        if (page.length === limit) break;
      }
      return page;
    },

    /**
     * Reports whose JSON or PDF has this SHA-256, or that state this root: 64 hex digits. At most `limit` of each, in no
     * order, each once. Passes over rows that no report made.
     */
    async listByHash(accountId: string, hashHex: string, limit: number): Promise<LedgerEntry[]> {
      const found = await Promise.all(
        HASHES.map((name) =>
          reports
            .find({ account_id: accountId, [name]: hashHex })
            .limit(limit)
            .batchSize(limit + 1)
            .toArray(),
        ),
      );
      const rows = found.flat().filter((row) => row.account_id === accountId && isRecorded(row));
      return [...new Map(rows.map((row) => [row._id, toRecorded(row)])).values()];
    },

    /** As `reportedAnchors` for each of these sessions, by its id; one without a report is left out. */
    async reportedAnchorsOf(
      accountId: string,
      sessionIds: readonly string[],
    ): Promise<ReadonlyMap<string, readonly Anchor[]>> {
      const groups = await reports
        .aggregate<AnchorGroup & { _id: { session_id: string } }>([
          { $match: { account_id: accountId, session_id: { $in: [...sessionIds] } } },
          groupByRoot({ session_id: '$session_id' }),
          LARGEST_FIRST,
        ])
        .toArray();
      const anchors = Map.groupBy(groups, ({ _id }) => _id.session_id);
      return new Map([...anchors].map(([id, found]) => [id, found.slice(0, ANCHORS_AT_MOST).map(toAnchor)]));
    },

    /**
     * The roots that reports on this session stated, each once, the largest sizes first: at most `ANCHORS_AT_MOST`. Two
     * roots of one size are two anchors, of which a walk reproduces one at most.
     */
    async reportedAnchors(accountId: string, sessionId: string): Promise<Anchor[]> {
      const groups = await reports
        .aggregate<AnchorGroup>([
          { $match: { account_id: accountId, session_id: sessionId } },
          groupByRoot({}),
          LARGEST_FIRST,
          { $limit: ANCHORS_AT_MOST },
        ])
        .toArray();
      return groups.map(toAnchor);
    },
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
    [row.root_hex, row.user_id, row.json_sha256].every((value) => typeof value === 'string') &&
    isTextOrAbsent(row.pdf_sha256) &&
    isTextOrAbsent(row.pdf_statement) &&
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
    format: WIDE_FORMATS.find((format) => format === row.format) ?? null,
    statement: row.statement ?? null,
    ...(typeof row.entry_statement === 'string' && { entryStatement: row.entry_statement }),
    ...(isLogIndex(row.log_index) && { logIndex: row.log_index }),
  };
}

type AnchorGroup = { _id: { size: number; root_hex: string }; sealed: boolean };

/** One group a root, whatever states stand beside it: other states must not push `sealed` out. */
function groupByRoot(also: Readonly<Record<string, string>>) {
  return {
    $group: {
      _id: { ...also, size: '$size', root_hex: '$root_hex' },
      sealed: { $max: { $eq: ['$log_state', 'sealed'] } },
    },
  };
}

const LARGEST_FIRST = { $sort: { '_id.size': -1, '_id.root_hex': 1 } } as const;

function toAnchor({ _id: { size, root_hex: rootHex }, sealed }: AnchorGroup): Anchor {
  return { source: 'reported', size, rootHex, sealed };
}
