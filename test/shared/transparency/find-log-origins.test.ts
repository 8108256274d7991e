import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { connectMongo } from '../../../shared/mongo/connection.ts';
import { findLogOrigins } from '../../../shared/transparency/find-log-origins.ts';
import { LOG_HEADS } from '../../../shared/transparency/log-rows.ts';
import { openTestDatabase } from '../../support/mongo.ts';

test('the origins of stored logs are those of their checkpoints, and nothing that a row could print', async (t) => {
  const database = await openTestDatabase(t);
  const { db, close } = await connectMongo(database.uri, database.name);
  t.after(() => close());
  assert.deepEqual(await findLogOrigins(db), []);

  const accounts = Array.from({ length: 6 }, () => newId('account'));
  const notes = [
    `evidence.example.org/${accounts[0]}\n1\n`,
    undefined,
    7,
    '\u001b[2Jevidence.example.org\n',
    'evidence example\n',
    `${'a'.repeat(256)}\n`,
  ];
  const rows = notes.map((note, i) => ({
    _id: accounts[i],
    marked: 0,
    ...(note && { checkpoint: { note } }),
  }));
  await db.collection(LOG_HEADS).insertMany([...rows, { _id: 'no account', marked: 0 }] as object[]);
  const expected = [...accounts.slice(1), `evidence.example.org/${accounts[0]}`];
  assert.deepEqual(await findLogOrigins(db), expected.sort());
});
