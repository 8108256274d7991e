// Compares sessions with what the account log holds of them. What differs is walked with the entry's root as an anchor, so
// that the session bears the mark of its fault.
import type { LogFault } from '../../shared/audit/verdict.ts';
import { anchorOf, differingFacts, readSessionClosed } from '../../shared/reports/session-evidence.ts';
import type { StoredLoggedSession } from '../../shared/sessions/logged-sessions.ts';
import type { RecordedSession } from '../../shared/sessions/session.ts';
import { isTime } from '../../shared/time/is-time.ts';
import type { LogEntryOf } from '../../shared/transparency/log-entry.ts';
import {
  type EntryText,
  type EntryTextOf,
  entryOf,
  type NamedRightly,
  ofKind,
  textAt,
} from './entry-text.ts';
import type { KeeperDeps } from './keeper-deps.ts';
import type { LogFinding } from './log-finding.ts';

export type CompareSessionsDeps = Pick<KeeperDeps, 'segments' | 'sessions' | 'pool' | 'recordOutcome'>;

/** Findings of sessions without a row, by the session's id: a later entry may say that it was purged. */
export type GoneSessions = Map<string, LogFinding>;

type ClosedEntry = EntryTextOf<'session_closed'>;

/** What is known once all entries were compared. */
export type Compared = Readonly<{ gone: GoneSessions; namedRightly: NamedRightly }>;

/** Puts sessions without a row into `compared.gone`. */
export async function* compareSessions(
  deps: CompareSessionsDeps,
  accountId: string,
  page: readonly EntryText[],
  compared: Compared,
  signal: AbortSignal,
): AsyncGenerator<LogFinding> {
  const closed = ofKind(page, 'session_closed');
  const rows = await deps.sessions.findLogged(
    accountId,
    closed.map(({ entry }) => entry.session_id),
  );
  for (const each of closed) {
    const { entry, index } = each;
    const { session_id: about } = entry;
    const found = (finding: string, line: string, details: LogFinding['details'] = {}): LogFinding => ({
      ...{ finding, about, accountId, line },
      details: { session_id: about, log_index: index, ...details },
    });
    const row = rows.get(about);
    if (!row) {
      compared.gone.set(
        about,
        found('logged_session_gone', `${entryOf(index)} says that it was closed, and it has no row`),
      );
      continue;
    }
    if (row.session.logIndex === index) compared.namedRightly.sessions += 1;
    if (row.isHidden) {
      yield found(
        'logged_session_hidden',
        `${entryOf(index)} says that it was closed, and its row is hidden`,
      );
      continue;
    }
    const problem = await findProblem(deps, accountId, each, row);
    if (problem === null) continue;
    const beside = problem.finding === null ? entry : (problem.beside ?? entry);
    const fault = await walkBeside(deps, accountId, beside, signal);
    if (problem.finding === null && fault === null) continue;
    const verdict = fault === null ? '' : `; its log failed, ${fault}`;
    const { finding, line } = problem.finding === null ? OUTGROWN : problem;
    yield found(
      finding,
      `${line.replaceAll('%', entryOf(index))}${verdict}`,
      fault === null ? {} : { fault },
    );
  }
}

/**
 * Without a finding where only a walk can tell. `%` in a line stands for the entry. `beside`: the entry whose root and seal a
 * walk must find, where it is another one.
 */
type Problem =
  | Readonly<{ finding: string; line: string; beside?: ClosedEntry['entry'] }>
  | Readonly<{ finding: null }>;

const WALK_TELLS: Problem = { finding: null };
const OUTGROWN = { finding: 'logged_session_differs', line: 'its log does not extend what % holds' };
const CONTRADICTED = {
  finding: 'logged_session_contradicted',
  line: 'of % and another entry, the earlier says that it was sealed, and the later says otherwise',
};

/** Null where the row says what the entry says, or has a later entry that agrees with this one. */
async function findProblem(
  deps: CompareSessionsDeps,
  accountId: string,
  closed: ClosedEntry,
  row: StoredLoggedSession,
): Promise<Problem | null> {
  const { entry, text, index, isMarked } = closed;
  const { session, isDue } = row;
  const named = session.logIndex;
  if (named === index) return compareFacts(entry, session);
  const otherText = named === undefined ? null : await textAt(deps.segments, accountId, named);
  const other = otherText && readSessionClosed(otherText, { accountId, sessionId: session.id });
  if (named !== undefined && other) {
    if (otherText === text) return null;
    const [earlier, later] = named < index ? [other, entry] : [entry, other];
    if (earlier.seal !== null) {
      // The row shall name the entry that a seal stood in: every later walk then misses the seal.
      if (later === other) await nameEntry(deps, accountId, row, index);
      return { ...CONTRADICTED, beside: earlier };
    }
    if (later === other) return WALK_TELLS;
  }
  const differing = compareFacts(entry, session);
  // A keeper comes to it. That a row names no entry yet says nothing; what it says of the session does.
  if (!isMarked && !differing?.finding) return differing;
  // The root changed between the appending of this entry and the marking of its row, which waits for another one.
  if (isDue && named === undefined && isOutgrown(entry, session)) return WALK_TELLS;
  await nameEntry(deps, accountId, row, index);
  const line = 'its row did not name %, and does again';
  if (!differing?.finding) return { finding: 'logged_session_unnamed', line };
  return { finding: differing.finding, line: `${differing.line}; ${line}` };
}

/** Which entry holds a session is derived from the log, so that it may be put back. */
async function nameEntry(
  { sessions }: CompareSessionsDeps,
  accountId: string,
  { session: { id: sessionId, logIndex } }: StoredLoggedSession,
  index: number,
): Promise<void> {
  await sessions.nameEntry(accountId, { sessionId, seen: logIndex ?? null, index });
}

function compareFacts(entry: LogEntryOf<'session_closed'>, session: RecordedSession): Problem | null {
  const differing = differingFields(entry, session);
  if (isOutgrown(entry, session)) {
    // A log without a seal may grow, end and be sealed. What its agent is, and when it began, stays.
    const fixed = differing.filter((name) => FIXED.has(name));
    return fixed.length === 0 ? WALK_TELLS : differs(fixed);
  }
  return differing.length === 0 ? null : differs(differing);
}

const FIXED: ReadonlySet<string> = new Set(['agent', 'start', 'audit key']);

function isOutgrown({ seal, size }: LogEntryOf<'session_closed'>, { log }: RecordedSession): boolean {
  return seal === null && (log.seal !== null || log.size > size);
}

function differs(fields: readonly string[]): Problem {
  return { finding: 'logged_session_differs', line: `its row has another ${fields.join(', ')} than %` };
}

/** A row may hold anything. */
function differingFields(entry: LogEntryOf<'session_closed'>, session: RecordedSession): string[] {
  const { startedAt, endedAt, log, merkleRootHex } = session;
  if (!isTime(startedAt)) return ['start'];
  if (endedAt !== null && !isTime(endedAt)) return ['end'];
  return differingFacts(entry, session, { ...log, rootHex: merkleRootHex ?? '' });
}

/** Walks the log with the entry's root as an anchor, and marks what was found. The fault; null where there is none. */
async function walkBeside(
  { pool, recordOutcome }: CompareSessionsDeps,
  accountId: string,
  entry: LogEntryOf<'session_closed'>,
  signal: AbortSignal,
): Promise<LogFault | null> {
  const ref = { accountId, sessionId: entry.session_id };
  const evidence = await pool.verifySession(ref, { signal, listed: 0, anchors: [anchorOf(entry)] });
  if (!evidence) return null;
  await recordOutcome(evidence.found, evidence.verdict);
  return evidence.verdict.status === 'failed' ? evidence.verdict.fault : null;
}
