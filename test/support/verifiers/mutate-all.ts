// `npm run test:mutations`: takes each check out of each verifier that stands alone, and tells which of the copies answer
// every case of the corpus rightly. Exits 1 for one that `exclusions.ts` gives no reason for. Arguments name programs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { corpusFolder } from './corpus-folder.ts';
import { EXCLUSIONS, type Program } from './exclusions.ts';
import { type Survivor, survivingMutants } from './run-mutants.ts';
import { survivingPageMutants } from './run-page-mutants.ts';
import { survivingPythonMutants } from './run-python-mutants.ts';

const VERIFIERS = join(import.meta.dirname, '../../../scripts/verifiers');
const releases: (() => unknown)[] = [];
const corpus = corpusFolder({ after: (release) => releases.push(release as () => unknown) });

const RUNS: Readonly<Record<Program, () => Promise<Readonly<{ run: number; survivors: Survivor[] }>>>> = {
  'verify.mjs': () => survivingMutants(),
  'verify.html': () => survivingPageMutants(readFileSync(join(VERIFIERS, 'verify.html'), 'utf8'), corpus),
  'verify.py': () => survivingPythonMutants(join(VERIFIERS, 'verify.py'), corpus),
};

/** Prints what was found of a program. Gives whether all is well. */
function tell(program: Program, run: number, survivors: readonly Survivor[]): boolean {
  const exclusions = EXCLUSIONS[program];
  const left = survivors.filter(({ name }) => !exclusions.some(({ text }) => name.includes(text)));
  // One without a copy that is not caught would hide a check to come.
  const idle = exclusions.filter(({ text }) => !survivors.some(({ name }) => name.includes(text)));
  for (const { name, cases } of left) console.log(`not caught (${cases} cases come to it): ${name}`);
  for (const { text } of idle) console.log(`an exclusion of nothing: ${text}`);
  const excluded = survivors.length - left.length;
  console.log(
    `${run} copies of ${program}, each without one check: ${run - survivors.length} caught, ${excluded} excluded with a reason, ${left.length} not caught`,
  );
  return left.length === 0 && idle.length === 0;
}

try {
  const named = process.argv.slice(2);
  for (const [program, mutate] of Object.entries(RUNS) as [Program, (typeof RUNS)[Program]][]) {
    if (named.length > 0 && !named.includes(program)) continue;
    const { run, survivors } = await mutate();
    if (!tell(program, run, survivors)) process.exitCode = 1;
  }
} finally {
  for (const release of releases) release();
}
