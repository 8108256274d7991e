import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import type { KnownRoot } from '../../../shared/transparency/checkpoint-memory.ts';
import { LOG_SEGMENTS, logSegmentId } from '../../../shared/transparency/log-rows.ts';
import { openLogReader } from '../../../workers/reports/account-logs.ts';
import { findIssuedEntry } from '../../../workers/reports/find-issued.ts';
import { NEVER, openTestLogs, recordStated } from '../../support/account-logs.ts';
import { createLogWorld, writeSession } from '../../support/audit-world.ts';
import { growLog } from '../../support/long-log.ts';

const world = await createLogWorld({ after });

test('the entry of a report is found by what was appended since its order', async (t) => {
  const logs = await openTestLogs(t, world);
  const accountId = newId('account');
  await growLog(world, logs, accountId, 600);
  const session = await writeSession(world, 1, { accountId });
  await logs.logs.keep(accountId, NEVER);
  const id = await recordStated(world, logs, session);
  await logs.logs.keep(accountId, NEVER);
  const { identity: keys } = logs.signing;
  const reader = openLogReader(world.db, keys);
  assert.ok(reader);
  const read: number[] = [];
  const readSigned: typeof reader.readSigned = async function* (...args) {
    for await (const segment of reader.readSigned(...args)) {
      read.push(segment.index);
      yield segment;
    }
  };
  const find = async (logSize?: number, reportId = id, known: KnownRoot | null = null, signal = NEVER) => {
    read.length = 0;
    const order = { accountId, id: reportId, ...(logSize !== undefined && { logSize }) };
    return await findIssuedEntry({ reader: { ...reader, readSigned }, keys }, order, known, signal);
  };

  const index = 602;
  assert.equal((await find(600))?.index, index);
  assert.deepEqual(read, [2]);
  assert.equal((await find())?.index, index);
  assert.deepEqual(read, [0, 1, 2]);
  // An order of an earlier version, whose report the log lacks.
  assert.equal(await find(undefined, newId('report')), null);
  // An id that stands in an entry of another kind.
  assert.equal(await find(600, session.id), null);
  await assert.rejects(find(600, id, null, AbortSignal.abort(new Error('stop'))), /stop/);

  const refused = { code: 'report_generation_failed', reason: 'account_log' };
  await t.test(
    'a log that is shorter than the order says, or than the process knew it, says nothing',
    async () => {
      await assert.rejects(find(6_000), refused);
      const root = new Uint8Array(32);
      await assert.rejects(find(600, id, { size: 700, root }), refused);
      await assert.rejects(find(600, id, { size: 603, root }), refused);
    },
  );

  const segments = world.db.collection<{ _id: string; entries: string[] }>(LOG_SEGMENTS);
  const _id = logSegmentId(accountId, 2);
  const tail = await segments.findOne({ _id });
  assert.ok(tail);
  const { entries } = tail;
  const own = entries[index - 512] as string;
  const changes: Record<string, string[]> = {
    'lacks the entry': entries.slice(0, -1),
    'has another in its place': entries.with(-1, entries[0] as string),
    'has another one behind the checkpoint': [...entries, own.replace(id, newId('report'))],
  };
  for (const [what, changed] of Object.entries(changes)) {
    await t.test(`a log that ${what} says nothing of any report`, async () => {
      await segments.updateOne({ _id }, { $set: { entries: changed } });
      await assert.rejects(find(600), refused);
      await assert.rejects(find(600, newId('report')), refused);
    });
  }
});
