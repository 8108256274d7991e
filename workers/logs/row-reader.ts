// Reads everything that is recorded of a log outside its segments.
import type { Db } from 'mongodb';
import type { Anchor, LogRef } from '../../shared/audit/log-record.ts';
import { createReportLedger } from '../../shared/reports/report-ledger.ts';
import type { SessionSnapshot } from '../../shared/sessions/session.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';

export type RowReader = Readonly<{
  /** The session, and the roots that reports stated; null where the account has no such session. */
  find(log: LogRef): Promise<Readonly<{ found: SessionSnapshot; reportedAnchors: readonly Anchor[] }> | null>;
}>;

export function createRowReader(db: Db): RowReader {
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
  };
}
