// The kernel, asked by tests: about a log as it is stored, or about its entries beside a row that nobody stored.
import assert from 'node:assert/strict';
import type { Anchor } from '../../shared/audit/log-record.ts';
import type { LogVerdict } from '../../shared/audit/verdict.ts';
import type { Session, SessionSnapshot } from '../../shared/sessions/session.ts';
import { type VerifyDeps, verifyHere } from '../../workers/logs/verify-session.ts';
import type { ReportPool, SessionEvidence } from '../../workers/reports/pool.ts';
import type { LogWorld } from './audit-world.ts';

const NEVER = new AbortController().signal;

/** What the threads find of a session that is stored. */
export async function verifyStored(
  pool: Pick<ReportPool, 'verifySession'>,
  { accountId, id }: Pick<Session, 'accountId' | 'id'>,
  { signal = NEVER, anchors = [] }: { signal?: AbortSignal; anchors?: readonly Anchor[] } = {},
): Promise<SessionEvidence> {
  const evidence = await pool.verifySession({ accountId, sessionId: id }, { signal, anchors });
  assert.ok(evidence, 'there is no such session');
  return evidence;
}

/** The verdict on the stored entries, where the row is the one given and the ledger holds these roots. */
export async function verifyAs(
  { reader, keyring }: Pick<LogWorld, 'reader' | 'keyring'>,
  session: Session,
  ...reported: readonly Omit<Anchor, 'source'>[]
): Promise<LogVerdict> {
  const anchors = reported.map((anchor) => ({ source: 'reported', ...anchor }) as const);
  const rows = { find: async () => ({ found: unmarked(session), anchors }) };
  const { accountId, id: sessionId } = session;
  const order = { accountId, sessionId, anchors: [], until: null, listed: 1000 };
  const evidence = await verifyHere({ reader, keyring, rows, doubter: NO_DOUBT }, order);
  assert.ok(evidence);
  return evidence.verdict;
}

/** Holds no policy against a row: for rows whose policy is not stored. */
export const NO_DOUBT: VerifyDeps['doubter'] = { contradicted: async () => null };

/** A session as its row has it, without any mark and without damage. */
export function unmarked(session: Session): SessionSnapshot {
  const marks = { failed: null, unverifiable: null };
  return { session, changes: 0, stage: null, marks, damage: null };
}
