// Holds sessions against what reports in the account log saw of them: the row of such a report may be gone, and the place
// that leads every walk to its entry be another's.
import { anchorOf } from '../../shared/reports/session-evidence.ts';
import type { StoredLoggedSession } from '../../shared/sessions/logged-sessions.ts';
import type { LogEntryOf } from '../../shared/transparency/log-entry.ts';
import type { CompareSessionsDeps, GoneSessions } from './compare-sessions.ts';
import { type EntryText, entryOf, ofKind } from './entry-text.ts';
import type { LogFinding } from './log-finding.ts';

type SessionReport = LogEntryOf<'report_issued'> & Readonly<{ session_id: string }>;

/**
 * Walks what a report saw more of, or otherwise, so that the session bears the mark of its fault. Puts sessions without a row into
 * `gone`. Passes over those that were `told` of, and adds to them.
 */
export async function* compareReported(
  deps: CompareSessionsDeps,
  accountId: string,
  page: readonly EntryText[],
  { gone, told }: Readonly<{ gone: GoneSessions; told: Set<string> }>,
  signal: AbortSignal,
): AsyncGenerator<LogFinding> {
  const issued = ofKind(page, 'report_issued').filter(({ entry }) => entry.session_id !== null);
  const ids = new Set(issued.map(({ entry }) => entry.session_id as string));
  const rows = await deps.sessions.findLogged(accountId, [...ids]);
  for (const { entry, index } of issued) {
    const report = entry as SessionReport;
    const { session_id: about } = report;
    const found = (finding: string, line: string, details: LogFinding['details'] = {}): LogFinding => ({
      ...{ finding, about, accountId, line },
      details: { session_id: about, log_index: index, ...details },
    });
    const row = rows.get(about);
    if (!row && !gone.has(about)) {
      const line = `${entryOf(index)} says that a report on it was issued, and it has no row`;
      gone.set(about, found('logged_session_gone', line));
    }
    if (!row || row.isHidden || told.has(about) || agrees(report, row)) continue;
    told.add(about);
    const ref = { accountId, sessionId: about };
    const evidence = await deps.pool.verifySession(ref, { signal, listed: 0, anchors: [anchorOf(report)] });
    if (!evidence) continue;
    await deps.recordOutcome(evidence.found, evidence.verdict);
    if (evidence.verdict.status !== 'failed') continue;
    const { fault } = evidence.verdict;
    const line = `its log is not what a report saw, by ${entryOf(index)}; its log failed, ${fault}`;
    yield found('logged_session_differs', line, { fault });
  }
}

/** By the row alone. Of a log that grew since, only a walk would tell: every walk of a session is held against one report. */
function agrees(
  { size, merkle_root_hex: rootHex }: SessionReport,
  { session }: StoredLoggedSession,
): boolean {
  if (session.log.size !== size) return size < session.log.size;
  return session.merkleRootHex === null || session.merkleRootHex === rootHex;
}
