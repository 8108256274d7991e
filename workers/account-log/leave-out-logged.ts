// Keeps a thing from getting a second entry. Whoever writes to the database can make any row due again, as it was or changed:
// only the log itself says what it has.
import { anchorOf, readSessionClosed } from '../../shared/reports/session-evidence.ts';
import { type LogEntry, type LogEntryOf, parseLogEntry } from '../../shared/transparency/log-entry.ts';
import type { DueEntries } from './due-entries.ts';
import { findLogged, type Logged, subjectOf } from './find-logged.ts';
import type { KeeperDeps } from './keeper-deps.ts';
import { type IndexedEntry, markSubjects } from './mark-subjects.ts';
import type { RefusedRows } from './refused-rows.ts';
import { holdsAgainst, ReportedSessions } from './reported-sessions.ts';

type Deps = Pick<
  KeeperDeps,
  | 'identity'
  | 'segments'
  | 'places'
  | 'sessions'
  | 'policies'
  | 'reports'
  | 'pool'
  | 'recordOutcome'
  | 'log'
  | 'isToTell'
>;

/**
 * The texts that may be appended to a log of this size. What the log has already is marked. Left out is also what contradicts
 * an entry: another text on a policy or a report, or on a session that was logged as sealed or with more entries. Such a
 * session's row names its entry again, so that every walk misses that seal, or the entries, and the mark of its fault stays. The
 * row of such a report names it, too, so that whoever asks for a proof is told, and counts among `refused`. So is a session of
 * which a report saw another log: see `reported-sessions.ts`.
 */
export async function leaveOutLogged(
  deps: Deps,
  accountId: string,
  { texts, refused }: Pick<DueEntries, 'texts' | 'refused'>,
  size: number,
  signal: AbortSignal,
): Promise<string[]> {
  if (texts.length === 0 || size === 0) return [...texts];
  const due = texts.map((text) => ({ text, entry: parseLogEntry(text) }));
  const closed = due.flatMap(({ entry }) => (entry?.kind === 'session_closed' ? [entry.session_id] : []));
  const seen = new ReportedSessions(deps.identity, accountId, closed);
  const subjects = new Set(due.map(({ entry }) => subjectOf(entry)));
  const logged = await findLogged(deps, accountId, subjects, size, (...found) => seen.visit(...found));
  const fresh: string[] = [];
  const there: IndexedEntry[] = [];
  for (const { text, entry } of due) {
    const earlier = logged.get(subjectOf(entry));
    if (entry && earlier?.text === text) there.push({ entry, index: earlier.index });
    else if (entry && earlier && !mayFollow(entry, earlier, accountId))
      await heedContradiction(deps, accountId, { entry, earlier, refused }, signal);
    else if (entry?.kind !== 'session_closed') fresh.push(text);
    else if (await holdsAgainst(deps, entry, seen.differing(entry), signal)) fresh.push(text);
  }
  if (there.length > 0) await markSubjects(deps, accountId, there);
  return fresh;
}

/** A log without a seal may grow, end and be sealed. Everything else is logged once. */
function mayFollow(entry: LogEntry, { text }: Logged, accountId: string): boolean {
  if (entry.kind !== 'session_closed') return subjectOf(entry) === '';
  const earlier = readSessionClosed(text, { accountId, sessionId: entry.session_id });
  return earlier !== null && earlier.seal === null && earlier.size <= entry.size;
}

async function heedContradiction(
  deps: Deps,
  accountId: string,
  { entry, earlier, refused }: Readonly<{ entry: LogEntry; earlier: Logged; refused: RefusedRows }>,
  signal: AbortSignal,
): Promise<void> {
  const { index } = earlier;
  const about = { account_id: accountId, kind: entry.kind, log_index: index };
  if (deps.isToTell(`${accountId} ${index}`))
    deps.log.error(about, 'a row contradicts its entry in the account log: nothing more is appended of it');
  if (entry.kind === 'session_closed') await walkBeside(deps, accountId, entry, earlier, signal);
  if (entry.kind !== 'report_issued') return;
  refused.add('contradicting', entry.report_id);
  await deps.reports.nameEntry(accountId, { reportId: entry.report_id, index });
}

async function walkBeside(
  { sessions, pool, recordOutcome }: Deps,
  accountId: string,
  { session_id: sessionId }: LogEntryOf<'session_closed'>,
  { text, index }: Logged,
  signal: AbortSignal,
): Promise<void> {
  const earlier = readSessionClosed(text, { accountId, sessionId });
  const row = (await sessions.findLogged(accountId, [sessionId])).get(sessionId);
  if (!earlier || !row) return;
  await sessions.nameEntry(accountId, { sessionId, seen: row.session.logIndex ?? null, index });
  const anchors = [anchorOf(earlier)];
  const evidence = await pool.verifySession({ accountId, sessionId }, { signal, listed: 0, anchors });
  if (evidence) await recordOutcome(evidence.found, evidence.verdict);
}
