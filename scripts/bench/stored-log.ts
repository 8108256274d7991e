// Stores a session with a realistic log, signed by the program's own code and closed by its own close. Inserts whole
// segments, many at a time, since a million appends one after the other would take minutes.
import type { Db } from 'mongodb';
import { createAuditKey, createKeyring } from '../../shared/audit/audit-keys.ts';
import { ZERO_HASH_HEX } from '../../shared/audit/chain.ts';
import { newId } from '../../shared/audit/ids.ts';
import type { WalkedLog } from '../../shared/audit/log-walker.ts';
import { packEntries, SEGMENT_SIZE, SEGMENTS, segmentId } from '../../shared/log-store/segment.ts';
import { createSegmentReader } from '../../shared/log-store/segment-reader.ts';
import { createSegmentRepository } from '../../shared/log-store/segment-repository.ts';
import { inPackedForm } from '../../shared/log-store/segment-row.ts';
import { closeLog } from '../../shared/log-writer/close-log.ts';
import { identify, signEntries } from '../../shared/log-writer/draft.ts';
import { EMPTY_AGGREGATE, openSession } from '../../shared/log-writer/open-session.ts';
import { catchUp } from '../../shared/log-writer/raise-row.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { draftEvent, SAMPLE_KEY } from './sample-log.ts';

export type StoredLog = Readonly<{ accountId: string; sessionId: string; size: number }>;

export type StoredLogOptions = Readonly<{
  accountId?: string;
  agentId?: string;
  policy?: Readonly<{ name: string; version: number; sha256Hex: string }>;
  close?: boolean;
  form?: SegmentForm;
}>;

/** How full and closed segments are stored: as arrays, as an earlier version did, or packed. */
export const FORMS = ['entries', 'packed'] as const;
export type SegmentForm = (typeof FORMS)[number];

/** Entries per insert, full segments of some 8 MB. A batch is signed while the one before is being inserted. */
const BATCH = 64 * SEGMENT_SIZE;

const NO_POLICY = { name: 'healthcare-default', version: 1, sha256Hex: '0'.repeat(64) };

/** Stores a log of `size` entries. Closes and seals it unless `close` is false. */
export async function storeLog(
  db: Db,
  size: number,
  signal: AbortSignal,
  options: StoredLogOptions = {},
): Promise<StoredLog> {
  const {
    accountId = newId('account'),
    agentId = newId('agent'),
    policy = NO_POLICY,
    close = true,
    form = 'packed',
  } = options;
  const deps = {
    audit: createSegmentRepository(db),
    sessions: createSessionRepository(db),
    keyring: createKeyring([SAMPLE_KEY]),
    reader: createSegmentReader(db),
  };
  const facts = { agentId, startedAt: new Date(), upstreamModel: 'gpt-4o-mini', policy };
  const { id: sessionId } = await openSession(deps, accountId, facts);
  const headHashHex = await insertEntries(db, accountId, { agentId, sessionId }, { size, form }, signal);
  if (!close) {
    await catchUp(deps, accountId, sessionId, size);
    return { accountId, sessionId, size };
  }
  // Tells the close where to look for the end of the log. The close counts the entries itself.
  const aggregate = { ...EMPTY_AGGREGATE, throughSeq: size - 1 };
  await deps.sessions.raiseLog(
    accountId,
    sessionId,
    { throughSeq: -1, size: 0 },
    { size, headHashHex, aggregate },
  );
  const { status } = await closeLog(deps, accountId, sessionId, { endedAt: new Date(), status: 'ok' });
  if (status !== 'sealed') throw new Error(`The log to measure could not be closed: ${status}`);
  if (form === 'entries') await unpackLast(db, accountId, sessionId, size);
  return { accountId, sessionId, size };
}

/** Returns the head hash. */
async function insertEntries(
  db: Db,
  accountId: string,
  log: WalkedLog,
  { size, form }: Readonly<{ size: number; form: SegmentForm }>,
  signal: AbortSignal,
): Promise<string> {
  const key = createAuditKey(SAMPLE_KEY);
  let headHashHex = ZERO_HASH_HEX;
  let inserting: Promise<unknown> = Promise.resolve();
  for (let begin = 0; begin < size; begin += BATCH) {
    signal.throwIfAborted();
    const segments: object[] = [];
    for (let at = begin; at < Math.min(size, begin + BATCH); at += SEGMENT_SIZE) {
      const count = Math.min(SEGMENT_SIZE, size - at);
      const events = Array.from({ length: count }, (_, i) => identify(draftEvent(at + i)));
      const signed = signEntries(log, key, at, headHashHex, events);
      headHashHex = signed.headHashHex;
      const _id = segmentId(accountId, log.sessionId, at / SEGMENT_SIZE);
      const isPacked = form === 'packed' && count === SEGMENT_SIZE;
      const packed = isPacked && packEntries(signed.texts.map((text) => Buffer.from(text)));
      const entries = packed ? inPackedForm(packed) : { entries: signed.texts };
      segments.push({ _id, ...entries, count, head_hash: headHashHex, closed: false });
    }
    await inserting;
    inserting = db.collection(SEGMENTS).insertMany(segments);
  }
  await inserting;
  return headHashHex;
}

/** The close packed the last segment, where it was not full. */
async function unpackLast(db: Db, accountId: string, sessionId: string, size: number): Promise<void> {
  const index = Math.floor(size / SEGMENT_SIZE);
  const entries = await createSegmentRepository(db).readEntries(accountId, sessionId, index);
  const segments = db.collection<{ _id: string }>(SEGMENTS);
  const change = { $set: { entries }, $unset: { packed: '' as const } };
  await segments.updateOne({ _id: segmentId(accountId, sessionId, index) }, change);
}
