// `npm run demo`: calls of the demo clinic, without pause, through the API, so that lists, charts and jobs live.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { createAccountRepository } from '../../shared/accounts/account-repository.ts';
import { createTokenRepository } from '../../shared/accounts/token-repository.ts';
import { readServices } from '../../shared/process/services.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../shared/time/durations.ts';
import { parseAccount } from '../command/account-options.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from '../command/command.ts';
import { connect } from '../command/connect.ts';
import { recordCommand } from '../command/record-command.ts';
import { WRITING_SCOPES } from '../command/writing-scopes.ts';
import { ACCOUNT_NAME } from './demo-data.ts';
import { planAgents } from './demo-plan.ts';
import { createSend, type Played, playCall, prepareClinic, Refusal } from './live-calls.ts';
import { createRandom } from './random.ts';

const DEFAULT_RATE = 1;
const HIGHEST_RATE = 1_000;
const DEFAULT_FOR = '10m';
/** Calls under way at once. Beyond it, the next one waits. */
const MOST_AT_ONCE = 500;
const SAY_EVERY_MS = 5_000;

const USAGE = `usage: npm run demo -- [--rate N] [--for T] [--account ID] [--url URL]

Plays made-up calls through the API of a running service: each opens a session, appends its events while it lasts, and
ends it. Beside \`npm start\`, in another terminal. Ctrl-C lets the calls under way end, and stops.

  --rate N       calls that begin in a second, also a part of one: 0.2 (by default ${DEFAULT_RATE})
  --for T        how long: <n>s, <n>m or <n>h (by default ${DEFAULT_FOR})
  --account ID   writes into this account, which keeps what it gets (by default the demo clinic)
  --url URL      where the API is (by default the one that \`npm start\` runs for the same DATA_DIR)

It makes a token for itself and revokes it at the end.

exit: 0 done, 1 a call was not written in full, or another error, 64 usage`;

const OPTIONS = {
  rate: { type: 'string' },
  for: { type: 'string' },
  account: { type: 'string' },
  url: { type: 'string' },
} as const;

type Plan = Readonly<{ accountId: string; url: string; rate: number; forMs: number }>;

/** Calls in a second. */
export function parseRate(text: string): number {
  const rate = /^\d{1,4}(?:\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (rate > 0 && rate <= HIGHEST_RATE) return rate;
  throw new UsageError(`--rate takes a number above 0, up to ${HIGHEST_RATE}.`);
}

const UNITS = { s: 1_000, m: MINUTE_MS, h: HOUR_MS } as const;

/** Milliseconds. */
export function parseSpan(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([smh])$/.exec(text) ?? [];
  if (count === undefined) throw new UsageError('--for takes <n>s, <n>m or <n>h.');
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}

async function findClinic(db: Db): Promise<string> {
  const clinic = await createAccountRepository(db).findByName(ACCOUNT_NAME);
  if (clinic) return clinic.id;
  throw new Error('There is no demo clinic here: name the account to write into, --account ID.');
}

function findUrl(dataDir: string): string {
  const { api } = readServices(dataDir);
  if (api) return api.url;
  throw new Error('No API runs here: start one by `npm start`, or name one, --url URL.');
}

/** Plays calls until the time is up or `stop` aborts. */
async function play(
  token: string,
  { accountId, url, rate, forMs }: Plan,
  stop: AbortSignal,
): Promise<ExitCode> {
  const send = createSend(url, token, stop);
  const agents = planAgents(accountId);
  const versions = await prepareClinic(send, agents);
  const random = createRandom(`${accountId}/live/${Date.now()}`);
  const done = { calls: 0, events: 0, refused: 0 };
  const running = new Set<Promise<void>>();
  const begun = performance.now();
  let saidAt = begun;
  for (let next = begun; next < begun + forMs && !stop.aborted; next += 1_000 / rate) {
    await sleep(Math.max(0, next - performance.now()), undefined, { signal: stop }).catch(() => {});
    if (stop.aborted) break;
    while (running.size >= MOST_AT_ONCE) await Promise.race(running);
    const call: Promise<void> = playCall(send, random, agents, versions)
      .then(count, tell)
      .finally(() => running.delete(call));
    running.add(call);
    if (performance.now() - saidAt > SAY_EVERY_MS) say(running.size);
  }
  await Promise.all(running);
  say(0);
  return done.refused === 0 ? EXIT.done : EXIT.error;

  function count({ events }: Played): void {
    done.calls += 1;
    done.events += events;
  }

  function tell(error: unknown): void {
    if (!(error instanceof Refusal)) throw error;
    done.refused += 1;
    console.error(error.message);
  }

  function say(underWay: number): void {
    saidAt = performance.now();
    const refused = done.refused === 0 ? '' : `, ${done.refused} refused`;
    console.error(`${done.calls} calls ended, ${underWay} under way, ${done.events} events${refused}`);
  }
}

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    const rate = parseRate(values.rate ?? String(DEFAULT_RATE));
    const forMs = parseSpan(values.for ?? DEFAULT_FOR);
    const given = values.account === undefined ? null : parseAccount(values.account, positionals);
    await using connected = await connect();
    const { db, config } = connected;
    const accountId = given ?? (await findClinic(db));
    if (!(await createAccountRepository(db).findActive(accountId))) {
      throw new Error(`There is no account ${accountId}.`);
    }
    const url = (values.url ?? findUrl(config.dataDir)).replace(/\/$/, '');
    const tokens = createTokenRepository(db);
    const expiresAt = new Date(Date.now() + forMs + DAY_MS);
    const { id, text } = await tokens.create(accountId, {
      name: 'npm run demo',
      scopes: WRITING_SCOPES,
      expiresAt,
    });
    const { auditKeys } = config;
    await recordCommand({ db, auditKeys }, accountId, [{ action: 'token.make', subject: id }]);
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
    try {
      return await play(text, { accountId, url, rate, forMs }, stop.signal);
    } finally {
      await recordCommand({ db, auditKeys }, accountId, [{ action: 'token.revoke', subject: id }]);
      await tokens.revoke(accountId, id);
    }
  });
}
