import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runExport } from '../../../scripts/export.ts';
import { ROW_LIMIT } from '../../../shared/sessions/row-limit.ts';
import { createPayloadStore } from '../../../shared/sessions/session-payloads.ts';
import { caseDir } from '../../support/cases.ts';
import { createImportWorld } from '../../support/import-world.ts';
import { runHere } from '../../support/run-here.ts';
import { importTwice } from '../../support/small-account.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

type Row = { _id: string; account_id: string; stage_durations_ms: [string, number][] };

/** Exports three sessions, one of which has payloads and stages as an earlier release stored them. */
async function exportWith(t: TestContext, payloads: unknown, stages: [string, number][]) {
  const from = await createImportWorld(t);
  const imported = await from.importDir(caseDir('appledouble'));
  assert.equal(imported.code, 0, imported.stdout);
  const rows = from.db.collection<Row>('sessions');
  const { _id, account_id: accountId } = (await rows.findOne())!;
  const stored = { request: payloads, masked: null, response: null };
  const named = await createPayloadStore(from.db).store(accountId, _id, stored);
  const $set = { payloads_sha256: named, stage_durations_ms: stages };
  await rows.updateOne({ _id }, { $set });
  const dir = join(temporaryFolder(t), 'export');
  const { code, stdout } = await runHere(runExport, ['--account', accountId, dir], from.env);
  return { id: _id, dir, code, stdout };
}

test('a session whose payloads are longer than a row may be is exported without them, named, and imported', async (t) => {
  const long = Array<number>(500_000).fill(1e20);
  const { id, dir, code, stdout } = await exportWith(t, long, [['upstream', 3]]);
  assert.equal(code, 2, stdout);
  assert.match(stdout, new RegExp(`${id}: its payloads are left out: .* longer than the ${ROW_LIMIT} bytes`));
  const { code: taken, stdout: said, world } = await importTwice(t, dir);
  assert.equal(taken, 0, said);
  const row = await world.db.collection<Row>('sessions').findOne({ _id: id });
  assert.deepEqual(row?.stage_durations_ms, [['upstream', 3]]);
});

test('so is one whose stage durations are longer than a row may be', async (t) => {
  const stages = Array.from({ length: 300_000 }, (_, i): [string, number] => [`${i}`, 1e20]);
  const { id, dir, code, stdout } = await exportWith(t, 'hello', stages);
  assert.equal(code, 2, stdout);
  assert.match(stdout, new RegExp(`${id}: its payloads and stage durations are left out`));
  const { code: taken, stdout: said } = await importTwice(t, dir);
  assert.equal(taken, 0, said);
});
