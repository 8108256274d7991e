// What the account log says of something that a row of the database says: the row is never taken at its word.
import type { LedgerEntry } from '../../../../shared/reports/report-row.ts';
import { readSessionClosed, type SessionClosed } from '../../../../shared/reports/session-evidence.ts';
import { entryTextOf } from '../../../../shared/reports/stated-entry.ts';
import type { Session } from '../../../../shared/sessions/session.ts';
import type { AccountLog } from '../../../../shared/transparency/account-log.ts';
import { findReportEntry } from '../../../../shared/transparency/find-entries.ts';
import { DamagedLog } from '../../../../shared/transparency/log-hashes.ts';
import type { LoggedEntry } from '../../../../shared/transparency/log-reader.ts';

export type LogAnswer =
  /** This deployment signs no account log. */
  | Readonly<{ kind: 'no_log' }>
  /** No signed checkpoint covers an entry of it. */
  | Readonly<{ kind: 'none' }>
  /** The entry is under the checkpoint, and says what the row says. */
  | Readonly<{ kind: 'same'; entry: LoggedEntry }>
  /** The entry is of the session before it was sealed, or grew: the log gets another one. */
  | Readonly<{ kind: 'older'; entry: LoggedEntry }>
  /** The entry is under the checkpoint, and says something else. */
  | Readonly<{ kind: 'other'; entry: LoggedEntry }>
  /** The log contradicts its own checkpoint. */
  | Readonly<{ kind: 'damaged' }>;

/** Whether the log says of a report what its ledger row says. */
export function askOfReport(
  log: AccountLog | null,
  accountId: string,
  report: LedgerEntry,
): Promise<LogAnswer> {
  return ask(log, accountId, report.logIndex, (text) => compareReport(accountId, report, text));
}

/**
 * As `askOfReport`, of a report whose row names no entry of it: whoever takes the index off a row, or puts another there, takes
 * nothing out of the log. `logged` is what the row's own index led to.
 */
export async function findOfReport(
  { reader }: AccountLog,
  accountId: string,
  report: LedgerEntry,
  logged: LogAnswer,
): Promise<LogAnswer> {
  try {
    const entry = await findReportEntry(reader, accountId, report.id);
    return entry ? { kind: compareReport(accountId, report, entry.text), entry } : logged;
  } catch (error) {
    if (error instanceof DamagedLog) return { kind: 'damaged' };
    throw error;
  }
}

/** What an entry says of a report, against its ledger row. */
export function compareReport(accountId: string, report: LedgerEntry, text: string): 'same' | 'other' {
  return text === entryTextOf(accountId, report) ? 'same' : 'other';
}

/** Whether the log says of a session what its row says. */
export function askOfSession(log: AccountLog | null, session: Session): Promise<LogAnswer> {
  return ask(log, session.accountId, session.logIndex, (text) => compareSession(session, text));
}

/** What an entry says of a session, against its row. */
export function compareSession(session: Session, text: string): 'same' | 'older' | 'other' {
  const { accountId, id: sessionId } = session;
  const entry = readSessionClosed(text, { accountId, sessionId });
  return entry ? compare(entry, session) : 'other';
}

function compare(entry: SessionClosed, { merkleRootHex, log }: Session): 'same' | 'older' | 'other' {
  if (entry.seal === null && (log.seal !== null || entry.size < log.size)) return 'older';
  const isSame =
    entry.merkle_root_hex === merkleRootHex &&
    entry.size === log.size &&
    entry.head_hash === log.headHashHex &&
    entry.seal === log.seal;
  return isSame ? 'same' : 'other';
}

async function ask(
  log: AccountLog | null,
  accountId: string,
  index: number | undefined,
  compareWith: (text: string) => 'same' | 'older' | 'other',
): Promise<LogAnswer> {
  if (!log) return { kind: 'no_log' };
  if (index === undefined) return { kind: 'none' };
  try {
    const entry = await log.reader.entry(accountId, index);
    if (!entry) return { kind: 'none' };
    return { kind: compareWith(entry.text), entry };
  } catch (error) {
    if (error instanceof DamagedLog) return { kind: 'damaged' };
    throw error;
  }
}
