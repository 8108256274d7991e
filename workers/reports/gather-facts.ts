// Reads the facts of a report that are not in its log. They are read in the thread that composes the report: payloads
// never reach the caller's event loop, and are not held while a report waits for its turn.
import type { Db } from 'mongodb';
import { createAccountRepository } from '../../shared/accounts/account-repository.ts';
import { createAgentRepository } from '../../shared/accounts/agent-repository.ts';
import { createPolicyRepository, type PolicyVersion } from '../../shared/policy/policy-repository.ts';
import type {
  AccountLogs,
  LoggedSession,
  LogReader,
  SignedCheckpoint,
} from '../../shared/reports/account-log.ts';
import type { ReportFacts } from '../../shared/reports/report-facts.ts';
import { isUnderCheckpoint, readSessionClosed } from '../../shared/reports/session-evidence.ts';
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

/** What is read for one report before its session is known. */
export type EarlyReads = Readonly<{
  /** Null in a deployment without account logs. */
  log: LogReader | null;
  /** Never rejects: null where it cannot be read, and where there is none. */
  checkpoint: Promise<SignedCheckpoint | null>;
}>;

export type FactGatherer = Readonly<{
  /** Null in a deployment without account logs. */
  logs: AccountLogs | null;
  /** Reads ahead for a report on a session of the account. */
  readEarly(accountId: string): EarlyReads;
  /** What else the report states. Payloads are no older than the session. */
  facts(session: Session, early?: EarlyReads): Promise<GatheredFacts>;
}>;

/** `logs` reads account logs; null in a deployment without them. */
export function createFactGatherer(db: Db, logs: AccountLogs | null = null): FactGatherer {
  const accounts = createAccountRepository(db);
  const agents = createAgentRepository(db);
  const policies = createPolicyRepository(db);
  const sessions = createSessionRepository(db);

  return {
    logs,
    readEarly(accountId) {
      const log = logs?.reader.once() ?? null;
      const checkpoint = log ? log.checkpoint(accountId).catch(() => null) : Promise.resolve(null);
      return { log, checkpoint };
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

/**
 * The session's entry: the one that its row names, or else the newest that is noted for it, since whoever writes to the database
 * can take the index off the row, or put another there. The early reads serve where they prove it. Else all is read again
 * before anything is called wrong: the checkpoint may be newer than the entries beside it.
 */
async function readEvidence(
  { reader, keys }: AccountLogs,
  session: Session,
  early: EarlyReads | undefined,
): Promise<LoggedSession | null> {
  const { accountId, id: sessionId } = session;
  const isOwn = (found: LoggedSession | null) =>
    found !== null && readSessionClosed(found.sessionClosed, { accountId, sessionId }) !== null;
  const { logIndex = null } = session;
  const under = await early?.checkpoint;
  const found = under && (await early?.log?.sessionEvidence(accountId, logIndex, under));
  if (found && isOwn(found) && isUnderCheckpoint(found, keys, accountId)) return found;
  const named = await reader.sessionEvidence(accountId, logIndex);
  if (isOwn(named)) return named;
  const index = (await reader.placesOf(accountId, sessionId)).closed.at(-1) ?? null;
  const noted = await reader.sessionEvidence(accountId, index);
  return isOwn(noted) ? noted : named;
}

function asUnreadable(error: unknown): typeof UNREADABLE {
  if (error instanceof UnreadablePayloads) return UNREADABLE;
  throw error;
}
