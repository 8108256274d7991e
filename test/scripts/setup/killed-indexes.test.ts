// A database that is killed while rows with a unique index are written. Each row that is there after the next start has to
// be found by its keys too, and can be changed and deleted.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection } from 'mongodb';
import { eventually } from '../../support/eventually.ts';
import { startRestartableMongo } from '../../support/restartable-mongo.ts';

const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 1);
const WRITERS = 16;
/** How long they go on at most, once there are some rows. */
const WRITTEN_FOR_MS = 500;
/** Many keys a row, so that a kill is likely to come when the file has some of them. */
const KEYS = 100;

type Row = { _id: string; keys: string[] };

function keysOf(id: string, count: number): string[] {
  return Array.from({ length: KEYS }, (_, i) => `${id}/${count}/${i}`);
}

/** Inserts rows and changes their keys, one after the other, until the server is killed. Calls `onRow` after each. */
async function writeUntilKilled(
  rows: Collection<Row>,
  name: number,
  isKilled: () => boolean,
  onRow: () => void,
): Promise<void> {
  for (let i = 0; !isKilled(); i += 1) {
    const _id = `${name}-${i}`;
    try {
      await rows.insertOne({ _id, keys: keysOf(_id, 0) });
      await rows.updateOne({ _id }, { $set: { keys: keysOf(_id, 1) } });
      onRow();
    } catch (error) {
      if (!isKilled()) throw error;
    }
  }
}

describe('a database that is killed', () => {
  for (let round = 1; round <= ROUNDS; round += 1) {
    it(`each row of a killed database is found by its unique keys, round ${round}`, async (t) => {
      const { db, kill, startAgain } = await startRestartableMongo(t);
      const rows = db.collection<Row>('rows');
      await rows.createIndex({ keys: 1 }, { unique: true });
      let isKilled = false;
      let written = 0;
      const writers = Array.from({ length: WRITERS }, (_, i) =>
        writeUntilKilled(
          rows,
          i,
          () => isKilled,
          () => (written += 1),
        ),
      );
      await eventually('all write', async () => written >= 2 * WRITERS);
      await sleep(Math.random() * WRITTEN_FOR_MS);
      isKilled = true;
      await kill();
      await Promise.all(writers);
      await startAgain();

      const stored = await rows.find({}, { batchSize: 100_000 }).toArray();
      assert.ok(stored.length >= WRITERS, `${stored.length} rows`);
      const lost = new Set<string>();
      for (const { _id, keys } of stored) {
        for (const key of [keys[0], keys.at(-1)]) {
          if ((await rows.findOne({ keys: key as string }))?._id !== _id) lost.add(_id);
        }
      }
      assert.deepEqual([...lost], []);
      assert.equal((await rows.updateMany({}, { $set: { changed: true } })).matchedCount, stored.length);
      assert.equal((await rows.deleteMany({})).deletedCount, stored.length);
      await rows.insertMany(stored);
    });
  }
});
