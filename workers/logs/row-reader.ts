// Reads everything that is recorded of a log outside its segments.
import type { Db } from 'mongodb';
import type { Anchor, LogRef } from '../../shared/audit/log-record.ts';
import type { AccountLogs } from '../../shared/reports/account-log.ts';
import { createReportLedger } from '../../shared/reports/report-ledger.ts';
import type { RecordedSession, Session, SessionSnapshot } from '../../shared/sessions/session.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { type EntryReader, loggedAnchors, weighedLoggedAnchors } from './logged-anchors.ts';

/** A session's row, and the roots that reports stated and that the account log holds. */
export type RecordedRow<Row extends RecordedSession = Session> = Readonly<{
  found: SessionSnapshot<Row>;
  anchors: readonly Anchor[];
}>;

export type RowReader<Row extends RecordedSession = Session> = Readonly<{
  /** Null where the account has no such session. */
  find(log: LogRef, options?: ReadOptions<Row>): Promise<RecordedRow<Row> | null>;
}>;

export type ReadOptions<Row extends RecordedSession = Session> = Readonly<{
  /** Whether to tell which anchors a key of this deployment signed, where it has one. */
  isWeighed?: boolean;
  /** Called with the session before the rest is read. */
  onFound?: ((session: Row) => void) | undefined;
  /** Reads the account log in place of the reader's own. */
  entries?: EntryReader | undefined;
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

/** `logs`: null where there are no account logs. Anchors of many sessions at once leave their entries out. */
export function createRowReader(db: Db, logs: AccountLogs | null = null): ManyRowsReader {
  const sessions = createSessionRepository(db);
  const ledger = createReportLedger(db);
  return {
    async find(log, options) {
      const { accountId, sessionId } = log;
      const weighing = options?.isWeighed ? logs : null;
      const entries = weighing?.reader ?? options?.entries ?? logs?.reader;
      const [found, reported, places] = await Promise.all([
        sessions.findSnapshot(accountId, sessionId).then((snapshot) => {
          if (snapshot) options?.onFound?.(snapshot.session);
          return snapshot;
        }),
        weighing
          ? ledger.weighedAnchors(weighing.keys, accountId, sessionId)
          : ledger.reportedAnchors(accountId, sessionId),
        entries?.placesOf(accountId, sessionId),
      ]);
      if (!found) return null;
      const { session } = found;
      if (!entries || !places) return { found, anchors: reported };
      const named = { logIndex: session.logIndex ?? null, places };
      const logged = weighing
        ? await weighedLoggedAnchors(weighing, log, { ...named, hasEnded: session.endedAt !== null })
        : await loggedAnchors(entries, log, named);
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
