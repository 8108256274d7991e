// A row that is hidden as importing may be an interrupted import's, or a published one that somebody hid or deleted.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Document } from 'mongodb';
import { newId } from '../../../shared/audit/ids.ts';
import { createReportLedger } from '../../../shared/reports/report-ledger.ts';
import { type Bundle, bundleDir, copyBundle } from '../../support/bundles.ts';
import { clinic, createImportWorld, dump, type ImportWorld, sessionOf } from '../../support/import-world.ts';
import { naiveRoot } from '../../support/naive-merkle-tree.ts';

const MEANT = ['--account', clinic.account_id];
const [ID, { event_count: SIZE }] = Object.entries(clinic.sessions).find(
  ([, { event_count }]) => event_count === 300,
)!;
const SHORT = 257;

type Shorter = Bundle & Readonly<{ entries: readonly string[]; rootHex(size: number): string }>;

/** The export of an earlier day, when the session was open and had fewer entries. */
async function copyShorter(t: TestContext): Promise<Shorter> {
  const bundle = await copyBundle(t, 'clinic-week');
  const lines = await bundle.readLines('audit.ndjson');
  const entries = lines.filter((line) => sessionOf(line) === ID);
  const cut = new Set(entries.slice(SHORT));
  await bundle.writeLines(
    'audit.ndjson',
    lines.filter((line) => !cut.has(line)),
  );
  const { this_hash: head_hash } = JSON.parse(entries[SHORT - 1]!) as { this_hash: string };
  const rows = (await bundle.readLines('sessions.ndjson')).map((line) => {
    const row = JSON.parse(line) as Document;
    const log = { ...row.log, size: SHORT, head_hash, seal: null };
    return row.id === ID ? JSON.stringify({ ...row, ended_at: null, duration_ms: null, log }) : line;
  });
  await bundle.writeLines('sessions.ndjson', rows);
  const leaves = entries.map((line) => Buffer.from(line));
  return {
    ...bundle,
    entries,
    rootHex: (size) => Buffer.from(naiveRoot(leaves.slice(0, size))).toString('hex'),
  };
}

const rowsOf = ({ db }: ImportWorld) => db.collection<Document & { _id: string }>('sessions');

async function change(world: ImportWorld, set: object): Promise<void> {
  await rowsOf(world).updateOne({ _id: ID }, { $set: { importing: true, ...set } });
}

/** Leaves the row as whoever cut a log would: without seal, root and the entries of the tail. */
async function cutLog(world: ImportWorld, { entries }: Shorter): Promise<void> {
  await change(world, { 'log.seal': null, 'log.size': SHORT, merkle_root_hex: null, merkle_root_size: null });
  await world.db.collection<Document & { _id: string }>('audit_segments').updateOne(
    { _id: `${clinic.account_id}/${ID}/1` },
    {
      $set: { entries: entries.slice(256, SHORT), count: SHORT - 256, closed: false },
      $unset: { packed: '' },
    },
  );
}

async function report(world: ImportWorld, size: number, rootHex: string, logState: 'open' | 'sealed') {
  await createReportLedger(world.db).record(clinic.account_id, {
    ...{ id: newId('report'), userId: newId('user'), scope: 'session', sessionId: ID },
    ...{ since: new Date(0), until: null, rootHex, size, logState, generatedAt: new Date() },
    ...{ jsonSha256Hex: 'ab'.repeat(32), pdfSha256Hex: null, pdfStatement: null },
    ...{ format: null, statement: null },
  });
}

async function assertRefused(world: ImportWorld, dir: string, why: RegExp): Promise<void> {
  const before = await dump(world);
  const { code, stdout } = await world.importDir(dir, ...MEANT);
  assert.equal(code, 2, stdout);
  const lines = stdout.split('\n').filter((line) => line.startsWith(`refused ${ID}: `));
  assert.equal(lines.length, 1, stdout);
  assert.match(lines[0]!, why);
  assert.match(lines[0]!, /nothing was replaced \(.*unset importing on its row in sessions/);
  assert.deepEqual(await dump(world), before);
}

describe('importing over a row that is hidden as importing', () => {
  it('a sealed row keeps its seal, its root and its size against a shorter bundle', async (t) => {
    const world = await createImportWorld(t);
    const shorter = await copyShorter(t);
    await world.importDir(bundleDir('clinic-week'));
    for (const importing of [true, 1]) {
      await change(world, { importing });
      await assertRefused(world, shorter.dir, /another seal than this bundle/);
    }
    await change(world, { 'log.seal': null });
    await assertRefused(world, shorter.dir, /records 300 entries/);
    await change(world, { 'log.size': 3 });
    await assertRefused(
      world,
      shorter.dir,
      /does not give the root that its hidden row records over 300 entries/,
    );
    // The whole bundle gives them all, and shows the row again.
    const { code, stdout } = await world.importDir(bundleDir('clinic-week'), ...MEANT);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /1 sessions imported, 0 extended, 119 stored already/);
    assert.equal((await world.verifyAll()).code, 0);
  });

  it('a report keeps a cut row against a bundle that does not give its root', async (t) => {
    const world = await createImportWorld(t);
    const shorter = await copyShorter(t);
    await world.importDir(bundleDir('clinic-week'));
    await cutLog(world, shorter);
    await report(world, SIZE, shorter.rootHex(SIZE), 'open');
    await assertRefused(world, shorter.dir, /the root that a report records over 300 entries/);
    await world.db.collection('reports').deleteMany({});
    await report(world, 100, 'cd'.repeat(32), 'open');
    await assertRefused(world, shorter.dir, /the root that a report records over 100 entries/);
    await world.db.collection('reports').deleteMany({});
    await report(world, SHORT, shorter.rootHex(SHORT), 'sealed');
    await assertRefused(world, shorter.dir, /a report saw its log sealed/);
  });

  it('a report on a session whose row and log are gone keeps a shorter log out, and the whole one is imported', async (t) => {
    const world = await createImportWorld(t);
    const shorter = await copyShorter(t);
    await world.importDir(bundleDir('clinic-week'));
    await report(world, SIZE, shorter.rootHex(SIZE), 'sealed');
    await report(world, 100, shorter.rootHex(100), 'open');
    await rowsOf(world).deleteOne({ _id: ID });
    const segments = world.db.collection<Document & { _id: string }>('audit_segments');
    await segments.deleteMany({ _id: { $regex: `^${clinic.account_id}/${ID}/` } });
    await assertRefused(world, shorter.dir, /a report saw its log sealed/);
    const { code, stdout } = await world.importDir(bundleDir('clinic-week'), ...MEANT);
    assert.equal(code, 0, stdout);
    assert.equal((await world.verifyAll()).code, 0);
  });

  it('a bundle that gives the stored root and the root of every report is imported', async (t) => {
    const world = await createImportWorld(t);
    const shorter = await copyShorter(t);
    assert.equal((await world.importDir(shorter.dir)).code, 0);
    for (const size of [0, 1, 100, 256, SHORT]) await report(world, size, shorter.rootHex(size), 'open');
    const root = { merkle_root_hex: shorter.rootHex(200), merkle_root_size: 200 };
    for (const dir of [shorter.dir, bundleDir('clinic-week')]) {
      await change(world, root);
      const { code, stdout } = await world.importDir(dir, ...MEANT);
      assert.equal(code, 0, stdout);
      assert.match(stdout, /1 sessions imported/);
    }
    const { log, importing } = (await rowsOf(world).findOne({ _id: ID }))!;
    assert.deepEqual([log.size, typeof log.seal, importing], [SIZE, 'string', undefined]);
    assert.equal((await world.verifyAll()).code, 0);
  });

  it('a stored row with odd times is refused, and the import goes on', async (t) => {
    const world = await createImportWorld(t);
    const shorter = await copyShorter(t);
    assert.equal((await world.importDir(shorter.dir)).code, 0);
    for (const odd of [{ started_at: '2026' }, { started_at: 5, ended_at: [new Date()] }]) {
      await rowsOf(world).updateOne({ _id: ID }, { $set: odd });
      const { code, stdout, stderr } = await world.importDir(bundleDir('clinic-week'), ...MEANT);
      assert.equal(code, 2, stderr);
      assert.match(stdout, new RegExp(`refused ${ID}: the stored session started at another time`));
      assert.match(stdout, /119 stored already, 1 sessions refused/);
    }
  });
});
