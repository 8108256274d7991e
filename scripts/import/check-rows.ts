// Checks the rows of `sessions.ndjson`, and starts the check of each session's log.
import type { AuditKeyBytes, Keyring } from '../../shared/audit/audit-keys.ts';
import { assertSameAccount, type BundleAgents } from './bundle-agents.ts';
import type { BundlePolicy } from './bundle-policies.ts';
import { oddTimes, parseSessionRow, ROW_LIMIT, type SessionRow } from './bundle-rows.ts';
import { describeMissingKey } from './describe-missing-key.ts';
import { LogCheck } from './log-check.ts';
import type { Problems } from './problems.ts';
import { readLines } from './read-lines.ts';

export type RowContext = BundleAgents &
  Readonly<{
    policies: ReadonlyMap<string, BundlePolicy>;
    auditKeys: readonly AuditKeyBytes[];
    keyring: Keyring;
    problems: Problems;
  }>;

export type CheckedRows = Readonly<{
  /** Of the sessions whose rows have no problem, by id. */
  logs: Map<string, LogCheck>;
  /** Ids of sessions whose rows have one. */
  refused: Set<string>;
  /** Rows that have one and name no session. */
  unreadRows: number;
  /** Ids of agents and policies (`NAME@VERSION`) that a row names. */
  named: Set<string>;
  /** Each model that a row names, with the id of the first session. */
  models: Map<string, string>;
}>;

/** A row that has a problem is refused with its session, also where another row of the session has none. */
export async function checkRows(path: string, context: RowContext): Promise<CheckedRows> {
  const { accountId, problems } = context;
  const logs = new Map<string, LogCheck>();
  const refused = new Set<string>();
  const named = new Set<string>();
  const models = new Map<string, string>();
  let unreadRows = 0;
  for await (const lines of readLines(path, ROW_LIMIT)) {
    for (const { file, number, bytes } of lines) {
      const place = `${file}:${number}`;
      const parsed = parseSessionRow(bytes);
      if (parsed.ok) {
        const { id, account_id, agent_id, policy_name, policy_version, upstream_model: model } = parsed.row;
        assertSameAccount(accountId, account_id, place);
        named.add(agent_id).add(`${policy_name}@${policy_version}`);
        if (!models.has(model)) models.set(model, id);
      }
      const id = parsed.ok ? parsed.row.id : parsed.id;
      const log = parsed.ok ? startCheck(parsed.row, logs, context) : spell(parsed);
      if (parsed.ok && typeof log !== 'string') {
        logs.set(parsed.row.id, log);
        for (const odd of oddTimes(parsed.row)) problems.warn(place, `${id}: ${odd}`);
        continue;
      }
      problems.add(place, log as string);
      if (id === null) unreadRows += 1;
      else refused.add(id);
    }
  }
  for (const id of refused) logs.delete(id);
  return { logs, refused, unreadRows, named, models };
}

function spell({ id, problem }: Readonly<{ id: string | null; problem: string }>): string {
  return id === null ? problem : `${id}: ${problem}`;
}

/** Starts the check of a session's log, or gives the problem of its row. */
function startCheck(
  row: SessionRow,
  logs: ReadonlyMap<string, LogCheck>,
  { agents, policies, auditKeys, keyring }: RowContext,
): LogCheck | string {
  if (logs.has(row.id)) return `${row.id} is listed twice`;
  if (!agents.has(row.agent_id)) return `${row.id} belongs to an agent that is not in agents.ndjson`;
  const policy = policies.get(`${row.policy_name}@${row.policy_version}`);
  if (!policy) return `${row.id} names a policy version that is missing in policies/ or not usable`;
  if (row.payloads !== null && !policy.logPayloads) {
    return `${row.id} has payloads although its policy does not log them: export it again without payloads`;
  }
  const { key_id: keyId, key_check: keyCheck } = row.log;
  const log = { accountId: row.account_id, startedAt: row.started_at, keyId, keyCheck };
  const { key, verdict } = keyring.find(log);
  if (!key) return `${row.id} is ${describeMissingKey(verdict, log, auditKeys)}`;
  return new LogCheck(row, policy, key);
}
