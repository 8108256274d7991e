// `npm run test:fuzz`: Schemathesis asks a running API whatever the OpenAPI document allows, and forbids.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { createAccountRepository } from '../shared/accounts/account-repository.ts';
import { PERMISSIONS } from '../shared/accounts/permissions.ts';
import { createTokenRepository } from '../shared/accounts/token-repository.ts';
import { newId } from '../shared/audit/ids.ts';
import { connectMongo } from '../shared/mongo/connection.ts';
import { ensureIndexes } from '../shared/process/ensure-indexes.ts';
import { onShutdownSignal, ReleaseStack } from '../shared/process/release.ts';
import { DAY_MS } from '../shared/time/durations.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from './command/command.ts';
import { startApi } from './setup/api-process.ts';
import { provideChromium } from './setup/chromium.ts';
import { startEntry } from './setup/entry-process.ts';
import { startMongodb } from './setup/mongodb.ts';
import { placeHere } from './setup/place-here.ts';
import { providePython } from './setup/python.ts';
import { provideRedis } from './setup/redis.ts';
import { createSend, type KnownIds, seedHooks, seedReports, seedSessions } from './test/fuzz/seed-rows.ts';
import { provideSchemathesis } from './test/fuzz/venv.ts';

const DEFAULT_REQUESTS = 2_000;
const MOST_REQUESTS = 1_000_000;

const USAGE = `usage: npm run test:fuzz [-- --requests N] [--seed N] [--only PATTERN]

Has Schemathesis send requests made from the OpenAPI document to an API of its own, over a MongoDB and a Redis in
temporary folders: what the document allows, and what it forbids. Fails on a 500, an answer that the document does not
have (status, media type, headers, schema), and a request that the document forbids and the API takes. Needs Python 3.10
or newer; the first run installs Schemathesis under ~/.cache/masker-evidence. Without either it says so and skips.

  --requests N     goes on until so many requests were answered (by default ${DEFAULT_REQUESTS})
  --seed N         repeats the choices of an earlier run, which printed it
  --only PATTERN   only routes whose path matches this regular expression

exit: 0 no fault, or skipped; 1 an error; 2 faults; 64 usage`;

const OPTIONS = {
  requests: { type: 'string' },
  seed: { type: 'string' },
  only: { type: 'string' },
} as const;

const STOP_TIMEOUT_MS = 20_000;
/** Examples that a route gets in one round at most. */
const MOST_EXAMPLES = 40;
/** About as many requests come of one example of each route. */
const EXAMPLES_OF_ALL = 100;
const LONGEST_LINE = 1_000;
const WORKERS = join(import.meta.dirname, '../workers/main.ts');
const FUZZ = join(import.meta.dirname, 'test/fuzz');

if (import.meta.main) {
  const exitCode = await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    if (positionals.length > 0) throw new UsageError('npm run test:fuzz takes options alone.');
    const requests = parseCount('--requests', values.requests ?? String(DEFAULT_REQUESTS), MOST_REQUESTS);
    const seed = parseCount('--seed', values.seed ?? String(Date.now() % 1_000_000), 2 ** 31);
    return await fuzz({ requests, seed, only: values.only ?? null });
  });
  process.exit(exitCode);
}

export function parseCount(option: string, text: string, most: number): number {
  const count = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= most) return count;
  throw new UsageError(`${option} takes a whole number from 1 to ${most}.`);
}

type Plan = Readonly<{ requests: number; seed: number; only: string | null }>;

async function fuzz(plan: Plan): Promise<ExitCode> {
  const stopping = new AbortController();
  onShutdownSignal(() => stopping.abort(new Error('The run was stopped.')));
  const { signal } = stopping;
  const place = placeHere(signal);
  const python = await providePython(place);
  if (python === null) return skip('there is no Python of 3.10 or later: apt-get install python3');
  const found = await provideSchemathesis({ ...place, python });
  if ('missing' in found) return skip(`Schemathesis cannot be installed (${found.missing})`);

  await using resources = new ReleaseStack(STOP_TIMEOUT_MS);
  const folder = await mkdtemp(join(tmpdir(), 'masker-evidence-fuzz-'));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const service = await startService({ ...place, dataDir: folder }, resources);
  if (service === null) return skip('there is no Redis');
  await writeFile(join(folder, 'ids.json'), JSON.stringify(service.ids));
  for (const name of ['hooks.py', 'schemathesis.toml']) await cp(join(FUZZ, name), join(folder, name));
  return await askInRounds(found.program, folder, service, plan, signal);
}

function skip(why: string): ExitCode {
  console.log(`Skipped: ${why}.`);
  return EXIT.done;
}

type ServicePlace = Readonly<{
  dataDir: string;
  path: string;
  cacheDir: string;
  say(line: string): void;
  signal: AbortSignal;
}>;

type Service = Readonly<{ url: string; token: string; tokenId: string; ids: KnownIds }>;

/** An API with rows to ask for. The workers run only while these are made. Null where there is no Redis. */
async function startService(place: ServicePlace, resources: ReleaseStack): Promise<Service | null> {
  const { dataDir, signal } = place;
  const mongodb = await startMongodb({ ...place, isBrief: true });
  resources.defer(() => mongodb.stop());
  const redis = await provideRedis(place);
  if (redis === null) return null;
  resources.defer(() => redis.stop());
  const chromium = await provideChromium({ ...place, chromePath: process.env.CHROME_PATH });
  const env = {
    PATH: place.path,
    PORT: '0',
    DATA_DIR: dataDir,
    MONGODB_URI: mongodb.ready.uri,
    REDIS_URL: redis.ready.url,
    LOG_LEVEL: 'error',
    // No example of a URL has an address here. Nothing is sent, since no workers run.
    WEBHOOK_ALLOW_PRIVATE: '1',
    // Both are counted, and neither is reached.
    RATE_LIMIT: '100000:100000',
    REPORT_QUEUE_LIMIT: '2000',
    ...(chromium !== null && { CHROME_PATH: chromium }),
  };
  const { db, close } = await connectMongo(mongodb.ready.uri, 'masker');
  resources.defer(() => close());
  await ensureIndexes(db);
  const api = await startApi(env, signal);
  resources.defer((force) => api.stop(force));

  const accountId = newId('account');
  await createAccountRepository(db).upsert(accountId, 'Fuzzed');
  const { id, text } = await createTokenRepository(db).create(accountId, {
    name: 'npm run test:fuzz',
    scopes: PERMISSIONS,
    expiresAt: new Date(Date.now() + DAY_MS),
  });
  const send = createSend(api.url, text);
  const written = await seedSessions(send);
  const workers = startEntry(WORKERS, env);
  const made = await seedReports(send, written.session_id?.[0] ?? '').finally(() => workers.stop(signal));
  const ids = { ...written, ...made, ...(await seedHooks(send)) };
  return { url: api.url, token: text, tokenId: id, ids };
}

/** Schemathesis runs again, with other choices, until enough requests were answered. */
async function askInRounds(
  program: string,
  folder: string,
  { url, token, tokenId }: Service,
  { requests, seed, only }: Plan,
  signal: AbortSignal,
): Promise<ExitCode> {
  let answered = 0;
  let failed = false;
  for (let round = 0; answered < requests && !signal.aborted; round += 1) {
    const examples = Math.min(MOST_EXAMPLES, Math.max(1, Math.ceil((requests - answered) / EXAMPLES_OF_ALL)));
    const { exitCode } = await execa(
      program,
      [
        ...['run', `${url}/api/v1/openapi.json`, '--seed', String(seed + round)],
        ...['--max-examples', String(examples)],
        ...(only === null ? [] : ['--include-path-regex', only]),
      ],
      {
        cwd: folder,
        env: {
          SCHEMATHESIS_HOOKS: 'hooks',
          PYTHONPATH: folder,
          FUZZ_FOLDER: folder,
          FUZZ_TOKEN: token,
          FUZZ_TOKEN_ID: tokenId,
          FUZZ_ROUND: String(round),
        },
        stdout: [cutLine, 'inherit'],
        stderr: 'inherit',
        reject: false,
        cancelSignal: signal,
      },
    );
    signal.throwIfAborted();
    if (exitCode !== 0 && exitCode !== 1)
      throw new Error('Schemathesis broke off: its output above says why.');
    failed ||= exitCode === 1;
    const counted = await readCounts(folder, round);
    if (counted === 0) throw new Error('No request was answered: is --only the path of a route?');
    answered += counted;
    console.log(`Round ${round + 1}, seed ${seed + round}: ${counted} requests answered, ${answered} in all`);
  }
  console.log(`${answered} requests answered, ${failed ? 'faults found' : 'no fault found'}`);
  return failed ? EXIT.foundFailed : EXIT.done;
}

/** A fault is told with the request that shows it, which may be megabytes long: `--seed` makes it again. */
function* cutLine(line: unknown): Generator<string> {
  const text = String(line);
  yield text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)} …` : text;
}

/** Zero where Schemathesis sent nothing. */
async function readCounts(folder: string, round: number): Promise<number> {
  const text = await readFile(join(folder, `counts-${round}.json`), 'utf8').catch(() => null);
  if (text === null) return 0;
  const { answers, statuses } = JSON.parse(text) as { answers: number; statuses: Record<string, number> };
  const told = Object.entries(statuses).sort(([a], [b]) => Number(a) - Number(b));
  console.log(`Answers by status: ${told.map(([status, count]) => `${status}: ${count}`).join(', ')}`);
  return answers;
}
