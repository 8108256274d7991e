// Reports over many sessions against the account log: what it proves of them, and what it misses.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { SEGMENTS } from '../../../shared/log-store/segment.ts';
import { appendEvents } from '../../../shared/log-writer/append.ts';
import { closeLog } from '../../../shared/log-writer/close-log.ts';
import { hashLeaf } from '../../../shared/merkle/hash.ts';
import { rootFromMultiproof } from '../../../shared/merkle/verify-proof.ts';
import { readAnyReport } from '../../../shared/reports/read-report.ts';
import type { Session } from '../../../shared/sessions/session.ts';
import { SESSIONS } from '../../../shared/sessions/session-row.ts';
import { parseCheckpoint } from '../../../shared/transparency/checkpoint.ts';
import { parseLogEntry } from '../../../shared/transparency/log-entry.ts';
import { parseNote } from '../../../shared/transparency/note.ts';
import type { WideOutcome } from '../../../workers/reports/pool.ts';
import { NEVER } from '../../support/account-logs.ts';
import { draftEvent, startSession, writeSession } from '../../support/audit-world.ts';
import { createLoggedWorld } from '../../support/logged-world.ts';
import { markEnd } from '../../support/pipeline-world.ts';
import { ASKER } from '../../support/report-facts.ts';

const { world, logs, pool } = await createLoggedWorld({ after });

const rows = () => world.db.collection<{ _id: string }>(SESSIONS);

/** An account of closed sessions that are in its log; short ones, and one that is walked in ranges. */
async function loggedAccount(sizes: readonly number[] = [2, 5, 8300, 3]): Promise<readonly Session[]> {
  const accountId = newId('account');
  const written: Session[] = [];
  for (const size of sizes) written.push(await writeSession(world, size, { accountId }));
  await logs.logs.keep(accountId, NEVER);
  return written.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

async function report(
  accountId: string,
  {
    format = 'json',
    exceptions = 'refuse',
  }: { format?: 'json' | 'pdf'; exceptions?: 'refuse' | 'list' } = {},
): Promise<WideOutcome> {
  const until = new Date(Date.now() + 3_600_000);
  const window = { since: new Date(Date.now() - 86_400_000), until, tz: 'UTC', period: null };
  const order = { accountId, subject: { scope: 'account', window }, exceptions, format } as const;
  return await pool.wideReport(
    { ...order, baaChainText: null, issuedTo: ASKER, sessionsLimit: 100 },
    { signal: NEVER, onOutcome: async () => {} },
  );
}

function stateOf(outcome: WideOutcome) {
  assert.ok(outcome.kind === 'made', JSON.stringify(outcome).slice(0, 400));
  const stated = readAnyReport(outcome.report.json);
  assert.ok(stated.scope === 'account');
  return stated;
}

it('every closed session has its index, and the lines that the PDF carries prove them under the checkpoint', async () => {
  const sessions = await loggedAccount();
  const { accountId } = sessions[0] as Session;
  const outcome = await report(accountId, { format: 'pdf' });
  const { evidence, sessions: stated, completeness } = stateOf(outcome);
  assert.ok(evidence && outcome.kind === 'made');
  const checkpoint = parseCheckpoint(parseNote(evidence.checkpoint)?.text ?? '');
  assert.ok(checkpoint);
  const [lines, proof] = outcome.report.attachments.map(({ bytes }) => Buffer.from(bytes).toString());
  const texts = lines?.split('\n').slice(0, -1) ?? [];
  const { multiproof } = JSON.parse(proof ?? '');
  const proven = rootFromMultiproof({
    indexes: multiproof.indexes,
    leafHashes: texts.map((text) => hashLeaf(Buffer.from(text))),
    size: multiproof.size,
    hashes: multiproof.hashes.map((text: string) => new Uint8Array(Buffer.from(text, 'base64'))),
  });
  assert.deepEqual(Buffer.from(proven ?? []), Buffer.from(checkpoint.root));
  const byIndex = new Map(stated.map((session) => [session.log_index, session]));
  for (const [i, text] of texts.entries()) {
    const entry = parseLogEntry(text);
    const session = byIndex.get(multiproof.indexes[i]);
    assert.ok(entry?.kind === 'session_closed' && session);
    assert.deepEqual(
      [entry.session_id, entry.merkle_root_hex, entry.size],
      [session.id, session.root_hex, session.entries],
    );
  }
  assert.equal(texts.length, sessions.length);
  assert.deepEqual(
    [completeness.log_entries_in_window, completeness.sessions_missing, completeness.sessions_not_logged],
    [4, [], []],
  );
  assert.match(completeness.account_log, /^Every closed session/);
});

it('a JSON states the same and carries no lines; without a log it says so', async () => {
  const [session] = await loggedAccount([2, 3]);
  const outcome = await report((session as Session).accountId);
  assert.ok(outcome.kind === 'made');
  assert.deepEqual(outcome.report.attachments, []);
  assert.equal(stateOf(outcome).evidence?.log_size, 3);
  const other = await writeSession(world, 2);
  const { evidence, evidence_missing, completeness } = stateOf(await report(other.accountId));
  assert.deepEqual([evidence, evidence_missing], [null, 'no log']);
  assert.equal(completeness.log_entries_in_window, null);
});

it('sessions that were deleted are named, and so are those that the log lacks yet; open ones are neither', async () => {
  const sessions = await loggedAccount([2, 3, 4]);
  const [gone, moved, kept] = sessions as [Session, Session, Session];
  const { accountId } = kept;
  await rows().deleteOne({ _id: gone.id });
  await rows().updateOne({ _id: moved.id }, { $set: { account_id: newId('account') } });
  const late = await writeSession(world, 2, { accountId });
  await startSession(world, accountId);
  const { audit_log: log, completeness, sessions: stated } = stateOf(await report(accountId));
  assert.deepEqual(completeness.sessions_missing, [gone.id, moved.id]);
  assert.equal(log.verdict, 'incomplete');
  assert.deepEqual(completeness.sessions_not_logged, [late.id]);
  assert.equal(completeness.log_entries_in_window, 3);
  assert.equal(completeness.sessions_open, 1);
  assert.match(completeness.account_log, /not stored any more in it, and closed sessions/);
  assert.equal(stated.find(({ id }) => id === kept.id)?.log_index, kept.logIndex ?? stated.length);
});

it('a seal that was taken off fails the log, also where its row does not name the entry any more', async () => {
  for (const isHidden of [false, true]) {
    for (const size of [3, 8300]) {
      const [session] = await loggedAccount([size]);
      const { accountId, id } = session as Session;
      await rows().updateOne({ _id: id }, { $set: { 'log.seal': null, ended_at: null } });
      if (isHidden) await rows().updateOne({ _id: id }, { $unset: { log_index: '' } });
      const refused = await report(accountId);
      assert.ok(refused.kind === 'not_verified');
      const listed = stateOf(await report(accountId, { exceptions: 'list' }));
      assert.deepEqual(
        listed.exceptions.map(({ session_id, fault }) => [session_id, fault]),
        [[id, 'seal_missing']],
      );
      assert.equal(listed.completeness.sessions_missing.length, 0);
    }
  }
});

it('a session without a seal whose row states another end than the account log is unverifiable, and named', async () => {
  const accountId = newId('account');
  const session = await writeSession(world, 3, { accountId });
  await rows().updateOne({ _id: session.id }, { $set: { 'log.seal': null } });
  await markEnd(world, session);
  await logs.logs.keep(accountId, NEVER);
  const { endedAt } = (await world.sessions.find(accountId, session.id)) as Session;
  assert.equal(stateOf(await report(accountId)).sessions[0]?.log_index, 1);
  for (const isMarked of [true, false]) {
    // Rows of earlier releases have no mark, or one that is not over the end.
    if (!isMarked) await rows().updateOne({ _id: session.id }, { $unset: { 'log.opening': '' } });
    for (const [name, value, was] of [
      ['status', 'error', 'ok'],
      ['ended_at', new Date(0), endedAt],
      ['ended_at', null, endedAt],
    ] as const) {
      await rows().updateOne({ _id: session.id }, { $set: { [name]: value } });
      const refused = await report(accountId);
      assert.ok(refused.kind === 'not_verified');
      const [exception] = refused.exceptions;
      // An open session needs its mark.
      const field = isMarked || value === null ? 'log.opening' : name;
      assert.deepEqual(exception?.verdict, { status: 'unverifiable', reason: 'damaged_row', field });
      await rows().updateOne({ _id: session.id }, { $set: { [name]: was } });
    }
  }
});

it('a log that was put back, grew or ended otherwise, and was sealed anew is no verified one', async () => {
  for (const more of [0, 1]) {
    for (const isHidden of [false, true]) {
      const accountId = newId('account');
      const { id } = await startSession(world, accountId);
      await appendEvents(world, accountId, id, [draftEvent(0), draftEvent(1), draftEvent(2)]);
      const tables = [SESSIONS, SEGMENTS].map((name) => world.db.collection<{ _id: string }>(name));
      const copies = await Promise.all(
        tables.map((table) => table.findOne({ _id: new RegExp(id) as never })),
      );
      await closeLog(world, accountId, id, { endedAt: new Date(), status: 'ok' });
      await logs.logs.keep(accountId, NEVER);
      for (const [i, table] of tables.entries()) await table.replaceOne({ _id: copies[i]!._id }, copies[i]!);
      if (more > 0) await appendEvents(world, accountId, id, [draftEvent(3)]);
      await closeLog(world, accountId, id, { endedAt: new Date(0), status: 'error' });
      if (!isHidden) await rows().updateOne({ _id: id }, { $set: { log_index: 1 } });
      const refused = await report(accountId);
      assert.ok(refused.kind === 'not_verified', JSON.stringify(refused).slice(0, 300));
      const verdict = refused.exceptions[0]?.verdict;
      assert.ok(verdict?.status === 'failed');
      assert.deepEqual([verdict.fault, verdict.seq], more > 0 ? ['overlong', 3] : ['seal_mismatch', 2]);
      const evidence = await pool.verifySession({ accountId, sessionId: id }, { signal: NEVER });
      assert.deepEqual(evidence?.verdict.status === 'failed' && evidence.verdict.fault, verdict.fault);
    }
  }
});

it('no report is made where the log lacks entries, holds changed ones, or its checkpoint is not signed', async () => {
  const segments = world.db.collection<{ _id: string; entries: string[] }>('account_log_segments');
  const changes: [change: (accountId: string) => Promise<unknown>, problem: RegExp][] = [
    [async (accountId) => await segments.deleteOne({ _id: `${accountId}/0` }), /lacks entries/],
    [
      async (accountId) => {
        const segment = await segments.findOne({ _id: `${accountId}/0` });
        const entries = (segment?.entries ?? []).map((text) => text.replace(/"seal":"../, '"seal":"00'));
        return await segments.updateOne({ _id: `${accountId}/0` }, { $set: { entries } });
      },
      /./,
    ],
    [
      async (accountId) => {
        const segment = await segments.findOne({ _id: `${accountId}/0` });
        const lost = newId('session');
        const entries = (segment?.entries ?? []).map((text) => text.replace(/sess_\w{26}/, lost));
        return await segments.updateOne({ _id: `${accountId}/0` }, { $set: { entries } });
      },
      /has others in their place/,
    ],
    [
      async (accountId) =>
        await world.db
          .collection<{ _id: string }>('account_logs')
          .updateOne({ _id: accountId }, { $set: { 'checkpoint.note': `${hash('sha256', '')}\n` } }),
      /not signed/,
    ],
  ];
  for (const [change, problem] of changes) {
    const [session] = await loggedAccount([2, 3]);
    const { accountId } = session as Session;
    await change(accountId);
    const outcome = await report(accountId);
    if (outcome.kind === 'made') {
      // An entry that was changed proves nothing of its session.
      const { sessions } = stateOf(outcome);
      assert.ok(sessions.every(({ log_index: index }) => index === null));
      continue;
    }
    assert.ok(outcome.kind === 'refused', outcome.kind);
    assert.equal(outcome.reason, 'account_log');
    assert.match(outcome.problem, problem);
  }
});
