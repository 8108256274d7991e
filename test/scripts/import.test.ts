import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import type { Document } from 'mongodb';
import { bundleDir, copyBundle } from '../support/bundles.ts';
import { runScript } from '../support/commands.ts';
import { clinic, createImportWorld, damageEntry, dump, other, sessionOf } from '../support/import-world.ts';
import { naiveRoot } from '../support/naive-merkle-tree.ts';
import { rounds } from '../support/rounds.ts';

describe('importing an export', () => {
  it('an import stores every session with the root, head and counts that an independent program computed', async (t) => {
    const world = await createImportWorld(t);
    const args = [bundleDir('clinic-week'), '--account-name', 'The clinic'];
    const result = await runScript('import.ts', args, world.env);
    assert.equal(result.code, 0, result.stderr);
    const rows = await world.db.collection<Document & { _id: string }>('sessions').find().toArray();
    assert.equal(rows.length, 120);
    for (const row of rows) {
      const expected = clinic.sessions[row._id]!;
      assert.equal(row.merkle_root_hex, expected.merkle_root_hex);
      assert.equal(row.log.head_hash, expected.end_hash);
      assert.equal(row.log.size, expected.event_count);
      assert.deepEqual(row.aggregate.redactions_by_kind, Object.entries(expected.redactions_by_kind));
      assert.deepEqual(row.aggregate.redactions_by_pass, Object.entries(expected.redactions_by_pass));
      assert.equal(row.importing, undefined);
    }
    assert.equal((await world.db.collection('accounts').findOne())?.name, 'The clinic');
    const verified = await world.verifyAll();
    assert.equal(verified.code, 0);
    assert.match(verified.stderr, /120 verified, 0 failed, 0 unverifiable/);
  });

  it('an import that is run again changes nothing', async (t) => {
    const world = await createImportWorld(t);
    await world.importDir(bundleDir('other-clinic'));
    const first = await dump(world);
    const again = await world.importDir(bundleDir('other-clinic'), '--account', other.account_id);
    assert.equal(again.code, 0);
    assert.match(again.stdout, /0 sessions imported, 0 extended, 12 stored already/);
    assert.deepEqual(await dump(world), first);
  });

  it('an import that is killed at any moment and run again gives the same result', async (t) => {
    const whole = await createImportWorld(t);
    await whole.importDir(bundleDir('clinic-week'));
    const killed = await createImportWorld(t);
    const args = [bundleDir('clinic-week'), '--account', clinic.account_id];
    let wasHalfDone = false;
    const stored = () => killed.db.collection('audit_segments').countDocuments();
    for (const enough of rounds([1, 50], [0, 1, 25, 50, 75])) {
      const killWhen = async () => (await stored()) >= enough;
      await runScript('import.ts', args, killed.env, { killWhen });
      const found = await stored();
      wasHalfDone ||= found > 0 && found < 100;
    }
    const last = await runScript('import.ts', args, killed.env);
    assert.equal(last.code, 0, last.stdout);
    assert.deepEqual(await dump(killed), await dump(whole));
    t.diagnostic(`killed half way: ${wasHalfDone}`);
  });

  it("an import's dry run writes nothing", async (t) => {
    const world = await createImportWorld(t);
    const result = await world.importDir(bundleDir('clinic-week'), '--dry-run');
    assert.equal(result.code, 0);
    assert.match(result.stdout, /120 sessions can be imported.*nothing was written/);
    assert.deepEqual((await dump(world)).flat(), []);
  });

  it('an import refuses sessions whose key is not configured, as unverifiable', async (t) => {
    const world = await createImportWorld(t, other.audit_keys);
    const result = await world.importDir(bundleDir('clinic-week'));
    assert.equal(result.code, 2);
    assert.match(result.stdout, /is unverifiable: audit key k1 is not configured; add it to AUDIT_KEYS/);
    assert.doesNotMatch(result.stdout, /altered/);
    assert.equal(await world.db.collection('sessions').countDocuments(), 0);
  });

  it('an import extends a stored session whose log is a prefix, and never shortens one', async (t) => {
    const world = await createImportWorld(t);
    const older = await copyBundle(t, 'clinic-week');
    const [id, { event_count: size }] = Object.entries(clinic.sessions).find(
      ([, s]) => s.event_count === 300,
    )!;
    const lines = await older.readLines('audit.ndjson');
    const own = lines.filter((line) => sessionOf(line) === id);
    const kept = new Set(own.slice(0, 257));
    await older.writeLines(
      'audit.ndjson',
      lines.filter((line) => sessionOf(line) !== id || kept.has(line)),
    );
    const head_hash = (JSON.parse(own[256]!) as { this_hash: string }).this_hash;
    await older.writeLines(
      'sessions.ndjson',
      (await older.readLines('sessions.ndjson')).map((line) => {
        const row = JSON.parse(line);
        if (row.id !== id) return line;
        const open = {
          ended_at: null,
          duration_ms: null,
          log: { ...row.log, size: 257, head_hash, seal: null },
        };
        return JSON.stringify({ ...row, ...open });
      }),
    );
    const first = await world.importDir(older.dir);
    assert.equal(first.code, 0, first.stdout);
    // A root that was stored meanwhile is compared with the longer log at its own size.
    const rows = world.db.collection<Document & { _id: string }>('sessions');
    const leaves = own.slice(0, 257).map((line) => Buffer.from(line));
    const rootHex = Buffer.from(naiveRoot(leaves)).toString('hex');
    await rows.updateOne({ _id: id }, { $set: { merkle_root_hex: 'ab'.repeat(32), merkle_root_size: 257 } });
    const meant = ['--account', clinic.account_id];
    const refused = await world.importDir(bundleDir('clinic-week'), ...meant);
    assert.equal(refused.code, 2);
    assert.match(refused.stdout, /the stored log failed, root_mismatch at seq 256: nothing was replaced/);
    await rows.updateOne({ _id: id }, { $set: { merkle_root_hex: rootHex } });
    const second = await world.importDir(bundleDir('clinic-week'), ...meant);
    assert.equal(second.code, 0, second.stdout);
    assert.match(second.stdout, /0 sessions imported, 1 extended, 119 stored already/);
    const row = await world.db.collection<Document & { _id: string }>('sessions').findOne({ _id: id });
    assert.equal(row?.log.size, size);
    assert.equal((await world.verifyAll()).code, 0);

    const back = await world.importDir(older.dir, ...meant);
    assert.equal(back.code, 2);
    assert.match(back.stdout, new RegExp(`refused ${id}: a sealed session of this id is stored and differs`));
    assert.equal((await world.verifyAll()).code, 0);
  });
});

describe('a damaged bundle', () => {
  const WRONGS: [title: string, fault: string, damage: (lines: string[], at: number) => string[]][] = [
    ['a changed entry', 'altered', (lines, at) => lines.with(at, lines[at]!.replace('MSKV1', 'MSKV9'))],
    ['an entry twice', 'duplicate', (lines, at) => lines.toSpliced(at, 0, lines[at]!)],
    ['an entry taken out', 'gap', (lines, at) => lines.toSpliced(at, 1)],
    ['an entry moved to the end', 'reordered', (lines, at) => [...lines.toSpliced(at, 1), lines[at]!]],
    [
      'an entry that is not canonical',
      'malformed',
      (lines, at) => lines.with(at, lines[at]!.replace(',', ' ,')),
    ],
  ];
  for (const [title, fault, damage] of WRONGS) {
    it(`an import refuses the session with ${title} by name, and takes the others`, async (t) => {
      const world = await createImportWorld(t);
      const bundle = await copyBundle(t, 'clinic-week');
      const id = await damageEntry(bundle, 300, 270, damage);
      const result = await world.importDir(bundle.dir);
      assert.equal(result.code, 2);
      assert.match(
        result.stdout,
        new RegExp(`refused ${id}: ${fault} at seq \\d+ \\(audit\\.ndjson:\\d+\\)`),
      );
      assert.match(result.stdout, /119 sessions imported/);
      assert.equal(await world.db.collection('sessions').countDocuments(), 119);
      assert.equal(
        await world.db.collection<{ _id: string }>('audit_segments').countDocuments({ _id: { $regex: id } }),
        0,
      );
    });
  }

  it('an import refuses a session whose tail was cut', async (t) => {
    const world = await createImportWorld(t);
    const bundle = await copyBundle(t, 'clinic-week');
    const id = await damageEntry(bundle, 300, 299, (lines, at) => lines.toSpliced(at, 1));
    const result = await world.importDir(bundle.dir);
    assert.equal(result.code, 2);
    assert.match(result.stdout, new RegExp(`refused ${id}: truncated at seq 299`));
  });

  it('an import names a bad line by file and number, without its content', async (t) => {
    const world = await createImportWorld(t);
    const bundle = await copyBundle(t, 'other-clinic');
    const agents = await bundle.readLines('agents.ndjson');
    await bundle.writeLines('agents.ndjson', [...agents, '{"name":"Jane Doe"', '[]']);
    const sessions = await bundle.readLines('sessions.ndjson');
    await bundle.writeLines('sessions.ndjson', [
      sessions[0]!.replace(/"status":"\w+"/, '"status":"Jane Doe"'),
      ...sessions.slice(1),
    ]);
    const entries = await bundle.readLines('audit.ndjson');
    await bundle.writeLines('audit.ndjson', [...entries, 'Jane Doe', '']);
    const result = await world.importDir(bundle.dir);
    assert.equal(result.code, 2);
    for (const place of ['agents.ndjson:7', 'agents.ndjson:8', 'sessions.ndjson:1', 'audit.ndjson:167']) {
      assert.match(result.stdout, new RegExp(`refused ${place}: `));
    }
    assert.match(result.stdout, /warning audit\.ndjson: has 1 blank lines.* the first is line 168/);
    assert.doesNotMatch(result.stdout + result.stderr, /Jane/);
    assert.match(result.stdout, /11 sessions imported/);
  });

  it('an import refuses a bundle with lines of two accounts as a whole', async (t) => {
    const world = await createImportWorld(t);
    const bundle = await copyBundle(t, 'other-clinic');
    const sessions = await bundle.readLines('sessions.ndjson');
    const foreign = sessions[3]!.replace(other.account_id, clinic.account_id);
    await bundle.writeLines('sessions.ndjson', sessions.with(3, foreign));
    const result = await world.importDir(bundle.dir);
    assert.equal(result.code, 2);
    assert.match(result.stderr, /sessions\.ndjson:4 belongs to another account/);
    assert.deepEqual((await dump(world)).flat(), []);
  });

  it("an import never takes over another account's sessions and agents", async (t) => {
    const world = await createImportWorld(t);
    await world.importDir(bundleDir('other-clinic'));
    const before = await dump(world);
    const bundle = await copyBundle(t, 'other-clinic');
    const stolen = other.account_id.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    for (const file of ['agents.ndjson', 'sessions.ndjson']) {
      const lines = await bundle.readLines(file);
      await bundle.writeLines(
        file,
        lines.map((line) => line.replaceAll(other.account_id, stolen).replace(/"seal":"\w+"/, '"seal":null')),
      );
    }
    const result = await world.importDir(bundle.dir);
    assert.equal(result.code, 2);
    assert.match(result.stdout, /refused agt_\w+: belongs to another account/);
    const [accounts, ...rest] = await dump(world);
    assert.equal(accounts?.length, 2);
    const own = rest.map((rows) =>
      rows.filter(({ account_id, _id }) => account_id !== stolen && !String(_id).startsWith(stolen)),
    );
    assert.deepEqual(own, before.slice(1));
  });

  it("an import refuses a policy whose name is not its file's, with the sessions under it", async (t) => {
    const world = await createImportWorld(t);
    const bundle = await copyBundle(t, 'other-clinic');
    const policy = await bundle.readLines('policies/healthcare-default@1.yaml');
    await bundle.writeLines(
      'policies/healthcare-default@1.yaml',
      policy.map((line) => line.replace('version: 1', 'version: 2')),
    );
    const result = await world.importDir(bundle.dir);
    assert.equal(result.code, 2);
    assert.match(
      result.stdout,
      /refused policies\/healthcare-default@1\.yaml: has another name or version than its file name: name \(line \d+, column \d+\), version \(line \d+, column \d+\)/,
    );
    assert.equal(await world.db.collection('sessions').countDocuments(), 0);
  });

  it('an import says what is missing in a folder that is no bundle', async (t) => {
    const world = await createImportWorld(t);
    const missing = await world.importDir(tmpdir());
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /agents\.ndjson|audit\.ndjson/);
    assert.equal((await runScript('import.ts', [], world.env)).code, 64);
    assert.equal((await runScript('import.ts', ['--help'], world.env)).code, 0);
  });
});
