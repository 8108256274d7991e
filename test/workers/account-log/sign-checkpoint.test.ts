// Signing a checkpoint: never one that does not extend what was signed before.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, describe, it } from 'node:test';
import { logKey } from '../../../shared/transparency/log-origin.ts';
import { LOG_HEADS, LOG_SEGMENTS, LOG_TILES } from '../../../shared/transparency/log-rows.ts';
import { isSignedBy, parseNote } from '../../../shared/transparency/note.ts';
import { signForAccount } from '../../../shared/transparency/open-signing.ts';
import { NEVER, openTestLogs, readChecked, TEST_SIGNING, type TestLogs } from '../../support/account-logs.ts';
import { createLogWorld, writeSession } from '../../support/audit-world.ts';
import { pemOf, signerOf } from '../../support/signers.ts';

const world = await createLogWorld({ after });

async function keepAll({ logs }: Pick<TestLogs, 'logs'>, accountId: string) {
  return await logs.keep(accountId, NEVER);
}

describe('signing a checkpoint', () => {
  type Damage = (accountId: string, logs: TestLogs) => Promise<unknown>;
  const segments = world.db.collection<{ _id: string }>(LOG_SEGMENTS);
  const damages: Record<string, [Damage, RegExp]> = {
    'an entry was changed': [
      (accountId) => segments.updateOne({ _id: `${accountId}/0` }, { $set: { 'entries.0': '{"kind":"x"}' } }),
      /first 2 entries are not those/,
    ],
    'a segment was removed': [
      (accountId) => segments.deleteOne({ _id: `${accountId}/0` }),
      /entries were removed, or the database is an older copy/,
    ],
    'entries were cut': [
      (accountId) =>
        segments.updateOne({ _id: `${accountId}/0` }, { $pop: { entries: 1 }, $set: { count: 1 } }),
      /entries were removed, or the database is an older copy/,
    ],
    'an entry was written by somebody without the key': [
      (accountId) =>
        segments.updateOne({ _id: `${accountId}/0` }, {
          $push: { entries: '{"kind":"x"}' },
          $set: { count: 3 },
        } as never),
      /not written by a holder of the signing key/,
    ],
    'the checkpoint was replaced by one under another key': [
      async (accountId) => {
        const other = await openTestLogs({ after() {} }, world, {
          settings: { ...TEST_SIGNING, privateKeyPem: pemOf(9) },
        });
        const head = await world.db.collection(LOG_HEADS).findOne({ _id: accountId as never });
        const [text] = String(head?.checkpoint.note).split('\n\n');
        const note = await signForAccount(other.signing, accountId, `${text}\n`);
        await world.db
          .collection(LOG_HEADS)
          .updateOne({ _id: accountId as never }, { $set: { 'checkpoint.note': note } });
      },
      /signed by none of this deployment's keys/,
    ],
  };

  for (const [name, [damage, reason]] of Object.entries(damages)) {
    it(`signs nothing after ${name}, and signs again once it is put back`, async (t) => {
      const logs = await openTestLogs(t, world);
      const { accountId } = await writeSession(world, 2);
      await keepAll(logs, accountId);
      const before = await logs.reader.checkpoint(accountId);
      const rows = await copyLog(accountId);
      await damage(accountId, logs);
      await writeSession(world, 2, { accountId });
      const kept = await keepAll(logs, accountId);
      assert.match(kept.failed ?? '', reason);
      const head = await world.db.collection(LOG_HEADS).findOne({ _id: accountId as never });
      assert.match(head?.failed.reason, reason);
      assert.equal(head?.checkpoint.size, before?.size);
      await putBack(accountId, rows);
      assert.equal((await keepAll(logs, accountId)).failed, null);
      assert.equal((await readChecked(logs, accountId)).length, 3);
    });
  }

  it('notices a database that was put back to an older copy, by the file beside it', async (t) => {
    const logs = await openTestLogs(t, world);
    const { accountId } = await writeSession(world, 2);
    await keepAll(logs, accountId);
    const older = await copyLog(accountId);
    await writeSession(world, 2, { accountId });
    await keepAll(logs, accountId);
    assert.deepEqual(await listDueAnew(logs), []);
    await putBack(accountId, older);
    assert.deepEqual(await listDueAnew(logs), [accountId], 'nothing is due, and it is looked at');
    assert.match((await keepAll(logs, accountId)).failed ?? '', /the last checkpoint in DATA_DIR covers 3/);
    // Also a process that has no such file neither adds to the copy nor signs it.
    const elsewhere = await openTestLogs(t, world);
    for (let i = 0; i < 3; i += 1) await writeSession(world, 1, { accountId });
    const { appended, failed } = await keepAll(elsewhere, accountId);
    assert.equal(appended, 0);
    assert.match(failed ?? '', /the checkpoint that another process knew covers 3/);
    // Without it, and without the mark, a row still names what the older copy lacks.
    await unmark(accountId);
    await rm(logs.dataDir, { recursive: true });
    const unheld = await keepAll(logs, accountId);
    assert.deepEqual(unheld, { appended: 0, size: 0, failed: unheld.failed });
    assert.match(unheld.failed ?? '', /it has 2 entries, and a row of sessions names entry 2:/);
    // What the file is for: where the rows are of the same copy, it looks whole.
    await unmark(accountId);
    await forgetFrom(accountId, 2);
    assert.equal((await keepAll(logs, accountId)).failed, null);
  });

  it('notices a database that was put back and grew past the checkpoint, and no process signs it from then on', async (t) => {
    const logs = await openTestLogs(t, world);
    const elsewhere = await openTestLogs(t, world);
    const { accountId } = await writeSession(world, 2);
    await keepAll(logs, accountId);
    const older = await copyLog(accountId);
    await writeSession(world, 2, { accountId });
    await keepAll(logs, accountId);
    const newer = await copyLog(accountId);
    await putBack(accountId, older);
    await forgetFrom(accountId, 2);
    for (let i = 0; i < 3; i += 1) await writeSession(world, 1, { accountId });
    await keepAll(elsewhere, accountId);
    const grown = await keepAll(logs, accountId);
    assert.match(grown.failed ?? '', /first 3 entries are not those of the last checkpoint in DATA_DIR/);
    const again = await keepAll(elsewhere, accountId);
    assert.match(
      again.failed ?? '',
      /first 3 entries are not those of the checkpoint that another process knew/,
    );
    // A note that nobody with the key has signed says nothing.
    await putBack(accountId, newer);
    await forgetFrom(accountId, 3);
    await world.db
      .collection<{ _id: string }>(LOG_HEADS)
      .updateOne(
        { _id: accountId },
        { $set: { failed: { reason: 'x', found_at: new Date(), checkpoint: 'x' } } },
      );
    assert.equal((await keepAll(logs, accountId)).failed, null);
  });

  it('says in the log that its key was changed, and signs under both while both are there', async (t) => {
    const first = await openTestLogs(t, world);
    const { accountId } = await writeSession(world, 2);
    await keepAll(first, accountId);
    const changed = { ...TEST_SIGNING, privateKeyPem: pemOf(2), previousPem: pemOf(1) };
    const second = await openTestLogs(t, world, { settings: changed, dataDir: first.dataDir });
    assert.equal((await keepAll(second, accountId)).appended, 1);
    const last = (await readChecked(second, accountId)).at(-1);
    assert.deepEqual(last?.kind === 'key_changed' && [last.old_key, last.new_key], [
      Buffer.from(signerOf(1).publicKey).toString('base64'),
      Buffer.from(signerOf(2).publicKey).toString('base64'),
    ]);
    // Whoever has the earlier verifier key still takes the checkpoint.
    assert.equal((await first.reader.checkpoint(accountId))?.size, 3);
    assert.equal((await keepAll(second, accountId)).appended, 0);
  });

  it('is due once its key was changed, whatever else it lacks: the key served must open its checkpoint', async (t) => {
    const first = await openTestLogs(t, world);
    const { accountId } = await writeSession(world, 2);
    await keepAll(first, accountId);
    const isDue = async ({ logs }: TestLogs) => (await logs.listDue()).includes(accountId);
    assert.equal(await isDue(first), false);
    const changed = { ...TEST_SIGNING, privateKeyPem: pemOf(2), retiredPublicKeys: [signerOf(1).publicKey] };
    const second = await openTestLogs(t, world, { settings: changed, dataDir: first.dataDir });
    assert.equal(await isDue(second), true);
    await second.logs.keep(accountId, NEVER);
    assert.equal(await isDue(second), false);
    const note = parseNote((await second.reader.checkpoint(accountId))?.text ?? '');
    assert.ok(note && isSignedBy(note, logKey(second.signing.identity, accountId)));
    // Nothing can be done about a checkpoint of an unknown key: signing it is not tried over and over.
    const lost = await openTestLogs(t, world, { settings: { ...TEST_SIGNING, privateKeyPem: pemOf(3) } });
    assert.equal(await isDue(lost), false);
  });

  it('signs nothing over a checkpoint of a key that it does not know, and names the remedy', async (t) => {
    const first = await openTestLogs(t, world);
    const { accountId } = await writeSession(world, 2);
    await keepAll(first, accountId);
    const lost = { ...TEST_SIGNING, privateKeyPem: pemOf(3) };
    const second = await openTestLogs(t, world, { settings: lost });
    assert.match((await keepAll(second, accountId)).failed ?? '', /add the earlier one to RETIRED_KEYS/);
    const known = { ...lost, retiredPublicKeys: [signerOf(1).publicKey] };
    const third = await openTestLogs(t, world, { settings: known });
    assert.deepEqual(await keepAll(third, accountId), { appended: 1, size: 3, failed: null });
  });
});

/** What the first sweep of a process finds beside the files. */
async function listDueAnew({ dataDir }: TestLogs): Promise<string[]> {
  const { logs } = await openTestLogs({ after() {} }, world, { dataDir });
  return await logs.listDue();
}

const LOG = [LOG_HEADS, LOG_SEGMENTS, LOG_TILES];

async function copyLog(accountId: string) {
  const own = (name: string) => (name === LOG_HEADS ? { _id: accountId } : { account_id: accountId });
  return await Promise.all(
    LOG.map(
      async (name) =>
        [
          name,
          await world.db
            .collection(name)
            .find(own(name) as never)
            .toArray(),
        ] as const,
    ),
  );
}

async function unmark(accountId: string): Promise<void> {
  await world.db
    .collection<{ _id: string }>(LOG_HEADS)
    .updateOne({ _id: accountId }, { $unset: { failed: '' } });
}

async function putBack(accountId: string, copy: Awaited<ReturnType<typeof copyLog>>): Promise<void> {
  for (const [name, rows] of copy) {
    await world.db
      .collection(name)
      .deleteMany((name === LOG_HEADS ? { _id: accountId } : { account_id: accountId }) as never);
    if (rows.length > 0) await world.db.collection(name).insertMany(rows);
  }
}

/** Leaves rows as they were before the log had the entries from `index` on. */
async function forgetFrom(accountId: string, index: number): Promise<void> {
  const rows = world.db.collection<{ account_id: string; log_index?: number }>('sessions');
  await rows.updateMany({ account_id: accountId, log_index: { $gte: index } }, { $unset: { log_index: '' } });
}
