// Schemathesis in a virtual environment of its own, outside the repository.
import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
const INSTALL_TIMEOUT_MS = 300_000;

export type VenvPlace = Readonly<{
  python: string;
  /** The folder that holds the environment: another one for other versions. */
  cacheDir: string;
  /** Takes progress lines. */
  say(line: string): void;
  signal: AbortSignal;
}>;

/** The path of the program `schemathesis`, installed where it is not there yet; else why it cannot be had. */
export async function provideSchemathesis({
  python,
  cacheDir,
  say,
  signal,
}: VenvPlace): Promise<{ program: string } | { missing: string }> {
  const wanted = hash('sha256', readFileSync(REQUIREMENTS)).slice(0, 12);
  const folder = join(cacheDir, `schemathesis-${wanted}`);
  const program = join(folder, 'bin/schemathesis');
  // Written last: an installation that broke off is begun again.
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return { program };
  say('Schemathesis: installing …');
  await rm(folder, { recursive: true, force: true });
  const options = { reject: false, all: true, cancelSignal: signal, timeout: INSTALL_TIMEOUT_MS } as const;
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--requirement',
    REQUIREMENTS,
  ];
  for (const [file, args] of [
    [python, ['-m', 'venv', folder]],
    [join(folder, 'bin/python'), pip],
  ] as const) {
    const { failed, all } = await execa(file, args, options);
    signal.throwIfAborted();
    if (failed) return { missing: String(all).trim().split('\n').at(-1) || `${file} ${args[1]} failed` };
  }
  await writeFile(complete, '');
  return { program };
}
