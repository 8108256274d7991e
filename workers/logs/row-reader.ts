// Reads everything that is recorded of a log outside its segments.
import type { Db } from 'mongodb';
import type { Anchor, LogRef } from '../../shared/audit/log-record.ts';
import { logIndexOf } from '../../shared/reports/account-log.ts';
import { createReportLedger } from '../../shared/reports/report-ledger.ts';
import type { RecordedSession, Session, SessionSnapshot } from '../../shared/sessions/session.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { type EntryReader, loggedAnchors } from './logged-anchors.ts';

/** A session's row, and the roots that reports stated and that the account log holds. */
export type RecordedRow<Row extends RecordedSession = Session> = Readonly<{
  found: SessionSnapshot<Row>;
  anchors: readonly Anchor[];
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

/** `entries` reads account logs; null where there is none. Anchors of many sessions at once leave them out. */
export function createRowReader(db: Db, entries: EntryReader | null = null): ManyRowsReader {
  const sessions = createSessionRepository(db);
  const ledger = createReportLedger(db);
  return {
    async find(log) {
      const { accountId, sessionId } = log;
      const [found, reported] = await Promise.all([
        sessions.findSnapshot(accountId, sessionId),
        ledger.reportedAnchors(accountId, sessionId),
      ]);
      if (!found) return null;
      const logged = await loggedAnchors(entries, log, logIndexOf(found.session));
      return { found, anchors: [...reported, ...logged] };
    },
    async findMany(accountId, sessionIds) {
      const [snapshots, anchors] = await Promise.all([
        sessions.findSnapshots(accountId, sessionIds),
        ledger.reportedAnchorsOf(accountId, sessionIds),
      ]);
      return new Map([...snapshots].map(([id, found]) => [id, { found, anchors: anchors.get(id) ?? [] }]));
    },
  };
}
