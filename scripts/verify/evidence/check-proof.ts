// Proofs of one entry, or of a stretch of entries.
import type { JsonObject, JsonValue } from '../../../shared/audit/canonical-json.ts';
import { ZERO_HASH_HEX } from '../../../shared/audit/chain.ts';
import { hashLeaf } from '../../../shared/merkle/hash.ts';
import { rootFromInclusion, rootFromStretch } from '../../../shared/merkle/verify-proof.ts';
import { checkSealed } from './check-completeness.ts';
import { walkChain } from './check-entries.ts';
import { type Closed, checkIncluded, readClosed, readTlogProof, type SignedLog } from './check-log.ts';
import { checkMacs } from './check-macs.ts';
import { describeKey, signedBy } from './check-statement.ts';
import { checkWitnesses } from './check-witnesses.ts';
import type { EvidenceOptions } from './options.ts';
import { at, hasExactly, isText, isTexts, isWhole, readHashes, readJsonFile } from './read-json.ts';
import { hasFailed, judge, readable, unchecked, type Verdict, type Verdicts, wrong } from './verdict.ts';

const MEMBERS = {
  hashes: isTexts,
  session_closed: isText,
  session_proof: isText,
  size: isWhole,
  v: (value: JsonValue | undefined) => value === 1,
};
const OF_EVENT = { ...MEMBERS, entry: isText, index: isWhole };
const OF_RANGE = { ...MEMBERS, entries: isTexts, from: isWhole, to: isWhole };

type Proof = Readonly<{
  isEvent: boolean;
  lines: readonly Uint8Array[];
  from: number;
  to: number;
  size: number;
  hashes: JsonValue | undefined;
  closedText: string;
  tlog: string;
}>;

function readProof(bytes: Uint8Array): Proof {
  const value = readJsonFile(bytes, 'the proof');
  const isEvent = hasExactly(value, { event_proof: (inner) => hasExactly(inner, OF_EVENT) });
  const isRange = hasExactly(value, { range_proof: (inner) => hasExactly(inner, OF_RANGE) });
  if (!isEvent && !isRange) return wrong('it has not the members of a proof');
  const proof = at(value, isEvent ? 'event_proof' : 'range_proof') as JsonObject;
  const number = (name: string) => proof.get(name) as number;
  const index = number('index');
  return {
    isEvent,
    lines: (isEvent ? [proof.get('entry') as string] : (proof.get('entries') as string[])).map((text) =>
      Buffer.from(text),
    ),
    from: isEvent ? index : number('from'),
    to: isEvent ? index + 1 : number('to'),
    size: number('size'),
    hashes: proof.get('hashes'),
    closedText: proof.get('session_closed') as string,
    tlog: proof.get('session_proof') as string,
  };
}

/** The verdicts on a proof; null in place of all but the first where its bytes are not in order. */
export function checkProof(bytes: Uint8Array, options: EvidenceOptions): Verdicts | Verdict {
  let proof: Proof | undefined;
  const opened = judge(() => {
    proof = readProof(bytes);
    return 'canonical JSON';
  });
  if (!proof) return opened;
  const read = proof;
  const seen: SignedLog[] = [];
  const closed = readable(() => readClosed(read.closedText));
  const log = judge(() => checkProofLogged(read, options, seen));
  const entries = judge(() => checkProven(read, closed));
  const signed = {
    entries: read.lines,
    keyId: closed?.key_id,
    closed,
    accountId: closed?.account_id,
    startedAt: closed?.started_at,
  };
  return {
    bytes: opened,
    statement: judge(() => unchecked('a proof has no statement')),
    entries,
    completeness: judge(() => checkWhole(read, closed, entries, log)),
    log,
    witnesses: judge(() => checkWitnesses(options.witnesses, log, seen)),
    pages: judge(() => unchecked('a proof has no pages')),
    macs: judge(() => (closed === null ? unchecked('the log failed') : checkMacs(signed, options.auditKeys))),
  };
}

function checkProofLogged({ closedText, tlog }: Proof, { keys }: EvidenceOptions, seen: SignedLog[]): string {
  readClosed(closedText);
  const proof = readTlogProof(tlog);
  if (proof.text !== closedText) wrong("the session's proof is of another entry");
  checkIncluded(proof);
  const key = signedBy(proof.log.note, proof.log.origin, keys, 'the checkpoint');
  seen.push(proof.log);
  return `entry ${proof.index} of ${proof.log.size}, signed by ${describeKey(key)}`;
}

function checkProven({ isEvent, lines, from, to, size, hashes: list }: Proof, closed: Closed | null): string {
  if (closed === null) return unchecked('the log failed');
  if (size !== closed.size) wrong(`the session has ${closed.size} entries, the proof is of ${size}`);
  if (lines.length !== to - from || (lines.length === 0 && size > 0))
    wrong('the proof is not of the entries in it');
  const leafHashes = lines.map((line) => hashLeaf(line));
  const hashes = readHashes(list, 'the proof');
  const root = isEvent
    ? rootFromInclusion({ index: from, size, leafHash: leafHashes[0] as Uint8Array, hashes })
    : rootFromStretch({ from, leafHashes, size, hashes });
  if (root === null || Buffer.from(root).toString('hex') !== closed.merkle_root_hex)
    wrong("the proof does not give the session's root");
  const prevHashHex = from === 0 ? ZERO_HASH_HEX : null;
  const figures = walkChain(lines, {
    from,
    prevHashHex,
    sessionId: closed.session_id,
    agentId: closed.agent_id,
  });
  if (to === size && figures.get('end_hash') !== closed.head_hash)
    wrong("the last entry is not the session's");
  return `entries ${from} to ${to}, not included, of ${size}`;
}

function checkWhole(
  { isEvent, from, to, size }: Proof,
  closed: Closed | null,
  entries: Verdict,
  log: Verdict,
): string {
  if (isEvent) return unchecked('one entry says nothing of others');
  if (hasFailed(log) || hasFailed(entries) || closed === null)
    return unchecked('the log or the entries failed');
  if (from !== 0 || to !== size) return unchecked('it is a stretch');
  return checkSealed(closed);
}
