import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import canonicalize from 'canonicalize';
import { createAccessRecorder } from '../../../shared/access-record/access-recorder.ts';
import { createAccessRepository } from '../../../shared/access-record/access-repository.ts';
import type { StoredAccess } from '../../../shared/access-record/access-row.ts';
import { appendAccess } from '../../../shared/access-record/append-access.ts';
import { walkAccess } from '../../../shared/access-record/walk-access.ts';
import { createKeyring } from '../../../shared/audit/audit-keys.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { connectMongo } from '../../../shared/mongo/connection.ts';
import { accessEvent, storedAccess, writeAccess } from '../../support/access-rows.ts';
import { TEST_KEY } from '../../support/audit-world.ts';
import { type Cut, startCuttingProxy } from '../../support/cutting-proxy.ts';
import { openTestDatabase } from '../../support/mongo.ts';

const keyring = createKeyring([TEST_KEY]);

test('appending to the access record', async (t) => {
  const database = await openTestDatabase(t);
  const { db } = database;
  const rows = createAccessRepository(db);
  const walk = (accountId: string, keys = keyring) => walkAccess({ rows, keyring: keys }, accountId);
  const subjects = async (accountId: string) =>
    (await storedAccess(db).find({ account: accountId }).sort({ _id: 1 }).toArray()).map(
      (row) => row.subject,
    );

  await t.test('a row is hashed as the README says, under a key of its own', async () => {
    const { accountId } = await writeAccess(db, [accessEvent(0), accessEvent(1)]);
    const [first, second] = await storedAccess(db).find({ account: accountId }).sort({ _id: 1 }).toArray();
    const { _id, prev_hash, this_hash, at, ...row } = second!;
    assert.equal(_id, `${accountId}/0000000000000001`);
    assert.equal(prev_hash, first!.this_hash);
    assert.equal(first!.prev_hash, '0'.repeat(64));
    const key = createHmac('sha256', TEST_KEY.bytes).update('masker-access/v1').digest();
    const text = canonicalize({ ...row, at: at.toISOString() }) as string;
    const expected = createHmac('sha256', key).update(Buffer.from(prev_hash, 'hex')).update(text);
    assert.equal(this_hash, expected.digest('hex'));
    const asEntry = createHmac('sha256', TEST_KEY.bytes).update(Buffer.from(prev_hash, 'hex')).update(text);
    assert.notEqual(this_hash, asEntry.digest('hex'));
  });

  await t.test('without a key in force a row is stored unsigned, and no walk calls it verified', async () => {
    const { accountId } = await writeAccess(db, [accessEvent(0)], { keys: [] });
    const row = await storedAccess(db).findOne({ account: accountId });
    assert.deepEqual([row?.key_id, row?.key_check], [null, null]);
    const { _id, prev_hash, this_hash, at, ...hashed } = row!;
    const text = canonicalize({ ...hashed, at: at.toISOString() }) as string;
    const plain = createHash('sha256').update(Buffer.alloc(32)).update(text).digest('hex');
    assert.equal(this_hash, plain);
    const verdict = await walk(accountId);
    assert.ok(verdict.status === 'unverifiable');
    assert.deepEqual([verdict.size, verdict.unsigned, verdict.firstUnproven], [1, 1, 0]);
  });

  await t.test('many processes at once leave no gap, no fork, and each event once', async () => {
    const accountId = newId('account');
    const recorders = Array.from({ length: 4 }, () =>
      createAccessRecorder({ rows: createAccessRepository(db), keyring, tryOnMs: 20_000 }),
    );
    const wanted = Array.from({ length: 100 }, (_, i) => [accessEvent(i), accessEvent(i)]);
    await Promise.all(wanted.map((events, i) => recorders[i % 4]!(accountId, events)));
    const verdict = await walk(accountId);
    assert.ok(verdict.status === 'verified');
    assert.equal(verdict.size, 200);
    const found = await subjects(accountId);
    assert.deepEqual(
      found.toSorted(),
      wanted
        .flat()
        .map(({ subject }) => subject)
        .toSorted(),
    );
  });

  await t.test('events of one account that come at once go in by few writes, in their order', async () => {
    const accountId = newId('account');
    let writes = 0;
    const counted = {
      ...rows,
      insert: (...added: Parameters<typeof rows.insert>) => {
        writes += 1;
        return rows.insert(...added);
      },
    };
    const record = createAccessRecorder({ rows: counted, keyring });
    const events = Array.from({ length: 300 }, (_, i) => accessEvent(i));
    await Promise.all(events.map((event) => record(accountId, [event])));
    assert.equal(writes, 2);
    assert.deepEqual(
      await subjects(accountId),
      events.map(({ subject }) => subject),
    );
  });

  for (const cut of ['before', 'sent', 'answered'] as const satisfies readonly Cut[]) {
    await t.test(`a write that is cut (${cut}) is stored once, in its place`, async (cutTest) => {
      const { hostname, port } = new URL(database.uri);
      const proxy = await startCuttingProxy({ host: hostname, port: Number(port) }, 'access_log');
      cutTest.after(() => proxy.close());
      const uri = `mongodb://127.0.0.1:${proxy.port}/?directConnection=true&retryWrites=false`;
      const cutOff = await connectMongo(uri, database.name);
      cutTest.after(() => cutOff.close());
      const accountId = newId('account');
      const deps = { rows: createAccessRepository(cutOff.db), keyring, tryOnMs: 20_000 };
      const tail = await appendAccess(deps, accountId, [accessEvent(0)], null);
      // One that reached the server is not tried again.
      proxy.cutNext(...(cut === 'before' ? [cut, cut] : [cut]));
      const events = [accessEvent(1), accessEvent(2), accessEvent(3)];
      await appendAccess(deps, accountId, events, tail);
      assert.equal(proxy.pending(), 0);
      const verdict = await walk(accountId);
      assert.deepEqual([verdict.status, 'size' in verdict && verdict.size], ['verified', 4]);
      assert.deepEqual(
        (await subjects(accountId)).slice(1),
        events.map(({ subject }) => subject),
      );
    });
  }

  const placeOf = (accountId: string, seq: number) => `${accountId}/${String(seq).padStart(16, '0')}`;

  await t.test('a row that somebody put behind the last one does not stop the record', async () => {
    const { accountId } = await writeAccess(db, [accessEvent(0)]);
    const stray = { ...(await storedAccess(db).findOne({ account: accountId }))! };
    await storedAccess(db).insertMany([
      { ...stray, _id: `${accountId}/zz` },
      { ...stray, _id: `${accountId}/9999999999999999` },
    ]);
    const tail = await appendAccess({ rows, keyring }, accountId, [accessEvent(1)], null);
    assert.equal(tail.size, 2);
    const verdict = await walk(accountId);
    assert.deepEqual(verdict, {
      ...{ status: 'failed', fault: 'gap', seq: 2 },
      ...{ expected: `${accountId}/0000000000000002`, calculated: `${accountId}/9999999999999999` },
    });
  });

  await t.test('a row that is too long to hash does not stop the record', async () => {
    for (const field of ['subject', 'user', 'token', 'action', 'request_id', 'address', 'key_id']) {
      const { accountId } = await writeAccess(db, [accessEvent(0)]);
      const newest = { ...(await storedAccess(db).findOne({ account: accountId }))! };
      await storedAccess(db).insertOne({
        ...{ ...newest, _id: placeOf(accountId, 1), seq: 1, [field]: 'x'.repeat(70_000) },
      });
      const tail = await appendAccess({ rows, keyring }, accountId, [accessEvent(1)], null);
      assert.equal(tail.size, 3, field);
      const verdict = await walk(accountId);
      assert.ok(verdict.status === 'failed', field);
      assert.deepEqual([verdict.fault, verdict.seq], ['malformed', 1], field);
    }
  });

  /** Counts the reads that an append makes. */
  const counting = () => {
    let reads = 0;
    const counted = {
      ...rows,
      listNewest: (...given: Parameters<typeof rows.listNewest>) => {
        reads += 1;
        return rows.listNewest(...given);
      },
      findPlaces: (...given: Parameters<typeof rows.findPlaces>) => {
        reads += 1;
        return rows.findPlaces(...given);
      },
    };
    return { counted, reads: () => reads };
  };
  const FAR = [4, 1_000, 1_000_000, 2 ** 40, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER];

  for (const [kind, keys] of [
    ['signed', [TEST_KEY]],
    ['unsigned', []],
  ] as const) {
    const ring = createKeyring(keys);
    const write = (count: number) =>
      writeAccess(
        db,
        Array.from({ length: count }, (_, i) => accessEvent(i)),
        { keys },
      );

    await t.test(`stray rows behind a ${kind} record do not decide where it ends`, async () => {
      const malformed = (_id: string) => ({ _id, x: 1 });
      for (const far of [...FAR.map((seq) => [seq]), FAR, Array.from({ length: 200 }, (_, i) => 6 + 3 * i)]) {
        const { accountId } = await write(3);
        const strays = far.map((seq) => malformed(placeOf(accountId, seq)));
        await storedAccess(db).insertMany(strays as unknown as StoredAccess[]);
        const { counted, reads } = counting();
        for (const seq of [3, 4]) {
          const at = far.includes(seq) ? seq + 1 : seq;
          const tail = await appendAccess(
            { rows: counted, keyring: ring },
            accountId,
            [accessEvent(seq)],
            null,
          );
          assert.equal(tail.size, at + 1, `${far} ${seq}`);
          assert.equal((await storedAccess(db).findOne({ _id: placeOf(accountId, at) }))?.seq, at);
        }
        assert.ok(reads() <= 2 * 20, `${reads()} reads`);
        const verdict = await walk(accountId);
        assert.equal(verdict.status === 'failed' && verdict.fault, far.includes(4) ? 'foreign' : 'gap');
        const left = await storedAccess(db)
          .find({ x: 1, _id: { $gte: accountId, $lt: `${accountId}0` } } as object)
          .toArray();
        assert.deepEqual(
          left,
          strays.toSorted((a, b) => (a._id < b._id ? -1 : 1)),
        );
      }
    });

    await t.test(`rows that follow a ${kind} record without a gap are gone behind`, async () => {
      for (const count of [1, 70, 500]) {
        const { accountId } = await write(2);
        const strays = Array.from({ length: count }, (_, i) => ({ _id: placeOf(accountId, 2 + i), x: 1 }));
        await storedAccess(db).insertMany(strays as unknown as StoredAccess[]);
        const tail = await appendAccess({ rows, keyring: ring }, accountId, [accessEvent(9)], null);
        assert.equal(tail.size, 2 + count + 1);
        const verdict = await walk(accountId);
        assert.deepEqual(verdict, {
          ...{ status: 'failed', fault: 'foreign', seq: 2 },
          ...{ expected: placeOf(accountId, 2), calculated: placeOf(accountId, 2) },
        });
      }
    });

    await t.test(
      `the end of a ${kind} record is found whatever its length, with a row gone from it`,
      async () => {
        const { accountId } = await write(700);
        await storedAccess(db).deleteOne({ _id: placeOf(accountId, 690) });
        await storedAccess(db).insertOne({ _id: placeOf(accountId, 900), x: 1 } as unknown as StoredAccess);
        const tail = await appendAccess({ rows, keyring: ring }, accountId, [accessEvent(9)], null);
        assert.equal(tail.size, 701);
        const empty = newId('account');
        await storedAccess(db).insertMany(
          ['00zz', '0000000001000000'].map((seq) => ({
            _id: `${empty}/${seq}`,
            x: 1,
          })) as unknown as StoredAccess[],
        );
        assert.equal((await appendAccess({ rows, keyring: ring }, empty, [accessEvent(9)], null)).size, 1);
      },
    );
  }

  await t.test(
    'unsigned rows that are chained to one another do not decide where a signed record ends',
    async () => {
      const { accountId } = await writeAccess(db, [accessEvent(0), accessEvent(1)]);
      const other = newId('account');
      for (const from of [100, 2 ** 41]) {
        const stray = { size: from, hashHex: '0'.repeat(64) };
        await appendAccess(
          { rows, keyring: createKeyring([]) },
          other,
          [accessEvent(2), accessEvent(3)],
          stray,
        );
        for (const row of await storedAccess(db).find({ account: other }).toArray()) {
          await storedAccess(db).insertOne({
            ...row,
            _id: row._id.replace(other, accountId),
            account: accountId,
          });
        }
        await storedAccess(db).deleteMany({ account: other });
      }
      assert.equal((await appendAccess({ rows, keyring }, accountId, [accessEvent(4)], null)).size, 3);
    },
  );

  await t.test('many processes at once get past stray rows', async () => {
    for (const keys of [[TEST_KEY], []]) {
      const { accountId } = await writeAccess(db, [accessEvent(0)], { keys });
      const strays = [9, 10, 20, 1_000, 2 ** 39, Number.MAX_SAFE_INTEGER];
      await storedAccess(db).insertMany(
        strays.map((seq) => ({ _id: placeOf(accountId, seq), x: 1 })) as unknown as StoredAccess[],
      );
      const deps = { rows, keyring: createKeyring(keys), tryOnMs: 20_000 };
      const recorders = Array.from({ length: 4 }, () => createAccessRecorder(deps));
      await Promise.all(Array.from({ length: 40 }, (_, i) => recorders[i % 4]!(accountId, [accessEvent(i)])));
      const found = await storedAccess(db).find({ account: accountId }).sort({ _id: 1 }).toArray();
      const places = Array.from({ length: 44 }, (_, i) => i).filter((seq) => !strays.includes(seq));
      assert.deepEqual(
        found.map(({ seq }) => seq),
        places,
      );
    }
  });

  await t.test('one read finds the end of a record whose newest row is signed', async () => {
    const { accountId } = await writeAccess(db, [accessEvent(0), accessEvent(1)]);
    const { counted, reads } = counting();
    await appendAccess({ rows: counted, keyring }, accountId, [accessEvent(2)], null);
    assert.equal(reads(), 1);
  });
});
