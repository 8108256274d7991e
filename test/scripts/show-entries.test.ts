import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { newId } from '../../shared/audit/ids.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { createLogWorld, TEST_KEY, writeSession } from '../support/audit-world.ts';
import { commandEnv, type Finished, runScript } from '../support/commands.ts';
import { damageSegment } from '../support/damage-rows.ts';
import { readTexts, segmentsOf } from '../support/segments.ts';

const world = await createLogWorld({ after });
const dataDir = await mkdtemp(join(tmpdir(), 'show-'));
after(() => rm(dataDir, { recursive: true, force: true }));
const env = commandEnv(
  world.database,
  dataDir,
  `${TEST_KEY.id}:${Buffer.from(TEST_KEY.bytes).toString('hex')}`,
);

function show(...args: string[]): Promise<Finished> {
  return runScript('show-entries.ts', args, env);
}

describe('npm run show', () => {
  let session: Session;
  let texts: string[];
  before(async () => {
    session = await writeSession(world, 600, { seal: false });
    texts = await readTexts(world.db, session);
  });

  it('show prints the entries of packed and of open segments, byte for byte', async () => {
    const { code, stdout, stderr } = await show(session.id);
    assert.deepEqual([code, stdout, stderr], [0, `${texts.join('\n')}\n`, '']);
  });

  it('show prints a stretch: from an entry, up to another that is left out', async () => {
    for (const [from, to] of [
      [0, 1],
      [255, 257],
      [256, 512],
      [599, 9_999],
      [130, 131],
    ] as const) {
      const { code, stdout } = await show(session.id, '--from', String(from), '--to', String(to));
      assert.deepEqual([code, stdout], [0, `${texts.slice(from, to).join('\n')}\n`], `${from} to ${to}`);
    }
    assert.equal((await show(session.id, '--from', '600')).stdout, '');
  });

  it('show names a segment that is missing or cannot be unpacked, prints the others, and exits 2', async () => {
    const damaged = await writeSession(world, 900);
    const stored = await readTexts(world.db, damaged);
    await segmentsOf(world.db).deleteOne({ _id: `${damaged.accountId}/${damaged.id}/1` });
    await damageSegment(world.db, damaged, 2, { packed: Buffer.from('x') });
    const { code, stdout, stderr } = await show(damaged.id);
    assert.equal(code, 2);
    assert.equal(stdout, `${[...stored.slice(0, 256), ...stored.slice(768)].join('\n')}\n`);
    assert.match(
      stderr,
      /^Segment 1, entries 256 to 511, is missing: npm run verify -- sess_\w+ says more\.$/m,
    );
    assert.match(stderr, /^Segment 2, entries 512 to 767, cannot be unpacked: /m);
  });

  it('show finds what is left of a session that is gone by its account', async () => {
    const gone = await writeSession(world, 3);
    const stored = await readTexts(world.db, gone);
    await world.db.collection<{ _id: string }>('sessions').deleteOne({ _id: gone.id });
    const without = await show(gone.id);
    assert.equal(without.code, 1);
    assert.match(
      without.stderr,
      /There is no session sess_\w+\. Give --account for the log of one that is gone\./,
    );
    const { code, stdout } = await show(gone.id, '--account', gone.accountId);
    assert.deepEqual([code, stdout], [0, `${stored.join('\n')}\n`]);
  });

  it('show refuses arguments that name no stretch of a log, with the usage', async () => {
    for (const args of [
      [],
      ['sess_1'],
      [session.id, newId('session')],
      [session.id, '--from', 'x'],
      [session.id, '--from', '-1'],
      [session.id, '--from', '5', '--to', '5'],
      [session.id, '--account', 'acc_1'],
    ]) {
      const { code, stderr } = await show(...args);
      assert.equal(code, 64, args.join(' '));
      assert.match(stderr, /usage: npm run show/);
    }
    const help = await show('--help');
    assert.deepEqual([help.code, help.stdout.startsWith('usage: npm run show')], [0, true]);
  });
});
