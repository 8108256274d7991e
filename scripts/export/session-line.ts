// A session as a line of `sessions.ndjson`: the other side of `import/bundle-rows.ts`.
import { canonicalize } from '../../shared/audit/canonical-json.ts';
import { ROW_LIMIT } from '../../shared/sessions/row-limit.ts';
import { durationOf, type Session, type SessionPayloads } from '../../shared/sessions/session.ts';

/** `log`: the head of the entries that are exported with it. */
type Head = Readonly<{ size: number; headHashHex: string }>;

/**
 * The line, and what was left out of it so that an import takes it: null for nothing. Earlier releases stored longer
 * payloads and stages, and no log may be lost for them.
 */
export function fitSessionLine(
  session: Session,
  log: Head,
  payloads: SessionPayloads | null,
): Readonly<{ line: string; problem: string | null }> {
  const line = sessionLine(session, log, payloads);
  if (fits(line)) return { line, problem: null };
  const bare = sessionLine(session, log, null);
  if (fits(bare)) return { line: bare, problem: leftOut('payloads') };
  const barest = sessionLine({ ...session, stageDurationsMs: [] }, log, null);
  return { line: barest, problem: leftOut(payloads ? 'payloads and stage durations' : 'stage durations') };
}

function fits(line: string): boolean {
  return Buffer.byteLength(line) <= ROW_LIMIT;
}

function leftOut(what: string): string {
  return `its ${what} are left out: with them, its row would be longer than the ${ROW_LIMIT} bytes that an import takes`;
}

function sessionLine(session: Session, log: Head, payloads: SessionPayloads | null): string {
  const { externalId, metadata, merkleRootHex: rootHex, logIndex } = session;
  const { keyId, keyCheck, seal } = session.log;
  return canonicalize({
    id: session.id,
    account_id: session.accountId,
    agent_id: session.agentId,
    started_at: session.startedAt.toISOString(),
    ended_at: session.endedAt?.toISOString() ?? null,
    duration_ms: durationOf(session),
    status: session.status,
    upstream_model: session.upstreamModel,
    policy_name: session.policyName,
    policy_version: session.policyVersion,
    stage_durations_ms: new Map(session.stageDurationsMs),
    payloads: payloads && { ...payloads },
    log: { size: log.size, head_hash: log.headHashHex, key_id: keyId, key_check: keyCheck, seal },
    ...(externalId !== undefined && { external_id: externalId }),
    ...(metadata && { metadata: new Map(metadata) }),
    ...(logIndex !== undefined && { log_index: logIndex }),
    // An import computes the root of a sealed log anew; the seal covers it.
    ...(seal === null &&
      rootHex !== null && {
        stored_root: { root_hex: rootHex, size: session.merkleRootSize ?? log.size },
      }),
  });
}
