import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import canonicalize from 'canonicalize';
import { createAccessRecorder } from '../../../shared/access-record/access-recorder.ts';
import { createAccessRepository } from '../../../shared/access-record/access-repository.ts';
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
    assert.deepEqual(verdict, { status: 'failed', fault: 'gap', seq: 2, expected: null, calculated: null });
  });
});
