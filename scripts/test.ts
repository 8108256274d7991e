// `npm test [-- PATTERN…]`: starts one MongoDB and one Redis over temporary folders, then runs Node's test runner.
import { globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { onShutdownSignal, ReleaseStack } from '../shared/process/release.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from './command/command.ts';
import { cacheFolder } from './setup/cache-folder.ts';
import { provideChromium } from './setup/chromium.ts';
import { startMongodb } from './setup/mongodb.ts';
import { providePdfTools } from './setup/pdf-tools.ts';
import { provideRedis } from './setup/redis.ts';

const USAGE = `usage: npm test [-- PATTERN…]

Runs the tests whose path contains one of the patterns, by default all. Starts a MongoDB over a temporary folder, unless
TEST_MONGODB_URI names one, in which the tests then make databases of their own. Starts a Redis, unless TEST_REDIS_URL
names one. PDFs are printed by the Chromium that TEST_CHROME_PATH names, else by one that is found. A missing Redis or
Chromium is installed where that is possible; otherwise its tests are skipped.

exit: 0 all pass, 1 a test failed or another error, 64 usage`;

const ROOT = join(import.meta.dirname, '..');
/** Test files that run at the same time. */
const CONCURRENCY = 2;
/** For one test: a test that hangs must not hang the run. */
const TEST_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;

/** Removed from the environment, so that settings of the shell do not change what is tested. */
const SETTINGS = [
  ...[
    'PORT',
    'HOST',
    'DATA_DIR',
    'MONGODB_URI',
    'MONGODB_URI_FILE',
    'MONGODB_DB',
    'REDIS_URL',
    'REDIS_URL_FILE',
    'RATE_LIMIT',
    'NODE_ENV',
    'DEMO',
    'LOG_LEVEL',
  ],
  ...['AUDIT_KEYS', 'AUDIT_KEYS_FILE', 'CURSOR_KEY', 'CURSOR_KEY_FILE'],
  ...['REPORT_THREADS', 'REPORT_QUEUE_LIMIT', 'REPORT_TIMEOUT_MS', 'CHROME_PATH', 'BAA_CHAIN_FILE'],
];

if (import.meta.main) {
  const exitCode = await runCommand(USAGE, {}, async ({ positionals }) => {
    const files = findTests(positionals);
    if (files.length === 0) throw new UsageError(`No test matches ${positionals.join(' or ')}.`);
    return await test(files);
  });
  process.exit(exitCode);
}

async function test(files: string[]): Promise<ExitCode> {
  const stopping = new AbortController();
  onShutdownSignal(() => stopping.abort(new Error('The tests were stopped.')));
  await using resources = new ReleaseStack(STOP_TIMEOUT_MS);
  const { signal } = stopping;
  const place = {
    path: process.env.PATH ?? '',
    cacheDir: cacheFolder(process.env),
    say: console.log,
    signal,
  };
  const mongodbUri = process.env.TEST_MONGODB_URI ?? (await provideMongodb(place, resources));
  const redisUrl = process.env.TEST_REDIS_URL || (await provideRedisUrl(place, resources));
  const chromium = await provideChromium({
    ...place,
    chromePath: process.env.TEST_CHROME_PATH || undefined,
  });
  await providePdfTools(place);
  const services = {
    // Shared, since the tests start hundreds of processes that load mostly the same modules.
    NODE_COMPILE_CACHE: await makeDataDir(resources),
    TEST_MONGODB_URI: mongodbUri,
    ...(redisUrl !== null && { TEST_REDIS_URL: redisUrl }),
    ...(chromium !== null && { TEST_CHROME_PATH: chromium }),
  };
  return (await runTests(files, services, signal)) ? EXIT.done : EXIT.error;
}

function findTests(patterns: readonly string[]): string[] {
  const files = globSync('test/**/*.test.ts', { cwd: ROOT }).sort();
  return patterns.length === 0 ? files : files.filter((file) => patterns.some((part) => file.includes(part)));
}

type Place = Readonly<{ path: string; cacheDir: string; say(line: string): void; signal: AbortSignal }>;

async function provideMongodb(place: Place, resources: ReleaseStack): Promise<string> {
  const mongodb = await startMongodb({ ...place, dataDir: await makeDataDir(resources) });
  resources.defer(() => mongodb.stop());
  return mongodb.ready.uri;
}

async function provideRedisUrl(place: Place, resources: ReleaseStack): Promise<string | null> {
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

async function runTests(
  files: string[],
  services: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<boolean> {
  const env = { ...process.env, ...services } as Record<string, string>;
  for (const name of SETTINGS) delete env[name];
  const options = [
    `--test-concurrency=${CONCURRENCY}`,
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    '--test-reporter=spec',
  ];
  const { failed } = await execa(process.execPath, ['--test', ...options, ...files], {
    ...{ cwd: ROOT, env, extendEnv: false, stdio: 'inherit', reject: false },
    ...{ cancelSignal: signal, forceKillAfterDelay: false },
  });
  return !failed;
}
