// A session without a seal that is stored already and comes again with another end.
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { changeFile, copyCase } from '../../support/cases.ts';
import { createImportWorld } from '../../support/import-world.ts';

const MEANT = ['--account', 'acc_01KT07NV00CPX3DEJZDNW4GCA5'];

type Row = Record<string, unknown> & { id: string; log: Record<string, unknown> };

/** A bundle of three sessions, whose first has these fields and no seal; its row is given too. */
async function bundleWith(t: TestContext, fields: object): Promise<Readonly<{ dir: string; row: Row }>> {
  const dir = await copyCase(t, 'appledouble');
  let changed: Row | undefined;
  await changeFile(dir, 'sessions.ndjson', (bytes) => {
    const [first, ...others] = bytes.toString().split('\n') as [string, ...string[]];
    const row = JSON.parse(first) as Row;
    changed = { ...row, ...fields, log: { ...row.log, seal: null } };
    return [JSON.stringify(changed), ...others].join('\n');
  });
  return { dir, row: changed as Row };
}

it('a session that ended with these very entries keeps its end, and one that is open may get it', async (t) => {
  const world = await createImportWorld(t);
  const open = await bundleWith(t, { ended_at: null, duration_ms: null });
  const ended = await bundleWith(t, {});
  const { id } = ended.row;
  for (const { dir } of [open, ended]) {
    const { code, stdout, stderr } = await world.importDir(dir, ...MEANT);
    assert.equal(code, 0, stdout + stderr);
  }
  const rows = world.db.collection<{ _id: string }>('sessions');
  const stored = await rows.findOne({ _id: id });
  assert.equal((stored as unknown as { status: string }).status, ended.row.status);
  const endedAt = new Date(Date.parse(ended.row.ended_at as string) + 2_000);
  const durationMs = endedAt.getTime() - Date.parse(ended.row.started_at as string);
  for (const other of [{ status: 'error' }, { ended_at: endedAt.toISOString(), duration_ms: durationMs }]) {
    const { dir } = await bundleWith(t, other);
    const { code, stdout } = await world.importDir(dir, ...MEANT);
    assert.equal(code, 2);
    assert.match(
      stdout,
      new RegExp(`refused ${id}: the stored session ended at another time or with another status`),
    );
    assert.deepEqual(await rows.findOne({ _id: id }), stored);
  }
});
