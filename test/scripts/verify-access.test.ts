import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ObjectId } from 'mongodb';
import { runVerify } from '../../scripts/verify.ts';
import { createAccessRepository } from '../../shared/access-record/access-repository.ts';
import type { StoredAccess } from '../../shared/access-record/access-row.ts';
import { findAccessTail } from '../../shared/access-record/find-access-tail.ts';
import { createHeadFiles } from '../../shared/access-record/head-files.ts';
import { createAccountRepository } from '../../shared/accounts/account-repository.ts';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { newId } from '../../shared/audit/ids.ts';
import { accessEvent, storedAccess, writeAccess } from '../support/access-rows.ts';
import { TEST_KEY } from '../support/audit-world.ts';
import { commandEnv, runScript } from '../support/commands.ts';
import { openTestDatabase } from '../support/mongo.ts';
import { runHere } from '../support/run-here.ts';

const KEYS = `${TEST_KEY.id}:${Buffer.from(TEST_KEY.bytes).toString('hex')}`;

test('npm run verify -- --access', async (t) => {
  const database = await openTestDatabase(t);
  const { db } = database;
  const verify = (args: string[], keys = KEYS) =>
    runHere(runVerify, ['--access', ...args], commandEnv(database, '/nonexistent', keys));
  const three = () =>
    writeAccess(
      db,
      [0, 1, 2].map((i) => accessEvent(i)),
    );
  const { accountId } = await three();

  await t.test('a record as it was written is verified, and exits 0', async () => {
    const last = await storedAccess(db).findOne({ account: accountId, seq: 2 });
    const { code, stdout } = await verify(['--account', accountId]);
    assert.deepEqual([code, stdout], [0, `${accountId} verified, 3 rows, last ${last?.this_hash}\n`]);
    const { stdout: json } = await verify(['--account', accountId, '--json']);
    assert.deepEqual(JSON.parse(json), {
      ...{ account_id: accountId, verdict: 'verified', rows: 3, last_hash: last?.this_hash },
    });
  });

  await t.test('an account without rows is verified, one that there is not is an error', async () => {
    const empty = newId('account');
    await createAccountRepository(db).upsert(empty);
    const found = await verify(['--account', empty]);
    assert.deepEqual([found.code, found.stdout], [0, `${empty} verified, no rows\n`]);
    const none = await verify(['--account', newId('account')]);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /There is no account acc_/);
  });

  await t.test('rows that nothing proves are unverifiable, and exit 1', async () => {
    const { accountId: unsigned } = await writeAccess(db, [accessEvent(0)], { keys: [] });
    const found = await verify(['--account', unsigned]);
    assert.equal(found.code, 1);
    assert.equal(found.stdout, `${unsigned} unverifiable: of 1 rows 1 unsigned; the first is seq 0\n`);
    const other = await verify(['--account', accountId, '--json'], `k_other:${'9f'.repeat(32)}`);
    assert.equal(other.code, 1);
    const { verdict, unknown_keys, seq } = JSON.parse(other.stdout);
    assert.deepEqual([verdict, unknown_keys, seq], ['unverifiable', [{ key_id: 'k_test', rows: 3 }], 0]);
  });

  await t.test('a failed record among all is named with fault and seq, and exits 2', async () => {
    const bad = await three();
    const gone = await three();
    await storedAccess(db).updateOne({ account: bad.accountId, seq: 1 }, { $set: { user: newId('user') } });
    await storedAccess(db).deleteOne({ account: gone.accountId, seq: 0 });
    const { code, stdout, stderr } = await verify([]);
    assert.equal(code, 2);
    assert.match(stdout, new RegExp(`^${bad.accountId} FAILED: altered at seq 1$`, 'm'));
    assert.match(
      stdout,
      new RegExp(`^${gone.accountId} FAILED: gap at seq 0: the row there is ${gone.accountId}/0{15}1$`, 'm'),
    );
    assert.match(stdout, new RegExp(`^${accountId} verified, 3 rows`, 'm'));
    assert.match(stderr, /access records: 1 verified, 2 failed, 1 unverifiable/);
  });

  await t.test('a row that somebody put into the record is named, whatever its _id', async () => {
    const { accountId: far } = await three();
    const { accountId: before } = await three();
    const stray = (_id: unknown) => ({ _id, x: 1 }) as unknown as StoredAccess;
    const odd = new ObjectId();
    await storedAccess(db).insertMany([
      stray(`${far}/9007199254740991`),
      stray(`${before}/!`),
      stray(odd),
      stray(7),
    ]);
    const { code, stdout } = await verify([]);
    assert.equal(code, 2);
    assert.match(
      stdout,
      new RegExp(`^${far} FAILED: gap at seq 3: the row there is ${far}/9007199254740991$`, 'm'),
    );
    assert.match(
      stdout,
      new RegExp(`^${before} FAILED: foreign at seq 0: the row there is ${before}/!$`, 'm'),
    );
    assert.match(stdout, new RegExp(`^{"\\$oid":"${odd}"} FAILED: malformed at seq 0$`, 'm'));
    assert.match(stdout, /^7 FAILED: malformed at seq 0$/m);
    await storedAccess(db).deleteMany({ x: 1 } as object);
  });

  await t.test('a record that is shorter than this machine remembers is failed, and exits 2', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-heads-'));
    t.after(() => rm(dataDir, { recursive: true, force: true }));
    const files = createHeadFiles(dataDir);
    const access = createAccessRepository(db);
    const [cut, replaced, gone, whole] = [await three(), await three(), await three(), await three()];
    for (const { accountId: id } of [cut, replaced, gone, whole]) {
      await files.write(id, await findAccessTail({ rows: access, keyring: createKeyring([TEST_KEY]) }, id));
    }
    const rows = storedAccess(db);
    await rows.deleteOne({ account: cut.accountId, seq: 2 });
    await rows.deleteOne({ account: replaced.accountId, seq: 2 });
    await writeAccess(db, [accessEvent(2)], { accountId: replaced.accountId, keys: [] });
    await rows.deleteMany({ account: gone.accountId });
    const { code, stdout } = await runScript('verify.ts', ['--access'], {
      ...commandEnv(database, '/nonexistent', KEYS),
      DATA_DIR: dataDir,
    });
    assert.equal(code, 2);
    assert.match(stdout, new RegExp(`^${cut.accountId} FAILED: truncated at seq 2: it had 3 rows`, 'm'));
    assert.match(stdout, new RegExp(`^${replaced.accountId} FAILED: altered at seq 2$`, 'm'));
    assert.match(stdout, new RegExp(`^${gone.accountId} FAILED: truncated at seq 0`, 'm'));
    assert.match(stdout, new RegExp(`^${whole.accountId} verified, 3 rows`, 'm'));
  });

  await t.test('arguments that do not go together are 64', async () => {
    for (const args of [['--all'], ['--sealed'], [newId('session')], ['--account', 'x']]) {
      assert.equal((await verify(args)).code, 64, args.join(' '));
    }
    const env = commandEnv(database, '/nonexistent', KEYS);
    assert.equal((await runHere(runVerify, ['--all', '--account', accountId], env)).code, 64);
  });
});
