// What a report is about, and when it was issued. Its statement is over its bytes alone, so whoever writes to the database can
// put another session beside them: that is told from the account log's entry, or from what the row bears a signature over.
import type { LedgerEntry } from '../../../../shared/reports/report-row.ts';
import { readReportIssued, statedEntryText } from '../../../../shared/reports/stated-entry.ts';
import type { AccountLog } from '../../../../shared/transparency/account-log.ts';
import type { LogAnswer } from './ask-log.ts';
import { statedTime } from './check-statements.ts';

export type ToldReport = Pick<LedgerEntry, 'scope' | 'sessionId' | 'generatedAt'> &
  Readonly<{
    agentId: string | null;
    /** Whether nothing signed says what it is about, or when it was issued, where this deployment has a key to check by. */
    isRowsWord: Readonly<{ about: boolean; time: boolean }>;
  }>;

/** `logged`: what the account log says of the report. */
export function tellReport(
  log: AccountLog | null,
  accountId: string,
  report: LedgerEntry,
  logged: LogAnswer,
): ToldReport {
  const { id: reportId, scope, sessionId, agentId = null, generatedAt } = report;
  const row = { scope, sessionId, agentId, generatedAt };
  const signed = { about: false, time: false };
  if (log === null) return { ...row, isRowsWord: signed };
  const entry = 'entry' in logged ? readReportIssued(logged.entry.text, { accountId, reportId }) : null;
  if (entry) {
    const { session_id, agent_id, generated_at } = entry;
    const about = { scope: entry.scope, sessionId: session_id, agentId: agent_id };
    return { ...about, generatedAt: new Date(generated_at), isRowsWord: signed };
  }
  if (statedEntryText(log.identity, accountId, report) !== null) return { ...row, isRowsWord: signed };
  const statedAt = statedTime(log, accountId, report);
  return {
    ...row,
    generatedAt: statedAt ?? generatedAt,
    isRowsWord: { about: true, time: statedAt === null },
  };
}
