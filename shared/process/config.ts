// Configuration, parsed from an environment. Entry files and scripts pass `process.env` in; `shared` never reads it.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { AuditKeyBytes } from '../audit/audit-keys.ts';
import { findUriProblem } from '../mongo/check-uri.ts';
import { databaseOf } from '../mongo/connection-string.ts';
import { isRedisUrl } from '../queues/redis-url.ts';
import { readBaaChain } from '../reports/baa-chain.ts';
import { DAY_MS, HOUR_MS } from '../time/durations.ts';
import type { SigningSettings } from '../transparency/open-signing.ts';
import { parseAuditKeys, unfitForProduction } from './audit-keys-setting.ts';
import { type OidcSettings, readOidcSettings } from './oidc-settings.ts';
import { readOrigin } from './public-url.ts';
import { readSecretFiles } from './secret-files.ts';
import { readSigningSettings } from './signing-settings.ts';
import { readWitnesses, type Witness } from './witnesses-file.ts';

/** A limit on requests: `perSecond` in the long run, `burst` at once. */
export type RateLimit = Readonly<{ perSecond: number; burst: number }>;

/** The configuration of a process, read from its environment. README.md describes each variable. */
export type Config = Readonly<{
  /** TCP port of the API; 0 takes any free one. */
  port: number;
  host: string;
  /** TCP port at which the API serves /metrics in place of `port`; null for none. */
  metricsPort: number | null;
  /** TCP port at which the workers answer probes and serve /metrics; null for none. */
  workersPort: number | null;
  /** Milliseconds for which the API serves on after SIGTERM. */
  drainMs: number;
  /** The origin at which browsers reach the service, where it is not `host` and `port`. */
  publicUrl: string | undefined;
  /** Signing in by an organisation's identity provider; null where none is configured. */
  oidc: OidcSettings | null;
  mongodbUri: string | undefined;
  mongodbDb: string;
  /** The Redis of the background pipeline. */
  redisUrl: string | undefined;
  /** Absolute path. */
  dataDir: string;
  /** In the order in which they are tried for a new session. Empty when none is configured. */
  auditKeys: readonly AuditKeyBytes[];
  /**
   * The keys of the account logs; null where none is configured. The private ones stay in the process: no thread, job or
   * log line gets them.
   */
  signing: SigningSettings | null;
  /** Who cosigns the checkpoints of the account logs. */
  witnesses: readonly Witness[];
  cursorKey: Uint8Array | undefined;
  reportThreads: number;
  /** Reports running or waiting at once; one account may hold half. */
  reportQueueLimit: number;
  reportTimeoutMs: number;
  /** Sessions that one report covers at most. */
  reportSessionsLimit: number;
  /** Milliseconds for which the bytes of a report are kept that was made in the background. */
  reportKeepMs: number;
  /** Null where requests are not limited. */
  rateLimit: RateLimit | null;
  /** Milliseconds in which the schedule walks every log that has ended; null where it walks none. */
  verifyEveryMs: number | null;
  /** Whether webhooks may lead to private addresses, and by plain HTTP. */
  webhookAllowPrivate: boolean;
  /** The Chromium that prints reports. When undefined, the PDF renderer looks for one. */
  chromePath: string | undefined;
  /** The text of the file that `BAA_CHAIN_FILE` names; null where none is configured. */
  baaChainText: string | null;
  /** Whether `npm start` writes demo data into an empty database that it started itself. Not by default in production. */
  demo: boolean;
  logLevel: string;
  production: boolean;
}>;

/** An unusable configuration. `problems` has one sentence a fault: it names the variable, never a value. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

type Env = Readonly<Record<string, string | undefined>>;

const whole = (name: string, min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `${name} must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `${name} must be a whole number from ${min} to ${max}`);

const DATABASE = /^[A-Za-z0-9_-]{1,63}$/;
const DATABASE_FORM = '1 to 63 letters, digits, _ or -';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const schema = z.object({
  PORT: whole('PORT', 0, 65535).default(8080),
  HOST: z.string().default('127.0.0.1'),
  METRICS_PORT: whole('METRICS_PORT', 0, 65535).optional(),
  WORKERS_PORT: whole('WORKERS_PORT', 0, 65535).optional(),
  DRAIN_MS: whole('DRAIN_MS', 0, HOUR_MS).default(5_000),
  PUBLIC_URL: z.string().transform(takeOrigin).optional(),
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\/./, {
      message: 'MONGODB_URI must start with mongodb:// or mongodb+srv://',
      abort: true,
    })
    .superRefine((uri, context) => {
      const problem = findUriProblem(uri);
      if (problem !== null) context.addIssue(problem);
      const named = databaseOf(uri);
      if (named !== null && !DATABASE.test(named)) {
        context.addIssue(`The database in the path of MONGODB_URI must be ${DATABASE_FORM}`);
      }
    })
    .optional(),
  MONGODB_DB: z.string().regex(DATABASE, `MONGODB_DB must be ${DATABASE_FORM}`).optional(),
  REDIS_URL: z
    .string()
    .refine(
      isRedisUrl,
      'REDIS_URL must be redis:// or rediss://, a host and at most the number of a database, without options (percent-encode what is special in a password)',
    )
    .optional(),
  DATA_DIR: z.string().default('.data'),
  AUDIT_KEYS: z.string().transform(takeAuditKeys).default([]),
  CURSOR_KEY: z
    .string()
    .regex(
      /^([0-9a-fA-F]{2}){32,}$/,
      'CURSOR_KEY must be 64 or more hex digits (make one: openssl rand -hex 32)',
    )
    .transform((hex) => new Uint8Array(Buffer.from(hex, 'hex')))
    .optional(),
  REPORT_THREADS: whole('REPORT_THREADS', 1, 256).optional(),
  REPORT_QUEUE_LIMIT: whole('REPORT_QUEUE_LIMIT', 1, 100_000).default(64),
  REPORT_TIMEOUT_MS: whole('REPORT_TIMEOUT_MS', 1, HOUR_MS).default(30_000),
  REPORT_SESSIONS_LIMIT: whole('REPORT_SESSIONS_LIMIT', 1, 1_000_000).default(50_000),
  REPORT_KEEP_HOURS: whole('REPORT_KEEP_HOURS', 1, 8_760).default(24),
  RATE_LIMIT: z.string().transform(parseRateLimit).optional(),
  WEBHOOK_ALLOW_PRIVATE: z.enum(['0', '1'], 'WEBHOOK_ALLOW_PRIVATE must be 0 or 1').default('0'),
  VERIFY_EVERY: z.string().default('30d').transform(takeVerifyEvery),
  CHROME_PATH: z.string().optional(),
  DEMO: z.enum(['0', '1'], 'DEMO must be 0 or 1').optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, `LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  NODE_ENV: z
    .enum(
      ['production', 'development', 'test'],
      'NODE_ENV must be production, development or test, or unset: only production demands keys and makes cookies Secure',
    )
    .optional(),
});

/**
 * Reads the configuration from an environment. An empty variable counts as unset. `AUDIT_KEYS`, `CURSOR_KEY`,
 * `MONGODB_URI`, `OIDC_CLIENT_SECRET`, `REDIS_URL` and the keys of the account logs may each be read from a file instead
 * (`AUDIT_KEYS_FILE` …); the BAA chain, the map of claims and the witnesses always are.
 * Throws a `ConfigError` that lists all problems. With `NODE_ENV=production` the keys are required; otherwise
 * `withLocalKeys` makes missing ones.
 */
export function parseConfig(env: Env): Config {
  const problems: string[] = [];
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && value !== '') given[name] = value;
  readSecretFiles(given, problems);
  const baaChain = given.BAA_CHAIN_FILE === undefined ? null : readBaaChain(given.BAA_CHAIN_FILE);
  if (baaChain?.ok === false) problems.push(baaChain.problem);

  const oidc = readOidcSettings(given, problems);
  const production = given.NODE_ENV === 'production';
  const signing = readSigningSettings(given, production, problems);
  const witnesses = given.WITNESSES_FILE === undefined ? [] : readWitnesses(given.WITNESSES_FILE, problems);

  const parsed = schema.safeParse(given);
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => issue.message));
  if (production) {
    if (given.AUDIT_KEYS === undefined) {
      problems.push(
        'AUDIT_KEYS is required in production: set it to id:hex, or AUDIT_KEYS_FILE to a file that holds it',
      );
    }
    problems.push(...unfitForProduction(parsed.data?.AUDIT_KEYS ?? []));
    if (given.CURSOR_KEY === undefined) {
      problems.push(
        'CURSOR_KEY is required in production: set it to 64 hex digits, or CURSOR_KEY_FILE to a file',
      );
    }
  }
  if (oidc && given.PUBLIC_URL === undefined && (production || parsed.data?.PORT === 0)) {
    problems.push(
      'PUBLIC_URL is required with OIDC_ISSUER in production and with PORT=0: the provider sends browsers back there',
    );
  }
  for (const name of ['METRICS_PORT', 'WORKERS_PORT'] as const) {
    if (parsed.data?.[name] && parsed.data[name] === parsed.data.PORT) {
      problems.push(`${name} must be another port than PORT, or unset`);
    }
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);

  const values = parsed.data;
  return Object.freeze({
    port: values.PORT,
    host: values.HOST,
    metricsPort: values.METRICS_PORT ?? null,
    workersPort: values.WORKERS_PORT ?? null,
    drainMs: values.DRAIN_MS,
    publicUrl: values.PUBLIC_URL,
    oidc,
    mongodbUri: values.MONGODB_URI,
    mongodbDb: values.MONGODB_DB ?? databaseOf(values.MONGODB_URI ?? '') ?? 'masker',
    redisUrl: values.REDIS_URL,
    dataDir: resolve(values.DATA_DIR),
    auditKeys: Object.freeze(values.AUDIT_KEYS),
    signing,
    witnesses: Object.freeze(witnesses),
    cursorKey: values.CURSOR_KEY,
    reportThreads: values.REPORT_THREADS ?? availableParallelism(),
    reportQueueLimit: values.REPORT_QUEUE_LIMIT,
    reportTimeoutMs: values.REPORT_TIMEOUT_MS,
    reportSessionsLimit: values.REPORT_SESSIONS_LIMIT,
    reportKeepMs: values.REPORT_KEEP_HOURS * HOUR_MS,
    rateLimit: values.RATE_LIMIT ?? null,
    webhookAllowPrivate: values.WEBHOOK_ALLOW_PRIVATE === '1',
    verifyEveryMs: values.VERIFY_EVERY,
    chromePath: values.CHROME_PATH,
    baaChainText: baaChain?.ok ? baaChain.text : null,
    demo: (values.DEMO ?? (production ? '0' : '1')) === '1',
    logLevel: values.LOG_LEVEL,
    production,
  });
}

function takeOrigin(text: string, context: z.RefinementCtx): string {
  const origin = readOrigin(text);
  if (origin !== null) return origin;
  context.addIssue('PUBLIC_URL must be a scheme and a host alone, such as https://evidence.example');
  return z.NEVER;
}

function takeAuditKeys(text: string, context: z.RefinementCtx): readonly AuditKeyBytes[] {
  const parsed = parseAuditKeys(text);
  if (parsed.ok) return parsed.keys;
  context.addIssue(parsed.problem);
  return z.NEVER;
}

/** Parses `<n>h`, `<n>d` or `off`. */
function takeVerifyEvery(text: string, context: z.RefinementCtx): number | null {
  if (text === 'off') return null;
  const [, count, unit] = /^([1-9]\d{0,3})([hd])$/.exec(text) ?? [];
  const everyMs = Number(count) * (unit === 'h' ? HOUR_MS : DAY_MS);
  if (count !== undefined && everyMs <= 366 * DAY_MS) return everyMs;
  context.addIssue('VERIFY_EVERY must be hours or days from 1h to 366d, such as 30d, or off');
  return z.NEVER;
}

/** Parses `rate:burst`. */
function parseRateLimit(text: string, context: z.RefinementCtx): RateLimit {
  const [, perSecond, burst] = /^(\d{1,6}):(\d{1,6})$/.exec(text)?.map(Number) ?? [];
  if (perSecond && burst && burst >= perSecond) return Object.freeze({ perSecond, burst });
  context.addIssue(
    'RATE_LIMIT must be rate:burst, whole numbers from 1 to 999999 and a burst of at least the rate, such as 30:60',
  );
  return z.NEVER;
}
