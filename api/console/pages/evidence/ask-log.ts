// What the account log says of something that a row of the database says: the row is never taken at its word.
import type { LedgerEntry } from '../../../../shared/reports/report-row.ts';
import { readSessionClosed, type SessionClosed } from '../../../../shared/reports/session-evidence.ts';
import { entryTextOf } from '../../../../shared/reports/stated-entry.ts';
import type { Session } from '../../../../shared/sessions/session.ts';
import type { AccountLog } from '../../../../shared/transparency/account-log.ts';
import { findClosedEntry, findReportEntry } from '../../../../shared/transparency/find-entries.ts';
import { DamagedLog } from '../../../../shared/transparency/log-hashes.ts';
import type { LoggedEntry, LogReader } from '../../../../shared/transparency/log-reader.ts';

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

/**
 * Whether the log says of a report what its ledger row says. Where the row names no entry that does, the log is asked for one:
 * whoever takes the index off a row, or puts another there, takes nothing out of the log.
 */
export function askOfReport(
  log: AccountLog | null,
  accountId: string,
  report: LedgerEntry,
): Promise<LogAnswer> {
  return ask(log, accountId, report.logIndex, {
    compareWith: (text) => compareReport(accountId, report, text),
    search: (reader) => findReportEntry(reader, accountId, report.id),
  });
}

/** What an entry says of a report, against its ledger row. */
export function compareReport(accountId: string, report: LedgerEntry, text: string): 'same' | 'other' {
  return text === entryTextOf(accountId, report) ? 'same' : 'other';
}

/** As `askOfReport`, of a session. */
export function askOfSession(log: AccountLog | null, session: Session): Promise<LogAnswer> {
  const { accountId, id, logIndex } = session;
  return ask(log, accountId, logIndex, {
    compareWith: (text) => compareSession(session, text),
    search: (reader) => findClosedEntry(reader, accountId, id),
  });
}

/** What an entry says of a session, against its row. */
export function compareSession(session: Session, text: string): 'same' | 'older' | 'other' {
  const { accountId, id: sessionId } = session;
  const entry = readSessionClosed(text, { accountId, sessionId });
  return entry ? compare(entry, session) : 'other';
}

function compare(entry: SessionClosed, { endedAt, merkleRootHex, log }: Session): 'same' | 'older' | 'other' {
  const isLater = log.seal !== null || entry.size < log.size || endedAt === null;
  if (entry.seal === null && isLater) return 'older';
  const isSame =
    entry.merkle_root_hex === merkleRootHex &&
    entry.size === log.size &&
    entry.head_hash === log.headHashHex &&
    entry.seal === log.seal;
  return isSame ? 'same' : 'other';
}

type Asked = Readonly<{
  compareWith: (text: string) => 'same' | 'older' | 'other';
  search: (reader: LogReader) => Promise<LoggedEntry | null>;
}>;

async function ask(
  log: AccountLog | null,
  accountId: string,
  index: number | undefined,
  { compareWith, search }: Asked,
): Promise<LogAnswer> {
  if (!log) return { kind: 'no_log' };
  const { reader } = log;
  const answer = (entry: LoggedEntry | null): LogAnswer =>
    entry ? { kind: compareWith(entry.text), entry } : { kind: 'none' };
  try {
    const named = answer(index === undefined ? null : await reader.entry(accountId, index));
    if (named.kind === 'same') return named;
    const found = await search(reader);
    return found ? answer(found) : named;
  } catch (error) {
    if (error instanceof DamagedLog) return { kind: 'damaged' };
    throw error;
  }
}
