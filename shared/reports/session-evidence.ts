// What a report on a session may state of the account log: only an entry that is under a signed checkpoint and agrees
// with the log as it was walked.
import type { Anchor } from '../audit/log-record.ts';
import type { VerifiedLog } from '../audit/verdict.ts';
import { hashLeaf } from '../merkle/hash.ts';
import { verifyInclusion } from '../merkle/verify-proof.ts';
import type { RecordedSession } from '../sessions/session.ts';
import { type LogEntry, type LogEntryOf, parseLogEntry } from '../transparency/log-entry.ts';
import type { EvidenceMissing, LoggedSession, LogKeys, SessionEvidenceFacts } from './account-log.ts';
import { checkCheckpoint } from './check-checkpoint.ts';
import { LOG_REMEDY, UNSIGNED } from './unsigned-log.ts';

/** An entry that a session was closed. */
export type SessionClosed = LogEntryOf<'session_closed'>;

/** The evidence, why there is none, or why no report may be made. `problem` is safe to show. */
export type AssessedEvidence =
  | Readonly<{ evidence: SessionEvidenceFacts; evidenceMissing: null }>
  | Readonly<{ evidence: null; evidenceMissing: EvidenceMissing }>
  | Readonly<{ problem: string }>;

/** What was read of a session, its log and the account log. `keys` is null in a deployment without account logs. */
export type EvidenceSources = Readonly<{
  session: RecordedSession;
  verdict: VerifiedLog;
  keys: LogKeys | null;
  logged: LoggedSession | null;
}>;

/** The session's entry that a text is; null for any other text, and another session's. */
export function readSessionClosed(
  text: string,
  session: Readonly<{ accountId: string; sessionId: string }>,
): SessionClosed | null {
  const entry = parseLogEntry(text);
  if (entry?.kind !== 'session_closed') return null;
  return entry.account_id === session.accountId && entry.session_id === session.sessionId ? entry : null;
}

/** An entry about one session: that it was closed, or that a report on it was issued. */
export type AboutSession = SessionClosed | (LogEntryOf<'report_issued'> & Readonly<{ session_id: string }>);

/** The entry about the session that a text is; null for any other text, and one about another session. */
export function readAboutSession(
  text: string,
  session: Readonly<{ accountId: string; sessionId: string }>,
): AboutSession | null {
  const entry = parseLogEntry(text);
  if (!isAboutSession(entry)) return null;
  return entry.account_id === session.accountId && entry.session_id === session.sessionId ? entry : null;
}

/** Whether an entry is about one session. */
export function isAboutSession(entry: LogEntry | null): entry is AboutSession {
  return entry?.kind === 'session_closed' || (entry?.kind === 'report_issued' && entry.session_id !== null);
}

/**
 * The root that the entry fixed: a walk must reproduce it. Of a session that was closed it must find the key, and the seal or
 * the facts, that were there.
 */
export function anchorOf(entry: AboutSession): Anchor {
  if (entry.kind === 'report_issued') {
    const { size, merkle_root_hex: rootHex, report_id: reportId, since: startedAt } = entry;
    return { source: 'checkpoint', size, rootHex, reportId, startedAt };
  }
  const { size, merkle_root_hex: rootHex, seal, key_id: keyId, ended_at: endedAt, status } = entry;
  const { started_at: startedAt, policy_sha256: policySha256Hex } = entry;
  const closed = seal === null ? { facts: { startedAt, policySha256Hex, endedAt, status } } : { seal };
  return { source: 'checkpoint', size, rootHex, sealed: seal !== null, ...closed, keyId };
}

/** Whether an entry is under a checkpoint that a key of the log signed. */
export function isUnderCheckpoint(logged: LoggedSession, keys: LogKeys, accountId: string): boolean {
  const { logIndex: index, logSize: size, inclusion: hashes, sessionClosed } = logged;
  const checkpoint = checkCheckpoint({ checkpoint: logged.checkpoint, size }, keys, accountId);
  if (!checkpoint) return false;
  const leafHash = hashLeaf(Buffer.from(sessionClosed));
  return verifyInclusion({ index, size, leafHash, hashes, root: checkpoint.root });
}

/** Assesses what a report may state. Pure. */
export function assessEvidence({ session, verdict, keys, logged }: EvidenceSources): AssessedEvidence {
  if (keys === null) return { evidence: null, evidenceMissing: 'no log' };
  if (verdict.state === 'open') return { evidence: null, evidenceMissing: 'open' };
  if (logged === null) return { evidence: null, evidenceMissing: 'not logged yet' };
  const { accountId, id: sessionId } = session;
  const { logIndex: index, logSize: size, inclusion: hashes, sessionClosed } = logged;
  const checkpoint = checkCheckpoint({ checkpoint: logged.checkpoint, size }, keys, accountId);
  if (!checkpoint) return { problem: UNSIGNED };
  if (index >= size) return { problem: NO_ENTRY };
  const leafHash = hashLeaf(Buffer.from(sessionClosed));
  if (!verifyInclusion({ index, size, leafHash, hashes, root: checkpoint.root }))
    return { problem: UNPROVEN };
  const entry = readSessionClosed(sessionClosed, { accountId, sessionId });
  if (!entry) return { problem: OF_ANOTHER };
  // A log without a seal may have grown since, or been sealed. The account log gets another entry then.
  const isOlder = entry.seal === null && (entry.size < verdict.size || session.log.seal !== null);
  if (isOlder) return { evidence: null, evidenceMissing: 'not logged yet' };
  const differing = differingFacts(entry, session, verdict);
  if (differing.length > 0) return { problem: disagreement(differing) };
  const { origin, verifierKey } = checkpoint;
  return { evidence: { ...logged, origin, verifierKey }, evidenceMissing: null };
}

const UNPROVEN = `The session's entry in the account log is not under its checkpoint. ${LOG_REMEDY}`;
const NO_ENTRY = `The session's row names an entry that the account log does not have. ${LOG_REMEDY}`;
const OF_ANOTHER = `The session's row names an entry of the account log that is not the session's. ${LOG_REMEDY}`;

function disagreement(fields: readonly string[]): string {
  return `The account log recorded the session with another ${fields.join(', ')} than its row and log have now. ${LOG_REMEDY}`;
}

/** The facts of the entry that the session's row and its walked log do not have. */
export function differingFacts(
  entry: SessionClosed,
  { agentId, startedAt, endedAt, status, policySha256Hex, log }: RecordedSession,
  { size, rootHex, headHashHex, keyId }: Pick<VerifiedLog, 'size' | 'rootHex' | 'headHashHex' | 'keyId'>,
): string[] {
  const facts: Readonly<Record<string, readonly [logged: unknown, found: unknown]>> = {
    agent: [entry.agent_id, agentId],
    start: [entry.started_at, startedAt.toISOString()],
    end: [entry.ended_at, endedAt?.toISOString() ?? null],
    status: [entry.status, status],
    policy: [entry.policy_sha256, policySha256Hex],
    'audit key': [entry.key_id, keyId],
    size: [entry.size, size],
    root: [entry.merkle_root_hex, rootHex],
    'head hash': [entry.head_hash, headHashHex],
    seal: [entry.seal, log.seal],
  };
  return Object.entries(facts).flatMap(([name, [logged, found]]) => (logged === found ? [] : [name]));
}
