// Sessions for tests of lists, which read rows only. Sessions with a log come from `support/logs.ts`.
import { ZERO_HASH_HEX } from '../../shared/audit/chain.ts';
import { newId } from '../../shared/audit/ids.ts';
import type { CountPair } from '../../shared/audit/verdict.ts';
import type { Session } from '../../shared/sessions/session.ts';
import type { Tenant, TestApp } from './start-app.ts';

const DURATION_MS = 794;

export type SessionTraits = Readonly<{
  startedAt?: Date;
  status?: Session['status'];
  redactionsByKind?: readonly CountPair[];
  agentId?: string;
  open?: boolean;
}>;

export function buildSession(tenant: Tenant, traits: SessionTraits = {}): Session {
  const startedAt = traits.startedAt ?? new Date(Date.now() - 60_000);
  const redactionsByKind = traits.redactionsByKind ?? [];
  const redactionCount = redactionsByKind.reduce((sum, [, count]) => sum + count, 0);
  return {
    id: newId('session'),
    accountId: tenant.accountId,
    agentId: traits.agentId ?? tenant.agentId,
    startedAt,
    endedAt: traits.open ? null : new Date(startedAt.getTime() + DURATION_MS),
    status: traits.status ?? 'ok',
    upstreamModel: 'gpt-4o-mini',
    aggregate: {
      redactionCount,
      redactionsByKind,
      redactionsByPass: redactionCount === 0 ? [] : [['gemma', redactionCount]],
      rehydrationFailureCount: 0,
      throughSeq: redactionCount - 1,
    },
    policyName: 'healthcare-default',
    policyVersion: 1,
    policySha256Hex: '0'.repeat(64),
    stageDurationsMs: [
      ['detection', 56],
      ['upstream', 738],
    ],
    log: { size: 0, headHashHex: ZERO_HASH_HEX, keyId: 'k_test', keyCheck: '0'.repeat(16), seal: null },
    merkleRootHex: null,
    merkleRootSize: null,
  };
}

/** Stores a session's row without a log. */
export async function addSession(app: TestApp, tenant: Tenant, traits: SessionTraits = {}): Promise<Session> {
  const session = buildSession(tenant, traits);
  await app.deps.sessions.insert(tenant.accountId, session, null);
  return session;
}
