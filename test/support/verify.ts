// The kernel, asked by tests: about a log as it is stored, or about its entries beside a row that nobody stored.
import assert from 'node:assert/strict';
import type { Anchor } from '../../shared/audit/log-record.ts';
import type { LogVerdict } from '../../shared/audit/verdict.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { verifyHere } from '../../workers/logs/verify-session.ts';
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
  const found = {
    session,
    changes: 0,
    stage: null,
    marks: { failed: null, missingKeyId: null },
    damage: null,
  };
  const rows = { find: async () => ({ found, anchors }) };
  const { accountId, id: sessionId } = session;
  const order = { accountId, sessionId, anchors: [], until: null, listed: 1000 };
  const evidence = await verifyHere({ reader, keyring, rows }, order);
  assert.ok(evidence);
  return evidence.verdict;
}
