// `npm run backfill -- --openings` over sessions that a release without opening marks stored.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { runBackfill } from '../../scripts/backfill-merkle-roots.ts';
import { newId } from '../../shared/audit/ids.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { createVerifyDeps, verifyHere } from '../../workers/logs/verify-session.ts';
import { createLogWorld, TEST_KEY, writeSession } from '../support/audit-world.ts';
import { commandEnv } from '../support/commands.ts';
import { KEYS } from '../support/report-world.ts';
import { runHere } from '../support/run-here.ts';

async function createOldWorld(t: TestContext) {
  const world = await createLogWorld(t);
  const folder = await mkdtemp(join(tmpdir(), 'backfill-openings-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const accountId = newId('account');
  const open = await writeSession(world, 2, { accountId, seal: false });
  const damaged = await writeSession(world, 1, { accountId, seal: false });
  const other = await writeSession(world, 1, { seal: false });
  const endedAt = new Date(other.startedAt.getTime() + 60_000);
  await writeSession(world, 3, { accountId });
  const rows = world.db.collection<{ _id: string; log: { opening?: string } }>('sessions');
  await rows.updateMany({}, { $unset: { 'log.opening': '' } });
  await rows.updateOne({ _id: damaged.id }, { $set: { status: 7 as never } });
  await rows.updateOne({ _id: other.id }, { $set: { ended_at: endedAt, status: 'ok' } as never });
  const run = (...args: string[]) =>
    runHere(runBackfill, ['--openings', ...args], commandEnv(world.database, folder, KEYS));
  const marked = async () => await rows.distinct('_id', { 'log.opening': { $exists: true } });
  const verdict = async ({ accountId, id: sessionId }: Session) => {
    const order = { accountId, sessionId, anchors: [], until: null, listed: 0 };
    return (await verifyHere(createVerifyDeps(world.db, [TEST_KEY]), order))?.verdict.status;
  };
  return { accountId, open, damaged, other, endedAt, run, marked, verdict };
}

describe('backfill --openings', () => {
  it('names what it would mark, then marks it, and says why it leaves the rest', async (t) => {
    const { accountId, open, damaged, other, endedAt, run, marked, verdict } = await createOldWorld(t);
    assert.equal(await verdict(open), 'unverifiable');
    const dry = await run('--account', accountId, '--dry-run');
    const facts = `agent ${open.agentId}, from ${open.startedAt.toISOString()}, open`;
    const rest = `policy ${open.policySha256Hex}, key ${TEST_KEY.id}`;
    assert.match(
      dry.stdout,
      new RegExp(`^${accountId} ${open.id} would be marked: ${facts}, ${rest}, 2 entries$`, 'm'),
    );
    assert.match(
      dry.stdout,
      new RegExp(`^${accountId} ${damaged.id} unverifiable: its row is damaged at status$`, 'm'),
    );
    assert.match(dry.stdout, /^1 would be marked, 1 unverifiable\. Nothing was written$/m);
    assert.deepEqual([dry.code, await marked()], [1, []]);

    const one = await run('--account', accountId, '--json');
    const lines = one.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(lines.find(({ session_id: id }) => id === open.id)?.outcome, 'marked');
    assert.deepEqual(lines.at(-1), { summary: { marked: 1, unverifiable: 1 } });
    assert.deepEqual([one.code, await marked()], [1, [open.id]]);
    assert.equal(await verdict(open), 'verified');

    const ended = `from ${other.startedAt.toISOString()} to ${endedAt.toISOString()}, status ok`;
    assert.match((await run()).stdout, new RegExp(`${other.id} marked: agent ${other.agentId}, ${ended}, `));
    assert.deepEqual((await marked()).sort(), [open.id, other.id].sort());
  });

  it('says that there is nothing to do, and refuses what it does not take', async (t) => {
    const { accountId, run } = await createOldWorld(t);
    const none = await run('--account', newId('account'));
    assert.deepEqual([none.code, none.stdout], [0, 'no session without a mark\n']);
    const refused = await run('--account', accountId, '--since', '7d');
    assert.equal(refused.code, 64);
    assert.match(refused.stderr, /--openings takes no --since: it takes --account, --dry-run and --json/);
  });
});
