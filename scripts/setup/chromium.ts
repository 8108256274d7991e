// Finds the Chromium that prints reports, or installs Debian's where that is possible. Only PDFs need one, so a missing
// Chromium is announced and is never an error.
import { type ChromiumPlace, findChromium } from '../../workers/pdf/chromium/find-chromium.ts';
import { installPackages } from './debian-packages.ts';

export type ChromiumSetup = ChromiumPlace &
  Readonly<{
    /** The folder that remembers a failed installation. */
    cacheDir: string;
    /** Takes progress lines. */
    say(line: string): void;
    signal: AbortSignal;
    /** The package manager, by default the one on the PATH. */
    aptGet?: string;
  }>;

/** The path of a Chromium that runs. Null if there is none; `say` got a line with the reason. */
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

/** It alone: pages bring their own fonts. */
const PACKAGES = ['chromium-headless-shell'];

/** Null once it is installed, else the reason why there is no Chromium. */
async function installChromium(setup: ChromiumSetup, missing: string): Promise<string | null> {
  // An installed package would not be the program that CHROME_PATH names.
  if (setup.chromePath !== undefined) return missing;
  const say = () => setup.say(`PDF: there is no Chromium; installing ${PACKAGES.join(', ')} …`);
  const failure = await installPackages({ ...setup, name: 'chromium', packages: PACKAGES, say });
  if (failure === null) return null;
  return failure === '' ? missing : `${missing} (${failure})`;
}
