// An export of an account whose log grows meanwhile: the sessions and reports that it then holds are of a longer log.
import assert from 'node:assert/strict';
import { cp, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readState } from '../../scripts/export/account-state.ts';
import type { Progressed } from '../../scripts/export/part-folder.ts';
import { runExport } from '../../scripts/export.ts';
import { runHere } from '../support/run-here.ts';
import { createSmallAccount, importTwice, recordOn } from '../support/small-account.ts';

test('an export names an account log that grew meanwhile, and an import refuses the folder', async (t) => {
  const account = await createSmallAccount(t);
  const { world, accountId, sessionIds } = account;
  const older = await account.exportTo('older');
  const { logged } = await readState(world.db, accountId);
  await recordOn(account, sessionIds[2]!);
  await account.keep();
  // As it stands when the log grows behind its own lines and before the sessions.
  const target = join(older, '..', 'grown');
  await cp(older, `${target}.part`, { recursive: true });
  const bytes = async (name: string) => (await stat(join(older, name))).size;
  const progressed: Progressed = {
    ...{ accountId, began: { ...(await readState(world.db, accountId)) }, after: sessionIds[2]! },
    ...{ sessionsBytes: await bytes('sessions.ndjson'), auditBytes: await bytes('audit.ndjson') },
    ...{
      tally: { sessions: 3, entries: 12, reports: 4, log_lines: 2, logged },
      problems: [],
      problemCount: 0,
    },
  };
  await writeFile(`${target}.part.json`, JSON.stringify(progressed));
  const exported = await runHere(runExport, ['--account', accountId, target], world.env);
  assert.equal(exported.code, 2, exported.stdout + exported.stderr);
  assert.match(exported.stdout, /^the account log grew while the account was exported: stop its workers/m);
  const imported = await importTwice(t, target);
  assert.equal(imported.code, 2, imported.stdout + imported.stderr);
  assert.match(imported.stderr, /the other files of the bundle are of a log of 9/);
});
