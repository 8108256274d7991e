// Looks for a value in the account log itself, where no row has it: rows can be removed, the signed log cannot.
import type { AccountLog } from '../../../../shared/transparency/account-log.ts';
import { type LogEntry, parseLogEntry } from '../../../../shared/transparency/log-entry.ts';
import { DamagedLog } from '../../../../shared/transparency/log-hashes.ts';
import type { LoggedEntry, LogReader } from '../../../../shared/transparency/log-reader.ts';
import { LOG_SEGMENT_SIZE } from '../../../../shared/transparency/log-rows.ts';
import type { ApiDeps } from '../../../http/context.ts';
import type { Value } from './parse-value.ts';

/**
 * What has become of the thing that an entry is about: it is there as logged, there in another state, gone, removed on
 * purpose, or there in a later state that the log has too.
 */
export type Since = 'there' | 'changed' | 'gone' | 'purged' | 'newer';

/** An entry that has the value, proven. */
export type LoggedOnly = Readonly<{ logged: LoggedEntry; entry: LogEntry; since: Since }>;

/** `damaged`: the log contradicts its checkpoint. */
export type LogSearch = readonly LoggedOnly[] | 'damaged';

export type SearchDeps = Pick<ApiDeps, 'accountLog' | 'ledger' | 'policies' | 'sessions'>;

/** Segments of 256 entries that are searched at most, the newest first: some 6 MB. */
const SEARCHED = 40;
const FOUND_AT_MOST = 5;

export async function searchLog(deps: SearchDeps, accountId: string, value: Value): Promise<LogSearch> {
  const { accountLog } = deps;
  if (!accountLog) return [];
  try {
    const found = await findEntries(accountLog, accountId, value);
    return await Promise.all(found.map((each) => followUp(deps, accountId, each, found)));
  } catch (error) {
    if (error instanceof DamagedLog) return 'damaged';
    throw error;
  }
}

type FoundEntry = Omit<LoggedOnly, 'since'>;

async function findEntries({ reader }: AccountLog, accountId: string, value: Value): Promise<FoundEntry[]> {
  const found: FoundEntry[] = [];
  for await (const index of findIndexes(reader, accountId, value)) {
    const logged = await reader.entry(accountId, index);
    const entry = logged && parseLogEntry(logged.text);
    // Reports on a session are not the session.
    const isOther = value.kind === 'session' && entry?.kind === 'report_issued';
    if (logged && entry && !isOther) found.push({ logged, entry });
    if (found.length === FOUND_AT_MOST) break;
  }
  return found;
}

async function* findIndexes(reader: LogReader, accountId: string, value: Value): AsyncGenerator<number> {
  const size = (await reader.checkpoint(accountId))?.size ?? 0;
  const wanted = membersOf(value);
  const last = Math.ceil(size / LOG_SEGMENT_SIZE) - 1;
  for (let segment = last; segment >= 0 && segment > last - SEARCHED; segment -= 1) {
    const begin = segment * LOG_SEGMENT_SIZE;
    const width = Math.min(LOG_SEGMENT_SIZE, size - begin);
    const entries = await reader.entries(accountId, segment, width);
    for (const [i, bytes] of [...entries.entries()].reverse()) {
      if (wanted.some((member) => bytes.includes(member))) yield begin + i;
    }
  }
}

/** Members of entries that have the value, as canonical JSON writes them. No name of a policy can hold one: its quotes are escaped. */
function membersOf(value: Value): string[] {
  if (value.kind === 'hash') {
    return ['merkle_root_hex', 'json_sha256', 'sha256'].map((name) => `"${name}":"${value.hex}"`);
  }
  return [`"${value.kind}_id":"${value.id}"`];
}

async function followUp(
  deps: SearchDeps,
  accountId: string,
  { logged, entry }: FoundEntry,
  found: readonly FoundEntry[],
): Promise<LoggedOnly> {
  return { logged, entry, since: await sinceOf(deps, accountId, { logged, entry }, found) };
}

async function sinceOf(
  { ledger, policies, sessions }: SearchDeps,
  accountId: string,
  { logged, entry }: FoundEntry,
  found: readonly FoundEntry[],
): Promise<Since> {
  if (entry.kind === 'policy_stored') {
    return (await policies.findSummary(accountId, entry.sha256)) ? 'there' : 'gone';
  }
  if (entry.kind === 'report_issued') {
    return (await ledger.find(accountId, entry.report_id)) ? 'changed' : 'gone';
  }
  if (entry.kind !== 'session_closed') return entry.kind === 'session_purged' ? 'purged' : 'there';
  const { session_id: id } = entry;
  const session = await sessions.find(accountId, id);
  if (session) return (session.logIndex ?? 0) > logged.index ? 'newer' : 'changed';
  const isPurged = found.some(
    ({ entry: other }) => other.kind === 'session_purged' && other.session_id === id,
  );
  return isPurged ? 'purged' : 'gone';
}
