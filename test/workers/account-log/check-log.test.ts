// What the check of an account log finds, after somebody who has read the code wrote to the database.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { after, describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { Binary } from 'mongodb';
import { newId } from '../../../shared/audit/ids.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import { createPolicyRepository } from '../../../shared/policy/policy-repository.ts';
import { createLoggedSessions } from '../../../shared/sessions/logged-sessions.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { HOUR_MS } from '../../../shared/time/durations.ts';
import { sessionPurgedText } from '../../../shared/transparency/log-entry.ts';
import { createLogPlaces } from '../../../shared/transparency/log-places.ts';
import { LOG_HEADS, LOG_SEGMENTS, LOG_TILES } from '../../../shared/transparency/log-rows.ts';
import { createLogSegments, segmentAfter } from '../../../shared/transparency/log-segments.ts';
import { segmentText } from '../../../shared/transparency/segment-note.ts';
import { createVerifyDeps, verifyHere } from '../../../workers/logs/verify-session.ts';
import { openLogReader } from '../../../workers/reports/account-logs.ts';
import { cutTail, NEVER, openTestLogs, recordStated, type TestLogs } from '../../support/account-logs.ts';
import { createLogWorld, draftEvent, TEST_KEY, writeSession } from '../../support/audit-world.ts';
import { growLog } from '../../support/long-log.ts';
import { writeEnded } from '../../support/pipeline-world.ts';
import { mustParse, policyFile } from '../../support/policies.ts';
import { readTexts } from '../../support/segments.ts';
import { verifyAs } from '../../support/verify.ts';

const world = await createLogWorld({ after });
const policyRepository = createPolicyRepository(world.db);
const logged = createLoggedSessions(world.db);
type Row = { _id: string } & Record<string, unknown>;
const [sessions, reports, policies, auditSegments, logSegments, heads, places] = [
  ...['sessions', 'reports', 'policies', 'audit_segments', LOG_SEGMENTS, LOG_HEADS, 'account_log_places'],
].map((name) => world.db.collection<Row>(name)) as [Rows, Rows, Rows, Rows, Rows, Rows, Rows];
type Rows = ReturnType<typeof world.db.collection<Row>>;

type Kept = TestLogs & Readonly<{ accountId: string; session: Session; keep(): Promise<void> }>;

/** An account with a sealed session and a report on it, in its log. */
async function createKept(t: TestContext): Promise<Kept> {
  const logs = await openTestLogs(t, world);
  const session = await writeSession(world, 5);
  const { accountId } = session;
  await recordStated(world, logs, session);
  const keep = async () => assert.equal((await logs.logs.keep(accountId, NEVER)).failed, null);
  await keep();
  return { ...logs, accountId, session, keep };
}

async function check({ logs, accountId }: Pick<Kept, 'logs' | 'accountId'>) {
  const found = await Array.fromAsync(logs.check(accountId, NEVER));
  for (const { line } of found) assert.doesNotMatch(line, /%|undefined/);
  return found;
}

const namesOf = (found: Awaited<ReturnType<typeof check>>) => found.map(({ finding }) => finding).sort();

const faultOf = async ({ accountId, id }: Session) =>
  (await world.sessions.findSnapshot(accountId, id))?.marks.failed?.fault ?? null;

/** The verdict of a walk as anybody asks for it. */
async function walk({ signing }: TestLogs, { accountId, id: sessionId }: Session) {
  const reader = openLogReader(world.db, signing.identity);
  assert.ok(reader);
  const deps = createVerifyDeps(world.db, [TEST_KEY], { reader, keys: signing.identity });
  const order = { accountId, sessionId, anchors: [], until: null, listed: 0 };
  const verdict = (await verifyHere(deps, order))?.verdict;
  return verdict?.status === 'failed' ? verdict.fault : verdict?.status;
}

const setRow = (session: Session, set: object, unset: object = {}) => {
  const change = {
    ...(Object.keys(set).length > 0 && { $set: set }),
    ...(Object.keys(unset).length > 0 && { $unset: unset }),
  };
  return sessions.updateOne({ _id: session.id }, change as never);
};

async function storePolicy(accountId: string, name: string): Promise<void> {
  const text = policyFile('billing-strict@3').replace(/^name: .*$/m, `name: ${name}`);
  const { version } = mustParse(text);
  await policyRepository.insert(accountId, { name, version, text, sha256Hex: hash('sha256', text) });
}

/** Nothing that a verification leaves. */
const ODD_MARKS = {
  nothing: { log_unverifiable: null },
  'an empty object': { log_unverifiable: {} },
  'a text': { log_unverifiable: 'x' },
  'a time that is none': { log_failed: { fault: 'altered', seq: 1, found_at: 'never' } },
};

/** As a log that nobody closed: no seal, no root, no end, and no entry named. */
const STRIPPED = { 'log.seal': null, merkle_root_hex: null, merkle_root_size: null, ended_at: null };

describe('the check of an account log', () => {
  it('finds nothing where nothing was changed, over several segments, and beside a keeper that was killed', async (t) => {
    const kept = await createKept(t);
    const { accountId } = kept;
    await Promise.all(Array.from({ length: 257 }, (_, i) => storePolicy(accountId, `p${i}`)));
    const { id } = await writeSession(world, 1, { accountId });
    await kept.keep();
    assert.deepEqual(await check(kept), []);
    // Killed between an append and the marks.
    const last = await sessions.findOne({ _id: id });
    assert.equal(last?.log_index, 260);
    await sessions.updateOne(
      { _id: last?._id as string },
      { $set: { log_due: last?.merkle_root_hex }, $unset: { log_index: '' } },
    );
    await heads.updateOne({ _id: accountId }, { $set: { marked: 259 } });
    assert.deepEqual(await check(kept), []);
  });

  it('finds nothing where a log without a seal was logged, grew, and was sealed', async (t) => {
    const kept = await createKept(t);
    const session = await writeEnded(world, 4, kept.accountId);
    const verdict = await verifyAs(world, session);
    assert.ok(verdict.status === 'verified');
    const root = { merkle_root_hex: verdict.rootHex, merkle_root_size: 4, log_due: verdict.rootHex };
    await setRow(session, root);
    await kept.keep();
    assert.deepEqual(await check(kept), []);
    await appendEvents(world, kept.accountId, session.id, [draftEvent(9)]);
    assert.deepEqual(await check(kept), []);
    await closeLog(world, kept.accountId, session.id, { endedAt: new Date(), status: 'ok' });
    assert.deepEqual(await check(kept), []);
    await kept.keep();
    assert.deepEqual(await check(kept), []);
    assert.equal(await faultOf(session), null);
    // The later entry is no licence: the first root must be one of the log's.
    const texts = await readTexts(world.db, session);
    assert.equal(texts.length, 5);
  });

  it('a session whose row was put back is named, whatever the head says of the rows that are marked', async (t) => {
    for (const marked of ['x', 0, Number.NaN, null]) {
      const kept = await createKept(t);
      const session = await writeSession(world, 4, { accountId: kept.accountId });
      await kept.keep();
      await setRow(session, STRIPPED, { log_index: '' });
      await heads.updateOne({ _id: kept.accountId }, { $set: { marked } } as never);
      assert.deepEqual(namesOf(await check(kept)), ['logged_session_differs'], String(marked));
      await writeSession(world, 1, { accountId: kept.accountId });
      await kept.keep();
      assert.equal((await heads.findOne({ _id: kept.accountId }))?.marked, 5);
    }
  });

  it('ended sessions that have no entry, and are due for none, are counted', async (t) => {
    const kept = await createKept(t);
    const { accountId } = kept;
    await writeSession(world, 1, { accountId });
    const ended_at = new Date(Date.now() - 2 * HOUR_MS);
    const [left, young] = [
      await writeSession(world, 1, { accountId }),
      await writeSession(world, 1, { accountId }),
    ];
    await setRow(young, {}, { log_due: '' });
    const rootless = { log_due: '', merkle_root_hex: '', merkle_root_size: '' };
    for (const due of [
      [{}, { log_due: '' }],
      [{ log_due: 5 }],
      [{ log_due: '0'.repeat(64) }],
      [{ stage: 'done' }, rootless],
    ] as [object, object?][]) {
      await setRow(left, { ended_at, ...due[0] }, due[1]);
      await kept.keep();
      const found = await check(kept);
      assert.deepEqual(
        found.map(({ finding, details }) => [finding, details.sessions]),
        [['sessions_not_logged', 1]],
        JSON.stringify(due),
      );
    }
  });

  it('a session without an entry that ended in the future is counted', async (t) => {
    const kept = await createKept(t);
    const { accountId } = kept;
    const session = await writeSession(world, 1, { accountId });
    await setRow(session, { ended_at: new Date('9999-12-31T23:59:59Z') }, { log_due: '' });
    await kept.keep();
    assert.deepEqual(
      (await check(kept)).map(({ finding, details }) => [finding, details.sessions]),
      [['sessions_not_logged', 1]],
    );
  });

  it('a session that is due for another root than its own is told', async (t) => {
    const kept = await createKept(t);
    const session = await writeSession(world, 1, { accountId: kept.accountId });
    await setRow(session, { log_due: '0'.repeat(64) });
    await kept.keep();
    assert.equal((await heads.findOne({ _id: kept.accountId }))?.refused, 1);
  });

  it('signed reports and policies that have no entry, and are due for none, are counted, and made due again', async (t) => {
    const kept = await createKept(t);
    const { accountId } = kept;
    const later = await writeSession(world, 1, { accountId });
    await recordStated(world, kept, later);
    await storePolicy(accountId, 'later');
    const rowsOf = [
      ['reports', reports, { account_id: accountId, session_id: later.id }],
      ['policies', policies, { account_id: accountId, name: 'later' }],
    ] as const;
    for (const change of [{ $unset: { log_due: '' } }, { $set: { log_due: 5 } }] as object[]) {
      for (const [, rows, filter] of rowsOf) await rows.updateOne(filter, change);
      await kept.keep();
      assert.deepEqual(
        (await check(kept)).map(({ finding, details }) => [finding, details.reports ?? details.policies]),
        [
          ['reports_not_logged', 1],
          ['policies_not_logged', 1],
        ],
      );
    }
    await kept.logs.makeDue(accountId, NEVER);
    await kept.keep();
    assert.deepEqual(namesOf(await check(kept)), []);
    for (const [, rows, filter] of rowsOf) assert.ok((await rows.findOne(filter))?.log_index);
  });

  it('a report and a policy that name an entry of something else are named, and name none afterwards', async (t) => {
    const kept = await createKept(t);
    const { accountId } = kept;
    await recordStated(world, kept, kept.session);
    await storePolicy(accountId, 'later');
    const rowsOf = [
      ['report_misnamed', reports, { account_id: accountId, log_due: true }],
      ['policy_misnamed', policies, { account_id: accountId, name: 'later' }],
    ] as const;
    const ids = await Promise.all(rowsOf.map(async ([, rows, filter]) => (await rows.findOne(filter))?._id));
    for (const log_index of [0, 1, 2]) {
      for (const [at, [, rows]] of rowsOf.entries())
        await rows.updateOne({ _id: ids[at] as string }, { $set: { log_index }, $unset: { log_due: '' } });
      const found = (await check(kept)).filter(({ finding }) => finding.endsWith('_misnamed'));
      assert.deepEqual(
        found.map(({ finding, about, details }) => [finding, about, details.log_index]),
        rowsOf.map(([finding], at) => [finding, ids[at], log_index]),
      );
    }
    await kept.logs.makeDue(accountId, NEVER);
    await kept.keep();
    assert.deepEqual(namesOf(await check(kept)), []);
  });

  it('a row that names an entry of something else is named, and names none afterwards', async (t) => {
    const kept = await createKept(t);
    const { accountId } = kept;
    const session = await writeSession(world, 1, { accountId });
    const ended_at = new Date(Date.now() - 2 * HOUR_MS);
    for (const log_index of [0, 1, 2]) {
      await setRow(session, { log_index, ended_at }, { log_due: '' });
      const found = await check(kept);
      assert.deepEqual(
        found.map(({ finding, about, details }) => [finding, about, details.log_index ?? details.sessions]),
        [
          ['session_misnamed', session.id, log_index],
          ['sessions_not_logged', accountId, 1],
        ],
      );
      assert.ok(!('log_index' in (await sessions.findOne({ _id: session.id }))!));
    }
    assert.equal(await logged.makeDue(accountId, null, 5).then(({ count }) => count), 1);
  });

  it('a session that is due for another root than its own is made due for its own', async (t) => {
    const kept = await createKept(t);
    const { accountId } = kept;
    const session = await writeSession(world, 1, { accountId });
    await setRow(session, { log_due: 'x' });
    assert.equal((await logged.makeDue(accountId, null, 5)).count, 1);
    assert.equal((await logged.makeDue(accountId, null, 5)).count, 0);
    await kept.keep();
    assert.equal((await sessions.findOne({ _id: session.id }))?.log_index, 3);
  });

  for (const [what, mark] of Object.entries(ODD_MARKS)) {
    it(`a session is logged although ${what} stands in the place of a mark`, async (t) => {
      const kept = await createKept(t);
      const session = await writeSession(world, 1, { accountId: kept.accountId });
      await setRow(session, mark);
      await kept.keep();
      assert.equal((await sessions.findOne({ _id: session.id }))?.log_index, 3);
    });
  }

  it('a session that was deleted with everything about it is named, and its reports', async (t) => {
    const kept = await createKept(t);
    const { id } = kept.session;
    await sessions.deleteOne({ _id: id });
    await auditSegments.deleteMany({ _id: new RegExp(id) });
    await reports.deleteMany({ session_id: id });
    const found = await check(kept);
    assert.deepEqual(namesOf(found), ['logged_report_gone', 'logged_session_gone']);
    assert.deepEqual(found.find(({ finding }) => finding === 'logged_session_gone')?.details, {
      ...{ session_id: id, log_index: 2 },
    });
  });

  it('a session that is gone is told with the import that has not finished', async (t) => {
    const kept = await createKept(t);
    const { id } = kept.session;
    await sessions.deleteOne({ _id: id });
    const hidden = await writeSession(world, 1, { accountId: kept.accountId });
    const lineOf = async () =>
      (await check(kept)).find(({ finding }) => finding === 'logged_session_gone')?.line ?? '';
    assert.doesNotMatch(await lineOf(), /import/);
    await setRow(hidden, { importing: true });
    assert.match(await lineOf(), /has no row; an import of this account has not finished.*give it again/);
  });

  it('a session whose entries were purged, as the log says, is not missing', async (t) => {
    const kept = await createKept(t);
    const { accountId, session } = kept;
    const segments = createLogSegments(world.db);
    const tail = await segments.findTail(accountId, 0);
    const purged = { sessionId: session.id, closedIndex: 2, reason: 'retention', at: new Date() } as const;
    const { taken: _, ...next } = segmentAfter(tail, [sessionPurgedText(accountId, purged)]);
    const [signer] = kept.signing.signers;
    const signature = await signer.sign(segmentText(kept.signing.identity, accountId, next));
    assert.ok(await segments.replaceTail(accountId, tail, { ...next, signature }));
    await kept.keep();
    await sessions.deleteOne({ _id: session.id });
    assert.deepEqual(namesOf(await check(kept)), []);
  });

  it('a stripped row without its log_index is named, marked, and fails every walk from then on', async (t) => {
    const kept = await createKept(t);
    await reports.deleteMany({ session_id: kept.session.id });
    await setRow(kept.session, STRIPPED, { log_index: '' });
    assert.equal(
      await walk(kept, kept.session),
      'seal_missing',
      'a walk finds the entry by the session’s id',
    );
    await places.deleteMany({});
    assert.equal(await walk(kept, kept.session), 'verified', 'nothing leads to the entry any more');
    const [found] = (await check(kept)).filter(({ about }) => about === kept.session.id);
    assert.equal(found?.finding, 'logged_session_differs');
    assert.match(found?.line ?? '', /another end, root, seal than entry 2 .*; its row did not name entry 2/);
    assert.equal(found?.details.fault, 'seal_missing');
    assert.equal(await faultOf(kept.session), 'seal_missing');
    assert.equal(await walk(kept, kept.session), 'seal_missing');
  });

  it('a session that was put back to an older copy, segments and all, is named and marked', async (t) => {
    const kept = await createKept(t);
    const { accountId } = kept;
    const open = await writeSession(world, 3, { accountId, seal: false });
    const about = { _id: new RegExp(open.id) as never };
    const copy = [await sessions.find(about).toArray(), await auditSegments.find(about).toArray()] as const;
    await appendEvents(world, accountId, open.id, [draftEvent(4), draftEvent(5)]);
    await closeLog(world, accountId, open.id, { endedAt: new Date(), status: 'ok' });
    await kept.keep();
    for (const [i, rows] of [sessions, auditSegments].entries()) {
      await rows.deleteMany(about);
      await rows.insertMany(copy[i as 0 | 1]);
    }
    assert.equal(await walk(kept, open), 'seal_missing', 'a walk finds the entry by the session’s id');
    const found = await check(kept);
    assert.deepEqual(namesOf(found), ['logged_session_differs']);
    assert.match(found[0]?.line ?? '', /another end, status, size, root, head hash, seal than/);
    assert.equal(await faultOf(open), 'seal_missing');
    assert.equal(await walk(kept, open), 'seal_missing');
  });

  it('a session is not what a report saw of it, or is gone, by the entry of the report alone', async (t) => {
    const kept = await createKept(t);
    const { accountId } = kept;
    const reported = async (size: number) => {
      const session = await writeSession(world, size, { accountId, seal: false });
      const stored = (await world.sessions.find(accountId, session.id)) as Session;
      const verdict = await verifyAs(world, stored);
      assert.ok(verdict.status === 'verified');
      await recordStated(world, kept, { ...stored, merkleRootHex: verdict.rootHex });
      await kept.keep();
      await reports.deleteMany({ session_id: session.id });
      await places.deleteOne({ _id: `${accountId}/${session.id}` });
      return session;
    };
    const [cut, regrown, gone, well] = [
      await reported(5),
      await reported(5),
      await reported(5),
      await reported(5),
    ];
    await cutTail(world, cut, 3);
    await cutTail(world, regrown, 3);
    await appendEvents(world, accountId, regrown.id, [draftEvent(20), draftEvent(21)]);
    await closeLog(world, accountId, regrown.id, { endedAt: new Date(), status: 'ok' });
    await sessions.deleteOne({ _id: gone.id });
    const found = await check(kept);
    const of = (session: Session) =>
      found
        .filter(({ about }) => about === session.id)
        .map(({ finding, details }) => [finding, details.fault]);
    assert.deepEqual(of(cut), [['logged_session_differs', 'truncated']]);
    assert.deepEqual(of(regrown), [['logged_session_differs', 'root_mismatch']]);
    assert.deepEqual(of(gone), [['logged_session_gone', undefined]]);
    assert.deepEqual(of(well), []);
    assert.equal(await faultOf(regrown), 'root_mismatch');
  });

  it('a cut log that was made to be logged again gets no second entry, and misses its seal from then on', async (t) => {
    const kept = await createKept(t);
    const { session } = kept;
    await reports.deleteMany({ session_id: session.id });
    const root = await cutTail(world, session, 3);
    const again = { ended_at: session.endedAt, merkle_root_hex: root, merkle_root_size: 3, log_due: root };
    await setRow(session, again, { log_index: '' });
    await kept.keep();
    assert.equal(await faultOf(session), 'seal_missing');
    assert.equal(await walk(kept, session), 'seal_missing');
    for (let night = 0; night < 2; night += 1) {
      const found = (await check(kept)).filter(({ about }) => about === session.id);
      assert.deepEqual(namesOf(found), ['logged_session_differs']);
      assert.equal(found[0]?.details.fault, 'seal_missing');
    }
  });

  it('each fact of a row that is not that of its entry is named, of whatever type', async (t) => {
    const kept = await createKept(t);
    const { session } = kept;
    const row = (await sessions.findOne({ _id: session.id })) as Row;
    const changes: [string, Record<string, unknown>][] = [
      ['agent', { agent_id: newId('agent') }],
      ['start', { started_at: new Date(1) }],
      ['start', { started_at: '2026' }],
      ['end', { ended_at: new Date() }],
      ['end', { ended_at: 5 }],
      ['status', { status: 'error' }],
      ['policy', { policy_sha256: 'ab'.repeat(32) }],
      ['audit key', { 'log.key_id': 'k_other' }],
      ['size', { 'log.size': 4 }],
      ['size', { 'log.size': '5' }],
      ['root', { merkle_root_hex: 'cd'.repeat(32) }],
      ['root', { merkle_root_hex: null }],
      ['head hash', { 'log.head_hash': 'cd'.repeat(32) }],
      ['seal', { 'log.seal': null }],
    ];
    for (const [name, change] of changes) {
      await setRow(session, change);
      const found = await check(kept);
      assert.deepEqual(namesOf(found), ['logged_session_differs'], name);
      assert.match(found[0]?.line ?? '', new RegExp(`^its row has another ${name} than entry 2`));
      await sessions.replaceOne({ _id: session.id }, row);
    }
    // An unsealed log's row, of which no walk can tell.
    const ended = await writeEnded(world, 2, kept.accountId);
    const verdict = await verifyAs(world, ended);
    assert.ok(verdict.status === 'verified');
    await setRow(ended, { merkle_root_hex: verdict.rootHex, merkle_root_size: 2, log_due: verdict.rootHex });
    await kept.keep();
    await setRow(ended, { status: 'partial' });
    assert.match((await check(kept))[0]?.line ?? '', /^its row has another status than entry 3/);
    await setRow(ended, { status: 'ok', 'log.size': 9 });
    const [grown] = await check(kept);
    assert.match(grown?.line ?? '', /does not extend what entry 3 .* holds; its log failed, truncated$/);
  });

  it('a row that names no entry, or another one, is named and names its own again; a hidden row is named', async (t) => {
    const kept = await createKept(t);
    const { session } = kept;
    const other = await writeSession(world, 2, { accountId: kept.accountId });
    await kept.keep();
    for (const index of [null, 0, 3, 77, -1, 'x', { toString: 1 }]) {
      await setRow(
        session,
        index === null ? {} : { log_index: index },
        index === null ? { log_index: '' } : {},
      );
      const found = (await check(kept)).filter(({ about }) => about === session.id);
      assert.deepEqual(namesOf(found), ['logged_session_unnamed'], inspect(index));
      assert.deepEqual(await check(kept), [], inspect(index));
    }
    await setRow(session, { log_index: 2, importing: true });
    assert.deepEqual(namesOf(await check(kept)), ['logged_session_hidden']);
    assert.equal(await faultOf(other), null);
  });

  it('a ledger row that is gone, was replaced, or names no entry, is named', async (t) => {
    const kept = await createKept(t);
    const row = (await reports.findOne({ session_id: kept.session.id })) as Row;
    const changes: [string, object][] = [
      ['logged_report_gone', { account_id: newId('account') }],
      ['logged_report_gone', { size: 'x' }],
      ['logged_report_differs', { json_sha256: 'ef'.repeat(32) }],
      ['logged_report_differs', { root_hex: 'ef'.repeat(32) }],
      ['logged_report_differs', { generated_at: new Date(1) }],
      ['logged_report_differs', { format: 'other' }],
      ['logged_report_unnamed', { log_index: 2 }],
    ];
    for (const [finding, change] of changes) {
      await reports.updateOne({ _id: row._id }, { $set: change } as never);
      assert.deepEqual(namesOf(await check(kept)), [finding], JSON.stringify(change));
      await reports.replaceOne({ _id: row._id }, row);
    }
    await reports.updateOne({ _id: row._id }, { $unset: { log_index: '' } });
    assert.deepEqual(namesOf(await check(kept)), ['logged_report_unnamed']);
    // It names its entry again.
    assert.deepEqual(await reports.findOne({ _id: row._id }), row);
    // As from a backup: it gets another entry.
    await reports.updateOne({ _id: row._id }, { $set: { log_due: true }, $unset: { log_index: '' } });
    await kept.keep();
    assert.deepEqual(namesOf(await check(kept)), []);
    await reports.deleteOne({ _id: row._id });
    assert.deepEqual(namesOf(await check(kept)), ['logged_report_gone']);
  });

  it('a policy that is gone, or that has another text or name, is named', async (t) => {
    const kept = await createKept(t);
    const row = (await policies.findOne({ account_id: kept.accountId })) as Row;
    await policies.updateOne({ _id: row._id }, { $set: { text: 'name: x' } });
    assert.deepEqual(namesOf(await check(kept)), ['logged_policy_gone']);
    await policies.replaceOne({ _id: row._id }, { ...row, name: 'other' });
    assert.deepEqual(namesOf(await check(kept)), ['logged_policy_differs']);
    for (const change of [
      { $unset: { log_index: '' } },
      { $set: { log_index: 1 } },
      { $set: { log_index: { toString: 1 } } },
    ] as object[]) {
      await policies.replaceOne({ _id: row._id }, row);
      await policies.updateOne({ _id: row._id }, change);
      assert.deepEqual(namesOf(await check(kept)), ['logged_policy_unnamed']);
      assert.deepEqual(await policies.findOne({ _id: row._id }), row);
    }
    await policies.deleteOne({ _id: row._id });
    assert.deepEqual(namesOf(await check(kept)), ['logged_policy_gone']);
  });

  it('what was appended, changed or cut in the account log itself is named, and nothing is compared with it', async (t) => {
    const damages: [string, (accountId: string) => Promise<unknown>][] = [
      ['not written by a holder', (id) => append(id, '{"kind":"x"}')],
      [
        'first 3 entries are not those',
        (id) => logSegments.updateOne({ _id: `${id}/0` }, { $set: { 'entries.2': '{}' } }),
      ],
      ['entries were removed', (id) => logSegments.deleteOne({ _id: `${id}/0` })],
      [
        'last checkpoint in DATA_DIR covers 3',
        async (id) => {
          for (const name of [LOG_SEGMENTS, LOG_TILES]) {
            await world.db.collection(name).deleteMany({ account_id: id });
          }
          await heads.deleteOne({ _id: id });
          await sessions.deleteMany({ account_id: id });
        },
      ],
    ];
    for (const [reason, damage] of damages) {
      const kept = await createKept(t);
      await damage(kept.accountId);
      const found = await check(kept);
      assert.deepEqual(namesOf(found), ['account_log_contradicted'], reason);
      assert.ok(found[0]?.line.includes(reason), found[0]?.line);
      assert.ok((await kept.logs.listStored()).includes(kept.accountId));
      // Signs and marks nothing.
      assert.equal((await heads.findOne({ _id: kept.accountId }))?.failed, undefined);
    }
  });

  it('a log that was taken away with all that was signed of it is named by the rows that name its entries', async (t) => {
    const kept = await createKept(t);
    await rm(kept.dataDir, { recursive: true });
    await logSegments.deleteMany({ account_id: kept.accountId });
    await heads.deleteOne({ _id: kept.accountId });
    assert.ok((await kept.logs.listStored()).includes(kept.accountId));
    for (const [subject, collection] of [
      ['sessions', sessions],
      ['reports', reports],
      ['policies', policies],
    ] as const) {
      const { log_index: index } = (await collection.findOne({ account_id: kept.accountId })) as Row;
      const others = [sessions, reports, policies].filter((each) => each !== collection);
      const taken = await Promise.all(
        others.map(async (each) => ({
          each,
          rows: await each.find({ account_id: kept.accountId }).toArray(),
        })),
      );
      for (const { each } of taken) await each.deleteMany({ account_id: kept.accountId });
      const found = await check(kept);
      assert.deepEqual(namesOf(found), ['account_log_contradicted']);
      assert.ok(found[0]?.line.includes(`a row of ${subject} names entry ${index}:`), found[0]?.line);
      for (const { each, rows } of taken) await each.insertMany(rows);
    }
  });

  it('one odd index hides no row that names an entry', async (t) => {
    const kept = await createKept(t);
    await logSegments.deleteMany({ account_id: kept.accountId });
    await heads.deleteOne({ _id: kept.accountId });
    await rm(kept.dataDir, { recursive: true });
    for (const log_index of [[9], { x: 1 }, '9', Number.NaN, Number.POSITIVE_INFINITY, null]) {
      await sessions.insertOne({ _id: newId('session'), account_id: kept.accountId, log_index });
    }
    const [found] = await check(kept);
    assert.match(found?.line ?? '', /a row of \w+ names entry 2:/);
  });

  it('an entry that is noted in account_log_places no more is noted again', async (t) => {
    const kept = await createKept(t);
    const _id = `${kept.accountId}/${kept.session.id}`;
    const find = async () => (await createLogPlaces(world.db).find(kept.accountId, kept.session.id)).closed;
    const indexes = await find();
    assert.equal(indexes.length, 1);
    const junk = Array.from({ length: 40 }, (_, i) => i + 100);
    for (const damage of [
      () => places.deleteOne({ _id }),
      () => places.updateOne({ _id }, { $set: { indexes: [] } }),
      () => places.updateOne({ _id }, { $set: { indexes: { x: 1 } } }),
      () => places.updateOne({ _id }, { $set: { indexes: [...junk, ...indexes] } }),
    ]) {
      await damage();
      assert.ok(!(await find()).includes(indexes[0] as number));
      assert.deepEqual(namesOf(await check(kept)), ['account_log_places_differ']);
      assert.ok((await find()).includes(indexes[0] as number));
      assert.deepEqual(namesOf(await check(kept)), []);
    }
  });

  it('what was noted is told by what was marked and signed, whatever the row of the account says', async (t) => {
    const kept = await createKept(t);
    const { accountId, session } = kept;
    const noted = () => createLogPlaces(world.db).notedUpTo(accountId);
    const whole = await noted();
    const headOf = (await heads.findOne({ _id: accountId }))!;
    for (const damage of [
      () => places.deleteOne({ _id: accountId }),
      () => places.updateOne({ _id: accountId }, { $set: { noted: 0 } }),
      () => places.updateOne({ _id: accountId }, { $set: { noted: 'x' } }),
    ]) {
      for (const unset of ['marked', 'checkpoint']) {
        await damage();
        await places.deleteOne({ _id: `${accountId}/${session.id}` });
        await heads.updateOne({ _id: accountId }, { $unset: { [unset]: '' } } as object);
        const found = await check(kept);
        assert.deepEqual(namesOf(found), ['account_log_places_differ', 'account_log_places_differ']);
        assert.deepEqual(found.map(({ details }) => details).slice(1), [{ noted: 0, entries: whole }]);
        assert.equal(await noted(), whole);
        assert.equal((await createLogPlaces(world.db).find(accountId, session.id)).closed.length, 1);
        await heads.replaceOne({ _id: accountId }, headOf);
        assert.deepEqual(await check(kept), []);
      }
    }
  });

  it('the report that saw the most of a session is noted again, wherever its place was lost or is false', async (t) => {
    const kept = await createKept(t);
    const { accountId, session } = kept;
    const find = async () => (await createLogPlaces(world.db).find(accountId, session.id)).reported;
    const rootHex = session.merkleRootHex as string;
    const smaller = { ...session, log: { ...session.log, size: 1 }, merkleRootHex: 'ab'.repeat(32) };
    for (const each of [session, smaller, session]) {
      await recordStated(world, kept, each);
      await kept.keep();
    }
    const reported = await find();
    assert.deepEqual([reported?.size, reported?.rootHex], [session.log.size, rootHex]);
    await reports.deleteMany({ session_id: session.id });
    const _id = `${accountId}/${session.id}`;
    const { index, size } = reported!;
    for (const damage of [
      { $unset: { reported: '' } },
      { $set: { reported: [] } },
      { $set: { 'reported.index': -1 } },
      { $set: { reported: { index: index + 1, size: 1, root_hex: smaller.merkleRootHex } } },
      { $set: { reported: { index: 0, size: size + 1, root_hex: rootHex } } },
      { $set: { reported: { index: 9_999, size, root_hex: rootHex } } },
      { $set: { reported: { index, size, root_hex: smaller.merkleRootHex } } },
    ]) {
      await places.updateOne({ _id }, damage as object);
      assert.ok(namesOf(await check(kept)).includes('account_log_places_differ'), JSON.stringify(damage));
      assert.deepEqual([(await find())?.size, (await find())?.rootHex], [size, rootHex]);
      assert.ok(!namesOf(await check(kept)).includes('account_log_places_differ'));
    }
  });

  it('a keeper notes all places again where more are said to be noted than there are entries', async (t) => {
    const kept = await createKept(t);
    await places.updateOne({ _id: kept.accountId }, { $set: { noted: 9e15 } });
    const { id } = await writeSession(world, 2, { accountId: kept.accountId });
    await kept.keep();
    await kept.keep();
    assert.equal((await createLogPlaces(world.db).find(kept.accountId, id)).closed.length, 1);
    assert.deepEqual(await check(kept), []);
  });

  it('a segment behind the end of the log is named', async (t) => {
    const kept = await createKept(t);
    for (const index of ['1', '00', '\n']) {
      await logSegments.insertOne({ _id: `${kept.accountId}/${index}`, account_id: 'x', entries: ['{}'] });
    }
    const found = await check(kept);
    assert.deepEqual(namesOf(found), Array(3).fill('account_log_stray_segment'));
    assert.ok(found.every(({ line }) => !line.includes('\n')));
  });

  for (const name of ['1/0', '0.5/0']) {
    it(`tile ${name} with one changed bit is named, and the next checkpoint writes it anew`, async (t) => {
      const kept = await createKept(t);
      const { accountId } = kept;
      await growLog(world, kept, accountId, 600);
      const rows = world.db.collection<{ _id: string; hashes: Binary }>(LOG_TILES);
      const tile = await rows.findOne({ _id: `${accountId}/${name}` });
      const hashes = Buffer.from(tile!.hashes.value());
      hashes[40]! ^= 1;
      await rows.updateOne({ _id: tile!._id }, { $set: { hashes: new Binary(hashes) } });
      const found = (await check(kept)).filter(({ finding }) => finding.startsWith('account_log_'));
      assert.deepEqual(
        found.map(({ finding, details }) => [finding, details.tile]),
        [['account_log_tile_differs', name]],
      );
      await writeSession(world, 1, { accountId });
      await kept.keep();
      const written = await rows.findOne({ _id: tile!._id });
      const before = Buffer.from(tile!.hashes.value());
      assert.deepEqual(Buffer.from(written!.hashes.value()).subarray(0, before.length), before);
    });
  }
});

function append(accountId: string, text: string) {
  return logSegments.updateOne({ _id: `${accountId}/0` }, {
    $push: { entries: text },
    $inc: { count: 1 },
  } as never);
}
