// The account log: what is due is appended once, signed once, and never against what was signed before.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { damagedRow } from '../../../shared/audit/verdict.ts';
import { createLogHeads } from '../../../shared/transparency/log-heads.ts';
import { LOG_HEADS, LOG_SEGMENTS, LOG_TILES } from '../../../shared/transparency/log-rows.ts';
import {
  NEVER,
  naiveRootHex,
  openTestLogs,
  readChecked,
  recordStated,
  type TestLogs,
} from '../../support/account-logs.ts';
import { createLogWorld, writeSession } from '../../support/audit-world.ts';
import { growLog } from '../../support/long-log.ts';
import { markEnd, rowsOf, writeEnded } from '../../support/pipeline-world.ts';
import { readTexts } from '../../support/segments.ts';

const world = await createLogWorld({ after });

async function keepAll({ logs }: Pick<TestLogs, 'logs'>, accountId: string) {
  return await logs.keep(accountId, NEVER);
}

describe('keeping an account log', () => {
  it('appends a policy and each closed session once, marks them, and signs', async (t) => {
    const logs = await openTestLogs(t, world);
    const accountId = newId('account');
    const sealed = await writeSession(world, 5, { accountId });
    await writeSession(world, 3, { accountId, seal: false });
    assert.deepEqual(await keepAll(logs, accountId), { appended: 2, size: 2, failed: null });
    const entries = await readChecked(logs, accountId);
    assert.deepEqual(
      entries.map(({ kind }) => kind),
      ['policy_stored', 'session_closed'],
    );
    const closed = entries[1];
    assert.ok(closed?.kind === 'session_closed');
    assert.equal(closed.session_id, sealed.id);
    assert.equal(closed.merkle_root_hex, sealed.merkleRootHex);
    assert.equal(closed.seal, sealed.log.seal);
    assert.equal((await world.sessions.find(accountId, sealed.id))?.logIndex, 1);
    assert.deepEqual(await keepAll(logs, accountId), { appended: 0, size: 2, failed: null });
  });

  it('finds what is due beside a file of checkpoints that cannot be read, and tells of that', async (t) => {
    const logs = await openTestLogs(t, world);
    const [accountId, unreadable] = [newId('account'), newId('account')];
    await mkdir(join(logs.dataDir, 'checkpoints', `${unreadable}.ndjson`), { recursive: true });
    await writeSession(world, 1, { accountId });
    assert.ok((await logs.logs.listDue()).includes(accountId));
    assert.match(logs.told.join('\n'), new RegExp(`cannot be read .*${unreadable}.*EISDIR`));
  });

  it('appends to a tail whose stored count is damaged', async (t) => {
    const logs = await openTestLogs(t, world);
    const accountId = newId('account');
    const segments = world.db.collection<{ _id: string }>(LOG_SEGMENTS);
    for (const [i, count] of [1, null, Number.POSITIVE_INFINITY, 'two', [1, 2]].entries()) {
      await writeSession(world, 1, { accountId });
      const { failed, size } = await keepAll(logs, accountId);
      assert.deepEqual([failed, size], [null, 2 + i]);
      await segments.updateOne({ _id: `${accountId}/0` }, { $set: { count } });
    }
    await keepAll(logs, accountId);
    assert.equal((await readChecked(logs, accountId)).length, 6);
  });

  it('walks an unsealed log before it takes it up, and takes none whose walk failed', async (t) => {
    const logs = await openTestLogs(t, world);
    const accountId = newId('account');
    const rows = world.db.collection('sessions');
    const [good, bad] = [await writeEnded(world, 4, accountId), await writeEnded(world, 4, accountId)];
    for (const { id } of [good, bad]) {
      const root = id === good.id ? naiveRootHex(await readTexts(world.db, good)) : 'ab'.repeat(32);
      const stored = { merkle_root_hex: root, merkle_root_size: 4, log_due: root };
      await rows.updateOne({ _id: id as never }, { $set: stored });
    }
    await keepAll(logs, accountId);
    const entries = await readChecked(logs, accountId);
    const closed = entries.filter(({ kind }) => kind === 'session_closed');
    assert.deepEqual(
      closed.map((entry) => entry.kind === 'session_closed' && [entry.session_id, entry.seal]),
      [[good.id, null]],
    );
    assert.equal(
      (await world.sessions.findSnapshot(accountId, bad.id))?.marks.failed?.fault,
      'root_mismatch',
    );
  });

  it('states no end that only the row says, and logs that the row gets no entry', async (t) => {
    const logs = await openTestLogs(t, world);
    const { id, accountId } = await writeSession(world, 3, { seal: false });
    const rootHex = naiveRootHex(await readTexts(world.db, { accountId, id }));
    const stored = { merkle_root_hex: rootHex, merkle_root_size: 3, log_due: rootHex };
    for (const opening of [{}, { 'log.opening': '' }] as Record<string, ''>[]) {
      await rowsOf(world).updateOne(
        { _id: id },
        { $set: { ended_at: new Date(0), status: 'error', ...stored }, $unset: opening },
      );
      await keepAll(logs, accountId);
      const entries = await readChecked(logs, accountId);
      assert.deepEqual(
        entries.map(({ kind }) => kind),
        ['policy_stored'],
      );
      assert.match(logs.told.join('\n'), new RegExp(`get no entry.*${id}`));
    }
    await markEnd(world, { accountId, id });
    await keepAll(logs, accountId);
    assert.equal((await world.sessions.find(accountId, id))?.logIndex, 1, 'as an import of it does');
  });

  it('takes up no session that nobody opened, and marks it', async (t) => {
    const logs = await openTestLogs(t, world);
    const rows = rowsOf(world);
    const real = await writeEnded(world, 0);
    const rootHex = naiveRootHex([]);
    const stored = { merkle_root_hex: rootHex, merkle_root_size: 0, log_due: rootHex };
    const row = (await rows.findOneAndUpdate(
      { _id: real.id },
      { $set: stored },
      { returnDocument: 'after' },
    ))!;
    const { opening, ...log } = row.log;
    const invented = [log, { ...log, opening: opening! }].map((log) => ({
      ...row,
      _id: newId('session'),
      log,
    }));
    await rows.insertMany(invented);
    await keepAll(logs, real.accountId);
    const closed = (await readChecked(logs, real.accountId)).filter(({ kind }) => kind === 'session_closed');
    assert.deepEqual(
      closed.map((entry) => entry.kind === 'session_closed' && entry.session_id),
      [real.id],
    );
    for (const { _id } of invented) {
      const found = await world.sessions.findSnapshot(real.accountId, _id);
      assert.deepEqual(found?.marks.unverifiable, damagedRow('log.opening'));
    }
  });

  it('takes up no session whose row was rewritten after its seal', async (t) => {
    const logs = await openTestLogs(t, world);
    const session = await writeSession(world, 5);
    const other = { agent_id: newId('agent') };
    await world.db.collection('sessions').updateOne({ _id: session.id as never }, { $set: other });
    await keepAll(logs, session.accountId);
    const kinds = (await readChecked(logs, session.accountId)).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['policy_stored']);
  });

  it('takes up a report under a statement of its own key, and none that somebody wrote into the ledger', async (t) => {
    const logs = await openTestLogs(t, world);
    const session = await writeSession(world, 2);
    await keepAll(logs, session.accountId);
    const forged = {
      _id: newId('report'),
      account_id: session.accountId,
      user_id: newId('user'),
      scope: 'session',
      session_id: session.id,
      since: new Date(),
      until: null,
      root_hex: 'ab'.repeat(32),
      size: 2,
      generated_at: new Date(),
      json_sha256: 'cd'.repeat(32),
      format: 'json',
      statement: 'masker-evidence/report/v1\n',
      log_due: true,
    };
    await world.db.collection('reports').insertOne(forged as never);
    assert.equal((await keepAll(logs, session.accountId)).appended, 0);
  });

  it('says which rows it refuses, once an hour, and counts those that somebody wrote or changed', async (t) => {
    const logs = await openTestLogs(t, world);
    const session = await writeSession(world, 2);
    const { accountId } = session;
    const reports = world.db.collection<{ _id: string }>('reports');
    const heads = createLogHeads(world.db);
    const before = await heads.countRefused();
    const ids = await Promise.all([1, 2, 3].map(() => recordStated(world, logs, session)));
    const change = [
      { $set: { size: 999 } },
      { $unset: { statement: '', entry_statement: '' } },
      { $set: { since: 'x' } },
    ];
    for (const [i, _id] of ids.entries()) await reports.updateOne({ _id } as object, change[i] as never);
    const issued = await recordStated(world, logs, session);
    for (let run = 0; run < 3; run += 1) await keepAll(logs, accountId);
    const kinds = (await readChecked(logs, accountId)).flatMap((entry) =>
      entry.kind === 'report_issued' ? [entry.report_id] : [],
    );
    assert.deepEqual(kinds, [issued]);
    assert.equal(logs.told.length, 1);
    assert.match(logs.told[0] ?? '', /^rows are due for the account log and get no entry/);
    const told = JSON.parse(/\{.*\}/.exec(logs.told[0] ?? '')?.[0] ?? '') as Record<string, unknown>;
    const { rows, ...counts } = told;
    assert.deepEqual(counts, { account_id: accountId, forged: 1, unsigned: 1, misformed: 1 });
    assert.deepEqual([...(rows as string[])].sort(), [...ids].sort());
    assert.equal(await heads.countRefused(), before + 2);
    await reports.deleteMany({ _id: { $in: ids } } as object);
    await keepAll(logs, accountId);
    assert.equal(await heads.countRefused(), before);
  });

  it('appends nothing twice, and nothing else on what it has, whatever row somebody makes due again', async (t) => {
    const logs = await openTestLogs(t, world);
    const session = await writeSession(world, 5);
    const { accountId, id, merkleRootHex } = session;
    const reportId = await recordStated(world, logs, session);
    assert.equal((await keepAll(logs, accountId)).appended, 3);
    const [sessions, policies, reports] = ['sessions', 'policies', 'reports'].map((name) =>
      world.db.collection<{ _id: string }>(name),
    );
    const makeAllDue = async (changes: object) => {
      const change = { $set: { log_due: true, ...changes }, $unset: { log_index: '' } } as never;
      await reports?.updateOne({ _id: reportId }, change);
      await policies?.updateMany({ account_id: accountId } as object, change);
    };
    const due = { $set: { log_due: merkleRootHex }, $unset: { log_index: '' } };
    await sessions?.updateOne({ _id: id }, due as never);
    await makeAllDue({});
    assert.equal((await keepAll(logs, accountId)).appended, 0);
    assert.equal((await world.sessions.find(accountId, id))?.logIndex, 2);
    for (const rows of [policies, reports]) {
      const row = (await rows?.findOne({ account_id: accountId } as object)) as object;
      assert.ok('log_index' in row && !('log_due' in row));
    }
    await makeAllDue({ name: 'strict', version: 9, root_hex: 'dd'.repeat(32), size: 999 });
    assert.equal((await keepAll(logs, accountId)).appended, 0);
    // Both rows are refused before: a policy's text says its name, and a report's issuer has signed its entry.
    assert.deepEqual(
      logs.told.map((line) => /"forged":1|"misformed":1/g[Symbol.match](line)?.length),
      [2],
    );
  });

  it('takes up no policy under a name or version that is not in its text', async (t) => {
    const logs = await openTestLogs(t, world);
    const { accountId } = await writeSession(world, 1);
    const policies = world.db.collection<{ _id: string; name: string }>('policies');
    const rename = (name: string) =>
      policies.updateOne({ account_id: accountId } as object, { $set: { name } });
    const row = await policies.findOne({ account_id: accountId } as object);
    await rename('strict');
    await keepAll(logs, accountId);
    const kinds = async () => (await readChecked(logs, accountId)).map(({ kind }) => kind);
    assert.deepEqual(await kinds(), ['session_closed']);
    await rename(row?.name ?? '');
    await keepAll(logs, accountId);
    assert.deepEqual(await kinds(), ['session_closed', 'policy_stored']);
  });

  it('serves no line beside its signature that is none, whoever wrote it there', async (t) => {
    const logs = await openTestLogs(t, world);
    const { accountId } = await writeSession(world, 1);
    await keepAll(logs, accountId);
    const { text, note } = (await logs.reader.checkpoint(accountId)) ?? {};
    assert.equal(text, note);
    const heads = world.db.collection<{ _id: string }>(LOG_HEADS);
    const line = text?.trimEnd().split('\n').at(-1);
    for (const other of ['no signature', '', `${line}\n${line}`, `\n${line}`]) {
      const cosignatures = [{ name: 'witness', line: other, at: new Date() }];
      await heads.updateOne({ _id: accountId }, { $set: { 'checkpoint.cosignatures': cosignatures } });
      assert.equal((await logs.reader.checkpoint(accountId))?.text, note);
    }
  });

  it('takes up no report whose ledger row was changed before it was logged', async (t) => {
    const logs = await openTestLogs(t, world);
    const session = await writeSession(world, 2);
    await keepAll(logs, session.accountId);
    const reports = world.db.collection<{ _id: string }>('reports');
    const change = { size: 999, root_hex: 'dd'.repeat(32), since: new Date(1), format: 'csv' };
    for (const [name, value] of Object.entries(change)) {
      const reportId = await recordStated(world, logs, session);
      await reports.updateOne({ _id: reportId }, { $set: { [name]: value } });
    }
    const reportId = await recordStated(world, logs, session);
    assert.equal((await keepAll(logs, session.accountId)).appended, 1);
    const issued = (await readChecked(logs, session.accountId)).flatMap((entry) =>
      entry.kind === 'report_issued' ? [entry.report_id] : [],
    );
    assert.deepEqual(issued, [reportId]);
  });

  it('goes on behind a full segment, and keeps its tiles', async (t) => {
    const logs = await openTestLogs(t, world);
    const accountId = newId('account');
    await growLog(world, logs, accountId, 250);
    for (let i = 0; i < 50; i += 1) await writeSession(world, 1, { accountId });
    await keepAll(logs, accountId);
    assert.equal((await readChecked(logs, accountId)).length, 301);
    const segments = await world.db
      .collection(LOG_SEGMENTS)
      .find({ account_id: accountId }, { sort: { _id: 1 } })
      .toArray();
    assert.deepEqual(
      segments.map(({ count, packed }) => [count, packed !== undefined]),
      [
        [256, true],
        [45, false],
      ],
    );
    assert.equal(await world.db.collection(LOG_TILES).countDocuments({ account_id: accountId }), 2);
    for (const index of [0, 1, 255, 256, 300])
      assert.equal((await logs.reader.entry(accountId, index))?.index, index);
    assert.equal(await logs.reader.entry(accountId, 301), null);
  });
});

describe('an account log that goes on', () => {
  it('keeps the order of appending and signs as ever after the clock was put back', async (t) => {
    const logs = await openTestLogs(t, world);
    const accountId = newId('account');
    const first = await writeSession(world, 2, { accountId });
    await keepAll(logs, accountId);
    t.mock.timers.enable({ apis: ['Date'], now: new Date('2001-01-01T00:00:00Z') });
    const second = await writeSession(world, 2, { accountId });
    assert.ok(second.startedAt < first.startedAt);
    assert.deepEqual(await keepAll(logs, accountId), { appended: 1, size: 3, failed: null });
    t.mock.timers.reset();
    const entries = await readChecked(logs, accountId);
    assert.deepEqual(
      entries.map((entry) => entry.kind === 'session_closed' && entry.session_id),
      [false, first.id, second.id],
    );
  });

  it('keeps what a deleted account has stored, and takes up the rest', async (t) => {
    const logs = await openTestLogs(t, world);
    const { accountId } = await writeSession(world, 2);
    await keepAll(logs, accountId);
    await writeSession(world, 2, { accountId });
    const deleted = { $set: { deleted_at: new Date() } };
    await world.db.collection('accounts').updateOne({ _id: accountId as never }, deleted);
    assert.deepEqual(await keepAll(logs, accountId), { appended: 1, size: 3, failed: null });
    assert.equal((await readChecked(logs, accountId)).length, 3);
  });
});
