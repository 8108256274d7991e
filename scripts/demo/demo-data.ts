// Writes a made-up clinic into an empty database, by the same code that writes real logs.

import type { Db } from 'mongodb';
import { createAccountRepository } from '../../shared/accounts/account-repository.ts';
import { createAgentRepository } from '../../shared/accounts/agent-repository.ts';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { newId } from '../../shared/audit/ids.ts';
import { createSegmentReader, type SegmentReader } from '../../shared/log-store/segment-reader.ts';
import { createSegmentRepository } from '../../shared/log-store/segment-repository.ts';
import { appendEvents, type LogWriterDeps } from '../../shared/log-writer/append.ts';
import { closeLog } from '../../shared/log-writer/close-log.ts';
import { openSession } from '../../shared/log-writer/open-session.ts';
import { evidenceCollection } from '../../shared/mongo/evidence.ts';
import { createPolicyRepository, type PolicyVersion } from '../../shared/policy/policy-repository.ts';
import type { Config } from '../../shared/process/config.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { SESSIONS } from '../../shared/sessions/session-row.ts';
import { runInLanes } from '../batch/run-in-lanes.ts';
import { DEMO_SESSION_COUNT, type DemoSession, planAgents, planSessions } from './demo-plan.ts';
import { readDemoPolicies } from './demo-policies.ts';

type Deps = LogWriterDeps & Readonly<{ reader: SegmentReader }>;

/** The name of the account that holds the demo clinic. */
export const ACCOUNT_NAME = 'Demo clinic';
/** Sessions written at once. Writes of one log wait for each other; writes of two logs do not. */
const LANES = 8;
const SAY_EVERY = 100;

/** The account that lacks demo data: a new id for an empty database, or one that was interrupted. Else null. */
export async function findDemoAccount(db: Db): Promise<string | null> {
  const unfinished = await createAccountRepository(db).findByName(ACCOUNT_NAME);
  const sessions = evidenceCollection(db, SESSIONS);
  if (!unfinished) return (await sessions.countDocuments({}, { limit: 1 })) === 0 ? newId('account') : null;
  const sealed = await sessions.countDocuments({ account_id: unfinished.id, 'log.seal': { $ne: null } });
  return sealed < DEMO_SESSION_COUNT ? unfinished.id : null;
}

/** Whether the configured keys may sign every session of the account's demo clinic: keys may be bound to others. */
export function canSignDemoData({ auditKeys }: Pick<Config, 'auditKeys'>, accountId: string): boolean {
  const keyring = createKeyring(auditKeys);
  return Iterator.from(planSessions(accountId)).every(
    ({ startedAt }) => keyring.writerFor({ accountId, startedAt }) !== null,
  );
}

/** Writes the account's demo clinic, or the missing rest of it. */
export async function writeDemoData({
  db,
  config,
  accountId,
  onProgress,
}: {
  db: Db;
  config: Pick<Config, 'auditKeys'>;
  accountId: string;
  onProgress: (line: string) => void;
}): Promise<void> {
  const deps: Deps = {
    audit: createSegmentRepository(db),
    sessions: createSessionRepository(db),
    keyring: createKeyring(config.auditKeys),
    reader: createSegmentReader(db),
  };
  await createAccountRepository(db).upsert(accountId, ACCOUNT_NAME);
  for (const agent of planAgents(accountId)) await createAgentRepository(db).upsert(accountId, agent);
  const policies = await storePolicies(db, accountId);

  let written = 0;
  await runInLanes(planSessions(accountId), { lanes: LANES }, async (session) => {
    const policy = policies.get(session.agent.policyName) as PolicyVersion;
    await writeSession(deps, accountId, session, policy);
    written += 1;
    if (written % SAY_EVERY === 0) onProgress(`Demo data: ${written} of ${DEMO_SESSION_COUNT} sessions`);
  });
}

async function storePolicies(db: Db, accountId: string): Promise<Map<string, PolicyVersion>> {
  const policies = await readDemoPolicies();
  for (const policy of policies) await createPolicyRepository(db).insert(accountId, policy);
  return new Map(policies.map((policy) => [policy.name, policy]));
}

async function writeSession(
  deps: Deps,
  accountId: string,
  planned: DemoSession,
  policy: PolicyVersion,
): Promise<void> {
  const { id, agent, startedAt, upstreamModel, payloads } = planned;
  const stored = await deps.sessions.find(accountId, id);
  if (stored && stored.log.seal !== null) return;
  if (!stored) {
    await openSession(deps, accountId, { id, agentId: agent.id, startedAt, upstreamModel, policy, payloads });
  }
  // Appends after the last stored entry of an interrupted log. A log that is closed already lacks only its seal.
  const size = stored?.log.size ?? 0;
  const appended = await appendEvents(deps, accountId, id, planned.events().slice(size));
  assertDone(id, appended.status, ['appended', 'closed']);
  const { endedAt, status, stageDurationsMs } = planned;
  const closed = await closeLog(deps, accountId, id, { endedAt, status, stageDurationsMs });
  assertDone(id, closed.status, ['sealed', 'already_sealed']);
}

function assertDone(sessionId: string, status: string, expected: readonly string[]): void {
  if (!expected.includes(status))
    throw new Error(`The demo log ${sessionId} could not be written: ${status}`);
}
