import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAccessRecorder } from '../../../shared/access-record/access-recorder.ts';
import { createAccessRepository } from '../../../shared/access-record/access-repository.ts';
import { findAccessTail } from '../../../shared/access-record/find-access-tail.ts';
import { createHeadFiles } from '../../../shared/access-record/head-files.ts';
import { createHeadKeeper } from '../../../shared/access-record/keep-heads.ts';
import { createKeyring } from '../../../shared/audit/audit-keys.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { accessEvent, storedAccess } from '../../support/access-rows.ts';
import { TEST_KEY } from '../../support/audit-world.ts';
import { openTestDatabase } from '../../support/mongo.ts';

test('keeping the ends of access records beside the database', async (t) => {
  const { db } = await openTestDatabase(t);
  const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-heads-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const files = createHeadFiles(dataDir);
  const rows = createAccessRepository(db);

  /** Adds rows by a process of its own, and gives the errors that it logged. */
  async function add(accountId: string, count: number): Promise<string[]> {
    const said: string[] = [];
    const log = { error: (_: object, text: string) => said.push(text), warn: assert.fail };
    const keeper = createHeadKeeper({ files, rows, log: log as never });
    const record = createAccessRecorder({ rows, keyring: createKeyring([TEST_KEY]) }, keeper.follow);
    for (let i = 0; i < count; i += 1) await record(accountId, [accessEvent(i)]);
    await keeper.close();
    return said;
  }

  await t.test('the file has the end of the record, whichever process wrote last', async () => {
    const accountId = newId('account');
    assert.equal(await files.read(accountId), null);
    for (const size of [2, 4]) {
      assert.deepEqual(await add(accountId, 2), []);
      const tail = await findAccessTail({ rows, keyring: createKeyring([TEST_KEY]) }, accountId);
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
});
