// What a bundle says of a session that is stored already, and that no seal covers.
import { canonicalize } from '../../shared/audit/canonical-json.ts';
import type { Session, SessionPayloads } from '../../shared/sessions/session.ts';
import type { SessionRepository } from '../../shared/sessions/session-repository.ts';

/** Names of the row's members that the bundle gives another value than is stored: they would be lost without a word. */
export async function findDifferences(
  sessions: Pick<SessionRepository, 'find' | 'findPayloads'>,
  session: Session,
  payloads: SessionPayloads | null,
): Promise<string[]> {
  const { accountId, id } = session;
  const stored = await sessions.find(accountId, id);
  if (!stored) return [];
  const differing = UNSEALED.filter(([, read]) => !isSame(read(stored), read(session))).map(([name]) => name);
  for (const [name, read] of OPTIONAL) {
    // A bundle without them loses none.
    if (read(session) !== null && !isSame(read(stored), read(session))) differing.push(name);
  }
  // A bundle without payloads loses none.
  if (payloads === null || isSame(await sessions.findPayloads(accountId, id), payloads)) return differing;
  return [...differing, 'payloads'];
}

const UNSEALED: readonly (readonly [name: string, read: (session: Session) => unknown])[] = [
  ['started_at', ({ startedAt }) => startedAt.toISOString()],
  ['upstream_model', ({ upstreamModel }) => upstreamModel],
  ['policy_name', ({ policyName }) => policyName],
  ['policy_version', ({ policyVersion }) => policyVersion],
  ['stage_durations_ms', ({ stageDurationsMs }) => stageDurationsMs],
];

const OPTIONAL: typeof UNSEALED = [
  ['external_id', ({ externalId }) => externalId ?? null],
  ['metadata', ({ metadata }) => (metadata ? new Map(metadata) : null)],
];

function isSame(stored: unknown, given: unknown): boolean {
  return canonicalize(stored) === canonicalize(given);
}
