// The head of an account log, with values of any type in it: the logs of others go on, and what is wrong is told.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import type { Document } from 'mongodb';
import { createLogHeads } from '../../../shared/transparency/log-heads.ts';
import { LOG_HEADS } from '../../../shared/transparency/log-rows.ts';
import { NEVER, openTestLogs } from '../../support/account-logs.ts';
import { createLogWorld, writeSession } from '../../support/audit-world.ts';
import { WRONG_VALUES } from '../../support/wrong-values.ts';

const world = await createLogWorld({ after });
const heads = world.db.collection<Document & { _id: string }>(LOG_HEADS);
const { countFailed, find, markFailed } = createLogHeads(world.db);

const CHECKPOINT = ['size', 'root_hex', 'note', 'signed_at', 'cosignatures'].map(
  (name) => `checkpoint.${name}`,
);
const FIELDS = ['marked', 'refused', 'checkpoint', ...CHECKPOINT];
const MARKED = { reason: 'x', found_at: new Date() };

describe('a head of any types', () => {
  it('keeps no other log from being kept and checked, and its own from being told of', async (t) => {
    const logs = await openTestLogs(t, world);
    const [{ accountId }, { accountId: other }] = [
      await writeSession(world, 1),
      await writeSession(world, 1),
    ];
    for (const id of [accountId, other]) await logs.logs.keep(id, NEVER);
    const head = await heads.findOne({ _id: accountId });
    assert.ok(head);
    for (const field of FIELDS) {
      for (const value of WRONG_VALUES) {
        const title = `${field} ${inspect(value)}`;
        await heads.updateOne({ _id: accountId }, { $set: { [field]: value } });
        assert.ok(Array.isArray(await logs.logs.listDue()), title);
        assert.deepEqual(await Array.fromAsync(logs.logs.check(other, NEVER)), [], title);
        const found = await Array.fromAsync(logs.logs.check(accountId, NEVER));
        const { failed } = await logs.logs.keep(accountId, NEVER);
        assert.equal(await countFailed(), failed === null ? 0 : 1, title);
        if (failed === null) assert.deepEqual(found, [], title);
        await heads.replaceOne({ _id: accountId }, head);
      }
    }
  });

  it('is marked as failed whatever stood in the place of the mark', async () => {
    const { accountId } = await writeSession(world, 1);
    const parts = Object.keys(MARKED).flatMap((name) =>
      WRONG_VALUES.map((value) => ({ ...MARKED, [name]: value })),
    );
    for (const failed of [undefined, ...WRONG_VALUES, ...parts, { reason: 'x' }, [MARKED]]) {
      for (const note of [null, 'a note']) {
        await heads.replaceOne(
          { _id: accountId },
          { marked: 0, ...(failed !== undefined && { failed }) },
          { upsert: true },
        );
        await markFailed(accountId, 'contradicted', note);
        assert.equal(await countFailed(), 1, inspect(failed));
        const { failed: mark } = await find(accountId);
        assert.equal(mark?.note, note);
        assert.match(mark?.reason ?? '', failed === undefined ? /^contradicted$/ : /./);
      }
    }
    await heads.deleteOne({ _id: accountId });
  });
});
