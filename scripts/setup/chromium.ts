// Finds the Chromium that prints reports, or installs Debian's where that is possible. Nothing else needs one, so its
// absence is said and never an error.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChromiumPlace, findChromium } from '../../workers/reports/chromium/find-chromium.ts';

export type ChromiumSetup = ChromiumPlace &
  Readonly<{
    /** Where it is remembered that none can be had. */
    cacheDir: string;
    /** Takes progress lines. */
    say(line: string): void;
    signal: AbortSignal;
    /** The package manager, by default the one on the PATH. */
    aptGet?: string;
  }>;

/** The path of a Chromium that runs, or null, and then a line was said. */
export async function provideChromium(setup: ChromiumSetup): Promise<string | null> {
  const found = await findChromium(setup);
  if ('path' in found) return found.path;
  const problem = await installChromium(setup, found.missing);
  const installed = problem === null ? await findChromium(setup) : { missing: problem };
  if ('path' in installed) {
    setup.say(`PDF: ${installed.path}, Chromium ${installed.version}`);
    return installed.path;
  }
  setup.say(`PDF: off, ${installed.missing}`);
  return null;
}

/** The document's fonts: Liberation and DejaVu, and one that has Chinese, Japanese and Korean characters. */
const PACKAGES = ['chromium-headless-shell', 'fonts-liberation', 'fonts-dejavu-core', 'fonts-droid-fallback'];
const RETRY_AFTER_MS = 24 * 3_600_000;
const DOWNLOAD_TIMEOUT_MS = 300_000;

/** Null when it was installed, else why there is no Chromium. A failure is remembered for a day. */
async function installChromium(setup: ChromiumSetup, missing: string): Promise<string | null> {
  const { chromePath, cacheDir, say, signal, aptGet = 'apt-get' } = setup;
  // What is configured is not replaced by something else, and only root installs packages.
  if (chromePath !== undefined || process.geteuid?.() !== 0) return missing;
  const failureFile = join(cacheDir, 'chromium-unavailable');
  if (await hasFailedLately(failureFile)) {
    return `${missing} (apt-get could not bring it; remove ${failureFile} to try again today)`;
  }
  say(`PDF: there is no Chromium; installing ${PACKAGES.join(', ')} …`);
  const failure = await runAptGet(aptGet, signal);
  if (failure === null) {
    await rm(failureFile, { force: true });
    return null;
  }
  // Not being there at all needs no remembering: it costs nothing to see again.
  if (failure !== NO_APT_GET) {
    await mkdir(cacheDir, { recursive: true });
    await writeFile(failureFile, new Date().toISOString());
  }
  return `${missing} (${failure})`;
}

async function hasFailedLately(file: string): Promise<boolean> {
  const failedAt = Date.parse(await readFile(file, 'utf8').catch(() => ''));
  return Date.now() - failedAt < RETRY_AFTER_MS;
}

const NO_APT_GET = 'there is no apt-get';

const APT_OPTIONS = [
  ...['--quiet=2', '--yes', '--no-install-recommends'],
  // A mirror that cannot be reached is soon given up.
  ...['Acquire::Retries=0', 'Acquire::http::Timeout=10', 'Acquire::https::Timeout=10'].flatMap((option) => [
    '--option',
    option,
  ]),
];

/** Null, or what failed. Downloads end when the signal aborts; unpacking goes on to its end. */
async function runAptGet(aptGet: string, signal: AbortSignal): Promise<string | null> {
  const download = AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)]);
  // Lists that cannot be refreshed may still be good enough.
  await run(aptGet, ['update'], download);
  const failure =
    (await run(aptGet, ['install', '--download-only', ...PACKAGES], download)) ??
    (signal.aborted ? null : await run(aptGet, ['install', ...PACKAGES], null));
  signal.throwIfAborted();
  return failure;
}

async function run(
  aptGet: string,
  args: readonly string[],
  signal: AbortSignal | null,
): Promise<string | null> {
  try {
    const child = spawn(aptGet, [...APT_OPTIONS, ...args], {
      // Of a group of its own: Ctrl-C in the terminal must not reach dpkg while it unpacks.
      detached: true,
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      ...(signal && { signal }),
    });
    const [code] = await once(child, 'exit');
    return code === 0 ? null : `apt-get could not bring it, exit code ${code}`;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return NO_APT_GET;
    return 'apt-get took too long';
  }
}
