// Which stored checkpoints are behind one in the file of the machine that signed it.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import {
  createCheckpointMemory,
  openCheckpointMemory,
} from '../../../shared/transparency/checkpoint-memory.ts';
import {
  LOG_HEADS,
  LOG_SEGMENTS,
  LOG_TILES,
  type StoredLogHead,
} from '../../../shared/transparency/log-rows.ts';
import { createLogSegments } from '../../../shared/transparency/log-segments.ts';
import { openTestLogs } from '../../support/account-logs.ts';
import { createLogWorld } from '../../support/audit-world.ts';
import { entryText, growLog } from '../../support/long-log.ts';

const world = await createLogWorld({ after });
type Row = { _id: string };
const segments = world.db.collection<Row>(LOG_SEGMENTS);
const heads = world.db.collection<StoredLogHead>(LOG_HEADS);

/** Writes another entry in the place of one, and gives what stood there. */
async function overwrite(accountId: string, index: number): Promise<() => Promise<unknown>> {
  const _id = `${accountId}/${Math.floor(index / 256)}`;
  const row = await segments.findOne({ _id });
  assert.ok(row);
  const at = Math.floor(index / 256);
  const found = (await createLogSegments(world.db).read(accountId, [at])).get(at);
  const entries = found!.entries.map(String);
  entries[index % 256] = entryText(accountId, 9_999);
  await segments.updateOne({ _id }, { $set: { entries }, $unset: { packed: '' } } as object);
  return () => segments.replaceOne({ _id }, row);
}

describe('what a process knows of checkpoints, beside a file that has a larger one', () => {
  for (const stored of ['of 100', 'taken away'] as const) {
    it(`is behind where the log has another entry anywhere in between, or lacks one: ${stored}`, async (t) => {
      const logs = await openTestLogs(t, world);
      const accountId = newId('account');
      await growLog(world, logs, accountId, 100);
      const older = await logs.reader.checkpoint(accountId);
      await growLog(world, logs, accountId, 600);
      const { checkpoint, ...rest } = (await heads.findOne({ _id: accountId }))!;
      assert.equal(checkpoint?.size, 600);
      assert.ok(older);
      const { size, rootHex: root_hex, note, signedAt: signed_at } = older;
      const put = { size, root_hex, note, signed_at, cosignatures: [] };
      await heads.replaceOne({ _id: accountId }, stored === 'of 100' ? { ...rest, checkpoint: put } : rest);
      const isBehind = async () => {
        const memory = openCheckpointMemory(world.db, logs.signing.identity, logs.dataDir);
        return await memory.expect(accountId)(await logs.reader.checkpoint(accountId));
      };
      assert.equal(await isBehind(), false, 'workers that were killed leave it so');
      for (const index of [100, 150, 255, 256, 511, 598, 599]) {
        const restore = await overwrite(accountId, index);
        assert.equal(await isBehind(), true, `entry ${index}`);
        await restore();
      }
      for (const at of [1, 2]) {
        const _id = `${accountId}/${at}`;
        const row = (await segments.findOne({ _id }))!;
        await segments.deleteOne({ _id });
        assert.equal(await isBehind(), true, `segment ${at}`);
        await segments.insertOne(row);
      }
      await world.db.collection<Row>(LOG_TILES).deleteMany({});
      assert.equal(await isBehind(), false, 'tiles are made again');
      await growLog(world, logs, accountId, 700);
      assert.equal(await isBehind(), false);
    });
  }

  it('knows the largest of what it has seen and what a key of the log signed in the file', async (t) => {
    const logs = await openTestLogs(t, world);
    const accountId = newId('account');
    await growLog(world, logs, accountId, 3);
    const older = (await logs.reader.checkpoint(accountId))!;
    await growLog(world, logs, accountId, 5);
    const newer = (await logs.reader.checkpoint(accountId))!;
    let note = older.note;
    const filed = { last: async () => ({ note }) };
    const memory = createCheckpointMemory(logs.signing.identity, filed, logs.reader);
    const sizeOf = async () => (await memory.largest(accountId))?.size ?? null;
    assert.equal(await sizeOf(), 3);
    assert.equal(await memory.expect(accountId)(newer), false);
    assert.equal(await sizeOf(), 5);
    note = newer.note.replace('\n5\n', '\n9\n');
    assert.equal(await sizeOf(), 5);
    assert.deepEqual((await memory.largest(accountId))?.root, newer.root);
    assert.equal(
      await createCheckpointMemory(logs.signing.identity, filed, logs.reader).largest(accountId),
      null,
    );
  });

  it('serves many who ask at once by one hash of the log', async (t) => {
    const logs = await openTestLogs(t, world);
    const accountId = newId('account');
    await growLog(world, logs, accountId, 3);
    const note = (await logs.reader.checkpoint(accountId))?.note ?? '';
    let reads = 0;
    const counted = {
      rootFrom: (...asked: Parameters<typeof logs.reader.rootFrom>) => {
        reads += 1;
        return logs.reader.rootFrom(...asked);
      },
    };
    const filed = { last: async () => ({ note }) };
    const { expect } = createCheckpointMemory(logs.signing.identity, filed, counted);
    const asked = Array.from({ length: 5 }, () => expect(accountId)(null));
    assert.deepEqual(await Promise.all(asked), Array(5).fill(false));
    assert.equal(reads, 1);
  });
});
