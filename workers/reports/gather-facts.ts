// Reads the facts of a report that are not in its log. They are read in the thread that composes the report: payloads
// never reach the caller's event loop, and are not held while a report waits for its turn.
import type { Db } from 'mongodb';
import { createAccountRepository } from '../../shared/accounts/account-repository.ts';
import { createAgentRepository } from '../../shared/accounts/agent-repository.ts';
import { createPolicyRepository, type PolicyVersion } from '../../shared/policy/policy-repository.ts';
import type { ReportFacts } from '../../shared/reports/report-facts.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';

/** Payloads that are stored, and are no JSON. */
export const UNREADABLE = 'unreadable';

/** `policy` is null where the one in force during the session is not stored. */
export type GatheredFacts = Pick<ReportFacts, 'account' | 'agent'> &
  Readonly<{ policy: PolicyVersion | null; payloads: ReportFacts['payloads'] | typeof UNREADABLE }>;

export type FactGatherer = Readonly<{
  /** What else the report states. Payloads are no older than the session. */
  facts(session: Session): Promise<GatheredFacts>;
}>;

export function createFactGatherer(db: Db): FactGatherer {
  const accounts = createAccountRepository(db);
  const agents = createAgentRepository(db);
  const policies = createPolicyRepository(db);
  const sessions = createSessionRepository(db);

  return {
    async facts({ id, accountId, agentId, policySha256Hex }) {
      const [account, names, policy, payloads] = await Promise.all([
        accounts.find(accountId),
        agents.namesById(accountId, [agentId]),
        policies.find(accountId, policySha256Hex),
        sessions.findPayloads(accountId, id).catch(asUnreadable),
      ]);
      return {
        account: account ?? { id: accountId, name: accountId },
        agent: { id: agentId, name: names.get(agentId) ?? agentId },
        policy,
        payloads,
      };
    },
  };
}

function asUnreadable(error: unknown): typeof UNREADABLE {
  if (error instanceof SyntaxError) return UNREADABLE;
  throw error;
}
