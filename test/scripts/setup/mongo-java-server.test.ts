import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestDatabase } from '../../support/mongo.ts';

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
