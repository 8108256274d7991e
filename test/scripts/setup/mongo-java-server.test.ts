import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import {
  Binary,
  type Collection,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  MongoClient,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb';
import { cacheFolder } from '../../../scripts/setup/cache-folder.ts';
import { fetchMongoJavaServer } from '../../../scripts/setup/mongo-java-server.ts';
import { startMongodb } from '../../../scripts/setup/mongodb.ts';
import { openTestDatabase } from '../../support/mongo.ts';

type Row = { _id: string | number | ObjectId; [field: string]: unknown };

/** Numbers as their own types, not as JavaScript's. */
const AS_STORED = { promoteValues: false };

/** Runs the server over a folder of data; null where Java cannot be had. */
async function onServer<T>(
  t: TestContext,
  dataDir: string,
  work: (rows: Collection<Row>) => Promise<T>,
): Promise<T | null> {
  const { signal } = t;
  const place = { dataDir, cacheDir: cacheFolder(process.env), path: '', say() {}, signal };
  const server = await startMongodb(place);
  try {
    assert.equal(server.kind, 'mongo-java-server');
    const client = new MongoClient(server.ready.uri);
    return await work(client.db('earlier').collection<Row>('rows')).finally(() => client.close());
  } finally {
    await server.stop();
  }
}

/** A folder of data for the server; null where it cannot be had. */
async function makeFolder(t: TestContext): Promise<string | null> {
  const found = await fetchMongoJavaServer(cacheFolder(process.env), () => {}, t.signal);
  if ('missing' in found) return null;
  const dataDir = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  // What this server wrote is opened by it alone, even where there is a mongod.
  mkdirSync(join(dataDir, 'mongodb-java'));
  writeFileSync(join(dataDir, 'mongodb-java', 'note'), '');
  return dataDir;
}

test('rows and indexes that an earlier launcher wrote are read, found and written on', async (t) => {
  const dataDir = await makeFolder(t);
  if (dataDir === null) return t.skip('needs Java');
  // Java’s serialized objects under both: three rows, a sparse index on `key`, another on `_id` and `owner`.
  const earlier = join(import.meta.dirname, '../../data/mongo-java-server/earlier.mv.gz');
  writeFileSync(join(dataDir, 'mongodb-java', 'data.mv'), gunzipSync(readFileSync(earlier)));
  const two = {
    ...{ _id: 'two', key: 'b', owner: 'y', bytes: new Binary(Buffer.from([1, 2, 3])) },
    ...{ big: Long.fromString('9007199254740993'), id: new ObjectId('65f000000000000000000001') },
  };

  await onServer(t, dataDir, async (rows) => {
    assert.equal(await rows.countDocuments(), 3);
    assert.deepEqual(await rows.findOne({ key: 'b' }, AS_STORED), two);
    assert.deepEqual(await rows.findOne({ _id: 'two', owner: 'y' }, AS_STORED), two);
    assert.equal(await rows.findOne({ _id: 'two', owner: 'x' }), null);
    await assert.rejects(rows.insertOne({ _id: 'three', key: 'a' }), /duplicate key/);
    await rows.updateOne({ _id: 'one', owner: 'x' }, { $set: { key: 'c' } });
    await rows.deleteOne({ _id: 3 });
  });
  await onServer(t, dataDir, async (rows) => {
    const ids = await rows.find({}, { sort: { _id: 1 } }).map(({ _id }) => _id);
    assert.deepEqual(await ids.toArray(), ['one', 'two']);
    assert.equal((await rows.findOne({ key: 'c' }))?._id, 'one');
    assert.equal(await rows.findOne({ key: 'a' }), null);
  });
});

test('every kind of value is read as it was written, after a stop and a start too', async (t) => {
  const dataDir = await makeFolder(t);
  if (dataDir === null) return t.skip('needs Java');
  const written: Row = {
    _id: 'row',
    int: new Int32(-7),
    long: Long.fromString('-9007199254740993'),
    double: new Double(2.5),
    whole: new Double(3),
    decimal: Decimal128.fromString('1.10'),
    text: 'naïve \u0000 🦉',
    date: new Date(-1),
    bytes: new Binary(Buffer.from([0, 255])),
    uuid: new UUID('01890a5d-ac96-774b-bcce-b302099a8057'),
    id: new ObjectId('65f000000000000000000001'),
    list: [new Int32(1), [null, 'a'], { b: true }],
    nested: { empty: {}, none: [], nothing: null },
    pattern: /^a.c/i,
    ends: [new MinKey(), new MaxKey()],
    stamp: new Timestamp({ t: 5, i: 6 }),
  };
  await onServer(t, dataDir, (rows) => rows.insertOne(written));
  await onServer(t, dataDir, async (rows) =>
    assert.deepEqual(await rows.findOne({ _id: 'row' }, AS_STORED), written),
  );
});

test('a filter that names ids finds of them what the rest of it asks for', async (t) => {
  const { db } = await openTestDatabase(t);
  const rows = db.collection<Row>('rows');
  const at = new ObjectId();
  await rows.insertMany([
    ...['a', 'b', 'c', 'd'].map((_id, i) => ({ _id, owner: i % 2, size: i })),
    ...[5, at].map((_id) => ({ _id, owner: 1, size: 9 })),
  ]);
  const find = async (filter: object) =>
    (await rows.find(filter, { sort: { size: -1, _id: 1 } }).toArray()).map(({ _id }) => _id);

  assert.deepEqual(await find({ _id: 'b', owner: 1 }), ['b']);
  assert.deepEqual(await find({ _id: 'b', owner: 0 }), []);
  assert.deepEqual(await find({ _id: 'b', size: { $gt: 1 } }), []);
  assert.deepEqual(await find({ _id: { $in: ['d', 'a', 'd', 'x'] }, size: { $gte: 0 } }), ['d', 'a']);
  assert.deepEqual(await find({ _id: { $in: ['d', 'a'], $gt: 'b' } }), ['d']);
  assert.deepEqual(await find({ _id: { $in: [] } }), []);
  assert.deepEqual(await find({ _id: { $in: ['a', 5] }, owner: 1 }), [5]);
  assert.deepEqual(await find({ _id: { $in: [at] } }), [at]);
  assert.deepEqual(await find({ _id: { $ne: 'a' }, owner: 0 }), ['c']);
  assert.deepEqual(await find({ _id: 5, owner: 1 }), [5]);
  assert.equal((await rows.deleteMany({ _id: { $in: ['a', 'b'] }, owner: 0 })).deletedCount, 1);
  assert.equal(
    (await rows.updateMany({ _id: { $in: ['a', 'b', 'c'] } }, { $set: { size: 1 } })).matchedCount,
    2,
  );
  assert.equal(await rows.countDocuments({ _id: { $in: ['b', 'c'] }, size: 1 }), 2);
});

test('indexes that are made while rows are written fail no write', async (t) => {
  const { db } = await openTestDatabase(t);
  const rows = db.collection<{ _id: number; count: number }>('rows');
  await rows.insertMany(Array.from({ length: 8 }, (_, _id) => ({ _id, count: 0 })));
  let isMade = false;
  const writers = Array.from({ length: 8 }, async (_, _id) => {
    let written = 0;
    for (; !isMade; written += 1) await rows.updateOne({ _id }, { $inc: { count: 1 } });
    assert.equal((await rows.findOne({ _id }))?.count, written);
  });
  const make = async () => {
    for (let i = 0; i < 60; i += 1) await rows.createIndex({ [`field${i}`]: 1 });
  };
  const making = make().finally(() => {
    isMade = true;
  });
  await Promise.all([making, ...writers]);
});

test('an aggregation takes a stored value for a value, and not for an expression', async (t) => {
  const { db } = await openTestDatabase(t);
  const rows = db.collection<Row>('rows');
  const values = [
    'a',
    { $gt: '' },
    { $gt: '' },
    { $$x: 1 },
    { in: { $min: 2 } },
    { in: 2 },
    ['a', { $gt: 1 }],
  ];
  await rows.insertMany(values.map((value, _id) => ({ _id, value, held: { value } })));
  for (const path of ['value', 'held.value']) {
    const groups = await rows
      .aggregate<{ rows: number }>([
        { $group: { _id: { value: `$${path}`, other: 1 }, rows: { $sum: 1 }, first: { $min: `$${path}` } } },
      ])
      .toArray();
    assert.deepEqual(groups.map((group) => group.rows).sort(), [1, 1, 1, 1, 1, 2], path);
  }
  assert.deepEqual((await rows.findOne({ _id: 1 }))?.value, { $gt: '' });
});
