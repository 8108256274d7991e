import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { MongoBulkWriteError, MongoClient, MongoServerSelectionError } from 'mongodb';
import { asStoreFailure } from '../../../shared/mongo/store-failure.ts';
import { openTestDatabase } from '../../support/mongo.ts';

/** A client of a port on which nobody listens, that has tried to connect. */
async function clientOfNobody(): Promise<MongoClient> {
  const client = new MongoClient('mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=50');
  after(() => client.close());
  await assert.rejects(client.db('x').command({ ping: 1 }), MongoServerSelectionError);
  return client;
}

test('a bulk of writes that never reached the server is a database that is away', async () => {
  const client = await clientOfNobody();
  const rows = client.db('x').collection('rows');
  for (const write of [
    () => rows.insertMany([{ a: 1 }]),
    () => rows.bulkWrite([{ insertOne: { document: { a: 1 } } }], { ordered: false }),
  ]) {
    const error = await write().then(
      () => null,
      (error: unknown) => error,
    );
    assert.ok(error instanceof MongoBulkWriteError, String(error));
    assert.equal(asStoreFailure(error)?.code, 'unavailable');
  }
});

test('a bulk of which the server refused a write is no database that is away', async (t) => {
  const { db } = await openTestDatabase(t);
  const rows = db.collection<{ _id: number }>('rows');
  await rows.insertOne({ _id: 1 });
  for (const ordered of [true, false]) {
    const refused = rows.insertMany([{ _id: 1 }, { _id: 2 }], { ordered });
    await assert.rejects(refused, (error) => error instanceof MongoBulkWriteError && !asStoreFailure(error));
  }
});
