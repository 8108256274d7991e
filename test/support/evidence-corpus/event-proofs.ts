// Event proofs and range proofs of sessions in the corpus.
import { canonicalize, type JsonValue } from '../../../shared/audit/canonical-json.ts';
import { type Evidence, evidenceOf, type TlogParts, tlogPartsOf, tlogProofOf } from './account-log.ts';
import { type Changes, editValue, json } from './json-edit.ts';
import type { CorpusSession } from './sessions.ts';
import { base64, inclusionOf, multiproofOf } from './trees.ts';

export type ProofTraits = Readonly<{
  evidence?: Evidence;
  /** Changes to the tlog-proof. */
  proof?: (parts: TlogParts) => TlogParts;
  proofText?: (text: string) => string;
  /** Changes to the members. */
  change?: Changes;
}>;

export function eventProof(session: CorpusSession, index: number, traits: ProofTraits = {}): Buffer {
  return finish('event_proof', traits, session, {
    entry: session.entries[index],
    hashes: inclusionOf(session.entries, index).map(base64),
    index,
  });
}

export function rangeProof(
  session: CorpusSession,
  from: number,
  to: number,
  traits: ProofTraits = {},
): Buffer {
  const indexes = Array.from({ length: to - from }, (_, i) => from + i);
  return finish('range_proof', traits, session, {
    entries: session.entries.slice(from, to),
    hashes: multiproofOf(session.entries, indexes).map(base64),
    ...{ from, to },
  });
}

function finish(
  kind: string,
  { evidence, proof = (same) => same, proofText = (same) => same, change = {} }: ProofTraits,
  session: CorpusSession,
  members: Record<string, unknown>,
): Buffer {
  const under = evidence ?? evidenceOf(session);
  const whole: JsonValue = json({
    ...members,
    session_closed: under.session_closed,
    session_proof: proofText(tlogProofOf(proof(tlogPartsOf(under)))),
    size: session.entries.length,
    v: 1,
  });
  return Buffer.from(canonicalize(new Map([[kind, editValue(whole, change)]])));
}
