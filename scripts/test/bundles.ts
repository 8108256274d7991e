// Test files that share a process. A process takes a third of a second, and a second where it loads the API: most files
// take less for their tests.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Files of one process: a few, so that the processes share the cores to the end of the run. */
const SIZE = 10;

export type Bundle = Readonly<{
  /** The file that the runner starts. */ path: string;
  members: readonly string[];
}>;

/**
 * Writes a file into `folder` for every ten of `files`, which loads them in their order. A file that cannot be loaded is
 * a failed test with the file's name. `files` are paths, relative ones from `root`.
 */
export function writeBundles(files: readonly string[], root: string, folder: string): Bundle[] {
  const count = Math.ceil(files.length / SIZE);
  return Array.from({ length: count }, (_, i) => {
    const path = join(folder, `shared-process-${i + 1}.test.mjs`);
    const members = files.slice(i * SIZE, (i + 1) * SIZE);
    writeFileSync(path, describeBundle(members, root));
    return { path, members };
  });
}

function describeBundle(members: readonly string[], root: string): string {
  const urls = members.map((file) => [file, pathToFileURL(resolve(root, file)).href]);
  return `import { test } from 'node:test';
for (const [file, url] of ${JSON.stringify(urls)}) {
  try {
    await import(url);
  } catch (error) {
    test(file + ' can be loaded', () => { throw error; });
  }
}
`;
}
