// Finds the program that prints: the configured one, else the first in the places where systems install one.
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';

export type ChromiumPlace = Readonly<{
  /** The value of `CHROME_PATH`. Where it is set, no other place is looked at. */
  chromePath: string | undefined;
  /** The PATH to look on. */
  path: string;
  /** The folder above the usual places: `/`, but for tests. */
  root?: string;
}>;

export type Chromium = Readonly<{
  path: string;
  /** Its four numbers, such as `156.0.8078.79`. */
  version: string;
}>;

/** The program, or why there is none, in words that are safe to show. */
export type FoundChromium = Chromium | Readonly<{ missing: string }>;

export async function findChromium({ chromePath, path, root = '/' }: ChromiumPlace): Promise<FoundChromium> {
  if (chromePath !== undefined) {
    return (await ask(chromePath)) ?? { missing: 'CHROME_PATH names no Chromium, Chrome or Edge that runs' };
  }
  for (const candidate of listCandidates(path, root)) {
    const found = await ask(candidate);
    if (found) return found;
  }
  return { missing: 'there is no Chromium: install chromium-headless-shell, or set CHROME_PATH' };
}

/** In the order of preference: the smallest that prints comes first. */
const NAMES = [
  ...['chrome-headless-shell', 'chromium-headless-shell', 'chromium', 'chromium-browser'],
  ...['google-chrome-stable', 'google-chrome', 'chrome', 'microsoft-edge-stable', 'microsoft-edge'],
];

/** Programs behind scripts that start them as a child: killing such a script leaves the program running. */
const BEHIND_SCRIPTS = ['/usr/lib/chromium/chromium-headless-shell', '/usr/lib/chromium/chromium'];

const USUAL_FOLDERS = ['/usr/local/bin', '/usr/bin', '/snap/bin'];

const USUAL_PLACES = [
  ...['/opt/chrome-headless-shell/chrome-headless-shell', '/usr/lib/chromium-browser/chromium-browser'],
  ...['/opt/google/chrome/chrome', '/opt/microsoft/msedge/msedge'],
];

function listCandidates(path: string, root: string): string[] {
  const within = (place: string) => join(root, place);
  const folders = [...path.split(delimiter).filter(isAbsolute), ...USUAL_FOLDERS.map(within)];
  const byName = (name: string) => [
    ...BEHIND_SCRIPTS.filter((file) => basename(file) === name).map(within),
    ...folders.map((folder) => join(folder, name)),
  ];
  return [...new Set([...NAMES.flatMap(byName), ...USUAL_PLACES.map(within)])];
}

const VERSION_TIMEOUT_MS = 10_000;

/** A program may be there and lack a library, or be another program. */
async function ask(path: string): Promise<Chromium | null> {
  try {
    await access(path, constants.X_OK);
    const { stdout } = await promisify(execFile)(path, ['--version'], {
      // The keys in our environment are not its.
      env: {},
      timeout: VERSION_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    const version = /\b(?:Chrome|Chromium|Edge)\b.*?(\d+(?:\.\d+){3})/.exec(stdout)?.[1];
    return version === undefined ? null : { path, version };
  } catch {
    return null;
  }
}
