// Checks one session of a bundle, entry by entry in the order of its lines.
import type { AuditKey } from '../../shared/audit/audit-keys.ts';
import { judgeWalk } from '../../shared/audit/judge.ts';
import { recordedSizes } from '../../shared/audit/log-record.ts';
import { LogWalker } from '../../shared/audit/log-walker.ts';
import { FaultNamer } from '../../shared/audit/name-fault.ts';
import { openingMarkOf } from '../../shared/audit/opening.ts';
import type { FailedLog } from '../../shared/audit/verdict.ts';
import { EMPTY_AGGREGATE } from '../../shared/log-writer/open-session.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { aggregateOf, logRecordOf } from '../../shared/sessions/session.ts';
import type { BundlePolicy } from './bundle-policies.ts';
import type { SessionRow } from './bundle-rows.ts';
import type { Line } from './read-lines.ts';

export type LogCheckOutcome =
  /** As it will be stored: counts and head are recomputed, and the root of a sealed log. */
  Readonly<{ ok: true; session: Session }> | Readonly<{ ok: false; problem: string }>;

export class LogCheck {
  readonly #session: Session;
  readonly #key: AuditKey;
  readonly #walker: LogWalker;
  #fault: Readonly<{ namer: FaultNamer; place: string }> | null = null;

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
    if (fault) this.#fault = { namer: new FaultNamer(fault), place: `${file}:${number}` };
  }

  /** Names the fault of a log that has one, from the log's lines. */
  get namer(): FaultNamer | null {
    return this.#fault?.namer ?? null;
  }

  /** The verdict after the last line, and after its fault was named. */
  judge(): LogCheckOutcome {
    if (this.#fault) return refuse(this.#fault.namer.verdict(), this.#fault.place);
    const walked = this.#walker.finish();
    const verdict = judgeWalk([walked], logRecordOf(this.#session), this.#key);
    if (verdict.status === 'failed') return refuse(verdict, null);
    const { size, headHashHex, rootHex } = verdict;
    const isSealed = this.#session.log.seal !== null;
    // No seal covers how it began, and no bundle says by what mark: the import stands for it.
    const opening = isSealed ? {} : { opening: openingMarkOf(this.#key.openingKey, this.#session) };
    const session = {
      ...this.#session,
      log: { ...this.#session.log, size, headHashHex, ...opening },
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
