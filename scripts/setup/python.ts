// Python, which runs one of the verifiers. Only tests need it: an auditor brings his own.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import which from 'which';
import { serviceEnv } from './child-env.mjs';
import { installPackages } from './debian-packages.ts';

export type PythonSetup = Readonly<{
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

/** The oldest that `scripts/verifiers/verify.py` runs on. */
const OLDEST = [3, 9] as const;

/** The path of a Python of 3.9 or later, installed where that is possible. Null if there is none. */
export async function providePython({ path, say, ...place }: PythonSetup): Promise<string | null> {
  const found = await findPython(path);
  if (found !== null) return found;
  const announce = () => say('Tests of verify.py: installing python3 …');
  const failure = await installPackages({ ...place, name: 'python', packages: ['python3'], say: announce });
  return failure === null ? await findPython(path) : null;
}

async function findPython(path: string): Promise<string | null> {
  const candidates = (await which('python3', { path, all: true, nothrow: true })) ?? [];
  for (const candidate of candidates) if (await isNewEnough(candidate)) return candidate;
  return null;
}

const VERSION_TIMEOUT_MS = 10_000;

/** A program may be there and not run, such as a stand-in that asks which version to install. */
async function isNewEnough(program: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], {
      env: serviceEnv(process.env),
      timeout: VERSION_TIMEOUT_MS,
    });
    const [, major, minor] = /^Python (\d+)\.(\d+)/.exec(stdout) ?? [];
    return Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1];
  } catch {
    return false;
  }
}
