// Proofs of entries, and whether these may leave: they are searched for PHI as the entries of an evidence pack are.
import { parseJson } from '../../shared/audit/canonical-json.ts';
import { AlignWork } from '../../shared/reports/align-work.ts';
import { boundOriginals } from '../../shared/reports/bound-originals.ts';
import { mayLeave } from '../../shared/reports/entry-texts.ts';
import { OriginalSearch } from '../../shared/reports/leak-originals.ts';
import { leakFinderFor } from '../../shared/reports/leak-scan.ts';
import type { SessionWords } from '../../shared/reports/own-words.ts';
import { readPolicy } from '../../shared/reports/policy-reading.ts';
import { alignTranscripts } from '../../shared/reports/transcripts.ts';
import type { SessionRepository } from '../../shared/sessions/session-repository.ts';
import { type ProvenEntries, type ProveOrder, proveEntries } from '../logs/prove-entries.ts';
import type { VerifyDeps } from '../logs/verify-session.ts';
import { isStopped, type StopFlag } from '../threads/stop-flag.ts';
import { type FactGatherer, type GatheredFacts, UNREADABLE } from './gather-facts.ts';

/** Who asks, and the text of the operator that each report holds. */
export type CleanOrder = ProveOrder &
  Readonly<{ issuedTo: Readonly<{ id: string; name: string }>; baaChainText: string | null }>;

/** `leakSeq`: the first of the entries that may hold PHI; null where all may leave. */
export type CleanProof =
  | (Extract<ProvenEntries, { kind: 'proven' }> & Readonly<{ leakSeq: number | null }>)
  | Extract<ProvenEntries, { kind: 'short' | 'long' }>;

type Deps = Pick<VerifyDeps, 'reader'> &
  Readonly<{ gather: FactGatherer; sessions: Pick<SessionRepository, 'find'> }>;

/** As `proveEntries`. Entries of a log without a session, or whose payloads cannot be read, may not leave. */
export async function proveClean(
  deps: Deps,
  { issuedTo, baaChainText, ...order }: CleanOrder & Readonly<{ stop: StopFlag }>,
): Promise<CleanProof> {
  const proven = await proveEntries(deps, order);
  if (proven.kind !== 'proven') return proven;
  const { log, wanted, stop } = order;
  const from = wanted.kind === 'one' ? wanted.index : wanted.from;
  const session = await deps.sessions.find(log.accountId, log.sessionId);
  const facts = session && (await deps.gather.facts(session));
  if (!session || !facts || facts.payloads === UNREADABLE) return { ...proven, leakSeq: from };
  const { payloads, policy, account, agent } = facts;
  const hasStopped = () => isStopped(stop);
  const aligned = alignTranscripts(payloads?.request, payloads?.masked, new AlignWork(hasStopped));
  const { kept } = boundOriginals(aligned.originals);
  // What the operator wrote into a report on this session, as the scan of a pack knows it.
  const words: SessionWords = {
    ...{ scope: 'session', account, agent, issued_to: issuedTo },
    session: { upstream_model: session.upstreamModel },
    ...policyWords(policy),
    audit_log: { key_id: session.log.keyId },
    baa_chain: { text: baaChainText },
  };
  const finder = leakFinderFor(words, new OriginalSearch(kept), hasStopped);
  const at = proven.entries.findIndex((text) => {
    const entry = parseJson(text);
    return !(entry instanceof Map) || !mayLeave(entry, finder);
  });
  return { ...proven, leakSeq: at === -1 ? null : from + at };
}

type PolicyWords = Pick<SessionWords, 'policy' | 'policy_snapshot' | 'safe_harbor_detail'>;

/** A policy that cannot be read has no words but its name and its text. */
function policyWords(policy: GatheredFacts['policy']): PolicyWords {
  if (policy === null) return { policy: null, policy_snapshot: null, safe_harbor_detail: null };
  const { name, text } = policy;
  const reading = readPolicy(text);
  if (!reading.ok) {
    return { policy: { name, passthrough_kinds: [] }, policy_snapshot: text, safe_harbor_detail: null };
  }
  const { passthroughKinds, unmappedKinds, unreadKeys } = reading.coverage;
  return {
    policy: { name, passthrough_kinds: passthroughKinds },
    policy_snapshot: text,
    safe_harbor_detail: { unmapped_policy_kinds: unmappedKinds, unread_policy_keys: unreadKeys },
  };
}
