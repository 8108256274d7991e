// The first pass over a bundle: checks everything and writes nothing. Memory holds one row per session and the state of
// its log's walk, never the entries.
import type { Keyring } from '../../shared/audit/audit-keys.ts';
import { ENTRY_LIMIT } from '../../shared/audit/chain.ts';
import type { FailedLog, UnverifiableLog } from '../../shared/audit/verdict.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { BundleError, findFile, readLines } from './bundle-files.ts';
import { type BundlePolicy, readPolicies } from './bundle-policies.ts';
import { type AgentRow, parseAgentRow, parseSessionRow, ROW_LIMIT, type SessionRow } from './bundle-rows.ts';
import { LogCheck } from './log-check.ts';
import { Problems } from './problems.ts';
import { routeEntry } from './route-entry.ts';

export type CheckedBundle = Readonly<{
  dir: string;
  accountId: string;
  agents: ReadonlyMap<string, AgentRow>;
  policies: ReadonlyMap<string, BundlePolicy>;
  /** Sessions without a problem, as they will be stored, by id. */
  sessions: ReadonlyMap<string, Session>;
  entryCount: number;
  /** Ids of sessions that are refused. */
  refused: ReadonlySet<string>;
  problems: Problems;
}>;

/**
 * Checks agents, policies, session rows and every chain. A bad line becomes a problem with its file and line, a failed
 * session a problem with its id. Throws a `BundleError` when the bundle as a whole is not readable or holds more than
 * one account.
 */
export async function checkBundle(
  dir: string,
  keyring: Keyring,
  onBytes: (count: number) => void,
): Promise<CheckedBundle> {
  const problems = new Problems();
  const { accountId, agents } = await checkAgents(dir, problems);
  const policies = await readPolicies(dir, problems);
  const refused = new Set<string>();
  const logs = await checkRows(dir, { accountId, agents, policies, keyring, refused, problems });
  const entryCount = await checkEntries(dir, logs, problems, onBytes);

  const sessions = new Map<string, Session>();
  for (const [id, log] of logs) {
    const outcome = await log.judge(dir);
    if (outcome.ok) {
      sessions.set(id, outcome.session);
      continue;
    }
    refused.add(id);
    problems.add(id, outcome.problem);
  }
  return { dir, accountId, agents, policies, sessions, entryCount, refused, problems };
}

async function checkAgents(
  dir: string,
  problems: Problems,
): Promise<{ accountId: string; agents: Map<string, AgentRow> }> {
  const agents = new Map<string, AgentRow>();
  let accountId: string | null = null;
  for await (const lines of readLines(await findFile(dir, 'agents.ndjson'), ROW_LIMIT)) {
    for (const { file, number, bytes } of lines) {
      const place = `${file}:${number}`;
      const parsed = parseAgentRow(bytes);
      if (!parsed.ok) {
        problems.add(place, parsed.problem);
        continue;
      }
      accountId ??= parsed.row.account_id;
      assertSameAccount(accountId, parsed.row.account_id, place);
      if (agents.has(parsed.row.id)) problems.add(place, `${parsed.row.id} is listed twice`);
      else agents.set(parsed.row.id, parsed.row);
    }
  }
  if (accountId === null) throw new BundleError('agents.ndjson names no agent, so the account is not known');
  return { accountId, agents };
}

type RowContext = Readonly<{
  accountId: string;
  agents: ReadonlyMap<string, AgentRow>;
  policies: ReadonlyMap<string, BundlePolicy>;
  keyring: Keyring;
  refused: Set<string>;
  problems: Problems;
}>;

async function checkRows(dir: string, context: RowContext): Promise<Map<string, LogCheck>> {
  const { accountId, refused, problems } = context;
  const logs = new Map<string, LogCheck>();
  for await (const lines of readLines(await findFile(dir, 'sessions.ndjson'), ROW_LIMIT)) {
    for (const { file, number, bytes } of lines) {
      const place = `${file}:${number}`;
      const parsed = parseSessionRow(bytes);
      if (!parsed.ok) {
        problems.add(place, parsed.problem);
        continue;
      }
      const { row } = parsed;
      assertSameAccount(accountId, row.account_id, place);
      const log = logs.has(row.id) ? `${row.id} is listed twice` : startCheck(row, context);
      if (typeof log !== 'string') {
        logs.set(row.id, log);
        continue;
      }
      refused.add(row.id);
      logs.delete(row.id);
      problems.add(place, log);
    }
  }
  for (const id of refused) logs.delete(id);
  return logs;
}

/** Starts the check of a session's log, or gives the problem of its row. */
function startCheck(row: SessionRow, { agents, policies, keyring }: RowContext): LogCheck | string {
  if (!agents.has(row.agent_id)) return `${row.id} belongs to an agent that is not in agents.ndjson`;
  const policy = policies.get(`${row.policy_name}@${row.policy_version}`);
  if (!policy) return `${row.id} names a policy version that is missing in policies/ or not usable`;
  if (row.payloads !== null && !policy.logPayloads) {
    return `${row.id} has payloads although its policy does not log them: export it again without payloads`;
  }
  const { key_id: keyId, key_check: keyCheck } = row.log;
  const found = { accountId: row.account_id, startedAt: row.started_at, keyId, keyCheck };
  const { key, verdict } = keyring.find(found);
  if (!key) return `${row.id} is ${withoutKey(verdict, row)}`;
  return new LogCheck(row, policy, key);
}

function withoutKey(verdict: FailedLog | UnverifiableLog, { account_id, log }: SessionRow): string {
  if (verdict.status === 'unverifiable') {
    const remedy = 'add it to AUDIT_KEYS with the value that the log was signed with';
    return `unverifiable: audit key ${log.key_id} is not configured; ${remedy}`;
  }
  const remedy = `add account=${account_id} to its scope in AUDIT_KEYS if it is, and mind its not_before and not_after`;
  return `refused: audit key ${log.key_id} is not this account's, or was not in force at the session's start; ${remedy}`;
}

async function checkEntries(
  dir: string,
  logs: ReadonlyMap<string, LogCheck>,
  problems: Problems,
  onBytes: (count: number) => void,
): Promise<number> {
  let entryCount = 0;
  for await (const lines of readLines(await findFile(dir, 'audit.ndjson'), ENTRY_LIMIT, onBytes)) {
    for (const line of lines) {
      entryCount += 1;
      const sessionId = routeEntry(line.bytes);
      if (sessionId === null)
        problems.add(`${line.file}:${line.number}`, 'is not an audit entry of a session');
      else logs.get(sessionId)?.take(line);
    }
  }
  return entryCount;
}

function assertSameAccount(accountId: string, found: string, place: string): void {
  if (found === accountId) return;
  throw new BundleError(
    `${place} belongs to another account than the lines before it: one bundle holds one account`,
  );
}
