// Programs that judge a PDF from outside. Where one is missing its tests fail, saying how to get it, unless
// TEST_WITHOUT_PDF_TOOLS=1 allows to go without.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { cacheFolder } from '../../scripts/setup/cache-folder.ts';
import { fetchJars } from '../../scripts/setup/maven-jars.ts';

const run = promisify(execFile);
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** Writes a PDF where other programs can read it, until the test ends. */
export async function storePdf(t: TestContext, pdf: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'masker-evidence-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'report.pdf');
  await writeFile(file, pdf);
  return file;
}

/** What veraPDF says against the files by PDF/UA-1, empty when they pass; null where the test was skipped. */
export async function checkAccessibility(t: TestContext, files: readonly string[]): Promise<string | null> {
  const pom = join(import.meta.dirname, 'verapdf', 'pom.xml');
  const cacheDir = cacheFolder(process.env);
  const jars = await fetchJars({ name: 'verapdf', version: '1.28.2', pom, cacheDir, signal: t.signal });
  if ('missing' in jars) return skipWithout(t, `veraPDF cannot run: ${jars.missing}`);
  const main = 'org.verapdf.apps.GreenfieldCliWrapper';
  // It runs for seconds: what compiling well and collecting at once would save, they cost twice over.
  const java = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', join(jars.folder, '*')];
  const args = [...java, main, '-f', 'ua1', '--format', 'text', '-v', ...files];
  // It exits with 1 when a file fails; what it says is looked at.
  const { stdout } = await run('java', args, { maxBuffer: OUTPUT_LIMIT }).catch((error) => error);
  const passed = files.filter((file) => stdout.includes(`PASS ${file} ua1`));
  return passed.length === files.length ? '' : stdout;
}

/** What one of poppler's programs prints; null where the test was skipped. */
export async function runPoppler(
  t: TestContext,
  program: 'pdfinfo' | 'pdftotext' | 'pdfdetach' | 'pdffonts',
  args: readonly string[],
): Promise<string | null> {
  try {
    const { stdout } = await run(program, args, { maxBuffer: OUTPUT_LIMIT });
    return stdout;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    return skipWithout(t, `there is no ${program}: apt-get install poppler-utils`);
  }
}

function skipWithout(t: TestContext, reason: string): null {
  if (process.env.TEST_WITHOUT_PDF_TOOLS !== '1') {
    throw new Error(`${reason}. TEST_WITHOUT_PDF_TOOLS=1 skips what needs it.`);
  }
  t.skip(reason);
  return null;
}
