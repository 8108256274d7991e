// `npm run test:soak`: a cluster works for minutes while its parts are killed in turn, and loses nothing.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, type ExitCode, runCommand, UsageError } from '../../../scripts/command/command.ts';
import { parseSpan } from '../../../scripts/demo/live.ts';
import { provideChromium } from '../../../scripts/setup/chromium.ts';
import { placeHere } from '../../../scripts/setup/place-here.ts';
import { createTokenRepository } from '../../../shared/accounts/token-repository.ts';
import { createWriter, startSession, TEST_KEY } from '../audit-world.ts';
import { readExpected } from '../bundles.ts';
import { runScript } from '../commands.ts';
import { inReverse } from '../in-reverse.ts';
import { assertNothingLost } from '../nothing-lost.ts';
import type { Notes } from '../persistent-writer.ts';
import { WRITER_SCOPES } from '../writer-client.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { killInTurn } from './kills.ts';
import { work } from './load.ts';
import { type Memory, thirdsOf, watch } from './watch.ts';

const USAGE = `usage: npm run test:soak -- [--for T]

Three APIs behind a proxy that takes them in turn, and two workers, with a MongoDB and a Redis of their own, all on this
machine. Sessions are written, listed and reported on, as JSON and PDF, and an export is imported, while Redis, MongoDB
and a worker are killed in turn and started again. At the end: everything that was acknowledged is stored once, every
log verifies, health was right, memory was flat, the log is short.

  --for T   how long: <n>s, <n>m or <n>h (by default 20m)

exit: 0 all of it holds, 1 something does not, or another error, 64 usage`;

const SAY_EVERY_MS = 30_000;
const MOST_GROWTH = 1.2;
/** Of the memory, in five minutes: a service that has just started still grows. */
const WARM_SAMPLES = 60;
const MOST_LOGGED_BYTES = 1_000_000;
const SHOWN = 10;

const cleanUps: (() => Promise<void>)[] = [];
const exitCode = await runCommand(USAGE, { for: { type: 'string' } }, async ({ values, positionals }) => {
  if (positionals.length > 0) throw new UsageError('The soak takes options alone.');
  const forMs = parseSpan(values.for ?? '20m');
  try {
    return await soak(forMs);
  } finally {
    for (const cleanUp of cleanUps) await cleanUp();
  }
});
process.exit(exitCode);

async function soak(forMs: number): Promise<ExitCode> {
  const t = inReverse({ after: (cleanUp) => cleanUps.push(cleanUp) });
  const folder = await mkdtemp(join(tmpdir(), 'masker-evidence-soak-'));
  let holds = false;
  t.after(async () => {
    if (holds) await rm(folder, { recursive: true, force: true });
    else console.log(`Logs and data are kept in ${folder}.`);
  });
  const cluster = await startCluster(t, { apis: 3, workers: 2 }, folder, await settings());
  const { mongo } = cluster;
  const world = { ...createWriter(mongo.db), db: mongo.db };
  const { accountId, agentId } = await startSession(world);
  const expiresAt = new Date(Date.now() + forMs + 3_600_000);
  const { text: token } = await createTokenRepository(mongo.db).create(accountId, {
    name: 'Soak',
    scopes: WRITER_SCOPES,
    expiresAt,
  });

  const beginMs = performance.now();
  let isOver = false;
  const notes: Notes = { events: [], ended: [], sessions: [] };
  const kills = killInTurn(cluster, () => isOver);
  const watching = watch(cluster, kills, () => isOver);
  const working = work(cluster, { token, agentId, notes }, () => isOver);
  const saying = setInterval(() => {
    const minutes = ((performance.now() - beginMs) / 60_000).toFixed(1);
    console.log(
      `${minutes} min: ${notes.events.length} events of ${notes.sessions.length} sessions, ${describe(kills.counts)}`,
    );
  }, SAY_EVERY_MS);
  try {
    // A part that was killed last is back before the work ends.
    const time = new Promise((resolve) => setTimeout(resolve, forMs));
    await Promise.race([time, working, watching, kills.done]);
    isOver = true;
    await kills.done;
    const [asked, watched] = [await working, await watching];
    const exit = await judge(cluster, { accountId, notes, asked, watched, kills });
    holds = exit === EXIT.done;
    return exit;
  } finally {
    isOver = true;
    clearInterval(saying);
  }
}

type Worked = Readonly<{
  accountId: string;
  notes: Notes;
  asked: Awaited<ReturnType<typeof work>>;
  watched: Awaited<ReturnType<typeof watch>>;
  kills: ReturnType<typeof killInTurn>;
}>;

async function judge(
  cluster: Cluster,
  { accountId, notes, asked, watched, kills }: Worked,
): Promise<ExitCode> {
  const faults = [...asked.wrong, ...watched.wrong];
  const { mongo } = cluster;
  console.log(`Killed: ${describe(kills.counts)}. The database: ${mongo.kind}.`);
  console.log(`Answers: ${describe(asked.answers)}.`);
  const world = { ...createWriter(mongo.db), db: mongo.db };
  const stored = await assertNothingLost(world, accountId, notes).catch((error: Error) => {
    faults.push(`something was lost: ${error.message}`);
    return 0;
  });
  console.log(
    `Acknowledged: ${notes.events.length} events and ${notes.ended.length} ends; ${stored} logs verified.`,
  );
  const verified = await runScript('verify.ts', ['--all'], cluster.env);
  const [last = ''] = verified.stdout.trimEnd().split('\n').slice(-1);
  console.log(`verify --all, exit ${verified.code}: ${last}`);
  if (verified.code !== 0) faults.push(`verify --all: ${verified.stdout.slice(0, 2_000)}${verified.stderr}`);
  console.log(`Health: ${watched.looks} looks, ${watched.wrong.length} wrong.`);
  for (const [name, samples] of Object.entries(watched.memory)) {
    const [, second, last] = thirdsOf(samples.map(({ resident }) => resident));
    const growth = last / second;
    console.log(
      `Memory of ${name}, MB by thirds: ${describeMemory(samples)}; grown ${growth.toFixed(2)} times.`,
    );
    if (growth > MOST_GROWTH && samples.length > WARM_SAMPLES)
      faults.push(`the memory of ${name} grew ${growth.toFixed(2)} times`);
  }
  const logged = cluster.loggedBytes();
  const bytes = Object.values(logged).reduce((sum, each) => sum + each, 0);
  console.log(`Log: ${bytes} bytes (${describe(logged)}).`);
  if (bytes > MOST_LOGGED_BYTES) faults.push(`the log has ${bytes} bytes`);
  for (const fault of faults.slice(0, SHOWN)) console.error(fault);
  console.log(faults.length === 0 ? 'All of it holds.' : `${faults.length} faults.`);
  return faults.length === 0 ? EXIT.done : EXIT.error;
}

function describeMemory(samples: readonly Memory[]): string {
  const parts = ['resident', 'used', 'heap', 'external'] as const;
  const thirds = (part: (typeof parts)[number]) => thirdsOf(samples.map((sample) => sample[part]));
  return parts
    .map(
      (part) =>
        `${part} ${thirds(part)
          .map((megabytes) => megabytes.toFixed(0))
          .join(' ')}`,
    )
    .join(', ');
}

/** `{ a: 1, b: 2 }` as `a 1, b 2`. */
function describe(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

async function settings(): Promise<Record<string, string>> {
  const place = placeHere(new AbortController().signal);
  const chromium = await provideChromium({ ...place, chromePath: process.env.CHROME_PATH || undefined });
  const clinic = await readExpected('clinic-week');
  return {
    AUDIT_KEYS: `${TEST_KEY.id}:${Buffer.from(TEST_KEY.bytes).toString('hex')},${clinic.audit_keys}`,
    RATE_LIMIT: '100000:100000',
    // A line a request is what the level below is for.
    LOG_LEVEL: 'warn',
    ...(chromium !== null && { CHROME_PATH: chromium }),
  };
}
