import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAccessRecorder } from '../../../shared/access-record/access-recorder.ts';
import { createAccessRepository } from '../../../shared/access-record/access-repository.ts';
import type { AppendDeps } from '../../../shared/access-record/append-access.ts';
import { findAccessTail } from '../../../shared/access-record/find-access-tail.ts';
import { createHeadFiles } from '../../../shared/access-record/head-files.ts';
import { createHeadKeeper } from '../../../shared/access-record/keep-heads.ts';
import { walkAccess } from '../../../shared/access-record/walk-access.ts';
import { createKeyring } from '../../../shared/audit/audit-keys.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { StoreFailure } from '../../../shared/mongo/store-failure.ts';
import { accessEvent, storedAccess } from '../../support/access-rows.ts';
import { TEST_KEY } from '../../support/audit-world.ts';
import { openTestDatabase } from '../../support/mongo.ts';

test('keeping the ends of access records beside the database', async (t) => {
  const { db } = await openTestDatabase(t);
  const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-heads-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const files = createHeadFiles(dataDir);
  const rows = createAccessRepository(db);

  const keyring = createKeyring([TEST_KEY]);

  /** A process that writes, and the errors that it logged. `keep` writes what is due to the files. */
  function startWriter(accountId: string, deps: Partial<AppendDeps> = {}) {
    const said: string[] = [];
    const log = { error: (_: object, text: string) => said.push(text), warn: assert.fail };
    const keeper = createHeadKeeper({ files, rows, log: log as never });
    const record = createAccessRecorder({ rows, keyring, ...deps }, keeper.follow);
    const add = async (count: number) => {
      for (let i = 0; i < count; i += 1) await record(accountId, [accessEvent(i)]);
    };
    return { said, add, record, keep: () => keeper.close() };
  }

  /** Adds rows by a process of its own, and gives the errors that it logged. */
  async function add(accountId: string, count: number): Promise<string[]> {
    const writer = startWriter(accountId);
    await writer.add(count);
    await writer.keep();
    return writer.said;
  }

  const placeOf = (accountId: string, seq: number) => `${accountId}/${String(seq).padStart(16, '0')}`;

  /** Leaves so many rows of the record. */
  const cutTo = (accountId: string, size: number) =>
    storedAccess(db).deleteMany({ account: accountId, seq: { $gte: size } });

  /** Cuts the record, and has a writer go on from there: its next place is taken when it comes, and free again later. */
  async function cutUnder(accountId: string, writer: ReturnType<typeof startWriter>, size: number) {
    const row = await storedAccess(db).findOne({ account: accountId }, { sort: { seq: -1 } });
    const inTheWay = placeOf(accountId, row!.seq + 1);
    await cutTo(accountId, size);
    await storedAccess(db).insertOne({ ...row!, _id: inTheWay, this_hash: '0'.repeat(64) });
    await writer.add(1);
    await storedAccess(db).deleteOne({ _id: inTheWay });
    assert.equal((await findAccessTail({ rows, keyring }, accountId)).size, size + 1);
  }

  /** The fault that a walk finds by the file. */
  async function faultOf(accountId: string) {
    const verdict = await walkAccess({ rows, keyring }, accountId, await files.read(accountId));
    return verdict.status === 'failed' ? verdict.fault : verdict.status;
  }

  await t.test('the file has the end of the record, whichever process wrote last', async () => {
    const accountId = newId('account');
    assert.equal(await files.read(accountId), null);
    for (const size of [2, 4]) {
      assert.deepEqual(await add(accountId, 2), []);
      const tail = await findAccessTail({ rows, keyring }, accountId);
      assert.equal(tail.size, size);
      assert.deepEqual(await files.read(accountId), tail);
    }
    assert.deepEqual(await files.accounts(), [accountId]);
  });

  await t.test(
    'rows that were cut off are told, and the file is not written over, however long the record gets',
    async () => {
      const accountId = newId('account');
      await add(accountId, 3);
      const head = await files.read(accountId);
      await storedAccess(db).deleteOne({ account: accountId, seq: 2 });
      for (const count of [1, 5]) {
        assert.match(
          (await add(accountId, count)).join(),
          /^an access record was cut or replaced: npm run verify/,
        );
        assert.deepEqual(await files.read(accountId), head);
      }
    },
  );

  const CUT = /^an access record was cut or replaced: npm run verify/;

  await t.test('a record that is cut while a process writes it fails however long it gets', async () => {
    const accountId = newId('account');
    const writer = startWriter(accountId);
    await writer.add(10);
    await writer.keep();
    const head = await files.read(accountId);
    await cutUnder(accountId, writer, 4);
    await writer.add(9);
    await writer.keep();
    await writer.add(1);
    await writer.keep();
    assert.deepEqual(await files.read(accountId), head);
    assert.equal(await faultOf(accountId), 'altered');
    assert.equal(writer.said.length, 1);
    assert.match(writer.said.join(), CUT);
  });

  await t.test('rows that were cut off before any file had them are told, and kept in the file', async () => {
    for (const kept of [0, 3]) {
      const accountId = newId('account');
      const writer = startWriter(accountId);
      await writer.add(kept);
      await writer.keep();
      await writer.add(10 - kept);
      await cutUnder(accountId, writer, 4);
      await writer.add(9);
      await writer.keep();
      assert.equal((await files.read(accountId))?.size, 10);
      assert.equal(await faultOf(accountId), 'altered');
      assert.match(writer.said.join(), CUT);
    }
  });

  await t.test('an older record that is put back after a failed write is told', async () => {
    const accountId = newId('account');
    let isAway = false;
    const insert: typeof rows.insert = (...given) =>
      isAway ? Promise.reject(new StoreFailure('unavailable')) : rows.insert(...given);
    const writer = startWriter(accountId, { rows: { ...rows, insert }, tryOnMs: 0 });
    await writer.add(10);
    await writer.keep();
    isAway = true;
    await assert.rejects(writer.add(1));
    isAway = false;
    await cutTo(accountId, 4);
    await writer.add(9);
    await writer.keep();
    assert.equal((await files.read(accountId))?.size, 10);
    assert.equal(await faultOf(accountId), 'gap');
    assert.match(writer.said.join(), CUT);
  });

  await t.test('two processes with one folder tell of an end that either of them knew', async () => {
    const accountId = newId('account');
    const [first, second] = [startWriter(accountId), startWriter(accountId)];
    await first.add(2);
    await first.keep();
    await second.add(8);
    await second.keep();
    await cutUnder(accountId, first, 4);
    await first.add(9);
    await first.keep();
    assert.equal((await files.read(accountId))?.size, 10);
    assert.equal(await faultOf(accountId), 'altered');
    assert.match(first.said.join(), CUT);
  });

  await t.test('many processes that write at once tell of nothing', async () => {
    const accountId = newId('account');
    const writers = Array.from({ length: 4 }, () => startWriter(accountId));
    for (let i = 0; i < 5; i += 1) {
      await Promise.all(writers.map(({ record }) => record(accountId, [accessEvent(i)])));
      for (const { keep } of writers) await keep();
    }
    assert.deepEqual(
      writers.flatMap(({ said }) => said),
      [],
    );
    assert.equal((await files.read(accountId))?.size, 20);
    assert.equal(await faultOf(accountId), 'verified');
  });
});
