// Sessions with real logs in a real database, written by the program's own append, and means to damage them.
import { hash } from 'node:crypto';
import type { Db } from 'mongodb';
import { type AccountRepository, createAccountRepository } from '../../shared/accounts/account-repository.ts';
import { type AgentRepository, createAgentRepository } from '../../shared/accounts/agent-repository.ts';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { newId } from '../../shared/audit/ids.ts';
import { createSegmentReader, type SegmentReader } from '../../shared/log-store/segment-reader.ts';
import { createSegmentRepository } from '../../shared/log-store/segment-repository.ts';
import { appendEvents, type LogWriterDeps } from '../../shared/log-writer/append.ts';
import { closeLog } from '../../shared/log-writer/close-log.ts';
import type { EventDraft } from '../../shared/log-writer/draft.ts';
import { openSession } from '../../shared/log-writer/open-session.ts';
import { createPolicyRepository, type PolicyRepository } from '../../shared/policy/policy-repository.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { openTestDatabase, type TestDatabase } from './mongo.ts';
import { policyFile } from './policies.ts';

export const TEST_KEY = { id: 'k_test', bytes: new Uint8Array(32).fill(7) };

export type LogWorld = LogWriterDeps & Readonly<{ database: TestDatabase; db: Db; reader: SegmentReader }>;

export async function createLogWorld(t: { after(cleanUp: () => Promise<void>): void }): Promise<LogWorld> {
  const database = await openTestDatabase(t);
  return { database, ...createWriter(database.db), db: database.db };
}

export function createWriter(db: Db): LogWriterDeps & Readonly<{ reader: SegmentReader }> & Required<Named> {
  return {
    audit: createSegmentRepository(db),
    sessions: createSessionRepository(db),
    keyring: createKeyring([TEST_KEY]),
    reader: createSegmentReader(db),
    policies: createPolicyRepository(db),
    agents: createAgentRepository(db),
    accounts: createAccountRepository(db),
  };
}

const KINDS = ['NAME', 'PHONE', 'DOB', 'SSN', 'EMAIL'];

/** The `i`th event of a log: mostly redactions. */
export function draftEvent(i: number): EventDraft {
  const entity_kind = KINDS[i % KINDS.length] as string;
  const token = { token_kind: 'MSKV1', kid: 'K_HEALTHCARE' };
  if (i % 37 === 36)
    return { kind: 'rehydration_failed', entity_kind, reason: 'token not found in vault', ...token };
  const pass = i % 3 === 0 ? 'gemma' : 'regex';
  return {
    kind: 'redaction',
    pass,
    entity_kind,
    span: [i, i + 9],
    confidence: 0.5 + (i % 50) / 100,
    ...token,
  };
}

/** The policy of every session here. It is stored with the first session of an account. */
const POLICY_TEXT = policyFile('healthcare-default@1');
const POLICY = {
  name: 'healthcare-default',
  version: 1,
  text: POLICY_TEXT,
  sha256Hex: hash('sha256', POLICY_TEXT),
};

/** Where a session's policy, agent and account are stored; a world without one stores none. */
type Named = Readonly<{
  policies?: PolicyRepository;
  agents?: AgentRepository;
  accounts?: AccountRepository;
}>;

export async function startSession(
  world: LogWriterDeps & Named,
  accountId = newId('account'),
): Promise<Session> {
  const agentId = newId('agent');
  await world.policies?.insert(accountId, POLICY);
  await world.agents?.upsert(accountId, { id: agentId, name: 'Agent', policyName: POLICY.name });
  await world.accounts?.upsert(accountId);
  return openSession(world, accountId, {
    agentId,
    startedAt: new Date(Date.now() - 60_000),
    upstreamModel: 'gpt-4o-mini',
    policy: POLICY,
  });
}

/** A session whose log holds `size` entries; sealed unless told otherwise. Returns it as stored. */
export async function writeSession(
  world: LogWriterDeps & Readonly<{ reader: SegmentReader }>,
  size: number,
  { seal = true, accountId = newId('account') } = {},
): Promise<Session> {
  const { id } = await startSession(world, accountId);
  await appendEvents(
    world,
    accountId,
    id,
    Array.from({ length: size }, (_, i) => draftEvent(i)),
  );
  if (seal) await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
  return (await world.sessions.find(accountId, id)) as Session;
}

/** The event of an entry's text, as a verdict names it. */
export function eventOf(text: string | Uint8Array | undefined): { id: string; ts: string } {
  const { event_id: id, ts } = JSON.parse(String(text)) as { event_id: string; ts: string };
  return { id, ts };
}
