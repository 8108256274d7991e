// The addresses of the running services: DATA_DIR/services.json, written by `npm start`, read by every other command.
import { mkdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFileSync } from './owned-file.ts';

const pid = z.int().positive();

const entries = {
  mongodb: z.object({ uri: z.string(), pid, kind: z.string() }).optional(),
  redis: z.object({ url: z.string(), pid, kind: z.string() }).optional(),
  api: z.object({ url: z.string(), pid }).optional(),
  workers: z.object({ pid }).optional(),
};
const schema = z.object({
  ...entries,
  /** Which folder the file was written in; absent in one that an earlier version wrote. */
  folder: z.object({ path: z.string(), inode: z.string() }).optional(),
});

/** The contents of `DATA_DIR/services.json`: address and process of each running service. */
export type Services = Omit<z.infer<typeof schema>, 'folder'>;

/** Entries to set; null removes one, an absent one stays. */
export type ServicesPatch = { [Name in keyof Services]?: Services[Name] | null };

/**
 * The entries whose process runs now. A missing or damaged file has none, and so has one that was copied with its folder:
 * its processes serve the folder that it was copied from. Never throws.
 */
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
  const { folder, ...services } = parsed.data;
  if (folder && !isSameFolder(folder, findFolder(dataDir))) return {};
  const running = Object.entries(services).filter(([, entry]) => entry && isRunning(entry.pid, writtenAtMs));
  return Object.fromEntries(running);
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
  const services = { ...Object.fromEntries(merged), folder: findFolder(dataDir) };
  replaceFileSync(file, `${JSON.stringify(services, null, 2)}\n`);
}

/** The URI in `MONGODB_URI`, else that of the MongoDB that `npm start` runs. Rejects, with a remedy, without either. */
export async function findMongodbUri(config: {
  mongodbUri: string | undefined;
  dataDir: string;
}): Promise<string> {
  const uri = config.mongodbUri ?? readServices(config.dataDir).mongodb?.uri;
  if (uri !== undefined) return uri;
  const original = findOriginal(config.dataDir);
  throw new Error(
    original === null
      ? `No MongoDB is running for the data in ${config.dataDir}: run \`npm start\` in another terminal, or set MONGODB_URI`
      : `${config.dataDir} is a copy of ${original}, and no MongoDB is running for the copy: run \`npm start\` with this DATA_DIR (and another PORT) in another terminal`,
  );
}

/** The URL in `REDIS_URL`, else that of the Redis that `npm start` runs; null if there is neither. */
export function findRedisUrl(config: { redisUrl: string | undefined; dataDir: string }): string | null {
  return config.redisUrl ?? readServices(config.dataDir).redis?.url ?? null;
}

/** Where a folder's `services.json` was written, if that is another folder; else null. */
function findOriginal(dataDir: string): string | null {
  try {
    const { folder } = schema.parse(JSON.parse(readFileSync(servicesFile(dataDir), 'utf8')));
    return folder && !isSameFolder(folder, findFolder(dataDir)) ? folder.path : null;
  } catch {
    return null;
  }
}

type Folder = Readonly<{ path: string; inode: string }>;

function findFolder(dataDir: string): Folder {
  return { path: realpathSync(dataDir), inode: String(statSync(dataDir, { bigint: true }).ino) };
}

/** A copy has another path, or, mounted in the place of the original, another inode. */
function isSameFolder(a: Folder, b: Folder): boolean {
  return a.path === b.path && a.inode === b.inode;
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
