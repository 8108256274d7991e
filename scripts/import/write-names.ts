// Stores the account, its agents and its policies. Replaces no stored name unless it was told to rename.
import type { AccountRepository } from '../../shared/accounts/account-repository.ts';
import type { AgentRepository } from '../../shared/accounts/agent-repository.ts';
import type { PolicyRepository } from '../../shared/policy/policy-repository.ts';
import type { Paper } from '../../shared/reports/paper.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { RefusedBundle } from './bundle-files.ts';
import type { CheckedBundle } from './check-bundle.ts';
import type { Problems } from './problems.ts';

export type NameDeps = Readonly<{
  accounts: AccountRepository;
  agents: AgentRepository;
  policies: PolicyRepository;
}>;

/** How the account is named. `paper`: of its PDFs; null for none. */
export type Naming = Readonly<{
  /** The account that `--account` names; undefined where it was not given. */
  account: string | undefined;
  accountName: string | undefined;
  paper: Paper | null;
  /** Whether names of the bundle replace stored ones. */
  rename: boolean;
}>;

/** Throws a `RefusedBundle` where the account is stored and `--account` does not say that it is meant. */
export async function assertMeant(
  accounts: AccountRepository,
  accountId: string,
  { account }: Naming,
): Promise<void> {
  if (!(await accounts.find(accountId))) return;
  if (account === undefined) throw notMeant(accountId);
  if (!(await accounts.findActive(accountId))) {
    throw new RefusedBundle(
      `The account ${accountId} was deleted: unset deleted_at on its row in accounts to import into it again. Nothing was written.`,
    );
  }
}

/** Stores agents and policies. The function returned gives the problem that blocks a session, or null. */
export async function writeNames(
  deps: NameDeps,
  bundle: CheckedBundle,
  naming: Naming,
): Promise<(session: Session) => string | null> {
  await writeAccount(deps.accounts, bundle, naming);
  const foreignAgents = await writeAgents(deps.agents, bundle, naming);
  const clashing = await writePolicies(deps.policies, bundle);
  return (session) => {
    if (foreignAgents.has(session.agentId)) return 'its agent belongs to another account';
    return clashing.has(session.policySha256Hex) ? 'its policy version is stored with another text' : null;
  };
}

async function writeAccount(
  accounts: AccountRepository,
  { accountId, problems }: CheckedBundle,
  { account, accountName, paper, rename }: Naming,
): Promise<void> {
  if (await accounts.create(accountId, accountName ?? accountId, paper)) return;
  // Another import may have made the account since it was looked for.
  if (account === undefined) throw notMeant(accountId);
  if (paper !== null && paper !== (await accounts.findPaper(accountId))) {
    problems.warn(
      accountId,
      `prints its PDFs on another paper than ${paper}, which account.json names: it stays so`,
    );
  }
  if (accountName === undefined) return;
  if (rename) return accounts.upsert(accountId, accountName);
  const stored = await accounts.find(accountId);
  if (stored) warnOfName(accountId, stored.name, accountName, problems);
}

/** Ids of agents that another account has. */
async function writeAgents(
  agents: AgentRepository,
  { accountId, agents: rows, unproved, problems }: CheckedBundle,
  { rename }: Naming,
): Promise<Set<string>> {
  const foreign = new Set<string>();
  const stored = await agents.namesById(accountId, [...rows.keys()]);
  for (const { id, name, policy_name: policyName } of rows.values()) {
    if (unproved.has(id)) continue;
    const kept = rename ? name : (stored.get(id) ?? name);
    const { status } = await agents.upsert(accountId, { id, name: kept, policyName });
    if (status === 'foreign') {
      foreign.add(id);
      problems.add(id, 'belongs to another account: nothing of it was stored');
    } else warnOfName(id, kept, name, problems);
  }
  return foreign;
}

/** SHA-256 of policy texts whose version is stored with another text. */
async function writePolicies(
  policies: PolicyRepository,
  { accountId, policies: versions, unproved, problems }: CheckedBundle,
): Promise<Set<string>> {
  const clashing = new Set<string>();
  for (const [id, { name, version, text, sha256Hex }] of versions) {
    if (unproved.has(id)) continue;
    if ((await policies.insert(accountId, { name, version, text, sha256Hex })) !== 'conflict') continue;
    clashing.add(sha256Hex);
    problems.add(`policies/${id}.yaml`, 'this version is stored with another text');
  }
  return clashing;
}

function warnOfName(id: string, stored: string, given: string, problems: Problems): void {
  if (stored === given) return;
  problems.warn(id, `is stored as "${stored}" and not renamed to "${given}"; --rename does that`);
}

function notMeant(accountId: string): RefusedBundle {
  return new RefusedBundle(
    `The account ${accountId} exists: add --account ${accountId} if the bundle is meant for it. Nothing was written.`,
  );
}
