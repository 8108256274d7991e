// Checks an account log: holds it against what was signed, and what is stored against it. A session that was deleted, a
// seal that was taken off with the row's `log_index`, or a ledger row that is gone leaves no trace elsewhere.
import { policyId } from '../../shared/policy/policy-repository.ts';
import { readSessionClosed } from '../../shared/reports/session-evidence.ts';
import { HOUR_MS } from '../../shared/time/durations.ts';
import { parseLogEntry } from '../../shared/transparency/log-entry.ts';
import { LOG_SEGMENT_SIZE } from '../../shared/transparency/log-rows.ts';
import { compareReported } from './compare-reported.ts';
import { comparePolicies, compareReports } from './compare-rows.ts';
import { type CompareSessionsDeps, compareSessions, type GoneSessions } from './compare-sessions.ts';
import { type EntryText, entryOf, type NamedRightly } from './entry-text.ts';
import { type InspectDeps, inspectLog } from './inspect-log.ts';
import type { KeeperDeps } from './keeper-deps.ts';
import { SUBJECTS, type Subject } from './largest-named.ts';
import { type LogFinding, logFinding } from './log-finding.ts';
import { restorePlaces } from './restore-places.ts';
import { findFalseTiles } from './stored-tiles.ts';

/** By subject: the finding of a row that names another's entry, and what its details call the row's id. */
const MISNAMED: Readonly<Record<Subject, readonly [string, string]>> = {
  sessions: ['session_misnamed', 'session_id'],
  reports: ['report_misnamed', 'report_id'],
  policies: ['policy_misnamed', 'policy_id'],
};

/** In words, the rows that an account log takes up. */
const UNLOGGED: Readonly<Record<Subject, string>> = {
  sessions: 'ended sessions',
  reports: 'signed reports',
  policies: 'policies',
};

export type CheckDeps = InspectDeps &
  CompareSessionsDeps &
  Pick<KeeperDeps, 'policies' | 'reports' | 'tiles' | 'places'>;

/**
 * Everything that is wrong. Of a log that contradicts what was signed nothing is compared: its entries may be anybody's. Marks
 * sessions whose log fails beside their entry. Safe beside a keeper. Rejects with the signal's reason when it aborts.
 */
export async function* checkLog(
  deps: CheckDeps,
  accountId: string,
  signal: AbortSignal,
): AsyncGenerator<LogFinding> {
  const { head, hashed, signedSize, contradiction } = await inspectLog(deps, accountId);
  if (contradiction) {
    const { reason, note } = contradiction;
    const details = note === null ? { reason } : { reason, checkpoint: note };
    yield logFinding('account_log_contradicted', accountId, `the account log is false: ${reason}`, details);
    return;
  }
  yield* findFalseTiles(deps, accountId, hashed.tiles);
  yield* findStraySegments(deps, accountId, hashed.size);
  const { marked } = head;
  yield* compareEntries(deps, accountId, { size: hashed.size, marked, signedSize }, signal);
  yield* findUnlogged(deps, accountId);
}

/** `marked`: below it the rows of the entries' subjects name them. `signedSize`: entries under a checkpoint. */
async function* compareEntries(
  deps: CheckDeps,
  accountId: string,
  { size, marked, signedSize }: Readonly<{ size: number; marked: number; signedSize: number }>,
  signal: AbortSignal,
): AsyncGenerator<LogFinding> {
  const gone: GoneSessions = new Map();
  const told = new Set<string>();
  const namedRightly: NamedRightly = { sessions: 0, reports: 0, policies: 0 };
  const noted = await deps.places.notedUpTo(accountId);
  // A keeper notes entries before it raises the mark, and before it signs.
  const toBeNoted = Math.max(marked, signedSize);
  let unplaced = 0;
  let begin = 0;
  for await (const { entries } of deps.segments.readOn(accountId)) {
    signal.throwIfAborted();
    const page = entries.slice(0, size - begin).flatMap((bytes, i): EntryText[] => {
      const text = bytes.toString();
      const entry = parseLogEntry(text);
      const index = begin + i;
      return entry?.account_id === accountId ? [{ entry, text, index, isMarked: index < marked }] : [];
    });
    for await (const finding of compareSessions(deps, accountId, page, { gone, namedRightly }, signal)) {
      told.add(finding.about);
      yield finding;
    }
    yield* compareReports(deps, accountId, page, namedRightly);
    yield* compareReported(deps, accountId, page, { gone, told }, signal);
    yield* comparePolicies(deps, accountId, page, namedRightly);
    unplaced += await restorePlaces(deps, accountId, page, Math.max(noted, toBeNoted));
    for (const { entry } of page) if (entry.kind === 'session_purged') gone.delete(entry.session_id);
    begin += entries.length;
    if (begin >= size) break;
  }
  if (unplaced > 0) {
    const line = `${unplaced} entries were missing in account_log_places, and are noted again: somebody changed it, or it is an older copy. Until now an older copy of their sessions could be put back unseen`;
    yield logFinding('account_log_places_differ', accountId, line, { entries: unplaced });
  }
  if (noted < toBeNoted) {
    await deps.places.forgetNoted(accountId);
    await deps.places.note(accountId, [], toBeNoted);
    const line = `account_log_places said that ${noted} entries are noted, and ${toBeNoted} were, and says so again: somebody changed or removed its row, or no keeper of this version has come to the log`;
    yield logFinding('account_log_places_differ', accountId, line, { noted, entries: toBeNoted });
  }
  const isImporting = gone.size > 0 && (await deps.sessions.countHidden(accountId)) > 0;
  for (const finding of gone.values()) {
    yield isImporting ? { ...finding, line: `${finding.line}; ${UNFINISHED}` } : finding;
  }
  for (const subject of SUBJECTS) {
    if ((await deps[subject].countNamedBelow(accountId, size)) > namedRightly[subject]) {
      yield* findMisnamed(deps, accountId, subject, size, signal);
    }
  }
}

/** An import takes over the account log before the sessions that it names. */
const UNFINISHED =
  'an import of this account has not finished, and may bring the session: give it again before anything else';

/** Whether the text of an entry is about the row with this id. */
const IS_ABOUT: Readonly<Record<Subject, (text: string, accountId: string, id: string) => boolean>> = {
  sessions: (text, accountId, sessionId) => readSessionClosed(text, { accountId, sessionId }) !== null,
  reports: (text, _, id) => {
    const entry = parseLogEntry(text);
    return entry?.kind === 'report_issued' && entry.report_id === id;
  },
  policies: (text, accountId, id) => {
    const entry = parseLogEntry(text);
    return entry?.kind === 'policy_stored' && policyId(accountId, entry.sha256) === id;
  },
};

/** Rows that name an entry of something else. They name none afterwards, so that the log can take them up. */
async function* findMisnamed(
  deps: CheckDeps,
  accountId: string,
  subject: Subject,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<LogFinding> {
  for await (const page of deps[subject].listNamedBelow(accountId, size)) {
    signal.throwIfAborted();
    const indexes = [...new Set(page.map(({ index }) => Math.floor(index / LOG_SEGMENT_SIZE)))];
    const found = await deps.segments.read(accountId, indexes);
    for (const named of page) {
      const { id, index } = named;
      const entry = found.get(Math.floor(index / LOG_SEGMENT_SIZE))?.entries[index % LOG_SEGMENT_SIZE];
      if (IS_ABOUT[subject](entry?.toString() ?? '', accountId, id)) continue;
      await deps[subject].forgetEntry(accountId, named);
      const line = `its row named ${entryOf(index)}, which is of something else, and names none now`;
      const [finding, name] = MISNAMED[subject];
      yield { finding, about: id, accountId, line, details: { [name]: id, log_index: index } };
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

/** Rows that are in no log: whoever deletes one of them leaves no trace. */
async function* findUnlogged(deps: CheckDeps, accountId: string): AsyncGenerator<LogFinding> {
  const before = new Date(Date.now() - DUE_WITHIN_MS);
  for (const subject of SUBJECTS) {
    const count = await deps[subject].countUnlogged(accountId, before);
    if (count === 0) continue;
    const line = `${count} ${UNLOGGED[subject]} have no entry in the account log, and are not due for one: they are older than the log, no worker has come to them, or somebody changed their rows. npm run backfill, then npm run backfill -- --log, takes them into it`;
    yield logFinding(`${subject}_not_logged`, accountId, line, { [subject]: count });
  }
}
