import assert from 'node:assert/strict';
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Document } from 'mongodb';
import { readState } from '../../scripts/export/account-state.ts';
import type { Progressed } from '../../scripts/export/part-folder.ts';
import { runExport } from '../../scripts/export.ts';
import { runImport } from '../../scripts/import.ts';
import { runVerify } from '../../scripts/verify.ts';
import { createKeyring } from '../../shared/audit/audit-keys.ts';
import { newId } from '../../shared/audit/ids.ts';
import { listUnmarked, markUnmarked } from '../../shared/sessions/mark-openings.ts';
import { createSessionRepository } from '../../shared/sessions/session-repository.ts';
import { NEVER, openTestLogs, recordStated } from '../support/account-logs.ts';
import { bundleDir } from '../support/bundles.ts';
import { runScript } from '../support/commands.ts';
import { clinic, createImportWorld, dump, type ImportWorld, sessionOf } from '../support/import-world.ts';
import { runHere } from '../support/run-here.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const accountId = clinic.account_id;
const CLINIC_KEY = { id: 'k1', bytes: Buffer.from(clinic.audit_keys.split(/[:;]/)[1] as string, 'hex') };
type Row = Document & { _id: string };

/** A clinic as a trial leaves it: written to, reported on, with an account log. */
async function createTrial(t: TestContext): Promise<ImportWorld> {
  const world = await createImportWorld(t);
  const first = await world.importDir(bundleDir('clinic-week'), '--account-name', 'The clinic');
  assert.equal(first.code, 0, first.stdout + first.stderr);
  const sessions = createSessionRepository(world.db);
  const rows = world.db.collection<Row>('sessions');
  const [named, unsealed, reported] = (await rows.find().sort({ _id: 1 }).limit(3).toArray()) as [
    Row,
    Row,
    Row,
  ];
  const external = { external_key: `${accountId}/call-7`, metadata: [['team', 'night']] };
  await rows.updateOne({ _id: named._id }, { $set: external });
  await rows.updateOne({ _id: unsealed._id }, { $set: { 'log.seal': null } });
  const keyring = createKeyring([CLINIC_KEY]);
  const [unmarked] = await Array.fromAsync(listUnmarked(world.db, keyring, accountId));
  assert.ok(await markUnmarked(world.db, keyring, unmarked!.session));
  const logs = await openTestLogs(t, { db: world.db, sessions }, { keys: [CLINIC_KEY] });
  const session = await sessions.find(accountId, reported._id);
  await recordStated(world, logs, session!, 'cd'.repeat(32));
  assert.equal((await logs.logs.keep(accountId, NEVER)).failed, null);
  return world;
}

const exportTo = (world: ImportWorld, dir: string) =>
  runHere(runExport, ['--account', accountId, dir], world.env);

async function readFolder(dir: string): Promise<Record<string, string>> {
  const names = (await readdir(dir, { recursive: true })).sort();
  const files: Record<string, string> = {};
  for (const name of names) {
    if ((await stat(join(dir, name))).isFile()) files[name] = await readFile(join(dir, name), 'utf8');
  }
  return files;
}

/** The lines of each session, in their order. */
function bySession(text: string): Record<string, string[] | undefined> {
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.groupBy(lines, sessionOf);
}

/** Rows as they are stored, without what tells when and how often they were written. */
async function rowsOf({ db }: ImportWorld, name: string): Promise<Document[]> {
  const rows = await db.collection(name).find().sort({ _id: 1 }).toArray();
  return rows.map(({ changed_at: _, changes: __, stage: ___, unsettled_since: ____, ...row }) => row);
}

test('npm run export', async (t) => {
  const from = await createTrial(t);
  const dir = temporaryFolder(t);
  const whole = join(dir, 'whole');
  await exportTo(from, whole);

  await t.test(
    'an export, imported into an empty database, gives the same rows, and the same export',
    async (t) => {
      assert.deepEqual(await readdir(dir), ['whole']);
      const to = await createImportWorld(t);
      const imported = await to.importDir(whole);
      assert.equal(imported.code, 0, imported.stdout);
      for (const name of [
        'sessions',
        'session_payloads',
        'reports',
        'account_log_segments',
        'account_logs',
      ]) {
        assert.deepEqual(await rowsOf(to, name), await rowsOf(from, name), name);
      }
      const names = (all: Document[][]) => all.slice(0, 3);
      assert.deepEqual(names(await dump(to)), names(await dump(from)));
      const verified = await to.verifyAll();
      assert.equal(verified.code, 0, verified.stderr + verified.stdout);

      const exported = await exportTo(to, join(dir, 'two'));
      assert.equal(exported.code, 0, exported.stdout + exported.stderr);
      assert.match(exported.stdout, /120 sessions with 4871 entries, 1 reports in the ledger; 0 problems/);
      const [one, two] = [await readFolder(whole), await readFolder(join(dir, 'two'))];
      assert.deepEqual(Object.keys(one), [
        ...['account-log.ndjson', 'account.json', 'agents.ndjson', 'audit.ndjson'],
        ...['policies/billing-strict@3.yaml', 'policies/healthcare-default@1.yaml'],
        ...['reports.ndjson', 'sessions.ndjson'],
      ]);
      for (const [name, text] of Object.entries(one)) assert.equal(two[name], text, name);
      assert.doesNotMatch(one['sessions.ndjson']!, /opening/);
      // Each entry is the writer's, byte for byte.
      const source = gunzipSync(await readFile(join(bundleDir('clinic-week'), 'audit.ndjson.gz')));
      assert.deepEqual(bySession(one['audit.ndjson']!), bySession(source.toString()));
    },
  );

  await t.test('an export that is killed goes on, and gives the folder of one that is not', async () => {
    const target = join(dir, 'killed');
    const args = ['--account', accountId, target];
    const written = async () => (await stat(`${target}.part/audit.ndjson`).catch(() => null))?.size ?? 0;
    await runScript('export.ts', args, from.env, { killWhen: async () => (await written()) > 0 });
    if (!(await readdir(dir)).includes('killed')) {
      const last = await exportTo(from, target);
      assert.equal(last.code, 0, last.stdout + last.stderr);
      assert.match(last.stderr, /Going on with the export/);
    }
    assert.deepEqual(await readFolder(target), await readFolder(whole));
    assert.deepEqual(
      (await readdir(dir)).filter((name) => name.startsWith('killed')),
      ['killed'],
    );
    const refused = await exportTo(from, target);
    assert.deepEqual([refused.code, /is there and not empty/.test(refused.stderr)], [1, true]);
  });

  await t.test(
    'an export that was interrupted begins anew where the account was written to since',
    async (t) => {
      const world = await createTrial(t);
      const sessions = world.db.collection<Row>('sessions');
      const [first] = (await sessions.find().sort({ _id: 1 }).limit(1).toArray()) as [Row];
      const writes: Record<string, () => Promise<unknown>> = {
        'a session': () => sessions.updateOne({ _id: first._id }, { $inc: { changes: 1 } }),
        'a report': async () => {
          const row = (await world.db.collection<Row>('reports').findOne()) as Row;
          await world.db.collection<Row>('reports').insertOne({ ...row, _id: newId('report') });
        },
      };
      for (const [what, write] of Object.entries(writes)) {
        const target = join(dir, `interrupted-${what}`);
        const part = `${target}.part`;
        await cp(whole, part, { recursive: true });
        const began = await readState(world.db, accountId);
        const bytes = async (name: string) => (await stat(join(part, name))).size;
        const progressed: Progressed = {
          ...{ accountId, began, after: first._id, problems: [], problemCount: 0 },
          ...{ sessionsBytes: await bytes('sessions.ndjson'), auditBytes: await bytes('audit.ndjson') },
          tally: { sessions: 120, entries: 4871, reports: 1, log_lines: 2 },
        };
        await writeFile(`${part}.json`, JSON.stringify(progressed));
        await write();
        const exported = await exportTo(world, target);
        assert.match(exported.stderr, /The account was written to since .*: beginning anew/, what);
        const lines = (await readFile(join(target, 'sessions.ndjson'), 'utf8')).trim().split('\n');
        assert.equal(lines.length, 120, what);
      }
    },
  );

  await t.test('an export holds logs and records against the account log, and exits 2', async (t) => {
    const world = await createTrial(t);
    const rows = world.db.collection<Row>('sessions');
    const logged = await rows.find({ log_index: { $gte: 0 }, 'log.seal': { $ne: null } }).toArray();
    const [stripped, gone] = logged as [Row, Row];
    await rows.updateOne({ _id: stripped._id }, {
      $set: { 'log.seal': null, merkle_root_hex: null, merkle_root_size: null },
      $unset: { log_index: '' },
    } as never);
    await rows.deleteOne({ _id: gone._id });
    await world.db.collection<Row>('reports').updateOne({}, { $set: { user_id: 5 } });
    const { code, stdout } = await exportTo(world, join(dir, 'held'));
    assert.equal(code, 2, stdout);
    for (const line of [
      `${stripped._id}: its log failed, seal_missing at seq \\d+: it is exported as it is stored`,
      '1 rows of the ledger are no report',
      `the account log holds 1 closed sessions that are not stored: restore them .*: ${gone._id}`,
      'the account log holds 1 sealed sessions that are stored without that seal: ',
      'the account log holds 1 issued reports that are not in the ledger: ',
    ])
      assert.match(stdout, new RegExp(`^${line}`, 'm'));

    const to = await createImportWorld(t);
    assert.equal((await to.importDir(join(dir, 'held'))).code, 2);
    const verified = await runHere(runVerify, [stripped._id], to.env);
    assert.match(verified.stdout, /FAILED: seal_missing/);
  });

  await t.test('an import names what the account log holds and the bundle lacks, and exits 2', async (t) => {
    const cut = join(dir, 'cut');
    await cp(whole, cut, { recursive: true });
    const [gone, stripped, ...others] = (await readFile(join(whole, 'sessions.ndjson'), 'utf8'))
      .split('\n')
      .filter((line) => /"seal":"/.test(line) && !/"external_id"/.test(line)) as [
      string,
      string,
      ...string[],
    ];
    const rows = [stripped.replace(/"seal":"[0-9a-f]+"/, '"seal":null'), ...others];
    await writeFile(join(cut, 'sessions.ndjson'), rows.map((line) => `${line}\n`).join(''));
    const entries = (await readFile(join(whole, 'audit.ndjson'), 'utf8')).split('\n');
    const { id } = JSON.parse(gone) as Row;
    const kept = entries.filter((line) => line !== '' && !line.includes(id));
    await writeFile(join(cut, 'audit.ndjson'), kept.map((line) => `${line}\n`).join(''));
    await writeFile(join(cut, 'reports.ndjson'), '');
    const to = await createImportWorld(t);
    const imported = await to.importDir(cut);
    assert.equal(imported.code, 2, imported.stdout);
    const lacks = (what: RegExp) => assert.match(imported.stdout, what);
    lacks(new RegExp(`refused account-log.ndjson: it holds \\d+ closed sessions that are not stored.*${id}`));
    lacks(/refused account-log.ndjson: it holds 1 sealed sessions that are stored without that seal/);
    lacks(/refused account-log.ndjson: it holds 1 issued reports that are not in the ledger/);
  });

  await t.test(
    'an import warns of a missing account log or checkpoint, with what follows and what to do',
    async (t) => {
      const lines = (await readFile(join(whole, 'account-log.ndjson'), 'utf8')).trim().split('\n');
      const without = join(dir, 'without-log');
      await cp(whole, without, { recursive: true });
      await rm(join(without, 'account-log.ndjson'));
      const to = await createImportWorld(t);
      // Under another key: under this one, another log would contradict the one that is missing.
      const env = { ...to.env, LOG_ORIGIN: 'other.example.org' };
      for (const options of [['--dry-run'], []]) {
        const lost = await runHere(runImport, [without, ...options], env);
        assert.match(
          lost.stdout,
          /warning account-log.ndjson: the bundle has none, and 1 reports of its ledger were signed/,
        );
        assert.match(lost.stdout, /Export the account again with its account log/);
      }

      const unsigned = join(dir, 'without-checkpoint');
      await cp(whole, unsigned, { recursive: true });
      await writeFile(join(unsigned, 'account-log.ndjson'), `${lines.slice(1).join('\n')}\n`);
      const other = await createImportWorld(t);
      for (const options of [['--dry-run'], []]) {
        const open = await other.importDir(unsigned, ...options);
        assert.match(open.stdout, /warning account-log.ndjson: it has no line with a checkpoint/);
      }
    },
  );

  await t.test('an import refuses a damaged account log of its own key, and writes nothing', async (t) => {
    const lines = (await readFile(join(whole, 'account-log.ndjson'), 'utf8')).trim().split('\n');
    const damaged = join(dir, 'damaged-log');
    await cp(whole, damaged, { recursive: true });
    const cut = lines.map((line) => line.replace(/"entries":\["[^,]*,/, '"entries":['));
    for (const text of [lines.slice(0, 1), [...lines, '{}'], cut]) {
      await writeFile(join(damaged, 'account-log.ndjson'), text.map((line) => `${line}\n`).join(''));
      const to = await createImportWorld(t);
      for (const options of [['--dry-run'], []]) {
        const imported = await to.importDir(damaged, ...options);
        assert.equal(imported.code, 2, imported.stdout + imported.stderr);
        assert.match(
          imported.stderr,
          /this deployment’s key has signed parts of it: put the exported file in its place/,
        );
      }
      assert.equal(await to.db.collection('sessions').countDocuments(), 0);
    }
  });

  await t.test('an import refuses a row of the ledger whose statement is about something else', async (t) => {
    const forged = join(dir, 'forged-rows');
    await cp(whole, forged, { recursive: true });
    const [row] = (await readFile(join(whole, 'reports.ndjson'), 'utf8')).split('\n') as [string];
    const changed = [
      row.replace(/"json_sha256":"../, '"json_sha256":"00'),
      row.replace(/"generated_at":"2/, '"generated_at":"1'),
      row.replace(/"id":"rep_......../, '"id":"rep_01KQN89W'),
      // Its own key's line, with another signature.
      row.replace(/("statement":"[^"]*)([A-Za-z0-9+/])([A-Za-z0-9+/]{20}==?\\n")/, (_, head, one, tail) => {
        return `${head}${one === 'A' ? 'B' : 'A'}${tail}`;
      }),
    ];
    assert.ok(changed.every((each) => each !== row));
    await writeFile(join(forged, 'reports.ndjson'), changed.map((each) => `${each}\n`).join(''));
    const to = await createImportWorld(t);
    for (const options of [['--dry-run'], []]) {
      const imported = await to.importDir(forged, ...options);
      assert.equal(imported.code, 2, imported.stderr);
      assert.equal(
        imported.stdout.match(/its statement of the \w+ is not about what the row says/g)?.length,
        3,
      );
      assert.match(imported.stdout, /bears no signature of this deployment's key/);
    }
    assert.equal(await to.db.collection('reports').countDocuments(), 0);
  });

  await t.test(
    'what is damaged is exported and named, and an import refuses it and what states it',
    async (t) => {
      const reports = from.db.collection<Row>('reports');
      const report = (await reports.findOne()) as Row;
      const id = report.session_id as string;
      await from.db.collection<Row>('audit_segments').deleteOne({ _id: `${accountId}/${id}/0` });
      const other = Object.keys(clinic.sessions).find((each) => each !== id)!;
      const otherRow = (await from.db.collection<Row>('sessions').findOne({ _id: other })) as Row;
      const { entry_statement: _, log_index: __, ...unstated } = report;
      await reports.insertOne({
        ...unstated,
        ...{ statement: null, pdf_statement: null },
        ...{ _id: newId('report'), session_id: other, root_hex: 'ab'.repeat(32) },
        ...{ since: otherRow.started_at, until: otherRow.ended_at },
      });
      const hidden = Object.keys(clinic.sessions).find((each) => each !== id && each !== other)!;
      await from.db.collection<Row>('sessions').updateOne({ _id: hidden }, { $set: { importing: true } });
      const exported = await exportTo(from, join(dir, 'out'));
      assert.equal(exported.code, 2);
      assert.match(exported.stdout, /1 sessions are hidden by an import that has not finished/);
      assert.match(exported.stdout, new RegExp(`${id}: its log failed, \\w+ at seq`));

      const to = await createImportWorld(t);
      const env = { ...to.env, LOG_ORIGIN: 'other.example.org' };
      const imported = await runHere(runImport, [join(dir, 'out')], env);
      assert.equal(imported.code, 2);
      assert.match(imported.stdout, new RegExp(`refused ${id}: `));
      assert.match(
        imported.stdout,
        new RegExp(`${report._id}: its session ${id} is not stored: not imported`),
      );
      assert.match(imported.stdout, /its session's log does not give what it states/);
      assert.equal(await to.db.collection('reports').countDocuments(), 0);
      // Two logs under one key that differ would contradict each other; under another key a new one begins.
      assert.match(
        imported.stdout,
        /warning account-log\.ndjson: it was signed under another SIGNING_KEY or LOG_ORIGIN/,
      );
      assert.equal(await to.db.collection('account_log_segments').countDocuments(), 0);
      assert.equal(await to.db.collection('sessions').countDocuments({ log_due: { $exists: true } }), 118);
    },
  );
});
