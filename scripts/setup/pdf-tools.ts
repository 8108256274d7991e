// Programs that only tests of PDFs need: poppler reads a PDF independently of our code; jq is used by the commands that
// the PDF's pages print.
import which from 'which';
import { installPackages } from './debian-packages.ts';

const PROGRAMS = { pdfinfo: 'poppler-utils', jq: 'jq' } as const;

type Place = Readonly<{ path: string; cacheDir: string; say(line: string): void; signal: AbortSignal }>;

/** Installs missing programs where that is possible. A test that still misses one is skipped or fails with its name. */
export async function providePdfTools({ path, say, ...place }: Place): Promise<void> {
  const packages: string[] = [];
  for (const [program, name] of Object.entries(PROGRAMS)) {
    if ((await which(program, { path, nothrow: true })) === null) packages.push(name);
  }
  if (packages.length === 0) return;
  const announce = () => say(`Tests of PDFs: installing ${packages.join(', ')} …`);
  await installPackages({ ...place, name: 'pdf-tools', packages, say: announce });
}
