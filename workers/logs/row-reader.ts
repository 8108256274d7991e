// Reads everything that is recorded of a log outside its segments.
import type { Db } from 'mongodb';
import type { Anchor, LogRef } from '../../shared/audit/log-record.ts';
import { createReportLedger } from '../../shared/reports/report-ledger.ts';
import type { RecordedSession, Session, SessionSnapshot } from '../../shared/sessions/session.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';

/** A session's row, and the roots that reports stated. */
export type RecordedRow<Row extends RecordedSession = Session> = Readonly<{
  found: SessionSnapshot<Row>;
  reportedAnchors: readonly Anchor[];
}>;

export type RowReader<Row extends RecordedSession = Session> = Readonly<{
  /** Null where the account has no such session. */
  find(log: LogRef): Promise<RecordedRow<Row> | null>;
}>;

/** Reads the rows of many sessions at once. */
export type ManyRowsReader = RowReader &
  Readonly<{
    /** By session id. Leaves out a session that the account does not have. */
    findMany(
      accountId: string,
      sessionIds: readonly string[],
    ): Promise<ReadonlyMap<string, RecordedRow<RecordedSession>>>;
  }>;

export function createRowReader(db: Db): ManyRowsReader {
  const sessions = createSessionRepository(db);
  const ledger = createReportLedger(db);
  return {
    async find({ accountId, sessionId }) {
      const [found, reportedAnchors] = await Promise.all([
        sessions.findSnapshot(accountId, sessionId),
        ledger.reportedAnchors(accountId, sessionId),
      ]);
      return found && { found, reportedAnchors };
    },
    async findMany(accountId, sessionIds) {
      const [snapshots, anchors] = await Promise.all([
        sessions.findSnapshots(accountId, sessionIds),
        ledger.reportedAnchorsOf(accountId, sessionIds),
      ]);
      return new Map(
        [...snapshots].map(([id, found]) => [id, { found, reportedAnchors: anchors.get(id) ?? [] }]),
      );
    },
  };
}
