// The addresses of the running services: DATA_DIR/services.json, written by `npm start`, read by every other command.
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFileSync } from './owned-file.ts';

const pid = z.int().positive();

const schema = z.object({
  mongodb: z.object({ uri: z.string(), pid, kind: z.string() }).optional(),
  redis: z.object({ url: z.string(), pid, kind: z.string() }).optional(),
  api: z.object({ url: z.string(), pid }).optional(),
  workers: z.object({ pid }).optional(),
});

/** The contents of `DATA_DIR/services.json`: address and process of each running service. */
export type Services = z.infer<typeof schema>;

/** Entries to set; null removes one, an absent one stays. */
export type ServicesPatch = { [Name in keyof Services]?: Services[Name] | null };

/** The entries whose process runs now. A missing or damaged file has none. Never throws. */
export function readServices(dataDir: string): Services {
  const file = servicesFile(dataDir);
  let writtenAtMs: number;
  let stored: unknown;
  try {
    writtenAtMs = statSync(file).mtimeMs;
    stored = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
  const parsed = schema.safeParse(stored);
  if (!parsed.success) return {};
  const entries = Object.entries(parsed.data).filter(
    ([, entry]) => entry && isRunning(entry.pid, writtenAtMs),
  );
  return Object.fromEntries(entries);
}

/**
 * Sets and removes entries. Replaces the file in one step, and removes it with its last entry. Only `npm start` calls
 * it, so it takes no lock. Throws the file system's error.
 */
export function updateServices(dataDir: string, patch: ServicesPatch): void {
  const merged = Object.entries({ ...readServices(dataDir), ...patch }).filter(([, entry]) => entry != null);
  const file = servicesFile(dataDir);
  if (merged.length === 0) {
    rmSync(file, { force: true });
    return;
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  replaceFileSync(file, `${JSON.stringify(Object.fromEntries(merged), null, 2)}\n`);
}

/** The URI in `MONGODB_URI`, else that of the MongoDB that `npm start` runs. Rejects, with a remedy, without either. */
export async function findMongodbUri(config: {
  mongodbUri: string | undefined;
  dataDir: string;
}): Promise<string> {
  const uri = config.mongodbUri ?? readServices(config.dataDir).mongodb?.uri;
  if (uri !== undefined) return uri;
  throw new Error(
    `No MongoDB is running for the data in ${config.dataDir}: run \`npm start\` in another terminal, or set MONGODB_URI`,
  );
}

/** The URL in `REDIS_URL`, else that of the Redis that `npm start` runs; null if there is neither. */
export function findRedisUrl(config: { redisUrl: string | undefined; dataDir: string }): string | null {
  return config.redisUrl ?? readServices(config.dataDir).redis?.url ?? null;
}

function servicesFile(dataDir: string): string {
  return join(dataDir, 'services.json');
}

/** Whether the process of an entry still runs, and no later process has got its pid. */
function isRunning(pid: number, recordedAtMs: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const startedAtMs = processStart(pid);
  return startedAtMs === null || startedAtMs <= recordedAtMs + CLOCK_SLACK_MS;
}

const CLOCK_SLACK_MS = 2_000;
/** The kernel reports start times in `USER_HZ` (proc(5)), whatever its own tick is. */
const TICKS_PER_SECOND = 100;

/** Unix milliseconds at which a process started, or null where the system does not tell. */
function processStart(pid: number): number | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The command name, in parentheses, may itself hold spaces; `starttime` is the 20th field after it (proc(5)).
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  return Date.now() - uptime() * 1000 + (ticks / TICKS_PER_SECOND) * 1000;
}
