// What the account log says of a window.
import type { Anchor } from '../../shared/audit/log-record.ts';
import type { VerifiedLog } from '../../shared/audit/verdict.ts';
import type {
  AccountLogs,
  LogReader,
  SignedPart,
  WindowEvidenceFacts,
} from '../../shared/reports/account-log.ts';
import { checkCheckpoint } from '../../shared/reports/check-checkpoint.ts';
import {
  type AboutSession,
  anchorOf,
  differingFacts,
  isAboutSession,
  type SessionClosed,
} from '../../shared/reports/session-evidence.ts';
import { LOG_REMEDY, NOT_AS_SIGNED, UNSIGNED } from '../../shared/reports/unsigned-log.ts';
import type { RecordedSession } from '../../shared/sessions/session.ts';
import type { SessionRepository } from '../../shared/sessions/session-repository.ts';
import type { StartedQuery, StartedSession } from '../../shared/sessions/started-session.ts';
import { isTime } from '../../shared/time/is-time.ts';
import { type LogEntry, readLoosely } from '../../shared/transparency/log-entry.ts';
import { DamagedLog } from '../../shared/transparency/log-hashes.ts';
import { shareText } from '../threads/share-text.ts';

/** An entry about a session, and whether the checkpoint covers it. */
export type LoggedEntry = Readonly<{
  kind: AboutSession['kind'];
  index: number;
  text: string;
  isSigned: boolean;
}>;

/**
 * By session, in the order of the log: one that had no seal may have several that it was closed. Last, the one of the report
 * that saw the most of its log.
 */
export type LoggedEntries = ReadonlyMap<string, readonly LoggedEntry[]>;

/** The newest checkpoint of an account log, verified. */
export type WindowCheckpoint = Readonly<{
  evidence: WindowEvidenceFacts;
  root: Uint8Array;
}>;

/** What the log has about the sessions of a window. */
export type ReadWindowLog = Readonly<{
  /** About the sessions that are stored there now, whenever they started by their entries. */
  entries: LoggedEntries;
  /** How many entries under the checkpoint say that a session was closed which started in the window. */
  entriesInWindow: number;
  /** Ids of those sessions that are not stored there, ascending. */
  missing: readonly string[];
  /** Entries behind the checkpoint about other such sessions: they came later, or are missing. */
  unlisted: readonly AboutSession[];
}>;

/** Why a report is refused; safe to show. */
type Problem = Readonly<{ problem: string }>;

/** Null where there is no account log, or no checkpoint yet. */
export async function readWindowCheckpoint(
  logs: AccountLogs | null,
  accountId: string,
): Promise<WindowCheckpoint | Problem | null> {
  const signed = logs && (await logs.reader.checkpoint(accountId));
  if (!logs || !signed) return null;
  const checkpoint = checkCheckpoint(signed, logs.keys, accountId);
  if (!checkpoint) return { problem: UNSIGNED };
  const { origin, verifierKey, root, size } = checkpoint;
  return { evidence: { checkpoint: signed.checkpoint, logSize: size, origin, verifierKey }, root };
}

/**
 * Reads every entry of the log: one about a session of the window may be of another window by its start, if somebody moved
 * the row, and behind the checkpoint, if somebody put an older one back. `signed`: by a checkpoint that was read before the
 * sessions were listed: every session that it covers was stored by then.
 */
export async function readWindowLog(
  reader: LogReader,
  accountId: string,
  signed: SignedPart,
  { query, listed }: Readonly<{ query: StartedQuery; listed: readonly StartedSession[] }>,
): Promise<ReadWindowLog | Problem> {
  const stored = new Set(listed.map(({ id }) => id));
  const isInWindow = windowTest(query);
  const entries = new Map<string, LoggedEntry[]>();
  const reported = new Map<string, LoggedEntry & Readonly<{ size: number }>>();
  const missing = new Set<string>();
  const unlisted: AboutSession[] = [];
  let entriesInWindow = 0;
  try {
    for await (const entry of reader.listAboutSessions(accountId, signed)) {
      const isOfWindow = isInWindow(entry.text);
      const isStored = stored.has(textAfter(entry.text, SESSION_ID, ID_LENGTH));
      if (!isOfWindow && !isStored) continue;
      // Its members are not looked at one by one: what no key of the log signed is told of behind the last entry.
      const about = readLoosely(entry.text) as LogEntry | null;
      if (!isAboutSession(about) || about.account_id !== accountId) return { problem: DAMAGED };
      const { kind, session_id: id } = about;
      const isSigned = entry.index < signed.size;
      if (isOfWindow && isSigned && kind === 'session_closed') entriesInWindow += 1;
      if (!isStored) {
        if (isSigned) missing.add(id);
        else unlisted.push(about);
        continue;
      }
      const found = { ...entry, kind, isSigned };
      if (kind === 'session_closed') entries.set(id, [...(entries.get(id) ?? []), found]);
      else if (about.size > (reported.get(id)?.size ?? -1)) reported.set(id, { ...found, size: about.size });
    }
    for (const [id, { size: _, ...found }] of reported) entries.set(id, [...(entries.get(id) ?? []), found]);
  } catch (error) {
    if (error instanceof DamagedLog) return { problem: NOT_AS_SIGNED };
    throw error;
  }
  return {
    ...{ entries, entriesInWindow, missing: [...missing].sort() },
    unlisted: unlisted.filter(({ session_id: id }) => !missing.has(id)),
  };
}

/**
 * A problem where a session that was not listed, and that has an entry behind the checkpoint, is not stored as the entry says
 * that it began: by the next checkpoint it is one that the report names as missing, and until then the report has nothing
 * signed to name it by. One that is came after the listing.
 */
export async function checkUnlisted(
  sessions: Pick<SessionRepository, 'findSnapshots'>,
  accountId: string,
  { unlisted }: ReadWindowLog,
): Promise<Problem | null> {
  const ids = unlisted.map(({ session_id: id }) => id);
  const stored = ids.length === 0 ? null : await sessions.findSnapshots(accountId, ids);
  for (const entry of unlisted) {
    const { session_id: id } = entry;
    const found = stored?.get(id);
    if (!found) return { problem: `${GONE} ${id}. ${GONE_REMEDY}` };
    if (!beganAs(entry, found.session)) return { problem: `${MOVED} ${id}. ${GONE_REMEDY}` };
  }
  return null;
}

/** Whoever moves a session's row to another window, or to another agent's, has the window lack it as one that deletes it. */
function beganAs(entry: AboutSession, { startedAt, agentId }: RecordedSession): boolean {
  const isStart = (time: string) => isTime(startedAt) && startedAt.toISOString() === time;
  if (entry.kind === 'report_issued') return isStart(entry.since);
  return isStart(entry.started_at) && entry.agent_id === agentId;
}

/** A problem where a row names an entry that the checkpoint does not cover, and that the log does not have. */
export async function checkNamedEntries(
  reader: Pick<LogReader, 'entryTexts'>,
  accountId: string,
  listed: readonly StartedSession[],
  { size }: Readonly<{ size: number }>,
): Promise<Problem | null> {
  const indexes = listed.flatMap(({ logIndex }) => (logIndex !== null && logIndex >= size ? [logIndex] : []));
  const texts = indexes.length === 0 ? [] : await reader.entryTexts(accountId, indexes);
  return texts.includes(null) ? { problem: NO_ENTRY } : null;
}

const DAMAGED = `The account log holds an entry that is none of its account. ${LOG_REMEDY}`;
const GONE =
  'The account log has an entry behind its checkpoint about a session of the window that is not stored:';
const MOVED =
  'The account log has an entry behind its checkpoint about a session of the window, whose row has another start or agent now:';
const GONE_REMEDY = `Once a checkpoint covers the entry, within a minute, a report names the session as missing. ${LOG_REMEDY}`;
const NO_ENTRY = `The row of a session of the window names an entry that the account log does not have. ${LOG_REMEDY}`;

/**
 * Whether a canonical text is of the window, by the places of its members: most entries of a log are of other windows. That a
 * report was issued does not say of which agent, so it is of no agent's window.
 */
function windowTest({ since, until, agentId }: StartedQuery): (text: string) => boolean {
  const [first, end] = [since.toISOString(), until.toISOString()];
  const agent = agentId === null ? null : `"agent_id":"${agentId}"`;
  return (text) => {
    const startedAt = textAfter(text, text.includes(STARTED_AT) ? STARTED_AT : SINCE, first.length);
    return startedAt >= first && startedAt < end && (agent === null || text.includes(agent));
  };
}

function textAfter(text: string, name: string, length: number): string {
  const begin = text.indexOf(name) + name.length;
  return text.slice(begin, begin + length);
}

const STARTED_AT = '"started_at":"';
/** Of a report on a session: when that started. */
const SINCE = '"since":"';
const SESSION_ID = '"session_id":"';
const ID_LENGTH = 'sess_'.length + 26;

/** The entries about these sessions, in memory that threads share. */
export function shareEntries(entries: LoggedEntries, sessionIds: readonly string[]): Uint8Array {
  const found = sessionIds.flatMap((id) => {
    const own = entries.get(id);
    return own ? [[id, own] as const] : [];
  });
  return shareText(JSON.stringify(found));
}

/** What `shareEntries` shared. */
export function readShared(shared: Uint8Array): LoggedEntries {
  return new Map(JSON.parse(new TextDecoder().decode(shared)) as [string, LoggedEntry[]][]);
}

/** The roots that a walk must reproduce. Requires entries that `readWindowLog` read. */
export function anchorsOf(entries: readonly LoggedEntry[] = []): Anchor[] {
  return entries.map(({ text, isSigned }) => ({ ...anchorOf(JSON.parse(text) as AboutSession), isSigned }));
}

/** The index of the last entry that it was closed, under the checkpoint, where it is about the log as it was walked; else null. */
export function logIndexOf(
  entries: readonly LoggedEntry[] | undefined,
  session: RecordedSession,
  verdict: VerifiedLog,
): number | null {
  const last = entries?.findLast(({ kind, isSigned }) => isSigned && kind === 'session_closed');
  if (!last || verdict.state === 'open') return null;
  const differing = differingFacts(JSON.parse(last.text) as SessionClosed, session, verdict);
  return differing.length === 0 ? last.index : null;
}
