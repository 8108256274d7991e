// What the account log says of a window. It is read before the window is listed, so that every session that it names was
// stored by then.
import type { Anchor } from '../../shared/audit/log-record.ts';
import type { VerifiedLog } from '../../shared/audit/verdict.ts';
import type { AccountLogs, LogReader, WindowEvidenceFacts } from '../../shared/reports/account-log.ts';
import { checkCheckpoint } from '../../shared/reports/check-checkpoint.ts';
import { anchorOf, differingFacts, type SessionClosed } from '../../shared/reports/session-evidence.ts';
import { LOG_REMEDY, UNSIGNED } from '../../shared/reports/unsigned-log.ts';
import type { RecordedSession } from '../../shared/sessions/session.ts';
import type { StartedQuery } from '../../shared/sessions/started-session.ts';
import { parseLogEntry } from '../../shared/transparency/log-entry.ts';
import { DamagedLog } from '../../shared/transparency/log-hashes.ts';
import { shareText } from '../threads/share-text.ts';

/** An entry that a session was closed. */
export type LoggedEntry = Readonly<{ index: number; text: string }>;

/** By session, in the order of the log: one that had no seal may have several entries. */
export type LoggedEntries = ReadonlyMap<string, readonly LoggedEntry[]>;

/** The entries about a window, all of them under one checkpoint. */
export type ReadWindowLog = Readonly<{
  evidence: WindowEvidenceFacts;
  /** Of the checkpoint. */
  root: Uint8Array;
  entries: LoggedEntries;
}>;

/** Null where there is no account log, or no checkpoint yet. `problem` is safe to show. */
export async function readWindowLog(
  logs: AccountLogs | null,
  accountId: string,
  query: StartedQuery,
): Promise<ReadWindowLog | Readonly<{ problem: string }> | null> {
  const signed = logs && (await logs.reader.checkpoint(accountId));
  if (!logs || !signed) return null;
  const checkpoint = checkCheckpoint(signed, logs.keys, accountId);
  if (!checkpoint) return { problem: UNSIGNED };
  const { origin, verifierKey, root, size } = checkpoint;
  const evidence = { checkpoint: signed.checkpoint, logSize: size, origin, verifierKey };
  try {
    const entries = await readEntries(logs.reader, accountId, { size, root }, windowTest(query));
    return entries ? { evidence, root, entries } : { problem: DAMAGED };
  } catch (error) {
    if (error instanceof DamagedLog) return { problem: CUT };
    throw error;
  }
}

/** Null where the log holds an entry that is none of its account. */
async function readEntries(
  reader: LogReader,
  accountId: string,
  { size, root }: Readonly<{ size: number; root: Uint8Array }>,
  isInWindow: (text: string) => boolean,
): Promise<LoggedEntries | null> {
  const entries = new Map<string, LoggedEntry[]>();
  for await (const entry of reader.listSessionClosed(accountId, size, root)) {
    if (!isInWindow(entry.text)) continue;
    const closed = parseLogEntry(entry.text);
    if (closed?.kind !== 'session_closed' || closed.account_id !== accountId) return null;
    const others = entries.get(closed.session_id);
    if (others) others.push(entry);
    else entries.set(closed.session_id, [entry]);
  }
  return entries;
}

const CUT = `The account log lacks entries that its checkpoint covers, or has others, which are not under its checkpoint. ${LOG_REMEDY}`;
const DAMAGED = `The account log holds an entry that is none of its account. ${LOG_REMEDY}`;

/** Whether a canonical text is of the window, by the places of its members: most entries of a log are of other windows. */
function windowTest({ since, until, agentId }: StartedQuery): (text: string) => boolean {
  const [first, end] = [since.toISOString(), until.toISOString()];
  const agent = agentId === null ? null : `"agent_id":"${agentId}"`;
  return (text) => {
    const at = text.indexOf(STARTED_AT);
    const startedAt = text.slice(at + STARTED_AT.length, at + STARTED_AT.length + first.length);
    return startedAt >= first && startedAt < end && (agent === null || text.includes(agent));
  };
}

const STARTED_AT = '"started_at":"';

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
  return entries.map(({ text }) => ({ ...anchorOf(JSON.parse(text) as SessionClosed), isSigned: true }));
}

/** The index of the last entry where it is about the log as it was walked; null where there is none. */
export function logIndexOf(
  entries: readonly LoggedEntry[] | undefined,
  session: RecordedSession,
  verdict: VerifiedLog,
): number | null {
  const last = entries?.at(-1);
  if (!last || verdict.state === 'open') return null;
  const differing = differingFacts(JSON.parse(last.text) as SessionClosed, session, verdict);
  return differing.length === 0 ? last.index : null;
}
