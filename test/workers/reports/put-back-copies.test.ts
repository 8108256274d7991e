// Copies of a session that somebody put back or changed, against what the account log has of it: in the session's own report
// and in one over the window that its row says.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createAuditKey } from '../../../shared/audit/audit-keys.ts';
import { newId } from '../../../shared/audit/ids.ts';
import { openingMarkOf } from '../../../shared/audit/opening.ts';
import { damagedRow } from '../../../shared/audit/verdict.ts';
import { SEGMENTS } from '../../../shared/log-store/segment.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import { readAnyReport } from '../../../shared/reports/read-report.ts';
import { createReportLedger } from '../../../shared/reports/report-ledger.ts';
import { createReportSigner } from '../../../shared/reports/report-signer.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { SESSIONS } from '../../../shared/sessions/session-row.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/time/durations.ts';
import { openCheckpointMemory } from '../../../shared/transparency/checkpoint-memory.ts';
import { parseLogEntry } from '../../../shared/transparency/log-entry.ts';
import { createLogHeads } from '../../../shared/transparency/log-heads.ts';
import { createLogPlaces } from '../../../shared/transparency/log-places.ts';
import { LOG_HEADS, LOG_SEGMENTS } from '../../../shared/transparency/log-rows.ts';
import { createLogSegments } from '../../../shared/transparency/log-segments.ts';
import { holdsAgainst, ReportedSessions } from '../../../workers/account-log/reported-sessions.ts';
import { createVerifyDeps } from '../../../workers/logs/verify-session.ts';
import { openLogReader } from '../../../workers/reports/account-logs.ts';
import { createFactGatherer } from '../../../workers/reports/gather-facts.ts';
import { issueSession, issueWide, type WideOrder } from '../../../workers/reports/pool.ts';
import { beginReport } from '../../../workers/reports/report-tasks.ts';
import { createStopFlag } from '../../../workers/threads/stop-flag.ts';
import { cutTail, NEVER, recordStated } from '../../support/account-logs.ts';
import { draftEvent, startSession, TEST_KEY, writeSession } from '../../support/audit-world.ts';
import { createLoggedWorld } from '../../support/logged-world.ts';
import { entryText } from '../../support/long-log.ts';
import { markEnd } from '../../support/pipeline-world.ts';
import { ASKER } from '../../support/report-facts.ts';

const { world, logs, pool } = await createLoggedWorld({ after });
type Row = { _id: string } & Record<string, unknown>;
const rows = world.db.collection<Row>(SESSIONS);
const segments = world.db.collection<Row>(SEGMENTS);

const keep = async (accountId: string) => assert.equal((await logs.logs.keep(accountId, NEVER)).failed, null);

/** For a report over the account from a day before a time to a day after. */
function wideOrder(accountId: string, around: Date): WideOrder {
  const [since, until] = [-DAY_MS, DAY_MS].map((ms) => new Date(around.getTime() + ms)) as [Date, Date];
  return {
    ...{ accountId, subject: { scope: 'account', window: { since, until, tz: 'UTC', period: null } } },
    ...{ exceptions: 'refuse', format: 'json', baaChainText: null, issuedTo: ASKER, sessionsLimit: 9 },
  };
}

async function wideReport(accountId: string, around: Date) {
  return await pool.wideReport(wideOrder(accountId, around), { signal: NEVER, onOutcome: async () => {} });
}

/** What `wideReport` says of its sessions, in a word each. */
async function wide(accountId: string, around: Date): Promise<string[] | string> {
  const outcome = await wideReport(accountId, around);
  if (outcome.kind === 'refused') return outcome.problem;
  assert.ok(outcome.kind === 'made' || outcome.kind === 'not_verified');
  return outcome.kind === 'made' ? [] : outcome.exceptions.map(({ verdict }) => wordOf(verdict));
}

/** What the session's own walk says, in a word. */
async function own({ accountId, id: sessionId }: Pick<Session, 'accountId' | 'id'>): Promise<string> {
  const evidence = await pool.verifySession({ accountId, sessionId }, { signal: NEVER });
  assert.ok(evidence);
  return wordOf(evidence.verdict);
}

function wordOf(verdict: Readonly<{ status: string; fault?: string; field?: string }>): string {
  return verdict.fault ?? verdict.field ?? verdict.status;
}

/** An ended session without a seal, as an import leaves it, that the account log has. */
async function loggedUnsealed(accountId: string): Promise<Session> {
  const session = await writeSession(world, 3, { accountId });
  await rows.updateOne({ _id: session.id }, { $set: { 'log.seal': null } });
  await markEnd(world, session);
  await keep(accountId);
  assert.equal(await own(session), 'verified');
  return session;
}

describe('a copy that somebody put back or changed', () => {
  it('a sealed log that is cut and moved to another window fails there', async () => {
    const accountId = newId('account');
    const session = await writeSession(world, 6, { accountId });
    await keep(accountId);
    await cutTail(world, session, 3);
    const start = new Date(Date.now() - 10 * DAY_MS);
    await rows.updateOne(
      { _id: session.id },
      {
        $set: { started_at: start, ended_at: new Date(start.getTime() + 1_000) },
        $unset: { 'log.opening': '', log_index: '', log_due: '' },
      },
    );
    assert.equal(await own(session), 'seal_missing');
    assert.deepEqual(await wide(accountId, start), ['seal_missing']);
    // Its own window misses it.
    assert.deepEqual(await wide(accountId, new Date()), []);
  });

  it('an older copy whose row names an earlier entry fails by the later one, sealed or not', async () => {
    for (const seals of [true, false]) {
      const accountId = newId('account');
      const { id } = await startSession(world, accountId);
      const session = { accountId, id } as Session;
      const end = async (size: number) => {
        await rows.updateOne({ _id: id }, { $set: { ended_at: new Date(), status: 'ok' } });
        await markEnd(world, session);
        const evidence = await pool.verifySession({ accountId, sessionId: id }, { signal: NEVER });
        assert.ok(evidence?.verdict.status === 'verified');
        const { rootHex } = evidence.verdict;
        await rows.updateOne(
          { _id: id },
          { $set: { merkle_root_hex: rootHex, merkle_root_size: size, log_due: rootHex } },
        );
      };
      await appendEvents(world, accountId, id, [0, 1, 2].map(draftEvent));
      const open = await rows.findOne({ _id: id });
      await end(3);
      await keep(accountId);
      const segmentId = { _id: new RegExp(`/${id}/`) as never };
      const [row, segment] = [await rows.findOne({ _id: id }), await segments.findOne(segmentId)];
      assert.ok(row && segment && open);
      await rows.updateOne({ _id: id }, { $set: { ended_at: null, status: open.status, log: open.log } });
      await appendEvents(world, accountId, id, [3, 4].map(draftEvent));
      if (seals) await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
      else await end(5);
      await keep(accountId);
      assert.equal(await own(session), 'verified');
      await rows.replaceOne({ _id: id }, row);
      await segments.replaceOne({ _id: segment._id }, segment);
      const fault = seals ? 'seal_missing' : 'truncated';
      assert.equal(await own(session), fault);
      assert.deepEqual(await wide(accountId, new Date()), [fault]);
    }
  });

  for (const how of ['put back', 'taken away'] as const) {
    it(`a checkpoint that was ${how} hides no entry behind it`, async () => {
      const accountId = newId('account');
      await writeSession(world, 2, { accountId });
      await keep(accountId);
      const heads = world.db.collection<Row>(LOG_HEADS);
      const older = (await heads.findOne({ _id: accountId }))?.checkpoint;
      const { id } = await startSession(world, accountId);
      await appendEvents(world, accountId, id, [0, 1].map(draftEvent));
      const segmentId = { _id: new RegExp(`/${id}/`) as never };
      const [openRow, openSegment] = [await rows.findOne({ _id: id }), await segments.findOne(segmentId)];
      await appendEvents(world, accountId, id, [2, 3, 4].map(draftEvent));
      await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
      await keep(accountId);
      const row = await rows.findOne({ _id: id });
      assert.ok(row && openRow && openSegment && older);
      await heads.updateOne(
        { _id: accountId },
        how === 'put back' ? { $set: { checkpoint: older } } : { $unset: { checkpoint: '' } },
      );
      assert.deepEqual(await wide(accountId, new Date()), []);
      await rows.deleteOne({ _id: id });
      assert.match(
        String(await wide(accountId, new Date())),
        new RegExp(`behind its checkpoint about a session of the window that is not stored: ${id}`),
      );
      await rows.insertOne({ ...row, started_at: new Date(Date.now() - 9 * DAY_MS) });
      assert.match(
        String(await wide(accountId, new Date())),
        new RegExp(`whose row has another start or agent now: ${id}`),
      );
      await rows.deleteOne({ _id: id });
      await rows.insertOne(openRow);
      await segments.replaceOne({ _id: openSegment._id }, openSegment);
      assert.deepEqual(await wide(accountId, new Date()), ['seal_missing']);
      await rows.replaceOne({ _id: id }, row);
      // Once the next checkpoint is signed, the deleted session is one that is missing.
      await keep(accountId);
      await rows.deleteOne({ _id: id });
      assert.deepEqual(await wide(accountId, new Date()), []);
    });
  }

  it('an older copy of the account log, put back while a report is made, is not what the process knew before', async () => {
    const accountId = newId('account');
    const log = world.db.collection<Row>(LOG_SEGMENTS);
    const heads = world.db.collection<Row>(LOG_HEADS);
    const [open, sealed] = [
      await startSession(world, accountId),
      await writeSession(world, 3, { accountId }),
    ];
    await appendEvents(world, accountId, open.id, [0, 1, 2].map(draftEvent));
    await keep(accountId);
    const tables = [[log, `${accountId}/0`] as const, [heads, accountId] as const];
    const older = await Promise.all(tables.map(([table, _id]) => table.findOne({ _id })));
    await grow({ accountId, id: open.id } as Session, 5);
    const { id } = await writeSession(world, 3, { accountId });
    await keep(accountId);
    const memory = openCheckpointMemory(world.db, logs.signing.identity, logs.dataDir);
    const sign = createReportSigner(logs.signing, createLogHeads(world.db), memory);
    const ledger = createReportLedger(world.db);
    const deps = { pool, ledger, recordOutcome: async () => {}, signStatement: sign };
    const wideOf = (checkpointMemory: typeof memory | null) =>
      issueWide({ ...deps, checkpointMemory }, wideOrder(accountId, new Date()), {
        place: null,
        signal: NEVER,
      });
    const ownOf = (sessionId: string, checkpointMemory: typeof memory | null) => {
      const order = { accountId, sessionId, baaChainText: null, format: 'json', issuedTo: ASKER } as const;
      return issueSession({ ...deps, checkpointMemory }, order, { place: null, signal: NEVER });
    };
    // Each looks, and is believed for a second.
    for (const each of [open.id, sealed.id]) assert.ok(await ownOf(each, memory));
    await cutTail(world, (await world.sessions.find(accountId, open.id)) as Session, 3);
    await rows.deleteOne({ _id: id });
    await world.db.collection<Row>('reports').deleteMany({ account_id: accountId as never });
    await world.db.collection<Row>('account_log_places').deleteMany({ _id: new RegExp(accountId) as never });
    for (const [i, [table, _id]] of tables.entries()) await table.replaceOne({ _id }, older[i]!);
    assert.deepEqual(await wide(accountId, new Date()), [], 'nothing in the database tells');
    const refused = {
      reason: 'account_log',
      message: /^The account log lacks entries that a signed checkpoint covers, /,
    };
    await assert.rejects(wideOf(memory), refused);
    for (const each of [open.id, sealed.id]) await assert.rejects(ownOf(each, memory), refused);
    // So does whoever has nothing but the file.
    await assert.rejects(
      wideOf(openCheckpointMemory(world.db, logs.signing.identity, logs.dataDir)),
      refused,
    );
  });

  it('an older checkpoint that was put back hides no session whose entry was written over', async () => {
    const accountId = newId('account');
    await writeSession(world, 2, { accountId });
    await keep(accountId);
    const heads = world.db.collection<Row>(LOG_HEADS);
    const older = (await heads.findOne({ _id: accountId }))?.checkpoint;
    const { id } = await writeSession(world, 3, { accountId });
    await keep(accountId);
    await heads.updateOne({ _id: accountId }, { $set: { checkpoint: older } });
    assert.deepEqual(await wide(accountId, new Date()), []);
    await rows.deleteOne({ _id: id });
    await overwriteEntry(accountId, id);
    assert.match(
      String(await wide(accountId, new Date())),
      /^The account log .* has some behind it that no holder of the signing key wrote\. /,
    );
  });

  it('how an unsealed session began and ended is held against its entry', async () => {
    const accountId = newId('account');
    const session = await loggedUnsealed(accountId);
    const row = (await rows.findOne({ _id: session.id })) as Row;
    const changes: Record<string, unknown> = {
      started_at: new Date(session.startedAt.getTime() - HOUR_MS),
      policy_sha256: 'ab'.repeat(32),
      ended_at: new Date(Date.now() + 1_000),
      status: 'error',
    };
    for (const [field, value] of Object.entries(changes)) {
      await rows.updateOne({ _id: session.id }, { $set: { [field]: value }, $unset: { 'log.opening': '' } });
      assert.equal(await own(session), field);
      assert.deepEqual(await wide(accountId, new Date()), [field]);
      await rows.replaceOne({ _id: session.id }, row);
      assert.equal(await own(session), 'verified');
    }
  });

  it('an entry that nobody signed accuses no unsealed session', async () => {
    const accountId = newId('account');
    const session = await loggedUnsealed(accountId);
    const log = world.db.collection<{ _id: string; entries: string[] }>('account_log_segments');
    const { entries } = (await log.findOne({ _id: `${accountId}/0` }))!;
    const forged = entries.map((text) => text.replace('"status":"ok"', '"status":"error"'));
    assert.notDeepEqual(forged, entries);
    await log.updateOne({ _id: `${accountId}/0` }, { $set: { entries: forged } });
    assert.equal(await own(session), 'verified');
  });

  it('a report over many sessions is refused while a row of its window names an entry that the log does not have', async () => {
    const accountId = newId('account');
    const session = await writeSession(world, 2, { accountId });
    await keep(accountId);
    assert.deepEqual(await wide(accountId, new Date()), []);
    await rows.updateOne({ _id: session.id }, { $set: { log_index: 9 } });
    assert.match(
      String(await wide(accountId, new Date())),
      /names an entry that the account log does not have/,
    );
  });
});

/** Writes another entry over those about a session, as somebody without the signing key can. */
async function overwriteEntry(accountId: string, sessionId: string): Promise<void> {
  const log = world.db.collection<{ _id: string; entries: string[] }>(LOG_SEGMENTS);
  const { entries } = (await log.findOne({ _id: `${accountId}/0` }))!;
  const written = entries.map((text) => (text.includes(sessionId) ? entryText(accountId, 7) : text));
  assert.notDeepEqual(written, entries);
  await log.updateOne({ _id: `${accountId}/0` }, { $set: { entries: written } });
}

/** An open session of `size` events, on which a report was issued that the account log has. */
async function reportedOpen(size: number): Promise<Session> {
  const accountId = newId('account');
  const { id } = await startSession(world, accountId);
  await grow({ accountId, id } as Session, size);
  return (await world.sessions.find(accountId, id)) as Session;
}

/** Appends events to an open session up to a size, and logs a report on it; the root over them. */
async function grow({ accountId, id }: Session, size: number): Promise<string> {
  const before = (await world.sessions.find(accountId, id))?.log.size ?? 0;
  const added = Array.from({ length: size - before }, (_, i) => draftEvent(before + i));
  await appendEvents(world, accountId, id, added);
  const evidence = await pool.verifySession({ accountId, sessionId: id }, { signal: NEVER });
  assert.ok(evidence?.verdict.status === 'verified');
  const { rootHex } = evidence.verdict;
  const session = (await world.sessions.find(accountId, id)) as Session;
  await recordStated(world, logs, { ...session, merkleRootHex: rootHex });
  await keep(accountId);
  return rootHex;
}

/** The session's own report. */
function ownReport({ accountId, id: sessionId }: Session) {
  const order = { accountId, sessionId, baaChainText: null, format: 'json', issuedTo: ASKER } as const;
  return pool.report(order, { signal: NEVER });
}

/** As a thread has them. `walked` is called when a log was walked, before the account log is read. */
function depsThat(walked: () => Promise<void>) {
  const reader = openLogReader(world.db, logs.signing.identity);
  assert.ok(reader);
  const accountLogs = { reader, keys: logs.signing.identity };
  const gather = createFactGatherer(world.db, accountLogs);
  const facts: typeof gather.facts = async (...asked) => {
    const gathered = await gather.facts(...asked);
    await walked();
    return gathered;
  };
  return { ...createVerifyDeps(world.db, [TEST_KEY], accountLogs), gather: { ...gather, facts } };
}

/** What `ownReport` says, in a word. */
async function ownOutcome(session: Session): Promise<string> {
  const outcome = await ownReport(session);
  return outcome.kind === 'not_verified' ? wordOf(outcome.verdict) : outcome.kind;
}

describe('an open session whose report is in the account log', () => {
  const ledger = world.db.collection<Row>('reports');

  for (const [how, change] of [
    ['is there', async () => {}],
    [
      'lost its signature',
      (id: string) => ledger.updateOne({ session_id: id }, { $unset: { entry_statement: '' } }),
    ],
    ['is gone', (id: string) => ledger.deleteOne({ session_id: id })],
  ] as const) {
    it(`is too short once it is cut, where the row of the report ${how}`, async () => {
      const session = await reportedOpen(5);
      const { accountId, id: sessionId } = session;
      assert.equal(await own(session), 'verified');
      await change(sessionId);
      assert.equal(await own(session), 'verified');
      assert.deepEqual(await wide(accountId, new Date()), []);
      await cutTail(world, session, 3);
      const evidence = await pool.verifySession({ accountId, sessionId }, { signal: NEVER });
      assert.ok(evidence?.verdict.status === 'failed');
      const { fault, expected, calculated, anchor } = evidence.verdict;
      assert.deepEqual([fault, expected, calculated], ['truncated', '5', '3']);
      assert.equal(anchor?.isSigned, true);
      assert.deepEqual(await wide(accountId, new Date()), ['truncated']);
    });
  }

  it('is held against the entry of the report, whatever its place says that it fixed', async () => {
    const session = await reportedOpen(2);
    const { accountId, id } = session;
    const small = (await ledger.findOne({ session_id: id }))!;
    const rootHex = await grow(session, 5);
    assert.equal(await own(session), 'verified');
    await cutTail(world, session, 3);
    await ledger.deleteOne({ session_id: id, root_hex: rootHex });
    await world.db
      .collection<Row>('account_log_places')
      .updateOne(
        { _id: `${accountId}/${id}` },
        { $set: { 'reported.size': small.size, 'reported.root_hex': small.root_hex } },
      );
    assert.equal(await own(session), 'truncated');
  });

  for (const [how, change, set] of [
    ['is gone', { $unset: { reported: '' } }, {}],
    ["names another session's entry", { $set: { 'reported.index': 0 } }, {}],
    ['is gone and the row names an entry of something else', { $unset: { reported: '' } }, { log_index: 0 }],
  ] as const) {
    it(`gets no report once it is cut, also where the place of the report ${how}`, async () => {
      const session = await reportedOpen(5);
      const { accountId, id } = session;
      assert.equal((await ownReport(session)).kind, 'made');
      await cutTail(world, session, 3);
      await ledger.deleteMany({ session_id: id });
      await rows.updateOne({ _id: id }, { $set: set });
      await world.db
        .collection<Row>('account_log_places')
        .updateOne({ _id: `${accountId}/${id}` }, change as object);
      assert.equal(await own(session), 'verified', 'the walk reads no log');
      assert.equal(await ownOutcome(session), 'truncated');
    });
  }

  /** Cuts it to 3 events, and takes away what leads to the entry of its report. */
  async function cutUnseen(session: Session): Promise<void> {
    await cutTail(world, session, 3);
    await ledger.deleteMany({ session_id: session.id });
    await world.db
      .collection<Row>('account_log_places')
      .deleteOne({ _id: `${session.accountId}/${session.id}` });
  }

  const appendOthers = ({ accountId, id }: Session, count: number) =>
    appendEvents(
      world,
      accountId,
      id,
      Array.from({ length: count }, (_, i) => draftEvent(10 + i)),
    );

  it('gets no report once it is cut and has grown again', async () => {
    const session = await reportedOpen(5);
    await cutUnseen(session);
    await appendOthers(session, 4);
    assert.equal(await own(session), 'verified', 'the walk reads no log');
    assert.equal(await ownOutcome(session), 'root_mismatch');
  });

  for (const [size, fault] of [
    [4, 'truncated'],
    [5, 'root_mismatch'],
    [7, 'root_mismatch'],
  ] as const) {
    it(`is not logged as closed once it is cut, has grown to ${size} events and is sealed`, async () => {
      const session = await reportedOpen(5);
      const { accountId, id } = session;
      await cutUnseen(session);
      await appendOthers(session, size - 3);
      const closed = await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
      assert.equal(closed.status, 'sealed');
      await keep(accountId);
      const texts = await logs.textsOf(accountId);
      assert.deepEqual(
        texts.filter((text) => text.includes(id)).map((text) => JSON.parse(text).kind),
        ['report_issued'],
      );
      assert.equal((await world.sessions.findSnapshot(accountId, id))?.marks.failed?.fault, fault);
      assert.equal(await own(session), fault, 'its place is noted again');
      assert.equal(await ownOutcome(session), fault);
    });
  }

  it('is not logged as closed by a walk of another copy that stands there for a moment', async () => {
    const session = await reportedOpen(5);
    const { accountId, id } = session;
    const [text = ''] = (await logs.textsOf(accountId)).slice(-1);
    const report = parseLogEntry(text);
    assert.ok(report?.kind === 'report_issued');
    const [segment] = await Array.fromAsync(createLogSegments(world.db).readOn(accountId));
    assert.ok(segment);
    const told: string[] = [];
    const deps = {
      pool: pool as never,
      recordOutcome: async () => {},
      places: createLogPlaces(world.db),
      log: { info() {}, warn() {}, error: (_: object, line: string) => void told.push(line) },
      isToTell: () => true,
    };
    for (const size of [4, 5, 7]) {
      const closed = {
        ...{ kind: 'session_closed', account_id: accountId, session_id: id, size, seal: null },
        merkle_root_hex: 'ab'.repeat(32),
      } as never;
      const reported = new ReportedSessions(logs.signing.identity, accountId, [id]);
      // However many reports there are, each root at a size counts.
      for (let i = 0; i < 300; i += 1) reported.visit(report, { text, index: i }, segment);
      assert.equal(reported.differing(closed).length, 1);
      assert.equal(
        await holdsAgainst(deps, closed, reported.differing(closed), NEVER),
        false,
        `size ${size}`,
      );
    }
    assert.equal(told.length, 2);
    assert.equal(await own(session), 'verified');
  });

  it('gets no report of one copy by a walk of another that stands there for a moment', async () => {
    const session = await reportedOpen(5);
    const { accountId, id } = session;
    const copyOf = () =>
      Promise.all([rows.findOne({ _id: id }), segments.findOne({ _id: `${accountId}/${id}/0` })]);
    const putBack = async ([row, segment]: Awaited<ReturnType<typeof copyOf>>) => {
      assert.ok(row && segment);
      await rows.replaceOne({ _id: id }, row);
      await segments.replaceOne({ _id: segment._id }, segment);
    };
    const honest = await copyOf();
    await cutUnseen(session);
    await appendOthers(session, 2);
    const other = await copyOf();
    const deps = depsThat(async () => await putBack(honest));
    const order = { accountId, sessionId: id, baaChainText: null, format: 'json', issuedTo: ASKER } as const;
    const outcome = await beginReport(deps, { order, known: null, stop: createStopFlag() });
    assert.ok(outcome.kind === 'refused', outcome.kind);
    assert.match(outcome.problem, /changed while the report was made/);
    assert.equal(outcome.isStale, true);
    await putBack(other);
    assert.equal(await ownOutcome(session), 'root_mismatch');
  });

  it('is logged as closed where it has what its reports saw', async () => {
    const session = await reportedOpen(2);
    const { accountId, id } = session;
    await grow(session, 4);
    await appendOthers(session, 1);
    await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
    await keep(accountId);
    assert.equal(JSON.parse((await logs.textsOf(accountId)).at(-1) as string).kind, 'session_closed');
    assert.equal(await ownOutcome(session), 'made');
  });

  it('gets no report while the account log has another entry in the place of one that a checkpoint covers', async () => {
    const session = await reportedOpen(2);
    await overwriteEntry(session.accountId, session.id);
    const outcome = await ownReport(session);
    assert.ok(outcome.kind === 'refused', outcome.kind);
    assert.match(
      outcome.problem,
      /^The account log lacks entries that a signed checkpoint covers, has others/,
    );
  });

  it('gets a report beside one that was issued since it was asked for, and saw more', async () => {
    const session = await reportedOpen(2);
    const deps = depsThat(async () => void (await grow(session, 4)));
    const { accountId, id: sessionId } = session;
    const order = { accountId, sessionId, baaChainText: null, format: 'json', issuedTo: ASKER } as const;
    const outcome = await beginReport(deps, { order, known: null, stop: createStopFlag() });
    assert.ok(outcome.kind === 'made', outcome.kind);
    assert.equal(outcome.report.size, 2);
  });

  it('fails in a window also where nothing but the log itself leads to the entry', async () => {
    const session = await reportedOpen(4);
    await cutTail(world, session, 3);
    await ledger.deleteMany({ session_id: session.id });
    await world.db.collection<Row>('account_log_places').deleteMany({});
    assert.deepEqual(await wide(session.accountId, new Date()), ['truncated']);
  });

  it('has the start that its report states, also where a holder of its key marked another, open or sealed', async () => {
    const session = await reportedOpen(4);
    const { accountId, id } = session;
    const startedAt = new Date(session.startedAt.getTime() - HOUR_MS);
    const opening = openingMarkOf(createAuditKey(TEST_KEY).openingKey, { ...session, startedAt });
    await rows.updateOne({ _id: id }, { $set: { started_at: startedAt, 'log.opening': opening } });
    const verdict = async () =>
      (await pool.verifySession({ accountId, sessionId: id }, { signal: NEVER }))?.verdict;
    assert.deepEqual(await verdict(), damagedRow('started_at'));
    await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
    assert.notEqual((await world.sessions.find(accountId, id))?.log.seal, null);
    assert.deepEqual(await verdict(), damagedRow('started_at'));
  });

  it('may grow, and end', async () => {
    const session = await reportedOpen(2);
    const { accountId, id } = session;
    await ledger.deleteMany({ session_id: id });
    await appendEvents(world, accountId, id, [2, 3].map(draftEvent));
    assert.equal(await own(session), 'verified');
    await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
    await keep(accountId);
    assert.equal(await own(session), 'verified');
    assert.deepEqual(await wide(accountId, new Date()), []);
  });

  it('is missing from its window once it was deleted with the row of the report', async () => {
    const { accountId, id } = await reportedOpen(2);
    for (const table of [rows, ledger]) await table.deleteMany({ account_id: accountId as never });
    await segments.deleteMany({ _id: new RegExp(`/${id}/`) as never });
    const outcome = await wideReport(accountId, new Date());
    assert.ok(outcome.kind === 'made', JSON.stringify(outcome));
    const report = readAnyReport(outcome.report.json);
    assert.ok(report.scope !== 'session');
    assert.deepEqual(report.completeness.sessions_missing, [id]);
  });
});
