// What sessions name and a database does not hold: policies, agents and accounts. Each is found by its id.
import { hash } from 'node:crypto';
import type { Db } from 'mongodb';
import { createAccountRepository } from '../../shared/accounts/account-repository.ts';
import { createAgentRepository } from '../../shared/accounts/agent-repository.ts';
import { isId } from '../../shared/audit/ids.ts';
import { storedText } from '../../shared/mongo/stored-text.ts';
import { createPolicyRepository } from '../../shared/policy/policy-repository.ts';
import type { FleetSessions } from '../../shared/sessions/fleet-sessions.ts';
import type { Remains } from './remains.ts';

/** Looks for each policy, agent and account that sessions name. Rejects with the driver's error. */
export async function* findMissing(db: Db, fleet: FleetSessions): AsyncGenerator<Remains> {
  yield* findPolicies(db, fleet);
  yield* findAgents(db, fleet);
}

async function* findPolicies(db: Db, fleet: FleetSessions): AsyncGenerator<Remains> {
  const policies = createPolicyRepository(db);
  for await (const { accountId, sha256Hex, sessionCount } of fleet.listPolicyUses()) {
    // Whatever is no id would stand in a filter as an operator.
    const policy = isId('account', accountId) ? await policies.find(accountId, storedText(sha256Hex)) : null;
    const isIntact = policy !== null && hash('sha256', policy.text) === sha256Hex;
    if (isIntact) continue;
    const about = storedText(sha256Hex);
    const what = policy ? 'is stored with another text' : 'is not stored';
    yield {
      finding: 'policy_missing',
      about,
      accountId,
      details: { policy_sha256: about, sessions: sessionCount },
      line: `the policy of ${sessionCount} sessions ${what}: import it again`,
    };
  }
}

async function* findAgents(db: Db, fleet: FleetSessions): AsyncGenerator<Remains> {
  const agents = createAgentRepository(db);
  const byAccount = new Map<string, number>();
  for await (const { accountId, agentId, sessionCount } of fleet.listAgentUses()) {
    byAccount.set(accountId, (byAccount.get(accountId) ?? 0) + sessionCount);
    // A deleted agent keeps its row.
    const canBe = isId('account', accountId) && isId('agent', agentId);
    if (canBe && (await agents.namesById(accountId, [agentId])).size > 0) continue;
    const about = storedText(agentId);
    yield {
      finding: 'agent_missing',
      about,
      accountId,
      details: { agent_id: about, sessions: sessionCount },
      line: `the agent of ${sessionCount} sessions is not stored: import it again`,
    };
  }
  const accounts = createAccountRepository(db);
  for (const [accountId, sessionCount] of byAccount) {
    if (isId('account', accountId) && (await accounts.find(accountId))) continue;
    yield {
      finding: 'account_missing',
      about: storedText(accountId),
      accountId,
      details: { sessions: sessionCount },
      line: `the account of ${sessionCount} sessions is not stored: import it again, and set deleted_at on its row if it was deleted`,
    };
  }
}
