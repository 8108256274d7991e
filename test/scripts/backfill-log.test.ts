// `npm run backfill -- --log` over what was stored before there was an account log.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { runBackfill } from '../../scripts/backfill-merkle-roots.ts';
import { newId } from '../../shared/audit/ids.ts';
import { LOG_HEADS } from '../../shared/transparency/log-rows.ts';
import { openTestLogs, readChecked } from '../support/account-logs.ts';
import { createLogWorld, writeSession } from '../support/audit-world.ts';
import { commandEnv, runScript } from '../support/commands.ts';
import { KEYS } from '../support/report-world.ts';
import { runHere } from '../support/run-here.ts';
import { pemOf, TEST_ORIGIN } from '../support/signers.ts';

async function createOldWorld(t: TestContext) {
  const world = await createLogWorld(t);
  const folder = await mkdtemp(join(tmpdir(), 'backfill-log-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const env = { ...commandEnv(world.database, folder, KEYS), SIGNING_KEY: pemOf(1), LOG_ORIGIN: TEST_ORIGIN };
  const accountId = newId('account');
  const write = async (sessions: number) => {
    for (let i = 0; i < sessions; i += 1) await writeSession(world, 1, { accountId });
    for (const name of ['sessions', 'policies']) {
      await world.db.collection(name).updateMany({}, { $unset: { log_due: '' } });
    }
  };
  return { world, accountId, env, write };
}

describe('backfill --log', () => {
  it('takes what is older than the log, each once, and does nothing the second time', async (t) => {
    const { world, accountId, env, write } = await createOldWorld(t);
    await write(3);
    const first = await runScript('backfill-merkle-roots.ts', ['--log', '--account', accountId], env);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, new RegExp(`^${accountId} 4 appended, 4 entries$`, 'm'));
    const second = await runHere(runBackfill, ['--log', '--json'], env);
    assert.deepEqual(JSON.parse(second.stdout), {
      account_id: accountId,
      appended: 0,
      size: 4,
      failed: null,
    });
    const logs = await openTestLogs(t, world);
    const entries = await readChecked(logs, accountId);
    const subjects = entries.map((entry) =>
      entry.kind === 'session_closed' ? entry.session_id : entry.kind,
    );
    assert.equal(new Set(subjects).size, 4);
  });

  it('goes on where a run was killed, and repeats nothing', async (t) => {
    const { world, accountId, env, write } = await createOldWorld(t);
    await write(40);
    const heads = world.db.collection<{ _id: string; marked: number }>(LOG_HEADS);
    const hasBegun = async () =>
      (await world.db.collection('account_log_segments').countDocuments()) > 0 ||
      (await heads.countDocuments()) > 0;
    const killed = await runScript('backfill-merkle-roots.ts', ['--log'], env, { killWhen: hasBegun });
    assert.equal(killed.code, null);
    const last = await runHere(runBackfill, ['--log'], env);
    assert.equal(last.code, 0, last.stderr);
    assert.match(last.stdout, /41 entries/);
    const logs = await openTestLogs(t, world);
    const entries = await readChecked(logs, accountId);
    const ids = entries.flatMap((entry) => (entry.kind === 'session_closed' ? [entry.session_id] : []));
    assert.equal(new Set(ids).size, 40);
    assert.equal(ids.length, 40);
  });

  it('names what it cannot do: another option, no key, a log that contradicts its checkpoint', async (t) => {
    const { world, accountId, env, write } = await createOldWorld(t);
    await write(1);
    const usage = await runHere(runBackfill, ['--log', '--dry-run'], env);
    assert.equal(usage.code, 64);
    assert.match(usage.stderr, /--log takes no --dry-run/);
    const { SIGNING_KEY: _, LOG_ORIGIN: __, ...without } = env;
    const keyless = await runHere(runBackfill, ['--log'], without);
    assert.equal(keyless.code, 1);
    assert.match(keyless.stderr, /No signing key is known/);
    assert.equal((await runHere(runBackfill, ['--log'], env)).code, 0);
    await world.db.collection<{ _id: string }>('account_log_segments').deleteOne({ _id: `${accountId}/0` });
    const failed = await runHere(runBackfill, ['--log'], env);
    assert.equal(failed.code, 2);
    assert.match(failed.stdout, /FAILED: it has 0 entries.*Nothing was signed/);
  });
});
