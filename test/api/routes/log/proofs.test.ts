// Proofs over HTTP, from a session that is written to a proof that holds.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createKeyring } from '../../../../shared/audit/audit-keys.ts';
import { appendEvents } from '../../../../shared/log-writer/append.ts';
import { closeLog } from '../../../../shared/log-writer/close-log.ts';
import { hashLeaf } from '../../../../shared/merkle/hash.ts';
import { rootFromStretch, verifyInclusion } from '../../../../shared/merkle/verify-proof.ts';
import { parseCheckpoint } from '../../../../shared/transparency/checkpoint.ts';
import { isSignedBy, parseNote } from '../../../../shared/transparency/note.ts';
import { parseTlogProof } from '../../../../shared/transparency/tlog-proof.ts';
import { parseVerifierKey } from '../../../../shared/transparency/verifier-key.ts';
import { NEVER, openTestLogs } from '../../../support/account-logs.ts';
import { createWriter, draftEvent, startSession, writeSession } from '../../../support/audit-world.ts';
import { editSegment, readTexts } from '../../../support/segments.ts';
import { startApp } from '../../../support/start-app.ts';

const AUDIT_KEYS = `k_test:${'07'.repeat(32)}`;

async function start(t: TestContext) {
  const app = await startApp(t, { AUDIT_KEYS });
  const { db } = app.database;
  const world = { ...createWriter(db), db, keyring: createKeyring(app.config.auditKeys) };
  const tenant = await app.addTenant('Clinic');
  const logs = await openTestLogs(t, world);
  const write = (size: number, seal = true) =>
    writeSession(world, size, { accountId: tenant.accountId, seal });
  const keep = () => logs.logs.keep(tenant.accountId, NEVER);
  const get = (path: string, cookie = tenant.cookie) => app.get(`/api/v1${path}`, cookie);
  return { app, world, tenant, write, keep, get };
}

/** What an auditor does with a tlog-proof: null where it does not hold. */
async function provenEntry(get: (path: string) => Promise<Response>, text: string): Promise<string | null> {
  const key = parseVerifierKey((await (await get('/log/key')).text()).trim());
  const proof = parseTlogProof(text);
  const note = proof && parseNote(proof.checkpoint);
  const checkpoint = note && parseCheckpoint(note.text);
  if (!key || !proof?.extra || !checkpoint || !isSignedBy(note, key)) return null;
  const { index, hashes, extra } = proof;
  const { size, root } = checkpoint;
  const holds = verifyInclusion({ index, size, leafHash: hashLeaf(extra), hashes, root });
  return holds && checkpoint.origin === key.name ? Buffer.from(extra).toString() : null;
}

test('a closed session has a proof as soon as a checkpoint covers it', async (t) => {
  const { app, write, keep, get, tenant } = await start(t);
  const [closed, open] = [await write(5), await write(5, false)];
  const path = `/sessions/${closed.id}/proof`;
  const early = await get(path);
  assert.equal(early.status, 404);
  assert.equal(((await early.json()) as { error: { code: string } }).error.code, 'not_logged_yet');
  assert.equal(early.headers.get('retry-after'), '60');
  const beyond = await get(`/sessions/${closed.id}/events/proof?from=9007199254740991&to=9007199254740992`);
  assert.match(await beyond.text(), /from must be .* a whole number from 0 to 999999999999999: /);
  // An entry that the log does not have is not said to exist.
  for (const id of [closed.id, open.id]) {
    for (const seq of [5, 999999999999]) {
      const none = await get(`/sessions/${id}/events/${seq}/proof`);
      assert.deepEqual(
        [none.status, ((await none.json()) as { error: { code: string } }).error.code],
        [404, 'not_found'],
      );
    }
    assert.equal((await get(`/sessions/${id}/events/proof?from=0&to=6`)).status, 422);
    assert.match(await (await get(`/sessions/${id}/events/4/proof`)).text(), /not_logged_yet/);
  }
  await keep();
  const answer = await get(path);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/);
  const entry = await provenEntry(get, await answer.text());
  assert.ok(entry);
  const { session_id, merkle_root_hex, size } = JSON.parse(entry) as Record<string, unknown>;
  assert.deepEqual([session_id, merkle_root_hex, size], [closed.id, closed.merkleRootHex, 5]);
  assert.equal((await get(`/sessions/${open.id}/proof`)).status, 404);
  const other = await app.addTenant('Other');
  for (const [who, status] of [
    [null, 401],
    [await app.login(tenant.accountId, ['sessions:read']), 403],
    [other.cookie, 404],
  ] as const) {
    assert.equal((await app.get(`/api/v1${path}`, who)).status, status);
  }
  const [foreign, unknown] = [
    await get(path, other.cookie),
    await get('/sessions/sess_x/proof', other.cookie),
  ];
  const withoutId = (body: unknown) => JSON.stringify(body).replace(/req_\w+/, '');
  assert.equal(withoutId(await foreign.json()), withoutId(await unknown.json()));
});

test('an entry has a proof up to the checkpoint, and so has a stretch of entries', async (t) => {
  const { world, write, keep, get } = await start(t);
  const session = await write(300);
  await keep();
  const texts = await readTexts(world.db, session);

  type Proof = { hashes: string[]; session_closed: string; session_proof: string; size: number; v: number };
  const bytesOf = (hashes: string[]) => hashes.map((text) => new Uint8Array(Buffer.from(text, 'base64')));
  const root = new Uint8Array(Buffer.from(session.merkleRootHex as string, 'hex'));
  for (const seq of [0, 255, 256, 299]) {
    const answer = await get(`/sessions/${session.id}/events/${seq}/proof`);
    const { event_proof } = (await answer.json()) as {
      event_proof: Proof & { entry: string; index: number };
    };
    assert.equal(event_proof.entry, texts[seq]);
    const { index, size } = event_proof;
    const leafHash = hashLeaf(Buffer.from(event_proof.entry));
    assert.ok(verifyInclusion({ index, size, leafHash, hashes: bytesOf(event_proof.hashes), root }));
    assert.equal(await provenEntry(get, event_proof.session_proof), event_proof.session_closed);
  }
  for (const [from, to] of [
    [0, 300],
    [3, 4],
    [250, 260],
    [299, 300],
  ] as const) {
    const answer = await get(`/sessions/${session.id}/events/proof?from=${from}&to=${to}`);
    const { range_proof } = (await answer.json()) as { range_proof: Proof & { entries: string[] } };
    assert.deepEqual(range_proof.entries, texts.slice(from, to));
    const leafHashes = range_proof.entries.map((text) => hashLeaf(Buffer.from(text)));
    const found = rootFromStretch({ from, leafHashes, size: 300, hashes: bytesOf(range_proof.hashes) });
    assert.deepEqual(found && Buffer.from(found), Buffer.from(root));
  }
  for (const [query, status] of [
    ['from=0&to=301', 422],
    ['from=4&to=4', 422],
    ['from=5&to=4', 422],
    ['from=0', 422],
    ['from=-1&to=3', 422],
    ['from=0&to=3&x=1', 422],
  ] as const) {
    assert.equal((await get(`/sessions/${session.id}/events/proof?${query}`)).status, status, query);
  }
  for (const seq of ['300', '-1', 'x', '01', '1.5']) {
    assert.equal((await get(`/sessions/${session.id}/events/${seq}/proof`)).status, 404, seq);
  }
});

test('a stretch that no verifier would read is refused, and the message says how much of it fits', async (t) => {
  const { world, tenant, keep, get } = await start(t);
  const { id } = await startSession(world, tenant.accountId);
  for (let i = 0; i < 700; i += 100) {
    const drafts = Array.from({ length: 100 }, (_, at) => ({
      ...draftEvent(i + at),
      note: '"'.repeat(16_000),
    }));
    await appendEvents(world, tenant.accountId, id, drafts as never);
  }
  await closeLog(world, tenant.accountId, id, { endedAt: new Date(), status: 'ok' });
  await keep();
  const answer = await get(`/sessions/${id}/events/proof?from=10&to=700`);
  const { error } = (await answer.json()) as { error: { code: string; param: string; message: string } };
  assert.deepEqual([answer.status, error.code, error.param], [422, 'validation_failed', 'to']);
  const to = Number(/40 MiB: to must be (\d+) at most/.exec(error.message)?.[1]);
  const fitting = await get(`/sessions/${id}/events/proof?from=10&to=${to}`);
  const proof = await fitting.text();
  assert.equal(fitting.status, 200, proof.slice(0, 500));
  assert.ok(proof.length <= 40 * 1024 * 1024 && proof.length > 38 * 1024 * 1024, `${proof.length}`);
});

test('no proof is made of a log that is not the one that was closed, and the log is marked', async (t) => {
  const { world, write, keep, get } = await start(t);
  const session = await write(5);
  await keep();
  await editSegment(world.db, session, 0, (texts) => texts.with(2, texts[2]!.replace('MSKV1', 'MSKV9')));
  const answer = await get(`/sessions/${session.id}/events/1/proof`);
  assert.equal(answer.status, 500);
  const { error } = (await answer.json()) as { error: { reason: string; message: string } };
  assert.equal(error.reason, 'log_failed');
  assert.match(error.message, /altered at seq 2/);
  const found = await world.sessions.findSnapshot(session.accountId, session.id);
  assert.equal(found?.marks.failed?.fault, 'altered');
});

test('a log whose seal was taken off fails, although its row says that it never had one', async (t) => {
  const { app, write, keep, get } = await start(t);
  const session = await write(5);
  await keep();
  await app.database.db.collection('sessions').updateOne(
    { _id: session.id as never },
    {
      $set: { 'log.seal': null, ended_at: null, merkle_root_hex: null, merkle_root_size: null },
    },
  );
  const answer = await get(`/sessions/${session.id}/report`);
  assert.equal(answer.status, 500);
  assert.match(JSON.stringify(await answer.json()), /seal_missing/);
});

test('what the account log does not hold any more is a failed log with its reason, not a fault of ours', async (t) => {
  const { app, write, keep, get } = await start(t);
  const session = await write(5);
  await keep();
  const { db } = app.database;
  const reason = async (path: string) => {
    const answer = await get(path);
    const { error } = (await answer.json()) as { error: { code: string; reason: string } };
    return [answer.status, error.code, error.reason];
  };
  const damaged = [500, 'report_generation_failed', 'account_log'];
  await db.collection('account_log_segments').deleteMany({ account_id: session.accountId });
  assert.deepEqual(await reason(`/sessions/${session.id}/proof`), damaged);
  assert.deepEqual(await reason('/log/tile/0/000.p/2'), damaged);
  assert.deepEqual(await reason('/log/tile/entries/000.p/2'), damaged);
});

test('a row without an entry that names one of something else, or none that there is, is said to be false, and not the account log', async (t) => {
  const { app, write, keep, get } = await start(t);
  const [open, other] = [await write(5, false), await write(5)];
  await keep();
  // Issued, and not in the log yet.
  assert.equal((await get(`/sessions/${other.id}/report`)).status, 200);
  const { db } = app.database;
  const { logIndex } = (await app.deps.sessions.find(other.accountId, other.id)) ?? {};
  const report = await db.collection('reports').findOne({ session_id: other.id });
  assert.ok(report);
  const paths = ['proof', 'evidence', 'events/0/proof'].map((name) => `/sessions/${open.id}/${name}`);
  for (const [index, what] of [
    [logIndex, 'is of something else'],
    [1_000_000, 'the log does not have'],
  ] as const) {
    const set = { $set: { log_index: index } };
    await db.collection('sessions').updateOne({ _id: open.id as never }, set);
    await db.collection('reports').updateOne({ _id: report._id }, set);
    for (const path of [...paths, `/reports/${report._id}/proof`]) {
      const answer = await get(path);
      const { error } = (await answer.json()) as { error: { reason: string; message: string } };
      assert.deepEqual([answer.status, error.reason], [500, 'account_log'], path);
      assert.match(
        error.message,
        new RegExp(`^The row of (sess|rep)_\\w{26} names an entry of the account log that ${what}`),
        path,
      );
    }
  }
  assert.equal((await get(`/sessions/${other.id}/proof`)).status, 200);
});

test('the proofs of a session and of a report are those of their entries, whatever entry a row names', async (t) => {
  const { app, write, keep, get } = await start(t);
  const session = await write(5);
  assert.equal((await get(`/sessions/${session.id}/report`)).status, 200);
  await keep();
  const { db } = app.database;
  const report = await db.collection('reports').findOne({ session_id: session.id });
  assert.ok(report);
  const prove = async (path: string) => {
    const answer = await get(path);
    assert.equal(answer.status, 200, path);
    const bytes = Buffer.from(await answer.arrayBuffer());
    // A pack holds a report of its own.
    return path.endsWith('evidence') ? 'a pack' : bytes.toString();
  };
  for (const [collection, id, paths] of [
    ['sessions', session.id, ['proof', 'evidence', 'events/0/proof', 'events/proof?from=0&to=2']],
    ['reports', report._id, ['proof']],
  ] as const) {
    const rows = db.collection(collection);
    const row = await rows.findOne({ _id: id as never });
    const index = Number(row?.log_index);
    for (const path of paths.map((name) => `/${collection}/${id}/${name}`)) {
      const expected = await prove(path);
      for (const change of [
        { $unset: { log_index: '' } },
        ...[index === 0 ? 1 : index - 1, 1_000_000].map((other) => ({ $set: { log_index: other } })),
      ]) {
        await rows.updateOne({ _id: id as never }, change as object);
        assert.equal(await prove(path), expected, `${path}: ${JSON.stringify(change)}`);
      }
      await rows.updateOne({ _id: id as never }, { $set: { log_index: index } } as object);
    }
  }
});
