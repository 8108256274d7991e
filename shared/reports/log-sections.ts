// The sections of a report about the log: its contents, how it was checked, where the report comes from.
import { ANCHOR_SOURCES, type Anchor } from '../audit/log-record.ts';
import type { ListedEvent, VerifiedLog } from '../audit/verdict.ts';
import { presentTime } from '../time/present-time.ts';
import type { ReportFacts } from './report-facts.ts';
import type { Report } from './report-schema.ts';
import { CHAIN_VERIFIED, LEAK_DETECTION_STATEMENT, LOG_STATE_WORDS, SOURCES } from './wording.ts';

const START_HASH_HEX = '0'.repeat(64);

/** `audit_log`: the walk's ends, its state, and the anchors that it reproduced. */
export function auditLogSection(verdict: VerifiedLog): Report['audit_log'] {
  return {
    event_count: verdict.size,
    start_hash: START_HASH_HEX,
    end_hash: verdict.headHashHex,
    key_id: verdict.keyId,
    chain: CHAIN_VERIFIED,
    state: LOG_STATE_WORDS[verdict.state],
    first_ts: presentTs(verdict.times.firstTs),
    last_ts: presentTs(verdict.times.lastTs),
    anchors: presentAnchors(verdict.anchors),
  };
}

/** An entry's `ts` as reports write times. */
export function presentTs(ts: string | null): string | null {
  return ts === null ? null : presentTime(new Date(ts));
}

/** Anchors that a walk reproduced, stored roots first, then by size, the largest first. */
export function presentAnchors(anchors: readonly Anchor[]): Report['audit_log']['anchors'] {
  return anchors
    .toSorted(
      (a, b) => ANCHOR_SOURCES.indexOf(a.source) - ANCHOR_SOURCES.indexOf(b.source) || b.size - a.size,
    )
    .map(({ source, size, rootHex }) => ({ source, size, root_hex: rootHex, agrees: true }));
}

/** `leak_detection`: how many rehydration failures there are, and the first 1,000 of them. */
export function leakDetectionSection(verdict: VerifiedLog): Report['leak_detection'] {
  const failures = verdict.counts.rehydrationFailureCount;
  return {
    rehydration_failures: failures,
    events: verdict.rehydrationFailures.map(({ id, seq, ts, kind, entityKind }) => ({
      id,
      seq,
      ts: presentTs(ts),
      kind,
      entity_kind: entityKind,
    })),
    statement: LEAK_DETECTION_STATEMENT[failures === 0 ? 'none' : 'some'],
  };
}

/** A row of `events_listed`, its members in the order of canonical JSON: a report holds a thousand of these. */
export function presentListedEvent({ id, seq, ts, kind, pass, entityKind }: ListedEvent) {
  return { entity_kind: entityKind, id, kind, pass, seq, ts: presentTs(ts) };
}

/** `completeness`: what was expected, what was read, and where the report comes from. */
export function completenessSection(facts: ReportFacts): Report['completeness'] {
  const { session, verdict } = facts;
  return {
    parameters: { session_id: session.id },
    entries_expected: session.log.size,
    entries_expected_is: verdict.state === 'sealed' ? 'exact' : 'at least',
    entries_read: verdict.size,
    first_seq: verdict.size === 0 ? null : 0,
    last_seq: verdict.size === 0 ? null : verdict.size - 1,
    gaps: [],
    other_kinds: new Map(verdict.counts.otherKinds),
    policy_reloads: verdict.policyReloads,
    sources: sourcesOf(facts),
  };
}

function sourcesOf({
  verdict,
  payloads,
  baaChainText,
  evidence,
}: ReportFacts): Report['completeness']['sources'] {
  return [
    SOURCES.log,
    verdict.state === 'sealed' ? SOURCES.sealedRow : SOURCES.unsealedRow,
    ...(verdict.anchors.some(({ source }) => source !== 'checkpoint') ? [SOURCES.anchors] : []),
    ...(evidence === null ? [] : [SOURCES.accountLog]),
    SOURCES.policy,
    SOURCES.names,
    ...(payloads === null ? [] : [SOURCES.payloads]),
    ...(baaChainText === null ? [] : [SOURCES.baaChain]),
  ];
}
