// The axis `log` of a report on a session, and of a proof: the session's entry under a signed checkpoint.
import type { JsonValue } from '../../../shared/audit/canonical-json.ts';
import { decodeUtf8 } from '../../../shared/audit/decode-utf8.ts';
import { type LogState, logStateOf } from '../../../shared/audit/verdict.ts';
import { hashLeaf } from '../../../shared/merkle/hash.ts';
import { verifyInclusion } from '../../../shared/merkle/verify-proof.ts';
import { type Checkpoint, parseCheckpoint } from '../../../shared/transparency/checkpoint.ts';
import { type LogEntryOf, parseLogEntry } from '../../../shared/transparency/log-entry.ts';
import { type Note, parseNote } from '../../../shared/transparency/note.ts';
import { parseTlogProof } from '../../../shared/transparency/tlog-proof.ts';
import type { VerifierKey } from '../../../shared/transparency/verifier-key.ts';
import { describeKey, signedBy } from './check-statement.ts';
import type { Evidence } from './open-report.ts';
import { at, readHashes } from './read-json.ts';
import { unchecked, wrong } from './verdict.ts';

export type Closed = LogEntryOf<'session_closed'>;
export type SignedLog = Checkpoint & Readonly<{ note: Note }>;

/** An entry's text with the proof that it is in a log. */
export type LogProof = Readonly<{
  text: string;
  index: number;
  hashes: readonly Uint8Array[];
  log: SignedLog;
}>;

export function readCheckpoint(text: JsonValue | undefined): SignedLog {
  const note = typeof text === 'string' ? parseNote(text) : null;
  const checkpoint = note && parseCheckpoint(note.text);
  return note && checkpoint ? { ...checkpoint, note } : wrong('the checkpoint is none');
}

export function readTlogProof(text: string | null): LogProof {
  const proof = text === null ? null : parseTlogProof(text);
  if (!proof) return wrong('the tlog-proof is none');
  const entry = proof.extra && decodeUtf8(proof.extra);
  if (entry === null) return wrong('the tlog-proof does not carry its entry');
  return { text: entry, index: proof.index, hashes: proof.hashes, log: readCheckpoint(proof.checkpoint) };
}

export function readClosed(text: JsonValue | undefined): Closed {
  const entry = typeof text === 'string' ? parseLogEntry(text) : null;
  return entry?.kind === 'session_closed' ? entry : wrong('the entry of the log is none on a closed session');
}

export function checkIncluded({ text, index, hashes, log }: LogProof): void {
  const leafHash = hashLeaf(Buffer.from(text));
  if (!verifyInclusion({ index, size: log.size, leafHash, hashes, root: log.root })) {
    wrong(`the entry is not proven to be entry ${index} of ${log.size}`);
  }
}

const OF_SESSION = 'checkpoint,inclusion,log_index,log_size,origin,session_closed,verifier_key';

/** The evidence has these members and no others; canonical JSON has them in their order. */
export function checkMembers(evidence: JsonValue, names: string): void {
  if (!(evidence instanceof Map) || [...evidence.keys()].join() !== names)
    wrong('the evidence has other members than reports have there');
}

/** The proofs that the report and its pack carry. */
function proofsIn({ report, tlogProof }: Evidence): LogProof[] {
  const evidence = report.get('evidence') ?? null;
  const proofs: LogProof[] = [];
  if (evidence !== null) {
    checkMembers(evidence, OF_SESSION);
    const log = readCheckpoint(at(evidence, 'checkpoint'));
    const [index, text] = [at(evidence, 'log_index'), at(evidence, 'session_closed')];
    if (typeof index !== 'number' || typeof text !== 'string') return wrong('the evidence is incomplete');
    if (log.size !== at(evidence, 'log_size')) wrong('the evidence states another size than its checkpoint');
    if (log.origin !== at(evidence, 'origin'))
      wrong('the evidence states another origin than its checkpoint');
    proofs.push({ text, index, hashes: readHashes(at(evidence, 'inclusion'), 'the evidence'), log });
  }
  if (tlogProof !== null) proofs.push(readTlogProof(decodeUtf8(tlogProof)));
  return proofs;
}

/** `seen` takes the checkpoints of a log that holds. */
export function checkSessionLogged(
  evidence: Evidence,
  keys: readonly VerifierKey[],
  seen: SignedLog[],
): string {
  const proofs = proofsIn(evidence);
  const [first] = proofs;
  if (!first)
    return unchecked(
      `no evidence of the log: ${evidence.report.get('evidence_missing') ?? 'without a reason'}`,
    );
  const texts = new Set(proofs.map(({ text }) => text));
  if (evidence.closedText !== null) texts.add(evidence.closedText);
  if (texts.size > 1) wrong('the file carries two entries of the log');
  const closed = readClosed(first.text);
  for (const proof of proofs) checkIncluded(proof);
  compareFields(closed, evidence);
  compareProofs(proofs);
  const [key] = proofs.map(({ log }) => signedBy(log.note, log.origin, keys, 'the checkpoint'));
  seen.push(...proofs.map(({ log }) => log));
  return `entry ${first.index} of ${first.log.size}, signed by ${describeKey(key as VerifierKey)}`;
}

/** An entry is appended once, and a log has one root at a size. */
function compareProofs([first, second]: readonly LogProof[]): void {
  if (!first || !second) return;
  if (first.index !== second.index) wrong('the two proofs are of two places of the log');
  const [a, b] = [first.log, second.log];
  if (a.origin !== b.origin) wrong('the two proofs are of two logs');
  if (a.size === b.size && Buffer.compare(a.root, b.root) !== 0)
    wrong(`the log of ${a.size} entries has two roots here`);
}

/** A time as reports write it: without milliseconds where they are zero. */
export const present = (time: string | null): string | null => time?.replace('.000Z', 'Z') ?? null;

/** The state of a log that was logged so, as reports name it. */
export function stateOf({ seal, ended_at: endedAt }: Closed): LogState {
  return logStateOf(seal, endedAt === null ? null : new Date(endedAt));
}

function compareFields(closed: Closed, { report }: Evidence): void {
  const pairs = {
    account: [closed.account_id, at(report, 'account', 'id')],
    session: [closed.session_id, report.get('session_id')],
    'session id': [closed.session_id, at(report, 'session', 'id')],
    agent: [closed.agent_id, at(report, 'agent', 'id')],
    root: [closed.merkle_root_hex, report.get('merkle_root_hex')],
    size: [closed.size, at(report, 'audit_log', 'event_count')],
    'head hash': [closed.head_hash, at(report, 'audit_log', 'end_hash')],
    policy: [closed.policy_sha256, at(report, 'policy', 'sha256')],
    start: [present(closed.started_at), at(report, 'session', 'started_at')],
    end: [present(closed.ended_at), at(report, 'session', 'ended_at')],
    status: [closed.status, at(report, 'session', 'status')],
    'audit key': [closed.key_id, at(report, 'audit_log', 'key_id')],
  };
  const differing = Object.entries(pairs).flatMap(([name, [logged, stated]]) =>
    logged === stated ? [] : [name],
  );
  if (differing.length > 0) wrong(`the log states another ${differing.join(', ')} than the report`);
  if (at(report, 'audit_log', 'state') === 'sealed' && closed.seal === null)
    wrong('the report says sealed, and no seal was logged');
}
