// What only the tests of PDFs need: poppler, which reads them as a stranger would, and jq, which the by-hand commands on
// their pages use.
import which from 'which';
import { installPackages } from './debian-packages.ts';

const PROGRAMS = { pdfinfo: 'poppler-utils', jq: 'jq' } as const;

type Place = Readonly<{ path: string; cacheDir: string; say(line: string): void; signal: AbortSignal }>;

/** Installs what is missing, where that is possible; a test that then misses one says so itself. */
export async function providePdfTools({ path, say, ...place }: Place): Promise<void> {
  const packages: string[] = [];
  for (const [program, name] of Object.entries(PROGRAMS)) {
    if ((await which(program, { path, nothrow: true })) === null) packages.push(name);
  }
  if (packages.length === 0) return;
  const announce = () => say(`Tests of PDFs: installing ${packages.join(', ')} …`);
  await installPackages({ ...place, name: 'pdf-tools', packages, say: announce });
}
