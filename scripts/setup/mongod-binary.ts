// Finds a real mongod: on the PATH, downloaded earlier, or downloaded now if its host can be reached.
import { mkdir } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { DryMongoBinary } from 'mongodb-memory-server-core/lib/util/DryMongoBinary.js';
import { MongoBinary } from 'mongodb-memory-server-core/lib/util/MongoBinary.js';
import { MongoBinaryDownloadUrl } from 'mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js';
import which from 'which';
import { serviceEnv } from './child-env.mjs';
import { forgetFailure, hasFailedRecently, rememberFailure } from './recent-failure.ts';

/** The binary, or the reason why there is none. */
export type FoundBinary = { path: string } | { missing: string };

export async function findMongodOnPath(pathVariable: string): Promise<FoundBinary> {
  const path = await which('mongod', { path: pathVariable, nothrow: true });
  if (path === null) return { missing: 'no mongod on the PATH' };
  return (await runs(path)) ? { path } : { missing: `${path} does not run here` };
}

/** False also for a binary that lacks a library. */
async function runs(mongod: string): Promise<boolean> {
  const { failed } = await execa(mongod, ['--version'], {
    stdio: 'ignore',
    env: serviceEnv(process.env),
    extendEnv: false,
    reject: false,
  });
  return !failed;
}

const REACH_TIMEOUT_MS = 4_000;

/** A mongod in the cache folder, downloaded if need be. A download that failed is not tried again for a day. */
export async function fetchMongod(cacheDir: string, say: (line: string) => void): Promise<FoundBinary> {
  const downloadDir = join(cacheDir, 'mongod');
  const failureFile = join(cacheDir, 'mongod-unreachable');
  await mkdir(downloadDir, { recursive: true });
  try {
    const options = await DryMongoBinary.generateOptions({ downloadDir });
    const present = await DryMongoBinary.locateBinary(options);
    if (present !== undefined) return await checked(present);
    if (await hasFailedRecently(failureFile)) {
      return {
        missing: `the mongod download could not be reached (remove ${failureFile} to try again today)`,
      };
    }
    const place = { platform: platform(), arch: arch() };
    const url = await new MongoBinaryDownloadUrl({ ...options, ...place }).getDownloadUrl();
    say('MongoDB: there is no mongod on the PATH; seeing whether one can be downloaded …');
    if (!(await isReachable(url))) {
      await rememberFailure(failureFile);
      return { missing: 'the mongod download could not be reached' };
    }
    say(`MongoDB: downloading mongod ${options.version} …`);
    const path = await MongoBinary.getPath(options);
    await forgetFailure(failureFile);
    return await checked(path);
  } catch (error) {
    await rememberFailure(failureFile);
    return {
      missing: `mongod could not be downloaded (${error instanceof Error ? error.message : 'unknown'})`,
    };
  }
}

async function checked(path: string): Promise<FoundBinary> {
  return (await runs(path))
    ? { path }
    : { missing: `the downloaded mongod does not run here (${path} --version says why)` };
}

async function isReachable(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(REACH_TIMEOUT_MS) });
    return response.ok;
  } catch {
    return false;
  }
}
