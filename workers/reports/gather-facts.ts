// Reads the facts of a report that are not in its log. They are read in the thread that composes the report: payloads
// never reach the caller's event loop, and are not held while a report waits for its turn.
import type { Db } from 'mongodb';
import { createAccountRepository } from '../../shared/accounts/account-repository.ts';
import { createAgentRepository } from '../../shared/accounts/agent-repository.ts';
import { createPolicyRepository, type PolicyVersion } from '../../shared/policy/policy-repository.ts';
import {
  type AccountLogs,
  type LoggedSession,
  logIndexOf,
  type SignedCheckpoint,
} from '../../shared/reports/account-log.ts';
import type { ReportFacts } from '../../shared/reports/report-facts.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { UnreadablePayloads } from '../../shared/sessions/session-payloads.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';

/** Payloads that are named and missing, or stored and no JSON. */
export const UNREADABLE = 'unreadable';

/** `policy` is null where the one in force during the session is not stored. */
export type GatheredFacts = Pick<ReportFacts, 'account' | 'agent'> &
  Readonly<{
    policy: PolicyVersion | null;
    payloads: ReportFacts['payloads'] | typeof UNREADABLE;
    /** The session's entry in the account log; null where there is none under a checkpoint. */
    logged: LoggedSession | null;
  }>;

/** Facts of an account that are no session's. */
export type EarlyFacts = Readonly<{ checkpoint: SignedCheckpoint | null }>;

export type FactGatherer = Readonly<{
  /** Null in a deployment without account logs. */
  logs: AccountLogs | null;
  /** What can be read before the session is known. Never rejects: what cannot be read is read again. */
  readEarly(accountId: string): Promise<EarlyFacts>;
  /** What else the report states. Payloads are no older than the session. */
  facts(session: Session, early?: Promise<EarlyFacts>): Promise<GatheredFacts>;
}>;

/** `logs` reads account logs; null in a deployment without them. */
export function createFactGatherer(db: Db, logs: AccountLogs | null = null): FactGatherer {
  const accounts = createAccountRepository(db);
  const agents = createAgentRepository(db);
  const policies = createPolicyRepository(db);
  const sessions = createSessionRepository(db);

  return {
    logs,
    async readEarly(accountId) {
      return { checkpoint: (await logs?.reader.checkpoint(accountId).catch(() => null)) ?? null };
    },
    async facts(session, early) {
      const { id, accountId, agentId, policySha256Hex } = session;
      const [account, names, policy, payloads, logged] = await Promise.all([
        accounts.find(accountId),
        agents.namesById(accountId, [agentId]),
        policies.find(accountId, policySha256Hex),
        sessions.findPayloads(accountId, id).catch(asUnreadable),
        logs && readEvidence(logs, session, early),
      ]);
      return {
        account: account ?? { id: accountId, name: accountId },
        agent: { id: agentId, name: names.get(agentId) ?? agentId },
        policy,
        payloads,
        logged,
      };
    },
  };
}

async function readEvidence(
  { reader }: AccountLogs,
  session: Session,
  early: Promise<EarlyFacts> | undefined,
): Promise<LoggedSession | null> {
  const signed = (await early)?.checkpoint;
  return await reader.sessionEvidence(session.accountId, logIndexOf(session), signed);
}

function asUnreadable(error: unknown): typeof UNREADABLE {
  if (error instanceof UnreadablePayloads) return UNREADABLE;
  throw error;
}
