import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { createAuditKey } from '../../../shared/audit/audit-keys.ts';
import { ZERO_HASH_HEX } from '../../../shared/audit/chain.ts';
import { SEGMENT_SIZE } from '../../../shared/log-store/segment.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import { identify, signEntries } from '../../../shared/log-writer/draft.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import {
  createLogWorld,
  draftEvent,
  type LogWorld,
  startSession,
  TEST_KEY,
} from '../../support/audit-world.ts';
import { IN_LONG_RUNS } from '../../support/rounds.ts';
import type { WalkTask, WalkUse } from '../../support/walk-process.ts';

const ENTRY = join(import.meta.dirname, '../../support/walk-process.ts');

type LongLog = Readonly<{ session: Session; bytes: number }>;

/** Segment by segment, without reading back: a log this long takes an appender a while. */
async function writeLong(world: LogWorld, size: number): Promise<LongLog> {
  const session = await startSession(world);
  const { accountId, id, agentId } = session;
  let head = ZERO_HASH_HEX;
  let bytes = 0;
  for (let begin = 0; begin < size; begin += SEGMENT_SIZE) {
    const length = Math.min(SEGMENT_SIZE, size - begin);
    const events = Array.from({ length }, (_, i) => identify(draftEvent(begin + i)));
    const signed = signEntries({ agentId, sessionId: id }, createAuditKey(TEST_KEY), begin, head, events);
    head = signed.headHashHex;
    for (const text of signed.texts) bytes += Buffer.byteLength(text);
    await world.audit.insertSegment(accountId, id, begin / SEGMENT_SIZE, signed.texts, head);
  }
  assert.equal(
    (await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' })).status,
    'sealed',
  );
  return { session, bytes };
}

it('walks a log of 360,000 entries without holding it', IN_LONG_RUNS, async (t) => {
  const world = await createLogWorld(t);
  /** A log's bytes, and the most memory that the process held which walked it. */
  async function measure(size: number): Promise<Readonly<{ bytes: number; peakRssBytes: number }>> {
    const { session, bytes } = await writeLong(world, size);
    const { accountId, id: sessionId } = session;
    const task: WalkTask = { uri: world.database.uri, dbName: world.database.name, accountId, sessionId };
    const { stdout } = await promisify(execFile)(process.execPath, [ENTRY, JSON.stringify(task)]);
    const use = JSON.parse(stdout) as WalkUse;
    assert.equal(use.size, size);
    return { bytes, peakRssBytes: use.peakRssBytes };
  }
  const short = await measure(20_000);
  const long = await measure(360_000);
  const more = { bytes: long.bytes - short.bytes, peakRssBytes: long.peakRssBytes - short.peakRssBytes };
  t.diagnostic(`peak RSS ${short.peakRssBytes >> 20} MB and ${long.peakRssBytes >> 20} MB`);
  // Whoever held the longer log would need its bytes more, of which there are 155 MB more. It takes about
  // 120 MB more: garbage that is not collected yet.
  assert.ok(more.peakRssBytes < more.bytes, JSON.stringify(more));
});
