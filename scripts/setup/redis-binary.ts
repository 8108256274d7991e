// Finds a Redis or Valkey server on the PATH, else installs Debian's package where that is possible.
import { mkdir, rm, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import which from 'which';
import { serviceEnv } from './child-env.mjs';
import { installPackages } from './debian-packages.ts';

export type RedisKind = 'redis' | 'valkey';

export type FoundRedis = { path: string; kind: RedisKind; version: string };

export type RedisSearch = Readonly<{
  /** The PATH to look on. */
  path: string;
  /** The folder that remembers a failed installation. */
  cacheDir: string;
  /** Takes progress lines. */
  say(line: string): void;
  signal: AbortSignal;
  /** The package manager, by default the one on the PATH. */
  aptGet?: string;
}>;

const NAMES = ['redis-server', 'valkey-server'] as const;
/** The oldest version that BullMQ supports. */
const OLDEST = '6.2';

/** A server that runs and is new enough, or the reason why there is none. */
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
 * Not `redis-server`: that package would also start a system service on the default port, now and at every boot. This
 * one starts nothing and has the same program, which is a server when it is called by the name of one.
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

/** Refuses a binary that is too old or does not run, such as one that lacks a library. */
async function check(path: string): Promise<FoundRedis | { missing: string }> {
  const { failed, stdout } = await execa(path, ['--version'], {
    stdin: 'ignore',
    env: serviceEnv(process.env),
    extendEnv: false,
    reject: false,
  });
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
