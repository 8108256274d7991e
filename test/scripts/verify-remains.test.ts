import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { runVerify } from '../../scripts/verify.ts';
import { findHourDrift } from '../../shared/aggregates/hour-drift.ts';
import { createHourRepository } from '../../shared/aggregates/hour-repository.ts';
import { floorHour, sumHour } from '../../shared/aggregates/hour-sum.ts';
import { newId } from '../../shared/audit/ids.ts';
import { createReportLedger } from '../../shared/reports/report-ledger.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { createPayloadStore, PAYLOADS } from '../../shared/sessions/session-payloads.ts';
import { SESSIONS, type StoredSession } from '../../shared/sessions/session-row.ts';
import { createSessionSumRepository } from '../../shared/sessions/session-sums.ts';
import { aggregateHour } from '../../workers/jobs/aggregate-hour.ts';
import { createLogWorld, writeSession } from '../support/audit-world.ts';
import { commandEnv, runScript } from '../support/commands.ts';
import { startProxyThatOnlyReads } from '../support/only-reads.ts';
import { KEYS } from '../support/report-world.ts';
import { runHere } from '../support/run-here.ts';
import type { SegmentRow } from '../support/segments.ts';

const world = await createLogWorld({ after });
const { db } = world;
type Id = { _id: string };
const rows = db.collection<StoredSession>(SESSIONS);
const segments = db.collection<SegmentRow>('audit_segments');
const dataDir = await mkdtemp(join(tmpdir(), 'verify-remains-'));
after(() => rm(dataDir, { recursive: true, force: true }));

beforeEach(async () => {
  for (const { name } of await db.listCollections().toArray()) await db.collection(name).deleteMany({});
});

async function verifyAll(...args: string[]) {
  const env = commandEnv(world.database, dataDir, KEYS);
  const { code, stdout, stderr } = await runHere(runVerify, ['--all', '--json', ...args], env);
  const lines = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { code, stdout, stderr, findings: lines.filter(({ finding }) => finding !== undefined) };
}

/** Stores the sum of an hour that has one session. */
async function storeSum(session: Session, traits: { durationMs?: number } = {}): Promise<void> {
  const { accountId, agentId, startedAt, endedAt } = session;
  const durationMs = (endedAt?.getTime() ?? 0) - startedAt.getTime();
  const summed = { ...session, durationMs, stage: 'done' as const, changes: 1, ...traits };
  const hour = new Date(floorHour(startedAt.getTime()));
  await createHourRepository(db).replace(accountId, agentId, hour, sumHour([summed]), null);
}

async function report({ accountId, id, log, merkleRootHex }: Session): Promise<void> {
  await createReportLedger(db).record(accountId, {
    id: newId('report'),
    userId: newId('user'),
    scope: 'session',
    sessionId: id,
    since: new Date(0),
    until: null,
    rootHex: merkleRootHex as string,
    size: log.size,
    logState: 'sealed',
    generatedAt: new Date(),
    jsonSha256Hex: 'ab'.repeat(32),
    pdfSha256Hex: null,
    pdfStatement: null,
    format: 'json',
    statement: null,
  });
}

describe('npm run verify -- --all', () => {
  it('finds nothing beside the logs of an untouched database, and exits 0', async () => {
    for (const size of [0, 5, 256, 600]) await report(await writeSession(world, size));
    await writeSession(world, 300, { seal: false });
    const { code, findings, stderr } = await verifyAll('--sealed');
    assert.deepEqual([code, findings], [0, []]);
    assert.match(
      stderr,
      /5 verified, 0 failed, 0 unverifiable; 1 open, 0 ended but unsealed; 0 findings beside the logs/,
    );
  });

  it('names a deleted session by its segments and its reports, each account apart', async () => {
    const gone = await writeSession(world, 600);
    await report(gone);
    await report(gone);
    await report(await writeSession(world, 5));
    await rows.deleteOne({ _id: gone.id });
    const about = { account_id: gone.accountId, session_id: gone.id };
    const { code, findings } = await verifyAll();
    assert.equal(code, 2);
    assert.deepEqual(findings, [
      { finding: 'segments_without_session', ...about, segments: 3 },
      { finding: 'reports_without_session', ...about, reports: 2 },
    ]);
    // A row of another account under the id is no answer.
    const other = await writeSession(world, 1);
    const { _id, ...row } = (await rows.findOne({ _id: other.id })) as StoredSession;
    await rows.insertOne({ ...row, _id: gone.id });
    const names = (await verifyAll()).findings.map(({ finding, account_id }) => [finding, account_id]);
    assert.deepEqual(names, [
      ['segments_without_session', gone.accountId],
      ['reports_without_session', gone.accountId],
    ]);
  });

  it('a login that may only read verifies all the same, and is told once that nothing is marked', async (t) => {
    const proxy = await startProxyThatOnlyReads(t, world.database.uri);
    for (const _ of [1, 2]) {
      const { id } = await writeSession(world, 300);
      await segments.deleteOne({ _id: new RegExp(`${id}/0$`) });
    }
    const env = { ...commandEnv(world.database, dataDir, KEYS), MONGODB_URI: proxy.uri };
    const { code, stdout, stderr } = await runHere(runVerify, ['--all'], env);
    assert.equal(code, 2, stderr);
    assert.equal(stdout.match(/FAILED/g)?.length, 2);
    assert.equal(stderr.match(/may only read: nothing is marked or mended/g)?.length, 1);
  });

  it('names payloads that nobody names, and rows whose payloads are gone', async () => {
    const sessions = await Promise.all([0, 1, 2, 3].map(() => writeSession(world, 1)));
    const store = createPayloadStore(db);
    const payloads = { request: 'a', masked: 'b', response: 'c' };
    for (const session of sessions) {
      const { accountId, id } = session;
      const named = await store.store(accountId, id, payloads);
      await rows.updateOne({ _id: id }, { $set: { payloads_sha256: named } });
      // Just stored for a row that may be about to be written.
      await store.store(accountId, newId('session'), payloads);
    }
    assert.deepEqual((await verifyAll()).findings, []);
    const stored = db.collection<Id>(PAYLOADS);
    const of = ({ accountId, id }: Session) => ({ _id: new RegExp(`^${accountId}/${id}/`) });
    const [one, two, three] = sessions as [Session, Session, Session];
    await rows.deleteOne({ _id: one.id });
    await segments.deleteMany(of(one));
    await stored.updateMany(of(one), { $set: { unsettled_since: new Date(0) } });
    await rows.updateOne({ _id: two.id }, { $set: { payloads_sha256: null } });
    await stored.updateMany(of(two), { $unset: { unsettled_since: '' } });
    await stored.deleteMany(of(three));
    const { code, findings } = await verifyAll();
    assert.equal(code, 2);
    const about = ({ accountId, id }: Session) => ({ account_id: accountId, session_id: id });
    const byFinding = findings.toSorted((a, b) => (`${a.finding}` < `${b.finding}` ? -1 : 1));
    assert.deepEqual(byFinding, [
      { finding: 'payloads_missing', ...about(three) },
      { finding: 'payloads_not_named', ...about(two) },
      { finding: 'payloads_without_session', ...about(one) },
    ]);
  });

  it('names an hour whose sum counts more sessions than are stored', async () => {
    const hour = new Date(floorHour(Date.now() - 60_000));
    const accountId = newId('account');
    const [kept, gone] = [
      await writeSession(world, 5, { accountId }),
      await writeSession(world, 5, { accountId }),
    ];
    const { agentId } = kept;
    await rows.updateMany({}, { $set: { agent_id: agentId, started_at: hour } });
    const ended = [kept, gone].map((session) => ({
      ...session,
      durationMs: 0,
      stage: 'done' as const,
      changes: 1,
    }));
    await createHourRepository(db).replace(accountId, agentId, hour, sumHour(ended), null);
    assert.deepEqual((await verifyAll()).findings, []);
    await rows.deleteOne({ _id: gone.id });
    await segments.deleteMany({ _id: new RegExp(gone.id) });
    const { findings } = await verifyAll();
    assert.deepEqual(findings, [
      {
        finding: 'hour_counts_missing_sessions',
        account_id: accountId,
        agent_id: agentId,
        hour: hour.toISOString().replace('.000', ''),
        summed: 2,
        stored: 1,
      },
    ]);
  });

  it('names counts that are not those of the log, and a sum that is not that of its sessions', async () => {
    const session = await writeSession(world, 5);
    const { accountId, agentId } = session;
    await rows.updateOne({ _id: session.id }, { $set: { stage: 'done' } as never });
    const sumOf = floorHour(session.startedAt.getTime());
    await storeSum(session);
    const named = async () =>
      (await verifyAll()).findings.filter(({ finding }) => /^(counts|hour)_/.test(String(finding)));
    assert.deepEqual(await named(), []);

    const hours = db.collection('redaction_aggregates');
    await hours.updateOne({ agent_id: agentId }, { $set: { redaction_count: 1_000_000 } });
    const sum = { agent_id: agentId, hour: new Date(sumOf).toISOString().replace('.000', '') };
    assert.deepEqual(await named(), [
      {
        ...{ finding: 'hour_sum_differs', account_id: accountId, ...sum },
        ...{ fields: ['redaction_count'], summed: 1_000_000, stored: 5 },
      },
    ]);
    // The session is due: the sum lags behind.
    await rows.updateOne({ _id: session.id }, { $unset: { stage: '' } });
    assert.deepEqual(await named(), []);
    await rows.updateOne({ _id: session.id }, { $set: { stage: 'done' } as never });
    await hours.deleteOne({ agent_id: agentId });
    assert.deepEqual(await named(), [
      { finding: 'hour_sum_missing', account_id: accountId, ...sum, stored: 1 },
    ]);

    const forged = { 'aggregate.redaction_count': 70_000 };
    await rows.updateOne({ _id: session.id }, { $set: forged as never });
    assert.deepEqual(
      (await named()).filter(({ finding }) => finding === 'counts_differ'),
      [{ finding: 'counts_differ', account_id: accountId, session_id: session.id }],
    );
    await rows.updateOne({ _id: session.id }, { $unset: { stage: '' } });
    assert.deepEqual(await named(), []);
  });

  it('names every field in which the sum of an hour differs, and a row that is damaged', async () => {
    const session = await writeSession(world, 5);
    const { accountId, agentId } = session;
    await rows.updateOne({ _id: session.id }, { $set: { stage: 'done' } as never });
    await storeSum(session);
    const hours = db.collection<Id>('redaction_aggregates');
    const sum = await hours.findOne({ agent_id: agentId } as never);
    assert.ok(sum);
    const changes: Readonly<Record<string, unknown>> = {
      session_count: 0,
      sessions_by_status: [['error', 1]],
      redactions_by_kind: [['SSN', 5]],
      redactions_by_pass: [],
      rehydration_failure_count: 3,
      durations_ms: [[1, 1]],
      through: '',
      ...{ version: null, account_id: newId('account'), hour: 'noon', redaction_count: null },
    };
    for (const [field, value] of Object.entries(changes)) {
      await hours.updateOne({ _id: sum._id }, { $set: { [field]: value } as never });
      const { findings, stdout } = await verifyAll();
      const isDamage = ['version', 'account_id', 'hour', 'redaction_count'].includes(field);
      assert.deepEqual(
        findings.map(({ finding, account_id, agent_id, fields }) => [finding, account_id, agent_id, fields]),
        [['hour_sum_differs', accountId, agentId, [isDamage ? 'row' : field]]],
        stdout,
      );
      await hours.replaceOne({ _id: sum._id }, sum as never);
    }
    assert.deepEqual((await verifyAll()).findings, []);
    await hours.insertOne({ ...sum, _id: 'x' });
    const stray = (await verifyAll()).findings;
    assert.deepEqual(
      stray.map(({ finding, summed, stored }) => [finding, summed, stored]),
      [['hour_counts_missing_sessions', 1, 0]],
    );
  });

  it('names no sum of an hour that is summed again while it is read', async () => {
    const session = await writeSession(world, 5);
    await rows.updateOne({ _id: session.id }, { $set: { stage: 'done' } as never });
    await storeSum(session, { durationMs: 1 });
    const place = {
      accountId: session.accountId,
      agentId: session.agentId,
      hour: new Date(floorHour(session.startedAt.getTime())),
    };
    const sources = { hours: createHourRepository(db), sessionSums: createSessionSumRepository(db) };
    assert.equal((await findHourDrift(sources, place))?.isSettled, true);
    const sessionSums = {
      ...sources.sessionSums,
      async *readEnded(...args: Parameters<typeof sources.sessionSums.readEnded>) {
        yield* sources.sessionSums.readEnded(...args);
        await aggregateHour(sources, place.accountId, place.agentId, place.hour);
      },
    };
    assert.equal(await findHourDrift({ ...sources, sessionSums }, place), null);
  });

  it('names a row of a report in the background that no order made', async () => {
    const jobs = db.collection('report_jobs');
    await jobs.insertOne({ _id: 'junk-0' as never, account_id: 'acc_x', status: 'queued' });
    const { code, findings } = await verifyAll();
    await jobs.deleteMany({});
    assert.equal(code, 2);
    assert.deepEqual(
      findings.map(({ finding, report_id, account_id }) => [finding, report_id, account_id]),
      [['report_job_odd', 'junk-0', 'acc_x']],
    );
  });

  it('names a session that is hidden as importing for more than a day, and one with reports at once', async () => {
    const [fresh, old, odd] = [
      await writeSession(world, 5),
      await writeSession(world, 5),
      await writeSession(world, 5),
    ];
    await rows.updateOne({ _id: fresh.id }, { $set: { importing: true, changed_at: new Date() } });
    await rows.updateOne(
      { _id: old.id },
      { $set: { importing: true, changed_at: new Date(Date.now() - 90_000_000) } },
    );
    await rows.updateOne({ _id: odd.id }, { $set: { importing: 1 as never }, $unset: { changed_at: '' } });
    const hidden = (await verifyAll()).findings;
    assert.deepEqual(
      hidden.map(({ finding, session_id }) => [finding, session_id]).sort(),
      [old, odd].map(({ id }) => ['import_unfinished', id]).sort(),
    );
    await report(fresh);
    const { findings } = await verifyAll();
    assert.ok(
      findings.some(
        ({ finding, session_id }) => finding === 'reports_without_session' && session_id === fresh.id,
      ),
    );
  });

  it('an odd row hides no other: rows without a text as id, an odd time of an import, odd dates of a row', async () => {
    const cut = await writeSession(world, 300);
    await segments.deleteOne({ _id: `${cut.accountId}/${cut.id}/1` });
    const [hidden, odd] = [await writeSession(world, 5), await writeSession(world, 5)];
    const far = new Date('9999-01-01T00:00:00Z');
    await rows.updateOne({ _id: hidden.id }, { $set: { importing: true, changed_at: far } });
    await rows.updateOne(
      { _id: odd.id },
      { $set: { started_at: '2026' as never, aggregate: null as never } },
    );
    const { _id, ...row } = (await rows.findOne({ _id: hidden.id })) as StoredSession;
    const numbered = Array.from({ length: 501 }, (_, i) => ({ ...row, _id: i as unknown as string }));
    await rows.insertMany(numbered);
    await db.collection('redaction_aggregates').insertOne({
      ...{ _id: 'x' as never, account_id: cut.accountId, agent_id: cut.agentId },
      ...{ hour: '2026', session_count: 1 },
    });
    const { code, stdout, findings } = await verifyAll();
    assert.equal(code, 2);
    assert.match(stdout, new RegExp(`"session_id":"${cut.id}","account_id":"[^"]+","verdict":"truncated"`));
    const names = new Map<unknown, number>();
    for (const { finding } of findings) names.set(finding, (names.get(finding) ?? 0) + 1);
    assert.deepEqual(Object.fromEntries(names), {
      hour_counts_missing_sessions: 1,
      import_unfinished: 502,
      row_misnamed: 501,
    });
  });

  it('names what rows hold in the place of a text, and looks at the others', async () => {
    const cut = await writeSession(world, 1);
    await segments.deleteMany({});
    const noText = { toString: 3 };
    for (const field of ['account_id', 'agent_id', 'policy_sha256']) {
      const odd = await writeSession(world, 1);
      await rows.updateOne({ _id: odd.id }, { $set: { [field]: noText } as never });
    }
    await rows.insertOne({ _id: noText as never, account_id: cut.accountId } as never);
    await db.collection('redaction_aggregates').insertOne({
      ...{ _id: 'x' as never, account_id: noText, agent_id: noText },
      ...{ hour: noText, session_count: 1 },
    });
    const { findings, stdout } = await verifyAll();
    const names = findings.map(({ finding }) => finding);
    for (const name of ['agent_missing', 'account_missing', 'policy_missing', 'row_misnamed'])
      assert.ok(names.includes(name), name + stdout);
    assert.ok(names.includes('hour_counts_missing_sessions'), stdout);
    assert.ok(!names.includes('verification_broke_off'), stdout);
  });

  it('names a policy that is gone, or that has another text', async () => {
    const [gone, other] = [await writeSession(world, 5), await writeSession(world, 5)];
    const policies = db.collection('policies');
    await policies.deleteOne({ account_id: gone.accountId });
    await policies.updateOne({ account_id: other.accountId }, { $set: { text: 'name: x' } });
    const { code, findings } = await verifyAll();
    assert.equal(code, 2);
    assert.deepEqual(
      findings.map(({ finding, account_id, sessions }) => [finding, account_id, sessions]).sort(),
      [gone, other].map(({ accountId }) => ['policy_missing', accountId, 1]).sort(),
    );
  });

  it('names an agent and an account that sessions name and that are gone; a deleted one keeps its row', async () => {
    const [kept, deleted, gone, orphan] = [
      await writeSession(world, 5),
      await writeSession(world, 5),
      await writeSession(world, 5),
      await writeSession(world, 5),
    ];
    const [agents, accounts] = [db.collection<Id>('agents'), db.collection<Id>('accounts')];
    await agents.updateOne({ _id: deleted.agentId }, { $set: { deleted_at: new Date() } });
    await accounts.updateOne({ _id: deleted.accountId }, { $set: { deleted_at: new Date() } });
    assert.deepEqual((await verifyAll()).findings, []);
    // A row of another account under the id is no answer.
    await agents.updateOne({ _id: gone.agentId }, { $set: { account_id: kept.accountId } });
    await agents.deleteOne({ _id: orphan.agentId });
    await accounts.deleteOne({ _id: orphan.accountId });
    const { code, findings, stderr } = await verifyAll();
    assert.equal(code, 2);
    assert.match(stderr, /4 verified, .*; 3 findings beside the logs/);
    assert.deepEqual(
      new Set(findings.map((finding) => JSON.stringify(finding))),
      new Set(
        [
          ...[gone, orphan].map(({ accountId: account_id, agentId: agent_id }) => {
            return { finding: 'agent_missing', account_id, agent_id, sessions: 1 };
          }),
          { finding: 'account_missing', account_id: orphan.accountId, sessions: 1 },
        ].map((finding) => JSON.stringify(finding)),
      ),
    );
  });

  it('an agent of another type than an id is named, and ends no search', async () => {
    const session = await writeSession(world, 5);
    for (const agentId of [5, null, { a: 1 }, [session.agentId]]) {
      await rows.updateOne({ _id: session.id }, { $set: { agent_id: agentId as never } });
      const { code, findings, stderr } = await verifyAll();
      assert.deepEqual([code, findings.map(({ finding }) => finding)], [2, ['agent_missing']], stderr);
    }
  });

  it('names a row whose account no walk can follow, alone and among all', async () => {
    const session = await writeSession(world, 5);
    for (const account of [[session.accountId], [newId('account'), session.accountId]]) {
      await rows.updateOne({ _id: session.id }, { $set: { account_id: account as never } });
      const all = await verifyAll();
      const named = all.findings.find(({ finding }) => finding === 'row_unreachable');
      assert.deepEqual([all.code, named?.session_id], [2, session.id], all.stderr);
      const env = commandEnv(world.database, dataDir, KEYS);
      const { code, stdout } = await runHere(runVerify, [session.id], env);
      assert.equal(code, 2);
      assert.match(stdout, /row_unreachable: a session row that names its account in a way/);
    }
  });

  it('an id that holds a line break or an escape writes no line of its own', async () => {
    const session = await writeSession(world, 5);
    const _id = `${session.accountId}/${session.id}/\n\u001b[32mall verified`;
    await segments.insertOne({ _id, entries: [], count: 0, head_hash: '', closed: false } as never);
    const env = commandEnv(world.database, dataDir, KEYS);
    const { code, stdout } = await runScript('verify.ts', ['--all'], env);
    assert.equal(code, 2);
    assert.equal(stdout.trim().split('\n').length, 2);
    assert.ok(!stdout.includes('\u001b'));
  });

  it('names segments that no walk comes to', async () => {
    const session = await writeSession(world, 600);
    const add = (index: string) =>
      segments.insertOne({
        _id: `${session.accountId}/${session.id}/${index}`,
        entries: [],
        count: 0,
        head_hash: '',
        closed: false,
      } as never);
    for (const index of ['7', '02', 'x', '']) await add(index);
    const { code, findings } = await verifyAll();
    assert.equal(code, 2);
    assert.deepEqual(
      findings.map(({ finding, index }) => [finding, index]).sort(),
      ['', '02', '7', 'x'].map((index) => ['stray_segment', index]),
    );
  });

  it('a stripped seal is counted in the summary, and with --sealed exits 2', async () => {
    const [stripped] = [await writeSession(world, 5), await writeSession(world, 5)];
    await writeSession(world, 5, { seal: false });
    await rows.updateOne({ _id: stripped.id }, { $set: { 'log.seal': null } });
    const plain = await verifyAll();
    assert.equal(plain.code, 0);
    assert.match(plain.stderr, /3 verified, 0 failed, 0 unverifiable; 1 open, 1 ended but unsealed;/);
    assert.equal((await verifyAll('--sealed')).code, 2);
    const env = commandEnv(world.database, dataDir, KEYS);
    const { code, stdout } = await runHere(runVerify, [stripped.id, '--sealed'], env);
    assert.equal(code, 2);
    assert.match(stdout, / verified, but unsealed: its tail may have been cut, 5 entries, root /);
    await report(stripped);
    const failed = await runHere(runVerify, [stripped.id, '--json'], env);
    assert.equal(failed.code, 2);
    const { verdict, state, event_id: eventId } = JSON.parse(failed.stdout);
    assert.deepEqual([verdict, state], ['seal_missing', 'unsealed']);
    assert.match(eventId, /^evt_/);
  });
});
