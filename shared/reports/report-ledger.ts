// The ledger of issued reports: who asked, for what, what root was stated. Never a report's bytes.
import type { Collection, Db } from 'mongodb';
import { isId } from '../audit/ids.ts';
import type { Anchor } from '../audit/log-record.ts';
import { reportFailure } from '../errors/report-failure.ts';
import { evidenceCollection } from '../mongo/evidence.ts';
import type { IndexSpec } from '../mongo/index-spec.ts';
import { insertRow } from '../mongo/insert-row.ts';
import { LISTED_WITHIN } from '../mongo/read-limit.ts';
import { readPage } from '../mongo/read-page.ts';
import { StoreFailure } from '../mongo/store-failure.ts';
import { tryOn } from '../mongo/try-on.ts';
import type { LogIdentity } from '../transparency/log-origin.ts';
import { BY_ENTRY } from '../transparency/named-entries.ts';
import { isRecorded, type LedgerEntry, REPORTS, type StoredReport, toRecorded, toRow } from './report-row.ts';
import { statedEntryText } from './stated-entry.ts';

/** Which rows of the ledger to list. */
export type LedgerQuery = Readonly<{
  after: Readonly<{ generatedAt: Date; id: string }> | null;
  limit: number;
}>;

/** Indexes of the ledger: holds every field that `reportedAnchors` looks at, so that it reads no row. */
export const LEDGER_INDEXES: readonly IndexSpec[] = [
  // The list, newest first.
  { collection: REPORTS, key: { account_id: 1, generated_at: -1, _id: -1 } },
  // `listByHash`.
  { collection: REPORTS, key: { account_id: 1, json_sha256: 1 } },
  { collection: REPORTS, key: { account_id: 1, pdf_sha256: 1 } },
  { collection: REPORTS, key: { account_id: 1, csv_sha256: 1 } },
  { collection: REPORTS, key: { account_id: 1, root_hex: 1 } },
  // logged-reports: what the account log lacks.
  { collection: REPORTS, key: { log_due: 1 }, sparse: true },
  { collection: REPORTS, key: BY_ENTRY },
  { collection: REPORTS, key: { account_id: 1, session_id: 1, size: -1, root_hex: 1, log_state: 1 } },
];

/**
 * Anchors of one session that a walk compares. A log that was cut or altered below the smallest of so many fails at the
 * larger ones too: whoever adds rows to push out a true one needs roots that the log still gives at larger sizes.
 */
const ANCHORS_AT_MOST = 1000;

const ANOTHER =
  'The ledger has another report of this id: somebody put its row there, or put back the order of a report that was issued. Order the report again, and have the operator run npm run verify -- --all.';

const HASHES = ['json_sha256', 'pdf_sha256', 'csv_sha256', 'root_hex'] as const;

/** The issued reports of an account. */
export type ReportLedger = ReturnType<typeof createReportLedger>;

/** Records and finds issued reports. All methods reject with the driver's error when the database does not answer. */
export function createReportLedger(db: Db) {
  const reports: Collection<StoredReport> = evidenceCollection(db, REPORTS);

  return {
    /**
     * Records a report under its id, which must be new. Tries on for 20 s while the database is away. When the reply to
     * the insertion is lost, the next try finds the row. Throws `report_generation_failed` (`stored_bytes`) where the
     * ledger has another report of this id: a new id is nobody's, so somebody put a row or an order there.
     */
    async record(accountId: string, entry: LedgerEntry): Promise<void> {
      const row = toRow(accountId, entry);
      await tryOn(async () => {
        if (await insertRow(reports, row)) return;
        const stored = await reports.findOne(
          { _id: row._id },
          { projection: { account_id: 1, json_sha256: 1 } },
        );
        // The row is on the primary, and no majority has it yet.
        if (!stored) throw new StoreFailure('unavailable');
        const isOurs = stored.account_id === accountId && stored.json_sha256 === row.json_sha256;
        if (!isOurs) throw reportFailure('stored_bytes', ANOTHER);
      });
    },

    /** The report of this id; null where the account has none, or no report made the row. */
    async find(accountId: string, reportId: string): Promise<LedgerEntry | null> {
      const row = await reports.findOne({ _id: reportId, account_id: accountId });
      return row && readRow(accountId, row);
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
        .maxTimeMS(LISTED_WITHIN.maxTimeMS)
        .batchSize(limit + 1);
      return await readPage(rows, (row) => readRow(accountId, row), limit);
    },

    /**
     * Reports whose JSON, PDF or CSV has this SHA-256, or that state this root: 64 hex digits. At most `limit` of each, in no
     * order, each once; of more, those that `isBorneOut`. Passes over rows that no report made.
     */
    async listByHash(
      accountId: string,
      hashHex: string,
      limit: number,
      isBorneOut: (report: LedgerEntry) => boolean,
    ): Promise<LedgerEntry[]> {
      const list = async (name: (typeof HASHES)[number]) => {
        const rows = reports
          .find({ account_id: accountId, [name]: hashHex }, LISTED_WITHIN)
          .batchSize(limit + 1);
        const others: LedgerEntry[] = [];
        const read = (row: StoredReport) => {
          const report = readRow(accountId, row);
          if (report === null || isBorneOut(report)) return report;
          if (others.length < limit) others.push(report);
          return null;
        };
        return [...(await readPage(rows, read, limit)), ...others].slice(0, limit);
      };
      const found = (await Promise.all(HASHES.map(list))).flat();
      return [...new Map(found.map((report) => [report.id, report])).values()];
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

    /**
     * As `reportedAnchors`, each with whether a report that this deployment signed states it: a row whose `entry_statement`
     * one of its keys signed over the entry that the row gives. Verifies the signatures of all such rows, until 1,000 hold, so
     * it is asked only of a log that contradicts an anchor.
     */
    async weighedAnchors(keys: LogIdentity, accountId: string, sessionId: string): Promise<Anchor[]> {
      const ofSession = { account_id: accountId, session_id: sessionId };
      const [groups, stated] = await Promise.all([
        reports
          .aggregate<AnchorGroup & Readonly<{ first: unknown; first_sealed: unknown }>>([
            { $match: ofSession },
            { $group: { ...groupByRoot({}).$group, ...NAMED } },
            LARGEST_FIRST,
            { $limit: ANCHORS_AT_MOST },
          ])
          .toArray(),
        readPage(
          reports
            .find({ ...ofSession, entry_statement: { $gt: '' } })
            .sort({ size: -1 })
            .batchSize(ANCHORS_AT_MOST + 1),
          (row) => (row.session_id === sessionId && isSignedRow(keys, accountId, row) ? row : null),
          ANCHORS_AT_MOST,
        ),
      ]);
      const signed = new Map(stated.map((row) => [rootName(row), row]));
      const anchors = groups.map((group): Anchor => {
        const isSigned = signed.delete(rootName(group._id));
        const named = isSigned ? group.first_sealed : group.first;
        return { ...toAnchor(group), isSigned, reportId: isId('report', named) ? named : null };
      });
      // Rows of larger sizes, as anybody may add, have pushed these out.
      for (const { _id: reportId, size, root_hex: rootHex, log_state } of signed.values())
        anchors.push({
          ...{ source: 'reported', size, rootHex, sealed: log_state === 'sealed' },
          ...{ isSigned: true, reportId },
        });
      return anchors;
    },
  };
}

/** The report that a row records; null for another account's, and a row that no report made. */
function readRow(accountId: string, row: StoredReport): LedgerEntry | null {
  return row.account_id === accountId && isRecorded(row) ? toRecorded(row) : null;
}

/** One row of each root, and one that says that the log was sealed; of text, `~` comes after every id. */
const NAMED = {
  first: { $min: '$_id' },
  first_sealed: { $min: { $cond: [{ $eq: ['$log_state', 'sealed'] }, '$_id', '~'] } },
};

/** A row may hold anything: what is no text and no number has no signature. */
function rootName({ size, root_hex: rootHex }: Readonly<{ size: unknown; root_hex: unknown }>): string {
  return typeof size === 'number' && typeof rootHex === 'string' ? `${size} ${rootHex}` : '';
}

function isSignedRow(keys: LogIdentity, accountId: string, row: StoredReport): boolean {
  const report = readRow(accountId, row);
  return report !== null && statedEntryText(keys, accountId, report) !== null;
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
