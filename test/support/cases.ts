// Small bundles that stand for one fault each, signed with the clinic week's key.
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const CASES = resolve(import.meta.dirname, '../data/cases');

export function caseDir(name: string): string {
  return join(CASES, name);
}

/** A copy of a case's files, to be changed; removed when the test ends. */
export async function copyCase(
  t: { after(cleanUp: () => Promise<void>): void },
  name: string,
): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'case-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  for (const file of await readdir(caseDir(name))) {
    await cp(join(caseDir(name), file), join(dir, file), { recursive: true });
  }
  return dir;
}

/** Replaces a file's bytes by what `change` makes of them, under another name where one is given. */
export async function changeFile(
  dir: string,
  file: string,
  change: (bytes: Buffer) => string | Uint8Array,
  renamed = file,
): Promise<void> {
  const bytes = await readFile(join(dir, file));
  if (renamed !== file) await rm(join(dir, file));
  await writeFile(join(dir, renamed), change(bytes));
}
