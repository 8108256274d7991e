// Reads the facts on a session's page that are in neither its row nor its log.
import type { Db } from 'mongodb';
import { createAgentRepository } from '../../shared/accounts/agent-repository.ts';
import { canonicalize, JsonError } from '../../shared/audit/canonical-json.ts';
import { createPolicyRepository } from '../../shared/policy/policy-repository.ts';
import { readPolicy } from '../../shared/reports/policy-reading.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { UnreadablePayloads } from '../../shared/sessions/session-payloads.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';

export type PageFacts = Readonly<{
  agentName: string;
  /**
   * Canonical JSON of the payloads; null where they are withheld, where the policy in force logs none, or none are stored
   * that can be read.
   */
  payloadsJson: string | null;
}>;

/** `withPayloads`: whether the reader of the page may see them. Withheld ones are not read. */
export type PageReader = Readonly<{ facts(session: Session, withPayloads: boolean): Promise<PageFacts> }>;

export function createPageReader(db: Db): PageReader {
  const agents = createAgentRepository(db);
  const policies = createPolicyRepository(db);
  const sessions = createSessionRepository(db);

  /**
   * Payloads are stored only where the policy in force allows it. The policy is checked again before they are shown.
   */
  async function findPayloads({ accountId, id, policySha256Hex }: Session): Promise<string | null> {
    const policy = await policies.find(accountId, policySha256Hex);
    const reading = policy && readPolicy(policy.text);
    if (!reading?.ok || !reading.policy.audit.logPayloads) return null;
    try {
      const payloads = await sessions.findPayloads(accountId, id);
      return payloads && canonicalize(payloads);
    } catch (error) {
      // Stored payloads that are missing or no JSON: the page shows the rest, and the report says why it is refused.
      if (error instanceof UnreadablePayloads || error instanceof JsonError) return null;
      throw error;
    }
  }

  return {
    async facts(session, withPayloads) {
      const { accountId, agentId } = session;
      const [names, payloadsJson] = await Promise.all([
        agents.namesById(accountId, [agentId]),
        withPayloads ? findPayloads(session) : null,
      ]);
      return { agentName: names.get(agentId) ?? agentId, payloadsJson };
    },
  };
}
