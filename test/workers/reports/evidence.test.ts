// Reports on sessions that are in an account log, and what somebody who writes to the database may do about it.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { verdictName } from '../../../shared/audit/verdict.ts';
import { SEGMENTS } from '../../../shared/log-store/segment.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import type { EventDraft } from '../../../shared/log-writer/draft.ts';
import { computeRoot } from '../../../shared/merkle/root.ts';
import { readAnyReport } from '../../../shared/reports/read-report.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { SESSIONS } from '../../../shared/sessions/session-row.ts';
import { parseLogEntry } from '../../../shared/transparency/log-entry.ts';
import type { ReportOutcome, ReportPool } from '../../../workers/reports/pool.ts';
import { NEVER, TEST_SIGNING } from '../../support/account-logs.ts';
import { draftEvent, startSession, writeSession } from '../../support/audit-world.ts';
import { createLoggedWorld } from '../../support/logged-world.ts';
import { markEnd } from '../../support/pipeline-world.ts';
import { ASKER } from '../../support/report-facts.ts';
import { pemOf } from '../../support/signers.ts';

const { world, logs, pool, openPool } = await createLoggedWorld({ after });

/** A closed session that is in the account log, behind others. */
async function logged(size = 9, options: { seal?: boolean } = {}): Promise<Session> {
  const accountId = newId('account');
  for (let i = 0; i < 3; i += 1) await writeSession(world, 2, { accountId });
  const { id } = await writeSession(world, size, { accountId, ...options });
  await logs.logs.keep(accountId, NEVER);
  return await stored({ accountId, id });
}

async function stored({ accountId, id }: Pick<Session, 'accountId' | 'id'>): Promise<Session> {
  return (await world.sessions.find(accountId, id)) as Session;
}

function report(
  { accountId, id: sessionId }: Session,
  { format = 'json', from = pool }: { format?: 'json' | 'pdf'; from?: ReportPool } = {},
): Promise<ReportOutcome> {
  return from.report(
    { accountId, sessionId, baaChainText: null, format, issuedTo: ASKER },
    { signal: NEVER },
  );
}

function stateOf(outcome: ReportOutcome) {
  assert.ok(outcome.kind === 'made', JSON.stringify(outcome));
  const stated = readAnyReport(outcome.report.json);
  assert.ok(stated.scope === 'session');
  return stated;
}

async function damage({ id }: Session, update: object): Promise<void> {
  await world.db.collection<{ _id: string }>(SESSIONS).updateOne({ _id: id }, update);
}

describe('the evidence of a report', () => {
  it("a report states the session's entry under the newest checkpoint, and the root that it fixed as an anchor", async () => {
    const session = await logged();
    const { evidence, evidence_missing, audit_log: log, merkle_root_hex } = stateOf(await report(session));
    assert.ok(evidence);
    assert.equal(evidence_missing, null);
    assert.equal(evidence.log_index, session.logIndex);
    const entry = parseLogEntry(evidence.session_closed);
    assert.ok(entry?.kind === 'session_closed');
    assert.deepEqual([entry.session_id, entry.merkle_root_hex, entry.size], [session.id, merkle_root_hex, 9]);
    const anchor = { source: 'checkpoint', size: 9, root_hex: merkle_root_hex, agrees: true };
    assert.deepEqual(log.anchors.at(-1), anchor);
  });

  it('a report says why it states none: no key, an open session, an entry that is due', async () => {
    const due = await writeSession(world, 2);
    const without = await openPool(null);
    const open = await startSession(world);
    for (const [session, from, why] of [
      [await logged(), without, 'no log'],
      [due, pool, 'not logged yet'],
      [open, pool, 'open'],
    ] as const) {
      const { evidence, evidence_missing } = stateOf(await report(session, { from }));
      assert.deepEqual([evidence, evidence_missing], [null, why]);
    }
  });

  it('an unsealed log that is closed after it was entered states no entry until the log has the new one', async () => {
    const accountId = newId('account');
    const { id } = await startSession(world, accountId);
    // Ended by an import without a seal, as earlier versions stored it.
    await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
    const session = await stored({ accountId, id });
    await damage(session, { $set: { 'log.seal': null } });
    await markEnd(world, session);
    await logs.logs.keep(accountId, NEVER);
    assert.ok(stateOf(await report(await stored(session))).evidence);
    await damage(session, { $set: { 'log.seal': session.log.seal } });
    assert.equal(stateOf(await report(session)).evidence_missing, 'not logged yet');
  });
});

/** Has nothing but the account log itself lead to the session's entry. */
async function forgetPlace(sessionId: string): Promise<void> {
  await world.db.collection('account_log_places').deleteMany({ _id: new RegExp(sessionId) as never });
}

describe('what a writer of the database does to a session that is in the account log', () => {
  it('a seal that was taken off is missing, also where the session is made open again', async () => {
    for (const fields of [{ 'log.seal': null }, { 'log.seal': null, ended_at: null }]) {
      const session = await logged();
      await damage(session, { $set: fields });
      const outcome = await report(await stored(session));
      assert.ok(outcome.kind === 'not_verified');
      assert.equal(verdictName(outcome.verdict), 'seal_missing');
    }
  });

  it('no report is made where the row names no entry any more, and its seal is gone', async () => {
    for (const ended of [{}, { ended_at: null }]) {
      const session = await logged();
      await damage(session, { $set: { 'log.seal': null, ...ended }, $unset: { log_index: '' } });
      const found = await report(await stored(session));
      assert.ok(found.kind === 'not_verified' && verdictName(found.verdict) === 'seal_missing');
      await forgetPlace(session.id);
      const outcome = await report(await stored(session));
      assert.ok(outcome.kind === 'refused', JSON.stringify(outcome).slice(0, 300));
      assert.match(outcome.problem, /does not name the entry/);
    }
    // Its own entry, which the row is about to name.
    const marked = await logged();
    await damage(marked, { $unset: { log_index: '' } });
    await forgetPlace(marked.id);
    assert.equal(stateOf(await report(await stored(marked))).evidence_missing, 'not logged yet');
  });

  it('no report is made on a log that was cut and sealed anew, with or without the checkpoint', async () => {
    for (const hasHead of [true, false]) {
      const accountId = newId('account');
      const { id } = await startSession(world, accountId);
      const append = (i: number) => appendEvents(world, accountId, id, [draftEvent(i)]);
      await append(0);
      const tables = [
        world.db.collection<{ _id: string }>(SESSIONS),
        world.db.collection<{ _id: string }>(SEGMENTS),
      ];
      const older = await Promise.all(
        tables.map((table) => table.findOne({ _id: new RegExp(`${id}(/0)?$`) })),
      );
      await append(1);
      await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
      await logs.logs.keep(accountId, NEVER);
      for (const [i, table] of tables.entries()) await table.replaceOne({ _id: older[i]!._id }, older[i]!);
      if (!hasHead) await world.db.collection<{ _id: string }>('account_logs').deleteOne({ _id: accountId });
      const resealed = await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
      assert.ok(resealed.status === 'sealed' && resealed.size === 1);
      const found = await report(await stored({ accountId, id }));
      assert.ok(found.kind === 'not_verified' && verdictName(found.verdict) === 'truncated');
      await forgetPlace(id);
      const outcome = await report(await stored({ accountId, id }));
      assert.ok(outcome.kind === 'refused', JSON.stringify(outcome).slice(0, 300));
      assert.match(outcome.problem, /account log recorded the session otherwise/);
    }
  });

  it('a log that was cut, with its row, its seal and its stored root, is too short for the entry', async () => {
    const session = await logged();
    await damage(session, {
      $set: { 'log.seal': null, 'log.size': 0, 'log.head_hash': '0'.repeat(64), merkle_root_hex: null },
    });
    await world.db.collection<{ _id: string }>(SEGMENTS).deleteMany({ _id: new RegExp(session.id) });
    const outcome = await report(await stored(session));
    assert.ok(outcome.kind === 'not_verified');
    assert.match(verdictName(outcome.verdict), /truncated|seal_missing/);
  });

  it('a report states the entry that is noted for the session, whatever entry its row names', async () => {
    const session = await logged();
    const own = stateOf(await report(session)).evidence;
    const other = session.logIndex === 1 ? 2 : 1;
    for (const change of [
      { $unset: { log_index: '' } },
      ...[0, other, 1_000_000].map((index) => ({ $set: { log_index: index } })),
    ]) {
      await damage(session, change);
      const stated = stateOf(await report(await stored(session)));
      assert.deepEqual(stated.evidence, own, JSON.stringify(change));
    }
  });

  it("no report is made on a row that names another session's entry, or what is no entry of its, where none is noted", async () => {
    for (const isPolicy of [true, false]) {
      const session = await logged();
      const other = session.logIndex === 1 ? 2 : 1;
      await damage(session, { $set: { log_index: isPolicy ? 0 : other } });
      await forgetPlace(session.id);
      const outcome = await report(await stored(session));
      assert.ok(outcome.kind === 'refused', JSON.stringify(outcome));
      assert.equal(outcome.reason, 'account_log');
      assert.match(outcome.problem, /not the session's/);
    }
  });

  it('no report is made on an entry that was changed, removed, or that no checkpoint of ours covers', async () => {
    const segments = world.db.collection<{ _id: string; entries: string[] }>('account_log_segments');
    const heads = world.db.collection<{ _id: string }>('account_logs');
    const changes: ((session: Session) => Promise<unknown>)[] = [
      async ({ accountId, logIndex = 0 }) => {
        const segment = await segments.findOne({ _id: `${accountId}/0` });
        const entries = (segment?.entries ?? []).map((text, i) =>
          i === logIndex ? text : text.replace('"status":"ok"', '"status":"error"'),
        );
        return await segments.updateOne({ _id: `${accountId}/0` }, { $set: { entries } });
      },
      async ({ accountId }) => await segments.deleteOne({ _id: `${accountId}/0` }),
      async ({ accountId }) =>
        await heads.updateOne({ _id: accountId }, { $set: { 'checkpoint.note': 'none' } }),
    ];
    for (const change of changes) {
      const session = await logged();
      await change(session);
      const outcome = await report(session);
      assert.ok(outcome.kind === 'refused', JSON.stringify(outcome).slice(0, 400));
      assert.equal(outcome.reason, 'account_log');
    }
  });

  it('no report is made where the checkpoint is signed by a key that this process does not know', async () => {
    const session = await logged();
    const other = await openPool({ ...TEST_SIGNING, privateKeyPem: pemOf(2) });
    const outcome = await report(session, { from: other });
    assert.ok(outcome.kind === 'refused');
    assert.match(outcome.problem, /not signed by SIGNING_KEY or one of RETIRED_KEYS/);
  });
});

describe('the entries that a PDF carries', () => {
  const linesOf = (outcome: ReportOutcome) => {
    assert.ok(outcome.kind === 'made', JSON.stringify(outcome));
    const [file, ...rest] = outcome.report.attachments;
    assert.deepEqual(rest, []);
    return file ? { name: file.name, text: Buffer.from(file.bytes).toString() } : null;
  };

  it('the PDF carries every entry of a short log, and they give the root', async () => {
    for (const size of [0, 9, 300]) {
      const session = await writeSession(world, size);
      const outcome = await report(session, { format: 'pdf' });
      const file = linesOf(outcome);
      assert.equal(file?.name, 'entries.ndjson');
      const lines = file.text.split('\n').slice(0, -1);
      assert.equal(lines.length, size);
      const root = computeRoot(lines.map((line) => Buffer.from(line)));
      assert.ok(outcome.kind === 'made');
      assert.equal(Buffer.from(root).toString('hex'), outcome.report.rootHex);
    }
  });

  it('neither a JSON nor the PDF of a log of more than 2,000 entries carries them', async () => {
    const short = await writeSession(world, 9);
    assert.equal(linesOf(await report(short)), null);
    const long = await writeSession(world, 2001);
    assert.equal(linesOf(await report(long, { format: 'pdf' })), null);
    const full = await writeSession(world, 2000);
    assert.ok(linesOf(await report(full, { format: 'pdf' })));
  });

  it('the PDF carries no entries where one of them holds what may be PHI, and is issued all the same', async () => {
    const failure = { kind: 'rehydration_failed', entity_kind: 'NAME' };
    for (const [more, carries] of [
      [{ reason: 'token not found', token_kind: 'MSKV1', kid: 'K_HEALTHCARE' }, true],
      [{ reason: 'call 212-555-0147', token_kind: 'MSKV1', kid: 'K_HEALTHCARE' }, false],
      [{ reason: 'no', token_kind: 'MSKV1', kid: 'K', note: { deep: ['123-45-6789'] } }, false],
      [{ reason: 'no', token_kind: 'MSKV1', kid: 'K', 'm@example.org': 1 }, false],
    ] as const) {
      const { accountId, id } = await startSession(world);
      await appendEvents(world, accountId, id, [{ ...failure, ...more } as EventDraft]);
      const file = linesOf(await report(await stored({ accountId, id }), { format: 'pdf' }));
      assert.equal(file !== null, carries, JSON.stringify(more));
    }
  });
});
