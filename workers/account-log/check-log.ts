// Checks an account log: holds it against what was signed, and what is stored against it. A session that was deleted, a
// seal that was taken off with the row's `log_index`, or a ledger row that is gone leaves no trace elsewhere.
import { readSessionClosed } from '../../shared/reports/session-evidence.ts';
import { HOUR_MS } from '../../shared/time/durations.ts';
import { parseLogEntry } from '../../shared/transparency/log-entry.ts';
import { LOG_SEGMENT_SIZE } from '../../shared/transparency/log-rows.ts';
import { comparePolicies, compareReports } from './compare-rows.ts';
import { type Compared, type CompareSessionsDeps, compareSessions } from './compare-sessions.ts';
import { type EntryText, entryOf } from './entry-text.ts';
import { type InspectDeps, inspectLog } from './inspect-log.ts';
import type { KeeperDeps } from './keeper-deps.ts';
import { type LogFinding, logFinding } from './log-finding.ts';
import { findFalseTiles } from './stored-tiles.ts';

export type CheckDeps = InspectDeps &
  CompareSessionsDeps &
  Pick<KeeperDeps, 'policies' | 'reports' | 'tiles'>;

/**
 * Everything that is wrong. Of a log that contradicts what was signed nothing is compared: its entries may be anybody's. Marks
 * sessions whose log fails beside their entry. Safe beside a keeper. Rejects with the signal's reason when it aborts.
 */
export async function* checkLog(
  deps: CheckDeps,
  accountId: string,
  signal: AbortSignal,
): AsyncGenerator<LogFinding> {
  const { head, hashed, contradiction } = await inspectLog(deps, accountId);
  if (contradiction) {
    const { reason, note } = contradiction;
    const details = note === null ? { reason } : { reason, checkpoint: note };
    yield logFinding('account_log_contradicted', accountId, `the account log is false: ${reason}`, details);
    return;
  }
  yield* findFalseTiles(deps, accountId, hashed.tiles);
  yield* findStraySegments(deps, accountId, hashed.size);
  yield* compareEntries(deps, accountId, { size: hashed.size, marked: head.marked }, signal);
  yield* findUnheldRows(deps, accountId, hashed.size);
  yield* findUnloggedSessions(deps, accountId);
}

/** `marked`: below it the rows of the entries' subjects name them. */
async function* compareEntries(
  deps: CheckDeps,
  accountId: string,
  { size, marked }: Readonly<{ size: number; marked: number }>,
  signal: AbortSignal,
): AsyncGenerator<LogFinding> {
  const compared: Compared = { gone: new Map(), namedRightly: 0 };
  let begin = 0;
  for await (const { entries } of deps.segments.readOn(accountId)) {
    signal.throwIfAborted();
    const page = entries.slice(0, size - begin).flatMap((bytes, i): EntryText[] => {
      const text = bytes.toString();
      const entry = parseLogEntry(text);
      const index = begin + i;
      return entry?.account_id === accountId ? [{ entry, text, index, isMarked: index < marked }] : [];
    });
    yield* compareSessions(deps, accountId, page, compared, signal);
    yield* compareReports(deps, accountId, page);
    yield* comparePolicies(deps, accountId, page);
    for (const { entry } of page) if (entry.kind === 'session_purged') compared.gone.delete(entry.session_id);
    begin += entries.length;
    if (begin >= size) break;
  }
  yield* compared.gone.values();
  if ((await deps.sessions.countNamedBelow(accountId, size)) > compared.namedRightly) {
    yield* findMisnamed(deps, accountId, size, signal);
  }
}

/** Rows that name an entry of something else. They name none afterwards, so that the session can be logged. */
async function* findMisnamed(
  { sessions, segments }: CheckDeps,
  accountId: string,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<LogFinding> {
  for await (const page of sessions.listNamedBelow(accountId, size)) {
    signal.throwIfAborted();
    const indexes = [...new Set(page.map(({ index }) => Math.floor(index / LOG_SEGMENT_SIZE)))];
    const found = await segments.read(accountId, indexes);
    for (const named of page) {
      const { sessionId, index } = named;
      const entry = found.get(Math.floor(index / LOG_SEGMENT_SIZE))?.entries[index % LOG_SEGMENT_SIZE];
      if (readSessionClosed(entry?.toString() ?? '', { accountId, sessionId })) continue;
      await sessions.forgetEntry(accountId, named);
      const line = `its row named ${entryOf(index)}, which is of something else, and names none now`;
      const details = { session_id: sessionId, log_index: index };
      yield { finding: 'session_misnamed', about: sessionId, accountId, line, details };
    }
  }
}

/** Segments that no reader comes to. A keeper would append no further once the log reaches one. */
async function* findStraySegments(
  { segments }: CheckDeps,
  accountId: string,
  size: number,
): AsyncGenerator<LogFinding> {
  const indexes = await segments.listIndexes(accountId);
  const strayOf = (entries: number) => {
    const known = new Set(Array.from({ length: Math.ceil(entries / LOG_SEGMENT_SIZE) }, (_, i) => String(i)));
    return indexes.filter((index) => !known.has(index));
  };
  if (strayOf(size).length === 0) return;
  // The log may have grown since it was hashed.
  for (const index of strayOf((await segments.findTail(accountId, size)).size)) {
    const line = `segment ${JSON.stringify(index)} of the account log stands behind its end: somebody else wrote it there`;
    yield logFinding('account_log_stray_segment', accountId, line, { index });
  }
}

/** A keeper takes a session that is due within a minute, where it runs. */
const DUE_WITHIN_MS = HOUR_MS;

/** Sessions that are in no log: whoever deletes one of them leaves no trace. */
async function* findUnloggedSessions({ sessions }: CheckDeps, accountId: string): AsyncGenerator<LogFinding> {
  const count = await sessions.countUnlogged(accountId, new Date(Date.now() - DUE_WITHIN_MS));
  if (count === 0) return;
  const line = `${count} ended sessions have no entry in the account log, and are not due for one: they are older than the log, or somebody changed their rows. npm run backfill -- --log takes them into it`;
  yield logFinding('sessions_not_logged', accountId, line, { sessions: count });
}

const SUBJECTS = ['sessions', 'reports', 'policies'] as const;

/** Rows that name entries which the log does not have: it was cut, with everything that was signed of it. */
async function* findUnheldRows(deps: CheckDeps, accountId: string, size: number): AsyncGenerator<LogFinding> {
  for (const subject of SUBJECTS) {
    if ((await deps[subject].countNamedFrom(accountId, size)) === 0) continue;
    // The log may have grown since it was hashed.
    const { size: now } = await deps.segments.findTail(accountId, size);
    const rows = await deps[subject].countNamedFrom(accountId, now);
    if (rows === 0) continue;
    const line = `${rows} rows of ${subject} name entries of the account log from ${now} on, and it has no more than ${now}: it was cut, or it is an older copy`;
    yield logFinding('account_log_cut', accountId, line, { subject, rows, entries: now });
  }
}
