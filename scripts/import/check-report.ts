// What is wrong with one row of a bundle's ledger. A row under this deployment's signature says what was issued; of any other
// row as much is checked as the account log, the sessions and the agents of the bundle tell.

import { latestTimeOf } from '../../shared/reports/latest-time.ts';
import type { LedgerEntry } from '../../shared/reports/report-row.ts';
import { isBackwards } from '../../shared/reports/report-window.ts';
import { entryTextOf, statedEntryText } from '../../shared/reports/stated-entry.ts';
import type { Session } from '../../shared/sessions/session.ts';
import type { LogIdentity } from '../../shared/transparency/log-origin.ts';
import { findFalseStatement } from './check-statements.ts';
import type { LoggedReport, ReadLog } from './read-account-log.ts';

export type CheckedAgainst = Readonly<{
  /** Null where no signing key is configured. */
  identity: LogIdentity | null;
  accountId: string;
  agents: Readonly<{ has(id: string): boolean }>;
  sessions: ReadonlyMap<string, Session>;
  /** The account log of the bundle, where it is a whole one of this deployment's; else null. */
  log: ReadLog | null;
}>;

/** A sentence without a value of the row; null where nothing is wrong. */
export function findReportProblem(against: CheckedAgainst, entry: LedgerEntry): string | null {
  const { identity, accountId, log } = against;
  const problem = findFalseStatement(identity, accountId, entry) ?? findOddScope(entry);
  if (problem !== null) return `${problem}: not imported`;
  const logged = log?.reports.get(entry.id);
  const contradiction = logged
    ? findContradiction(against, entry, logged)
    : (findMisnamed(against, entry) ?? findUnproved(against, entry));
  return contradiction && `${contradiction}: not imported`;
}

/** Whether a key of this deployment has signed what the account log is to hold of the row. */
export function isSignedEntry(
  { identity, accountId }: Pick<CheckedAgainst, 'identity' | 'accountId'>,
  entry: LedgerEntry,
): boolean {
  return identity !== null && statedEntryText(identity, accountId, entry) !== null;
}

/** Scopes, ids and windows in a form that no report has. */
function findOddScope({
  scope,
  sessionId,
  agentId,
  logState,
  since,
  until,
  format,
}: LedgerEntry): string | null {
  const isOfSession = scope === 'session';
  if ((sessionId !== null) !== isOfSession || (agentId !== undefined) !== (scope === 'agent'))
    return 'its scope does not go with the session and the agent that it names';
  if (isOfSession) return format === 'csv' ? 'no report on one session is a CSV' : null;
  if (logState !== null) return 'its log_state is that of one session';
  if (until === null) return 'its until is null, which is that of one session';
  return isBackwards({ since, until }) ? 'its until is before its since' : null;
}

/** The log holds it, so the keeper has seen it as signed. */
function findContradiction(
  against: CheckedAgainst,
  entry: LedgerEntry,
  { index, text }: LoggedReport,
): string | null {
  if (entryTextOf(against.accountId, entry) !== text)
    return `entry ${index} of the account log says otherwise of this report`;
  if (lacksStatement(entry) || !isSignedEntry(against, entry))
    return `entry ${index} of the account log is of a signed report, and a statement of the row was taken off`;
  return (entry.logIndex ?? index) === index
    ? null
    : `entry ${index} of the account log is on it, and its row names another`;
}

/** Whoever issues a signed report signs each of its digests. */
function lacksStatement(entry: LedgerEntry): boolean {
  const { statement, pdfSha256Hex, pdfStatement, csvSha256Hex, csvStatement } = entry;
  if (statement === null || (pdfSha256Hex !== null && pdfStatement === null)) return true;
  return csvSha256Hex !== undefined && csvStatement === undefined;
}

function findMisnamed({ log }: CheckedAgainst, { logIndex }: LedgerEntry): string | null {
  return log && logIndex !== undefined && logIndex < log.size
    ? `entry ${logIndex} of the account log, which it names, is not on this report`
    : null;
}

function findUnproved(against: CheckedAgainst, entry: LedgerEntry): string | null {
  if (isSignedEntry(against, entry)) return null;
  const { agents, sessions, log } = against;
  const { agentId, sessionId, since, until } = entry;
  if (agentId !== undefined && !agents.has(agentId)) return 'its agent is not in agents.ndjson';
  if (sessionId === null) return log && isUnsigned(entry, log) ? UNSIGNED : null;
  const session = sessions.get(sessionId);
  if (!session) return null;
  const isOfSession =
    since.getTime() === session.startedAt.getTime() &&
    (until === null || until.getTime() === session.endedAt?.getTime());
  return isOfSession ? null : 'its since and until are not the start and end of its session';
}

/**
 * Whether a row over many sessions, which no log proves, lacks the statement that it has to bear: one that says its format,
 * or is no older than the first signed report.
 */
function isUnsigned(
  { id, statement, format, generatedAt }: LedgerEntry,
  { firstReportAt }: ReadLog,
): boolean {
  if (statement !== null) return false;
  const latest = latestTimeOf(id, generatedAt);
  return format !== null || latest === null || latest >= firstReportAt;
}

const UNSIGNED =
  'nobody signed it, and neither the account log nor a log of a session shows that it was issued (restore its row from a backup where it was)';
