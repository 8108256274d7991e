import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cacheFolder } from '../../../scripts/setup/cache-folder.ts';
import { keepRedis, keepWorkers } from '../../../scripts/setup/pipeline.ts';
import { ReleaseStack } from '../../../shared/process/release.ts';
import { readServices } from '../../../shared/process/services.ts';
import { openRedis, pingRedis } from '../../../shared/queues/redis.ts';
import { eventually } from '../../support/eventually.ts';
import { WITH_REDIS } from '../../support/redis.ts';

const never = new AbortController().signal;
const STAND_IN = join(import.meta.dirname, '../../support/stand-in-workers.ts');

function createPlace(t: TestContext) {
  const dataDir = mkdtempSync(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const lines: string[] = [];
  return { dataDir, lines, say: (line: string) => void lines.push(line) };
}

function untilReady(lines: readonly string[]): Promise<void> {
  return eventually('the workers are ready', () => assert.deepEqual(lines, ['Workers: ready']));
}

async function answers(url: string): Promise<boolean> {
  const redis = openRedis(url, 'worker');
  return pingRedis(redis, 1_000).finally(() => redis.disconnect());
}

test(
  'a Redis that was killed is started again at the same port, and is stopped at the release',
  WITH_REDIS,
  async (t) => {
    const place = createPlace(t);
    const { dataDir, lines } = place;
    const resources = new ReleaseStack();
    const search = { path: process.env.PATH ?? '', cacheDir: cacheFolder(process.env), signal: never };
    const url = (await keepRedis({ ...place, ...search }, resources)) as string;
    t.after(() => resources.release(20_000));
    const first = readServices(dataDir).redis;
    assert.equal(first?.url, url);

    process.kill(first?.pid ?? 0, 'SIGKILL');
    await eventually('Redis was started again', () => lines.length >= 4);
    const second = readServices(dataDir).redis;
    assert.equal(second?.url, url);
    assert.notEqual(second?.pid, first?.pid);
    assert.ok(await answers(url));
    assert.match(
      lines[1] ?? '',
      /^Redis ended \(exit code 137\) without being asked to\. The end of its log .*Ready to accept connections/s,
    );

    await resources.release(20_000);
    assert.deepEqual(readServices(dataDir), {});
    assert.equal(await answers(url), false);
  },
);

test('workers that were killed are started again, and end gracefully when they are stopped', async (t) => {
  const { dataDir, lines, say } = createPlace(t);
  const kept = keepWorkers({ env: { ...process.env }, dataDir, say, main: STAND_IN });
  t.after(() => kept.stop(AbortSignal.abort()));
  await untilReady(lines);
  const first = readServices(dataDir).workers;
  process.kill(first?.pid ?? 0, 'SIGKILL');
  await eventually('the workers were started again', () => lines.length === 4);
  assert.deepEqual(lines.slice(1), [
    'The workers ended (SIGKILL) without being asked to. Their output above says why.',
    ...['Workers: starting again in 1 s …', 'Workers: ready'],
  ]);
  assert.notEqual(readServices(dataDir).workers?.pid, first?.pid);
  await kept.stop(never);
  assert.deepEqual(readServices(dataDir), {});
  assert.equal(lines.length, 4);
});

test('workers that cannot start are reported, and started again and again', async (t) => {
  const { dataDir, lines, say } = createPlace(t);
  const env = { ...process.env, STAND_IN: 'fails' };
  const kept = keepWorkers({ env, dataDir, say, main: STAND_IN });
  t.after(() => kept.stop(AbortSignal.abort()));
  await eventually('they have failed twice', () => lines.at(-1) === 'Workers: starting again in 2 s …');
  assert.match(lines[0] ?? '', /^The workers ended \(exit code 3\) without being asked to/);
});

test('workers that ignore a stop are killed', async (t) => {
  const { dataDir, lines, say } = createPlace(t);
  const env = { ...process.env, STAND_IN: 'stubborn' };
  const kept = keepWorkers({ env, dataDir, say, main: STAND_IN });
  await untilReady(lines);
  await kept.stop(AbortSignal.timeout(100));
  assert.deepEqual(readServices(dataDir), {});
});
