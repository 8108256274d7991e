// Installs Debian packages where that is possible. A failure is remembered for a day, so that the next start does not
// wait for a mirror that cannot be reached.
import { join } from 'node:path';
import { execa } from 'execa';
import { toolEnv } from './child-env.mjs';
import { forgetFailure, hasFailedRecently, rememberFailure } from './recent-failure.ts';

export type PackageSetup = Readonly<{
  /** What the packages are for, as a part of a file name. */
  name: string;
  packages: readonly string[];
  /** The folder that remembers a failed installation. */
  cacheDir: string;
  /** Called before the package manager runs. */
  say(): void;
  signal: AbortSignal;
  /** The package manager, by default the one on the PATH. */
  aptGet?: string;
}>;

const DOWNLOAD_TIMEOUT_MS = 300_000;

/** Null once they are installed, else the reason: empty if nothing was tried, since only root installs packages. */
export async function installPackages(setup: PackageSetup): Promise<string | null> {
  if (process.geteuid?.() !== 0) return '';
  const { name, packages, cacheDir, say, signal, aptGet = 'apt-get' } = setup;
  const failureFile = join(cacheDir, `${name}-unavailable`);
  if (await hasFailedRecently(failureFile)) {
    return `apt-get could not bring it; remove ${failureFile} to try again today`;
  }
  say();
  const failure = await runAptGet(aptGet, packages, signal);
  if (failure === null) {
    await forgetFailure(failureFile);
    return null;
  }
  // A missing apt-get is not remembered: looking for it again costs nothing.
  if (failure !== NO_APT_GET) await rememberFailure(failureFile);
  return failure;
}

const NO_APT_GET = 'there is no apt-get';

const APT_OPTIONS = [
  ...['--quiet=2', '--yes', '--no-install-recommends'],
  // Gives up soon on a mirror that cannot be reached.
  ...['Acquire::Retries=0', 'Acquire::http::Timeout=10', 'Acquire::https::Timeout=10'].flatMap((option) => [
    '--option',
    option,
  ]),
];

/** Null, or the failure. Downloads end when the signal aborts; unpacking is never interrupted. */
async function runAptGet(
  aptGet: string,
  packages: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  const download = AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)]);
  // Its failure is ignored: the package lists of before may be good enough.
  await run(aptGet, ['update'], download);
  const failure =
    (await run(aptGet, ['install', '--download-only', ...packages], download)) ??
    (signal.aborted ? null : await run(aptGet, ['install', ...packages], null));
  signal.throwIfAborted();
  return failure;
}

async function run(
  aptGet: string,
  args: readonly string[],
  signal: AbortSignal | null,
): Promise<string | null> {
  const ended = await execa(aptGet, [...APT_OPTIONS, ...args], {
    // In its own process group: Ctrl-C in the terminal must not reach dpkg while it unpacks.
    detached: true,
    stdio: 'ignore',
    env: { ...toolEnv(process.env), DEBIAN_FRONTEND: 'noninteractive' },
    extendEnv: false,
    reject: false,
    ...(signal && { cancelSignal: signal }),
  });
  if (!ended.failed) return null;
  if (ended.isCanceled) return 'apt-get took too long';
  if (ended.code === 'ENOENT') return NO_APT_GET;
  return `apt-get could not bring it, ${ended.code ?? ended.signal ?? `exit code ${ended.exitCode}`}`;
}
