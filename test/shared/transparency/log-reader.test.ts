// Proofs from an account log, with its stored tiles and without them, against RFC 6962's own definition of each.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { LOG_TILES } from '../../../shared/transparency/log-rows.ts';
import { openTestLogs } from '../../support/account-logs.ts';
import { createLogWorld } from '../../support/audit-world.ts';
import { entryText, growLog } from '../../support/long-log.ts';
import { naivePath, naiveProof } from '../../support/naive-merkle-tree.ts';

const SIZE = 4_500;
const SIZES = [1, 2, 15, 16, 17, 31, 33, 255, 256, 257, 272, 300, 511, 513, 4_095, 4_096, 4_097, 4_112, SIZE];
const INDEXES = [0, 1, 14, 15, 16, 17, 200, 255, 256, 257, 271, 299, 4_000, 4_095, 4_096, 4_111, SIZE - 1];

const world = await createLogWorld({ after });

test('proofs from an account log', async (t) => {
  const logs = await openTestLogs(t, world);
  const accountId = newId('account');
  const tiles = world.db.collection<{ _id: string; account_id: string }>(LOG_TILES);
  const leaves = Array.from({ length: SIZE }, (_, i) => Buffer.from(entryText(accountId, i)));
  // Signed at two sizes: tiles that are not full are written anew.
  for (const size of [300, SIZE]) await growLog(world, logs, accountId, size);

  const inclusions = SIZES.flatMap((size) =>
    INDEXES.filter((index) => index < size).map((index) => {
      return { index, size, hashes: naivePath(index, leaves.slice(0, size)).map(hex) };
    }),
  );
  const consistencies = SIZES.flatMap((size) =>
    SIZES.filter((old) => old < size).map((old) => {
      return { old, size, hashes: naiveProof(old, leaves.slice(0, size)).map(hex) };
    }),
  );

  async function assertProofs(): Promise<void> {
    for (const { index, size, hashes } of inclusions) {
      const found = await logs.reader.unprovenEntry(accountId, index, size);
      assert.equal(found.text, entryText(accountId, index));
      assert.deepEqual(found.hashes?.map(hex), hashes, `${index} of ${size}`);
    }
    for (const { old, size, hashes } of consistencies) {
      const found = await logs.reader.consistency(accountId, old, size);
      assert.deepEqual(found.map(hex), hashes, `${old} to ${size}`);
    }
  }

  await t.test('each proof is the one that RFC 6962 defines, from the stored tiles', async () => {
    const names = ['0.5/0', '0.5/1', '1/0'].map((name) => `${accountId}/${name}`);
    const stored = await tiles.find({ account_id: accountId }).toArray();
    assert.deepEqual(stored.map(({ _id }) => _id).sort(), names);
    await assertProofs();
  });

  await t.test(
    'each proof is the same without the half level, which logs of earlier releases lack',
    async () => {
      await tiles.deleteMany({ _id: { $in: [`${accountId}/0.5/0`, `${accountId}/0.5/1`] } });
      await assertProofs();
    },
  );

  await t.test('each proof is the same without any stored tile', async () => {
    await tiles.deleteMany({ account_id: accountId });
    await assertProofs();
  });
});

function hex(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex');
}
