// `npm run test:unit [-- PATTERN…]`: runs the tests that need no service, and starts none.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onShutdownSignal } from '../shared/process/release.ts';
import { EXIT, runCommand, UsageError } from './command/command.ts';
import { terminalText } from './command/terminal-text.ts';
import { neededServices } from './test/needed-services.ts';
import { findTests, ROOT, runTests } from './test/run-tests.ts';

const USAGE = `usage: npm run test:unit [-- PATTERN…]

Runs the tests whose path contains one of the patterns, by default all. Leaves out each test that needs MongoDB, Redis,
Chromium, Python or the PDF tools, which its imports tell. Starts and installs no service.
TEST_SEED=NUMBER repeats the random choices of an earlier run; a test that makes any prints its seed.

exit: 0 all pass, 1 a test failed or another error, 64 usage, such as a pattern that leaves no test to run`;

/** Text of each file read so far, null for a missing one. Tests share most of their imports, so a file is read once. */
const sources = new Map<string, string | null>();

if (import.meta.main) {
  const exitCode = await runCommand(USAGE, {}, async ({ positionals }) => {
    const { files, leftOut } = selectUnitTests(positionals, findTests, needsOf);
    if (leftOut.length > 0) console.log(`Left out, since they need services:\n${describe(leftOut)}`);
    const stopping = new AbortController();
    onShutdownSignal(() => stopping.abort());
    return (await runTests(files, {}, stopping.signal)) ? EXIT.done : EXIT.error;
  });
  process.exit(exitCode);
}

export type LeftOut = Readonly<{ file: string; needs: readonly string[] }>;

/**
 * Splits the tests that match the patterns into `files`, which need no service, and `leftOut`, which do. Without
 * patterns `leftOut` is empty. Throws a `UsageError` for a pattern that matches no test, or only tests that need a
 * service.
 */
export function selectUnitTests(
  patterns: readonly string[],
  find: (patterns: readonly string[]) => string[],
  needsOf: (file: string) => string[],
): { files: string[]; leftOut: LeftOut[] } {
  const found = find(patterns).map((file) => ({ file, needs: needsOf(file) }));
  const isUnit = ({ needs }: LeftOut) => needs.length === 0;
  for (const pattern of patterns) {
    const matching = found.filter(({ file }) => file.includes(pattern));
    if (matching.length === 0) throw new UsageError(`No test matches ${terminalText(pattern)}.`);
    if (matching.some(isUnit)) continue;
    throw new UsageError(
      `${pattern} names only tests that need services. Run npm test -- ${pattern}, which starts the services:\n${describe(matching)}`,
    );
  }
  return {
    files: found.filter(isUnit).map(({ file }) => file),
    leftOut: patterns.length === 0 ? [] : found.filter((each) => !isUnit(each)),
  };
}

function describe(tests: readonly LeftOut[]): string {
  return tests.map(({ file, needs }) => `  ${file} needs ${needs.join(', ')}`).join('\n');
}

function needsOf(file: string): string[] {
  return neededServices(file, readSource);
}

function readSource(file: string): string | null {
  if (!sources.has(file)) sources.set(file, readIfThere(join(ROOT, file)));
  return sources.get(file) ?? null;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
