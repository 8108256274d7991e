// Finds test files and runs them with Node's test runner, for `npm test` and `npm run test:unit`.
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { writeBundles } from './bundles.ts';
import { LONGEST, longestFirst } from './longest-first.ts';
import { needsOwnProcess } from './own-process.ts';
import { RunningTests } from './running-tests.ts';

/** The project's root, from which test files are named. */
export const ROOT = join(import.meta.dirname, '../..');
/** Test files that run at the same time: one more than a small machine has cores. A file that waits leaves its core to another. */
const CONCURRENCY = 3;
/** For one test: a test that hangs must not hang the run. */
const TEST_TIMEOUT_MS = 120_000;

/** Longer than a test may take, with time for a machine that is busy. */
const PATIENCE_MS = 2 * TEST_TIMEOUT_MS;

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
/** Removed as well: a test uses only the services that the run gives it. */
const SERVICES = ['TEST_MONGODB_URI', 'TEST_REDIS_URL', 'TEST_CHROME_PATH', 'TEST_PYTHON_PATH'];

/** Test files whose path from the project's root contains one of the patterns, all without one; sorted. */
export function findTests(patterns: readonly string[]): string[] {
  const files = globSync('test/**/*.test.ts', { cwd: ROOT }).sort();
  return patterns.length === 0 ? files : files.filter((file) => patterns.some((part) => file.includes(part)));
}

/**
 * Resolves to whether all pass. `services` join the tests' environment. The runner stops when `signal` aborts. Most files
 * share processes. A run in which nothing happens for `patienceMs` fails: a file that never ends must not hang it.
 */
export async function runTests(
  files: readonly string[],
  services: Readonly<Record<string, string>>,
  signal: AbortSignal,
  patienceMs = PATIENCE_MS,
): Promise<boolean> {
  const own = { ...process.env } as Record<string, string>;
  for (const name of [...SETTINGS, ...SERVICES]) delete own[name];
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-test-files-'));
  try {
    const { alone, shared } = splitTests(files);
    const bundles = writeBundles(shared, ROOT, folder);
    const idle = new AbortController();
    const events = run({
      // The command line of the runner, `node --test`, would sort the files by name.
      files: longestFirst([...bundles.map(({ path }) => path), ...alone]),
      concurrency: CONCURRENCY,
      timeout: TEST_TIMEOUT_MS,
      cwd: ROOT,
      env: { ...own, ...services },
      execArgv: process.env.TEST_SEED ? ['--import', './test/support/seed-fast-check.ts'] : [],
      signal: AbortSignal.any([signal, idle.signal]),
    });
    const running = new RunningTests(bundles);
    let failed = false;
    let isComplete = false;
    const patience = setTimeout(() => idle.abort(new Error('No test began or ended.')), patienceMs);
    events.on('test:dequeue', (test) => {
      // Of a run that stops, the files that wait begin and end at once.
      if (idle.signal.aborted) return;
      patience.refresh();
      running.begin(test);
    });
    events.on('test:complete', (test) => {
      patience.refresh();
      running.end(test);
    });
    events.on('test:fail', (test) => {
      failed ||= test.todo === undefined || test.todo === false;
      running.fail(test);
    });
    // One summary a file, and that of the run, which names none.
    events.on('test:summary', ({ file, success }) => {
      if (file === undefined) isComplete = success;
      else running.endFile(file);
    });
    for await (const text of events.compose(spec)) process.stdout.write(text);
    clearTimeout(patience);
    if (!signal.aborted) for (const line of running.describe()) console.log(line);
    return isComplete && !failed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One file to share a process has nothing to share it with. */
function splitTests(files: readonly string[]): { alone: string[]; shared: string[] } {
  const texts = new Map<string, string | null>();
  const read = (file: string) => {
    if (!texts.has(file)) texts.set(file, readIfThere(file));
    return texts.get(file) ?? null;
  };
  const isAlone = (file: string) => LONGEST.includes(file) || needsOwnProcess(file, read);
  const shared = files.filter((file) => !isAlone(file));
  return shared.length < 2
    ? { alone: [...files], shared: [] }
    : { alone: files.filter((file) => isAlone(file)), shared };
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(resolve(ROOT, file), 'utf8');
  } catch {
    return null;
  }
}
