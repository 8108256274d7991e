// Stores many short, sealed logs. The program's own close seals the first; the others are copies of it under ids of their
// own, signed and sealed anew, and inserted many at once: closing each takes its server some ten round trips.
import type { Db } from 'mongodb';
import { createAuditKey } from '../../shared/audit/audit-keys.ts';
import { ZERO_HASH_HEX } from '../../shared/audit/chain.ts';
import { newId } from '../../shared/audit/ids.ts';
import { computeSeal } from '../../shared/audit/seal.ts';
import { packEntries, SEGMENT_SIZE, SEGMENTS, segmentId } from '../../shared/log-store/segment.ts';
import { inPackedForm } from '../../shared/log-store/segment-row.ts';
import { identify, signEntries } from '../../shared/log-writer/draft.ts';
import { computeRoot } from '../../shared/merkle/root.ts';
import { SESSIONS, type StoredSession } from '../../shared/sessions/session-row.ts';
import type { BenchAccount } from './bench-account.ts';
import { draftEvent, SAMPLE_KEY } from './sample-log.ts';
import { storeLog } from './stored-log.ts';

const BATCH = 500;

/** Stores `count` sessions of `entries` entries each, which fill no segment. Resolves to their ids. */
export async function storeWindow(
  db: Db,
  count: number,
  entries: number,
  signal: AbortSignal,
  account: BenchAccount,
): Promise<string[]> {
  if (entries >= SEGMENT_SIZE) throw new RangeError('The logs would fill segments');
  const rows = db.collection<StoredSession>(SESSIONS);
  const segments = db.collection<{ _id: string }>(SEGMENTS);
  const { accountId, sessionId } = await storeLog(db, entries, signal, account);
  const row = await rows.findOne({ _id: sessionId });
  const segment = await segments.findOne({ _id: segmentId(accountId, sessionId, 0) });
  if (!row || !segment) throw new Error('The log to copy is gone');
  const ids = [sessionId];
  while (ids.length < count) {
    signal.throwIfAborted();
    const copies = Array.from({ length: Math.min(BATCH, count - ids.length) }, () =>
      copy(row, segment, entries),
    );
    await segments.insertMany(copies.map((each) => each.segment));
    await rows.insertMany(copies.map((each) => each.row));
    ids.push(...copies.map((each) => each.row._id));
  }
  return ids;
}

function copy(row: StoredSession, segment: { _id: string }, entries: number) {
  const { account_id: accountId, agent_id: agentId, ended_at: endedAt, status } = row;
  const sessionId = newId('session');
  const key = createAuditKey(SAMPLE_KEY);
  const events = Array.from({ length: entries }, (_, i) => identify(draftEvent(i)));
  const { texts, headHashHex } = signEntries({ agentId, sessionId }, key, 0, ZERO_HASH_HEX, events);
  const leaves = texts.map((text) => Buffer.from(text));
  const packed = packEntries(leaves);
  if (!packed) throw new RangeError('The entries cannot be packed');
  const rootHex = Buffer.from(computeRoot(leaves)).toString('hex');
  const seal = computeSeal(key.sealKey, {
    ...{ accountId, agentId, sessionId, endedAt, status, size: entries, headHashHex, rootHex },
    startedAt: row.started_at,
    policySha256Hex: row.policy_sha256,
    keyId: key.id,
  });
  const _id = segmentId(accountId, sessionId, 0);
  return {
    segment: { ...segment, _id, ...inPackedForm(packed), head_hash: headHashHex },
    row: {
      ...row,
      _id: sessionId,
      log: { ...row.log, head_hash: headHashHex, seal },
      merkle_root_hex: rootHex,
      log_due: rootHex,
    },
  };
}
