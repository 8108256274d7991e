// Runs the corpus through copies of verify.mjs with one check taken out of each: every copy must answer a case wrongly.
// `npm run test:mutations` runs all of them, by `mutate-all.ts`.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type WrittenCase, writeCorpus } from '../evidence-corpus/make-corpus.ts';
import { differenceOf } from './corpus-outcomes.ts';
import { loadVerifier, VERIFY_MJS } from './load-verifier.ts';
import { instrumented, type Mutant, mutantsOf } from './mutants.ts';

export type Survivor = Readonly<{ name: string; cases: number }>;

declare global {
  var sitesHit: Set<number> | undefined;
}

/** Mutants that answer every case rightly. `choose` picks those that are run. */
export async function survivingMutants(
  choose: (mutant: Mutant, number: number) => boolean = () => true,
  say: (line: string) => void = () => {},
): Promise<Readonly<{ run: number; survivors: Survivor[] }>> {
  const folder = mkdtempSync(join(tmpdir(), 'masker-evidence-mutants-'));
  try {
    const cases = writeCorpus(folder).map((each) => ({
      ...each,
      args: each.args.map((arg) => (arg.startsWith('files/') ? join(folder, arg) : arg)),
    }));
    const source = readFileSync(VERIFY_MJS, 'utf8');
    const hits = await sitesOf(cases, folder, source);
    const survivors: Survivor[] = [];
    const mutants = mutantsOf(source).filter(choose);
    for (const [number, mutant] of mutants.entries()) {
      // A copy differs only in cases that come to the call that was taken out.
      const concerned = cases.filter((_, i) => mutant.site === null || hits[i]?.has(mutant.site));
      const verify = await load(folder, `mutant-${number}`, mutant.source);
      if (await isCaught(verify, concerned)) continue;
      survivors.push({ name: mutant.name, cases: concerned.length });
      say(`not caught (${concerned.length} cases come to it): ${mutant.name}`);
    }
    return { run: mutants.length, survivors };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Verify = Awaited<ReturnType<typeof loadVerifier>>;

async function load(folder: string, name: string, source: string): Promise<Verify> {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, source);
  return await loadVerifier(pathToFileURL(file));
}

/** By case: the numbers of the sites that the program comes to. */
async function sitesOf(
  cases: readonly WrittenCase[],
  folder: string,
  source: string,
): Promise<Set<number>[]> {
  const verify = await load(folder, 'instrumented', instrumented(source));
  const found: Set<number>[] = [];
  for (const { args } of cases) {
    globalThis.sitesHit = new Set();
    await verify(args);
    found.push(globalThis.sitesHit);
  }
  return found;
}

async function isCaught(verify: Verify, cases: readonly WrittenCase[]): Promise<boolean> {
  for (const each of cases) if (differenceOf(each, await verify(each.args)) !== null) return true;
  return false;
}
