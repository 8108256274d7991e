// Looks for a value in the account log itself, where no row that has it is borne out.
import type { AccountLog } from '../../../../shared/transparency/account-log.ts';
import { findEntries, type Member } from '../../../../shared/transparency/find-entries.ts';
import { type LogEntry, parseLogEntry } from '../../../../shared/transparency/log-entry.ts';
import { DamagedLog } from '../../../../shared/transparency/log-hashes.ts';
import type { LoggedEntry } from '../../../../shared/transparency/log-reader.ts';
import type { ApiDeps } from '../../../http/context.ts';
import { askOfSession, compareReport, compareSession } from './ask-log.ts';
import type { Value } from './parse-value.ts';

/**
 * What has become of the thing that an entry is about: it is there as logged, there in another state, gone, removed on
 * purpose, or there in a later state that the log has too.
 */
export type Since = 'there' | 'changed' | 'gone' | 'purged' | 'newer';

/** An entry that has the value, proven. */
export type LoggedValue = Readonly<{ logged: LoggedEntry; entry: LogEntry; since: Since }>;

/** `damaged`: the log contradicts its checkpoint. */
export type LogSearch = readonly LoggedValue[] | 'damaged';

export type SearchDeps = Pick<ApiDeps, 'accountLog' | 'ledger' | 'policies' | 'sessions'>;

const FOUND_AT_MOST = 5;

export async function searchLog(deps: SearchDeps, accountId: string, value: Value): Promise<LogSearch> {
  const { accountLog } = deps;
  if (!accountLog) return [];
  try {
    const found = await listEntries(accountLog, accountId, value);
    return await Promise.all(found.map((each) => followUp(deps, accountId, each, found)));
  } catch (error) {
    if (error instanceof DamagedLog) return 'damaged';
    throw error;
  }
}

type FoundEntry = Omit<LoggedValue, 'since'>;

async function listEntries({ reader }: AccountLog, accountId: string, value: Value): Promise<FoundEntry[]> {
  const found: FoundEntry[] = [];
  for await (const logged of findEntries(reader, accountId, membersOf(value))) {
    const entry = parseLogEntry(logged.text);
    // Reports on a session are not the session.
    const isOther = value.kind === 'session' && entry?.kind === 'report_issued';
    if (entry && !isOther) found.push({ logged, entry });
    if (found.length === FOUND_AT_MOST) break;
  }
  return found;
}

/** Members of entries that have the value. */
function membersOf(value: Value): Member[] {
  if (value.kind === 'hash') {
    return ['merkle_root_hex', 'json_sha256', 'sha256'].map((name) => [name, value.hex]);
  }
  return [[`${value.kind}_id`, value.id]];
}

async function followUp(
  deps: SearchDeps,
  accountId: string,
  { logged, entry }: FoundEntry,
  found: readonly FoundEntry[],
): Promise<LoggedValue> {
  return { logged, entry, since: await sinceOf(deps, accountId, { logged, entry }, found) };
}

async function sinceOf(
  { accountLog, ledger, policies, sessions }: SearchDeps,
  accountId: string,
  { logged, entry }: FoundEntry,
  found: readonly FoundEntry[],
): Promise<Since> {
  if (entry.kind === 'policy_stored') {
    return (await policies.findSummary(accountId, entry.sha256)) ? 'there' : 'gone';
  }
  if (entry.kind === 'report_issued') {
    const row = await ledger.find(accountId, entry.report_id);
    if (!row) return 'gone';
    return compareReport(accountId, row, logged.text) === 'same' ? 'there' : 'changed';
  }
  if (entry.kind !== 'session_closed') return entry.kind === 'session_purged' ? 'purged' : 'there';
  const { session_id: id } = entry;
  const session = await sessions.find(accountId, id);
  if (session) {
    if (compareSession(session, logged.text) === 'same') return 'there';
    const newest = await askOfSession(accountLog, session);
    return newest.kind === 'same' && newest.entry.index > logged.index ? 'newer' : 'changed';
  }
  const isPurged = found.some(
    ({ entry: other }) => other.kind === 'session_purged' && other.session_id === id,
  );
  return isPurged ? 'purged' : 'gone';
}
