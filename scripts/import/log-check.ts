// Checks one session of a bundle, entry by entry in the order of its lines.
import type { AuditKey } from '../../shared/audit/audit-keys.ts';
import { ENTRY_LIMIT } from '../../shared/audit/chain.ts';
import { judgeWalk } from '../../shared/audit/judge.ts';
import { recordedSizes } from '../../shared/audit/log-record.ts';
import { LogWalker, type WalkFault } from '../../shared/audit/log-walker.ts';
import { nameFault, type StoredEntry } from '../../shared/audit/name-fault.ts';
import type { FailedLog } from '../../shared/audit/verdict.ts';
import { EMPTY_AGGREGATE } from '../../shared/log-writer/open-session.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { aggregateOf, logRecordOf } from '../../shared/sessions/session.ts';
import type { BundlePolicy } from './bundle-policies.ts';
import type { SessionRow } from './bundle-rows.ts';
import { type Line, readLines } from './read-lines.ts';
import { routeEntry } from './route-entry.ts';

export type LogCheckOutcome =
  /** As it will be stored: counts and head are recomputed, and the root of a sealed log. */
  Readonly<{ ok: true; session: Session }> | Readonly<{ ok: false; problem: string }>;

export class LogCheck {
  readonly #session: Session;
  readonly #key: AuditKey;
  readonly #walker: LogWalker;
  #fault: (WalkFault & { place: string }) | null = null;

  constructor(row: SessionRow, policy: BundlePolicy, key: AuditKey) {
    this.#session = toSession(row, policy);
    this.#key = key;
    const log = { agentId: row.agent_id, sessionId: row.id };
    const snapshotSizes = recordedSizes(logRecordOf(this.#session));
    this.#walker = new LogWalker(log, key.hasher, { snapshotSizes, listedLimit: 0 });
  }

  take({ file, number, bytes }: Line): void {
    if (this.#fault || !bytes) return;
    const fault = this.#walker.step(bytes, 0, bytes.length);
    if (fault) this.#fault = { ...fault, place: `${file}:${number}` };
  }

  /** The verdict after the last line. Reads the bundle again only where the fault's name depends on other entries. */
  async judge(auditPath: string): Promise<LogCheckOutcome> {
    if (this.#fault) {
      const { place, ...fault } = this.#fault;
      return refuse(await nameFault(fault, () => readEntriesOf(auditPath, this.#session.id)), place);
    }
    const walked = this.#walker.finish();
    const verdict = judgeWalk([walked], logRecordOf(this.#session), this.#key);
    if (verdict.status === 'failed') return refuse(verdict, null);
    const { size, headHashHex, rootHex } = verdict;
    const isSealed = this.#session.log.seal !== null;
    const session = {
      ...this.#session,
      log: { ...this.#session.log, size, headHashHex },
      aggregate: aggregateOf(walked.counts, size),
      ...(isSealed && { merkleRootHex: rootHex, merkleRootSize: size }),
    };
    return { ok: true, session };
  }
}

function refuse({ fault, seq }: FailedLog, place: string | null): LogCheckOutcome {
  return { ok: false, problem: `${fault} at seq ${seq}${place === null ? '' : ` (${place})`}` };
}

function toSession(row: SessionRow, policy: BundlePolicy): Session {
  return {
    id: row.id,
    accountId: row.account_id,
    agentId: row.agent_id,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    status: row.status,
    upstreamModel: row.upstream_model,
    ...(row.external_id !== undefined && { externalId: row.external_id }),
    ...(row.metadata && { metadata: row.metadata }),
    aggregate: EMPTY_AGGREGATE,
    policyName: policy.name,
    policyVersion: policy.version,
    policySha256Hex: policy.sha256Hex,
    stageDurationsMs: row.stageDurationsMs,
    log: {
      size: row.log.size,
      headHashHex: row.log.head_hash,
      keyId: row.log.key_id,
      keyCheck: row.log.key_check,
      seal: row.log.seal,
    },
    // Of a log without a seal, which the walk must reproduce; the root of a sealed one is computed.
    merkleRootHex: row.stored_root?.root_hex ?? null,
    merkleRootSize: row.stored_root?.size ?? null,
  };
}

async function* readEntriesOf(auditPath: string, sessionId: string): AsyncGenerator<StoredEntry> {
  for await (const lines of readLines(auditPath, ENTRY_LIMIT)) {
    for (const { bytes } of lines) {
      if (bytes && routeEntry(bytes) === sessionId) yield { bytes, begin: 0, end: bytes.length };
    }
  }
}
