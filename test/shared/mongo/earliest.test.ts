import assert from 'node:assert/strict';
import { test } from 'node:test';
import { earliestOf, findEarliest, oneTime } from '../../../shared/mongo/earliest.ts';
import { farDate } from '../../support/far-date.ts';
import { openTestDatabase } from '../../support/mongo.ts';

/** Values of a field that are no time; each sorts before one, or is read as an `Invalid Date`. */
const ODD = [farDate(), farDate(-9e15), [new Date(0)], [], 'x', 5, null, { a: 1 }];
const at = (ms: number) => new Date(ms);

test('the earliest time is found, whatever other rows have in its place', async (t) => {
  const { db } = await openTestDatabase(t);
  const rows = db.collection<{ at: unknown; kind: string }>('times');
  await rows.insertMany(ODD.map((odd) => ({ at: odd, kind: 'a' })));
  assert.equal(await findEarliest(rows, {}, 'at'), null);
  await rows.insertMany([at(9), at(3), at(1)].map((time, i) => ({ at: time, kind: i < 2 ? 'a' : 'b' })));
  assert.deepEqual(await findEarliest(rows, {}, 'at'), at(1));
  assert.deepEqual(await findEarliest(rows, { kind: 'a' }, 'at'), at(3));
  const [group] = await rows
    .aggregate([{ $group: { _id: null, first: { $min: oneTime('at') }, last: { $max: oneTime('at') } } }])
    .toArray();
  assert.deepEqual(group, { _id: null, first: at(1), last: at(9) });
});

test('the earliest of some values is a time', () => {
  assert.deepEqual(earliestOf([new Date(Number.NaN), at(3), null, [at(0)], at(2), undefined]), at(2));
  assert.equal(earliestOf([new Date(Number.NaN), 5]), null);
});
