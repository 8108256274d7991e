// Reads the bundle's agents, and from them the account that all of the bundle belongs to.
import { basename } from 'node:path';
import { ROW_LIMIT } from '../../shared/sessions/row-limit.ts';
import { BundleError, RefusedBundle } from './bundle-files.ts';
import { type AgentRow, parseAgentRow } from './bundle-rows.ts';
import { LineForms } from './line-forms.ts';
import type { Problems } from './problems.ts';
import { readLines } from './read-lines.ts';

export type BundleAgents = Readonly<{ accountId: string; agents: ReadonlyMap<string, AgentRow> }>;

/** Agents by id. A row that cannot be taken becomes a problem. Throws when the rows name no account, or two. */
export async function readAgents(path: string, problems: Problems): Promise<BundleAgents> {
  const agents = new Map<string, AgentRow>();
  let accountId: string | null = null;
  const forms = new LineForms();
  for await (const lines of readLines(path, ROW_LIMIT, { noteForm: forms.note.bind(forms) })) {
    for (const { file, number, bytes } of lines) {
      const place = `${file}:${number}`;
      const parsed = parseAgentRow(bytes);
      if (!parsed.ok) {
        problems.add(place, parsed.problem);
        continue;
      }
      const { row } = parsed;
      accountId ??= row.account_id;
      assertSameAccount(accountId, row.account_id, place);
      if (agents.has(row.id)) problems.add(place, `${row.id} is listed twice: the first row is taken`);
      else agents.set(row.id, row);
    }
  }
  forms.warn(basename(path), problems);
  if (accountId === null) {
    const first = problems.lines.length > 0 ? ` (${problems.lines[0]})` : '';
    throw new BundleError(`agents.ndjson names no agent, so the account is not known${first}`);
  }
  return { accountId, agents };
}

/** Throws a `RefusedBundle` for a line of another account than the bundle's. */
export function assertSameAccount(accountId: string, found: string, place: string): void {
  if (found === accountId) return;
  throw new RefusedBundle(
    `${place} belongs to another account than the lines before it: one bundle holds one account`,
  );
}
