// Checks the rows of `sessions.ndjson`, and starts the check of each session's log.
import { basename } from 'node:path';
import type { AuditKeyBytes, Keyring } from '../../shared/audit/audit-keys.ts';
import { ROW_LIMIT } from '../../shared/sessions/row-limit.ts';
import { assertSameAccount, type BundleAgents } from './bundle-agents.ts';
import { RefusedBundle } from './bundle-files.ts';
import type { BundlePolicy } from './bundle-policies.ts';
import { oddTimes, parseSessionRow, type SessionRow } from './bundle-rows.ts';
import { describeMissingKey } from './describe-missing-key.ts';
import { LineForms } from './line-forms.ts';
import { LogCheck } from './log-check.ts';
import type { Problems } from './problems.ts';
import { readLines } from './read-lines.ts';

export type RowContext = BundleAgents &
  Readonly<{
    policies: ReadonlyMap<string, BundlePolicy>;
    auditKeys: readonly AuditKeyBytes[];
    keyring: Keyring;
    problems: Problems;
    /** Sessions that can be refused one by one; `REFUSED_LIMIT` by default. */
    refusedLimit?: number | undefined;
  }>;

export type CheckedRows = Readonly<{
  /** Of the sessions whose rows have no problem, by id. */
  logs: Map<string, LogCheck>;
  /** Ids of sessions whose rows have one. */
  refused: Set<string>;
  /** Rows that have one and name no session. */
  unreadRows: number;
  /** Ids of agents and policies (`NAME@VERSION`) of the bundle that a row names, refused or not. */
  named: Set<string>;
  /** Each model that a row without a problem names, with the id of the first session. */
  models: Map<string, string>;
  /** One more than the last entry of the account log that a row names; 0 where none does. */
  namedSize: number;
}>;

/** A row that has a problem is refused with its session, also where another row of the session has none. */
export async function checkRows(path: string, context: RowContext): Promise<CheckedRows> {
  const { accountId, problems, refusedLimit = REFUSED_LIMIT } = context;
  const logs = new Map<string, LogCheck>();
  const refused = new Set<string>();
  const named = new Set<string>();
  const models = new Map<string, string>();
  let unreadRows = 0;
  let namedSize = 0;
  const forms = new LineForms();
  for await (const lines of readLines(path, ROW_LIMIT, { noteForm: forms.note.bind(forms) })) {
    for (const { file, number, bytes } of lines) {
      const place = `${file}:${number}`;
      const parsed = parseSessionRow(bytes);
      if (parsed.ok) {
        assertSameAccount(accountId, parsed.row.account_id, place);
        for (const name of namesOf(parsed.row, context)) named.add(name);
        namedSize = Math.max(namedSize, (parsed.row.log_index ?? -1) + 1);
      }
      const id = parsed.ok ? parsed.row.id : parsed.id;
      const log = parsed.ok ? startCheck(parsed.row, logs, context) : spell(parsed);
      if (parsed.ok && typeof log !== 'string') {
        logs.set(parsed.row.id, log);
        const { upstream_model: model } = parsed.row;
        if (!models.has(model)) models.set(model, parsed.row.id);
        for (const odd of oddTimes(parsed.row)) problems.warn(place, `${id}: ${odd}`);
        continue;
      }
      problems.add(place, log as string);
      if (id === null) unreadRows += 1;
      else refused.add(id);
      if (refused.size > refusedLimit) throw tooManyRefused(file, refusedLimit, problems);
    }
  }
  forms.warn(basename(path), problems);
  for (const id of refused) logs.delete(id);
  return { logs, refused, unreadRows, named, models, namedSize };
}

/**
 * Sessions that can be refused one by one. Beyond, the file is no export, or it is one under a key that is not configured:
 * to know all their ids would take memory without a bound.
 */
const REFUSED_LIMIT = 100_000;

function tooManyRefused(file: string, limit: number, { lines: [first] }: Problems): RefusedBundle {
  return new RefusedBundle(
    `${file} has more than ${limit} sessions with a problem. The first is ${first}. Nothing was written.`,
  );
}

/** The agent and the policy of a row, where the bundle has them. */
function namesOf(
  { agent_id: agentId, policy_name: name, policy_version: version }: SessionRow,
  { agents, policies }: RowContext,
): string[] {
  const policyId = `${name}@${version}`;
  return [...(agents.has(agentId) ? [agentId] : []), ...(policies.has(policyId) ? [policyId] : [])];
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
