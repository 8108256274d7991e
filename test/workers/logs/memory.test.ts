import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { ZERO_HASH_HEX } from '../../../shared/audit/chain.ts';
import { SEGMENT_SIZE } from '../../../shared/log-store/segment.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import { identify, signEntries } from '../../../shared/log-writer/draft.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { createLogWorld, draftEvent, type LogWorld, startSession } from '../../support/audit-world.ts';
import type { WalkTask, WalkUse } from '../../support/walk-process.ts';

const ENTRY = join(import.meta.dirname, '../../support/walk-process.ts');

/** Segment by segment, without reading back: a log this long takes an appender a while. */
async function writeLong(world: LogWorld, size: number): Promise<Session> {
  const session = await startSession(world);
  const { accountId, id, agentId } = session;
  let head = ZERO_HASH_HEX;
  for (let begin = 0; begin < size; begin += SEGMENT_SIZE) {
    const length = Math.min(SEGMENT_SIZE, size - begin);
    const events = Array.from({ length }, (_, i) => identify(draftEvent(begin + i)));
    const signed = signEntries({ agentId, sessionId: id }, world.keyring.writer!, begin, head, events);
    head = signed.headHashHex;
    await world.audit.insertSegment(accountId, id, begin / SEGMENT_SIZE, signed.texts, head);
  }
  assert.equal(
    (await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' })).status,
    'sealed',
  );
  return session;
}

it('walks 200,000 entries in about the memory that 20,000 take', async (t) => {
  const world = await createLogWorld(t);
  async function measure(size: number): Promise<number> {
    const { accountId, id: sessionId } = await writeLong(world, size);
    const task: WalkTask = { uri: world.database.uri, dbName: world.database.name, accountId, sessionId };
    const { stdout } = await promisify(execFile)(process.execPath, [ENTRY, JSON.stringify(task)]);
    const use = JSON.parse(stdout) as WalkUse;
    assert.equal(use.size, size);
    return use.peakRssBytes;
  }
  const short = await measure(20_000);
  const long = await measure(200_000);
  t.diagnostic(`peak RSS ${short >> 20} MB and ${long >> 20} MB, ${(long / short).toFixed(2)} times`);
  // Generous: it is about 1.15 times. The log alone is 80 MB: whoever held it would need 1.4 times and more.
  assert.ok(long < 1.35 * short);
});
