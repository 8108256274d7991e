// `npm test [-- PATTERN…]`: starts one MongoDB and one Redis over temporary folders, then runs Node's test runner.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onShutdownSignal, ReleaseStack } from '../shared/process/release.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from './command/command.ts';
import { terminalText } from './command/terminal-text.ts';
import { provideChromium } from './setup/chromium.ts';
import { startMongodb } from './setup/mongodb.ts';
import { providePdfTools } from './setup/pdf-tools.ts';
import { type PlaceHere, placeHere } from './setup/place-here.ts';
import { providePython } from './setup/python.ts';
import { provideRedis } from './setup/redis.ts';
import { findTests, runTests } from './test/run-tests.ts';

const USAGE = `usage: npm test [-- PATTERN…]

Runs the tests whose path contains one of the patterns, by default all. Starts a MongoDB over a temporary folder, unless
TEST_MONGODB_URI names one. Each test makes databases of its own there. Starts a Redis, unless TEST_REDIS_URL names one.
Prints PDFs by the Chromium that TEST_CHROME_PATH names, else by one that is found. Installs a missing Redis or Chromium
where that is possible; otherwise skips the tests that need it. Runs verify.py by the python3 on the PATH, and installs a
missing one where that is possible.
TEST_SEED=NUMBER repeats the random choices of an earlier run; a test that makes any prints its seed.

exit: 0 all pass, 1 a test failed or another error, 64 usage`;

const STOP_TIMEOUT_MS = 20_000;

if (import.meta.main) {
  const exitCode = await runCommand(USAGE, {}, async ({ positionals }) => {
    const files = findTests(positionals);
    if (files.length === 0)
      throw new UsageError(`No test matches ${terminalText(positionals.join(' or '))}.`);
    return await test(files);
  });
  process.exit(exitCode);
}

async function test(files: string[]): Promise<ExitCode> {
  const stopping = new AbortController();
  onShutdownSignal(() => stopping.abort(new Error('The tests were stopped.')));
  await using resources = new ReleaseStack(STOP_TIMEOUT_MS);
  const { signal } = stopping;
  const place = placeHere(signal);
  const mongodbUri = process.env.TEST_MONGODB_URI ?? (await provideMongodb(place, resources));
  const redisUrl = process.env.TEST_REDIS_URL || (await provideRedisUrl(place, resources));
  const chromium = await provideChromium({
    ...place,
    chromePath: process.env.TEST_CHROME_PATH || undefined,
  });
  await providePdfTools(place);
  const python = await providePython(place);
  const services = {
    // Shared, since the tests start hundreds of processes that load mostly the same modules.
    NODE_COMPILE_CACHE: await makeDataDir(resources),
    TEST_MONGODB_URI: mongodbUri,
    ...(redisUrl !== null && { TEST_REDIS_URL: redisUrl }),
    ...(chromium !== null && { TEST_CHROME_PATH: chromium }),
    ...(python !== null && { TEST_PYTHON_PATH: python }),
  };
  return (await runTests(files, services, signal)) ? EXIT.done : EXIT.error;
}

async function provideMongodb(place: PlaceHere, resources: ReleaseStack): Promise<string> {
  const mongodb = await startMongodb({ ...place, dataDir: await makeDataDir(resources), isBrief: true });
  resources.defer(() => mongodb.stop());
  return mongodb.ready.uri;
}

async function provideRedisUrl(place: PlaceHere, resources: ReleaseStack): Promise<string | null> {
  const redis = await provideRedis({ ...place, dataDir: await makeDataDir(resources) });
  if (redis === null) {
    place.say('Tests of the background pipeline are skipped.');
    return null;
  }
  resources.defer(() => redis.stop());
  return redis.ready.url;
}

async function makeDataDir(resources: ReleaseStack): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'masker-evidence-test-'));
  resources.defer(() => rm(dataDir, { recursive: true, force: true }));
  return dataDir;
}
