// A session with a believable log in a database, written by the program's own append and close.
import type { Db } from 'mongodb';
import { appendEvents } from '../../shared/audit/append.ts';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { createAuditRepository } from '../../shared/audit/audit-repository.ts';
import { closeLog } from '../../shared/audit/close-log.ts';
import { createSegmentReader } from '../../shared/audit/segment-reader.ts';
import { newId } from '../../shared/ids.ts';
import { openSession } from '../../shared/sessions/open-session.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { draftEvent, SAMPLE_KEY } from './sample-log.ts';

export type StoredLog = Readonly<{ accountId: string; sessionId: string; size: number }>;

export type StoredLogOptions = Readonly<{ accountId?: string; close?: boolean }>;

/** Events made and appended at a time. */
const BATCH = 8192;

/** The log is closed and sealed unless told otherwise. */
export async function storeLog(
  db: Db,
  size: number,
  signal: AbortSignal,
  { accountId = newId('account'), close = true }: StoredLogOptions = {},
): Promise<StoredLog> {
  const deps = {
    audit: createAuditRepository(db),
    sessions: createSessionRepository(db),
    keyring: createKeyring([SAMPLE_KEY]),
    reader: createSegmentReader(db),
  };
  const startedAt = new Date();
  const { id: sessionId } = await openSession(deps, accountId, {
    agentId: newId('agent'),
    startedAt,
    upstreamModel: 'gpt-4o-mini',
    policy: { name: 'healthcare-default', version: 1, sha256Hex: '0'.repeat(64) },
  });
  for (let begin = 0; begin < size; begin += BATCH) {
    signal.throwIfAborted();
    const length = Math.min(BATCH, size - begin);
    const events = Array.from({ length }, (_, i) => draftEvent(begin + i));
    const { status } = await appendEvents(deps, accountId, sessionId, events);
    if (status !== 'appended') throw new Error(`The log to measure could not be written: ${status}`);
  }
  if (!close) return { accountId, sessionId, size };
  const { status } = await closeLog(deps, accountId, sessionId, { endedAt: new Date(), status: 'ok' });
  if (status !== 'sealed') throw new Error(`The log to measure could not be closed: ${status}`);
  return { accountId, sessionId, size };
}
