import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { damagedRow, unknownKey } from '../../../shared/audit/verdict.ts';
import { ensureIndexes } from '../../../shared/process/ensure-indexes.ts';
import { createSessionGauges } from '../../../shared/sessions/session-gauges.ts';
import { createSessionRepository } from '../../../shared/sessions/session-repository.ts';
import { SESSIONS } from '../../../shared/sessions/session-row.ts';
import { openTestDatabase } from '../../support/mongo.ts';
import { buildSession } from '../../support/sessions.ts';
import { withDamage } from '../../support/unverifiable-mark.ts';

const OLD_MARK = { fault: 'altered', seq: 3, found_at: new Date('2026-05-02T12:00:00.000Z') };
const MARKS = {
  failed: { fault: 'altered', seq: 3, foundAt: OLD_MARK.found_at },
  unverifiable: unknownKey('k_lost'),
};
const OLD_INDEXES = ['log_wrong.found_at_1', 'key_missing_1', 'account_id_1_key_missing_1'];

/** A database as earlier releases left it: a marked session, an unmarked one, and the old indexes. */
async function openOldDatabase(t: TestContext) {
  const { db } = await openTestDatabase(t);
  const sessions = createSessionRepository(db);
  const owner = { accountId: newId('account'), agentId: newId('agent'), cookie: '' };
  const [marked, other] = [buildSession(owner), buildSession(owner)];
  for (const session of [marked, other]) await sessions.insert(owner.accountId, session, null);
  const rows = db.collection<{ _id: string }>(SESSIONS);
  await rows.updateOne({ _id: marked.id }, { $set: { log_wrong: OLD_MARK, key_missing: 'k_lost' } });
  await rows.createIndex({ 'log_wrong.found_at': 1 }, { sparse: true });
  await rows.createIndex({ key_missing: 1 }, { sparse: true });
  await rows.createIndex({ account_id: 1, key_missing: 1 });
  const marksOf = async ({ id }: { id: string }) => (await sessions.findSnapshot(owner.accountId, id))?.marks;
  const indexNames = async () => (await rows.indexes()).map(({ name }) => name);
  return { db, rows, marked, other, marksOf, indexNames };
}

describe('a database of the release before', () => {
  it('marks under the old field name are kept under the new one', async (t) => {
    const { db, rows, marked, other, marksOf, indexNames } = await openOldDatabase(t);
    await ensureIndexes(db);
    assert.deepEqual(await marksOf(marked), MARKS);
    assert.deepEqual(await marksOf(other), { failed: null, unverifiable: null });
    const row = (await rows.findOne({ _id: marked.id }))!;
    assert.ok(!('log_wrong' in row) && !('key_missing' in row));
    assert.deepEqual(await createSessionGauges(db).countLogs(), { failed: 1, unverifiable: 1, unsealed: 2 });
    const names = await indexNames();
    assert.ok(names.includes('log_failed.found_at_1') && names.includes('log_unverifiable.reason_1'));
    assert.deepEqual(
      OLD_INDEXES.filter((name) => names.includes(name)),
      [],
    );
  });

  it('old fields are renamed by several processes that start at once, and a second time without effect', async (t) => {
    const { db, rows, marked, marksOf } = await openOldDatabase(t);
    await Promise.all([ensureIndexes(db), ensureIndexes(db), ensureIndexes(db)]);
    const after = await rows.findOne({ _id: marked.id });
    assert.deepEqual(await marksOf(marked), MARKS);
    await ensureIndexes(db);
    assert.deepEqual(await rows.findOne({ _id: marked.id }), after);
  });

  it('a start completes the renaming of one that died before it dropped the indexes', async (t) => {
    const { db, rows, marked, marksOf, indexNames } = await openOldDatabase(t);
    await rows.updateOne({ _id: marked.id }, { $rename: { log_wrong: 'log_failed' } });
    await rows.dropIndex('log_wrong.found_at_1');
    await rows.dropIndex('key_missing_1');
    await ensureIndexes(db);
    assert.deepEqual(await marksOf(marked), MARKS);
    const names = await indexNames();
    assert.deepEqual(
      OLD_INDEXES.filter((name) => names.includes(name)),
      [],
    );
  });

  it('a newer mark under the new field name is kept', async (t) => {
    const { db, rows, marked, marksOf } = await openOldDatabase(t);
    const newer = { fault: 'gap', seq: 1, found_at: new Date() };
    await rows.updateOne(
      { _id: marked.id },
      { $set: { log_failed: newer, ...withDamage('policy_version') } },
    );
    await ensureIndexes(db);
    const marks = await marksOf(marked);
    assert.deepEqual([marks?.failed?.fault, marks?.unverifiable], ['gap', damagedRow('policy_version')]);
  });
});
