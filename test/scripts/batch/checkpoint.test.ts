import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openCheckpoint } from '../../../scripts/batch/checkpoint.ts';

const DAY_MS = 24 * 3_600_000;

async function makeFolder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'checkpoint-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

const open = (dir: string, keptMs?: number) => openCheckpoint(dir, 'rebuild-aggregates', { db: 'x' }, keptMs);

describe('the progress of a command', () => {
  it('is found by the next run of the same command, with its times', async (t) => {
    const dir = join(await makeFolder(t), 'data');
    assert.equal(open(dir).found, null);
    const at = new Date().toISOString();
    const progressed = { after: 'sess_x', begun_at: at, written_at: at, tally: { failed: 1 } };
    await open(dir).write(progressed);
    assert.deepEqual(open(dir, DAY_MS).found, progressed);
    assert.equal(openCheckpoint(dir, 'rebuild-aggregates', { db: 'y' }).found, null);
  });

  it('is not found once it is older than the command goes on from', async (t) => {
    const dir = await makeFolder(t);
    const written = new Date(Date.now() - DAY_MS - 60_000).toISOString();
    await open(dir).write({ after: 'sess_x', begun_at: written, written_at: written, tally: {} });
    assert.equal(open(dir, DAY_MS).found, null);
    assert.notEqual(open(dir).found, null);
  });

  it('is not found in a damaged file, nor in one of an earlier release, which has no times', async (t) => {
    const dir = await makeFolder(t);
    for (const text of ['{', '{"after":"sess_x","tally":{}}']) {
      await writeFile(open(dir).file, text);
      assert.equal(open(dir).found, null);
    }
  });

  it('leaves nothing of a write that was killed, and other files as they are', async (t) => {
    const dir = await makeFolder(t);
    const name = basename(open(dir).file);
    const long = new Date(Date.now() - 3_600_000);
    for (const each of [`${name}.123456`, `${name}.old`, 'rebuild-aggregates-x.json.5', name]) {
      await writeFile(join(dir, each), 'x');
      await utimes(join(dir, each), long, long);
    }
    await writeFile(join(dir, `${name}.7`), 'of a copy that writes now');
    await mkdir(join(dir, 'checkpoints'));
    open(dir);
    const left = [name, `${name}.7`, `${name}.old`, 'checkpoints', 'rebuild-aggregates-x.json.5'];
    assert.deepEqual((await readdir(dir)).sort(), left.sort());
  });
});
