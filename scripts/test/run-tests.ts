// Finds test files and runs them with Node's test runner, for `npm test` and `npm run test:unit`.
import { globSync, readFileSync } from 'node:fs';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { pathToFileURL } from 'node:url';
import { LONGEST, longestFirst } from './longest-first.ts';
import { shareProcesses } from './share-processes.ts';

/** The project's root, from which test files are named. */
export const ROOT = join(import.meta.dirname, '../..');
/** Test files that run at the same time: one more than a small machine has cores. A file that waits leaves its core to another. */
const CONCURRENCY = 3;
/** From so many files on, some share a process. Fewer have one each, as when `node --test` runs them. */
const SHARED_FROM = 40;
/** Files that the last lines name, by how long they took: where to look when the suite gets slow. */
const NAMED_SLOWEST = 20;
/** For one test: a test that hangs must not hang the run. The longest take a fifth on a quiet machine. */
const TEST_TIMEOUT_MS = 300_000;

/** Loaded in each process before its files, in this order: the first changes what the second loads. */
const LOADED_FIRST = ['untracked-promises.ts', 'left-open.ts'];

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

/** Resolves to whether all pass. `services` join the tests' environment. The runner stops when `signal` aborts. */
export async function runTests(
  files: readonly string[],
  services: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<boolean> {
  const own = { ...process.env } as Record<string, string>;
  for (const name of [...SETTINGS, ...SERVICES]) delete own[name];
  await using entries = await mkdtempDisposable(join(tmpdir(), 'masker-evidence-tests-'));
  const events = run({
    // The command line of the runner, `node --test`, would sort the files by name.
    files: await writeEntries(entries.path, longestFirst(files)),
    concurrency: CONCURRENCY,
    timeout: TEST_TIMEOUT_MS,
    cwd: ROOT,
    env: { ...own, ...services },
    execArgv: LOADED_FIRST.concat(process.env.TEST_SEED ? ['seed-fast-check.ts'] : []).flatMap((file) => [
      '--import',
      `./test/support/${file}`,
    ]),
    signal,
  });
  let failed = false;
  let isComplete = false;
  const seconds = new Map<string, number>();
  events.on('test:fail', ({ todo }) => {
    failed ||= todo === undefined || todo === false;
  });
  // One summary a process, and that of the run, which names no file.
  events.on('test:summary', ({ file, success }) => {
    if (file === undefined) isComplete = success;
  });
  events.on('test:complete', ({ name, file, nesting, details }) => {
    // A process is a test as well, by the name of its file.
    if (file === undefined || nesting > 0 || resolve(ROOT, name) === file) return;
    const path = relative(ROOT, file);
    seconds.set(path, (seconds.get(path) ?? 0) + details.duration_ms / 1000);
  });
  for await (const text of events.compose(spec)) process.stdout.write(text);
  const slowest = [...seconds].sort(([, a], [, b]) => b - a).slice(0, NAMED_SLOWEST);
  if (files.length > NAMED_SLOWEST) {
    console.log('The slowest files, in seconds:');
    for (const [file, time] of slowest) console.log(`${time.toFixed(1).padStart(6)}  ${file}`);
  }
  return isComplete && !failed;
}

/** The file of each process: a test file, or one in `folder` that loads those that share it. */
async function writeEntries(folder: string, files: readonly string[]): Promise<string[]> {
  if (files.length < SHARED_FROM) return [...files];
  const entries = shareProcesses(files, new Set(LONGEST), readSource).map(async (group, i) => {
    const [first] = group;
    if (group.length === 1 && first !== undefined) return first;
    const entry = join(folder, `${i}.test.mjs`);
    await writeFile(entry, loadInOrder(group));
    return entry;
  });
  return await Promise.all(entries);
}

/** The text of a module that loads the files one after the other. Their tests wait: files await things while they load. */
function loadInOrder(files: readonly string[]): string {
  const urls = files.map((file) => pathToFileURL(resolve(ROOT, file)).href);
  return `import { before } from 'node:test';
const { promise: loaded, resolve } = Promise.withResolvers();
before(() => loaded);
try {
  for (const url of ${JSON.stringify(urls)}) await import(url);
} finally {
  resolve();
}
`;
}

function readSource(file: string): string | null {
  try {
    return readFileSync(resolve(ROOT, file), 'utf8');
  } catch {
    return null;
  }
}
