// Finds a Redis, or what is compatible with it: on the PATH, else in Debian's package where that can be installed.
import { mkdir, rm, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import which from 'which';
import { installPackages } from './debian-packages.ts';

export type RedisKind = 'redis' | 'valkey';

export type FoundRedis = { path: string; kind: RedisKind; version: string };

export type RedisSearch = Readonly<{
  /** The PATH to look on. */
  path: string;
  /** Where it is remembered that none can be had. */
  cacheDir: string;
  /** Takes progress lines. */
  say(line: string): void;
  signal: AbortSignal;
  /** The package manager, by default the one on the PATH. */
  aptGet?: string;
}>;

const NAMES = ['redis-server', 'valkey-server'] as const;
/** What BullMQ needs. */
const OLDEST = '6.2';

/** A server that runs and is new enough, or why there is none. */
export async function findRedis(search: RedisSearch): Promise<FoundRedis | { missing: string }> {
  const found = await findPresent(search);
  if ('path' in found) return found;
  const say = () => search.say(`Redis: ${found.missing}; installing Debian's ${PACKAGE} …`);
  const failure = await installPackages({ ...search, name: 'redis', packages: [PACKAGE], say });
  if (failure === '') return found;
  if (failure !== null) return { missing: `${found.missing}; ${failure}` };
  await linkPackaged(search.cacheDir);
  return findPresent(search);
}

/**
 * The package `redis-server` would also start a system service on the usual port, and at every boot. The program itself
 * comes with this one, which starts nothing: it is a server where it is called by a server's name.
 */
const PACKAGE = 'redis-tools';
const PACKAGED_PROGRAM = '/usr/bin/redis-check-rdb';

async function linkPackaged(cacheDir: string): Promise<void> {
  const link = join(cacheDir, 'redis-server');
  await mkdir(cacheDir, { recursive: true });
  await rm(link, { force: true });
  await symlink(PACKAGED_PROGRAM, link);
}

async function findPresent({ path, cacheDir }: RedisSearch): Promise<FoundRedis | { missing: string }> {
  const reasons: string[] = [];
  for (const name of NAMES) {
    const binary = await which(name, { path: [path, cacheDir].join(delimiter), nothrow: true });
    if (binary === null) continue;
    const checked = await check(binary);
    if ('path' in checked) return checked;
    reasons.push(checked.missing);
  }
  return { missing: reasons.join('; ') || `no ${NAMES.join(' or ')} on the PATH` };
}

/** A binary may be there and lack a library, or be too old. */
async function check(path: string): Promise<FoundRedis | { missing: string }> {
  const { failed, stdout } = await execa(path, ['--version'], { stdin: 'ignore', reject: false });
  const [, name, version] = /^(Redis|Valkey)\b.*?\bv=(\d+\.\d+(?:\.\d+)*)/i.exec(stdout ?? '') ?? [];
  if (failed || name === undefined || version === undefined) {
    return { missing: `${path} does not run here` };
  }
  if (!isAtLeast(version, OLDEST)) return { missing: `${path} is version ${version}, older than ${OLDEST}` };
  return { path, kind: name.toLowerCase() as RedisKind, version };
}

function isAtLeast(version: string, oldest: string): boolean {
  return version.localeCompare(oldest, 'en', { numeric: true }) >= 0;
}
