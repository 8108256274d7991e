// Runs the corpus through copies of the checking part of verify.html with one check taken out of each.
import type { WrittenCase } from '../evidence-corpus/make-corpus.ts';
import type { CorpusFolder } from './corpus-folder.ts';
import { differenceOf, type Outcome } from './corpus-outcomes.ts';
import { givenOf, isForPages } from './page-cases.ts';
import { checkingPart, instrumented, type PageMutant, pageMutants } from './page-mutants.ts';
import type { Survivor } from './run-mutants.ts';

type Verify = (
  files: readonly { name: string; bytes: Uint8Array }[],
  options: object,
) => Promise<{ exit: number; lines?: Outcome['lines']; problem?: string }>;

/** Rounds of a loop, of all loops that a case comes to: a copy may have lost what ends one. */
const ROUNDS = 20_000_000;

/** The checking part, as a function. `hit` is told of each call that ends a check. */
function loadPart(source: string, hit: (site: number) => void = () => {}): Verify {
  let rounds = 0;
  const oneMoreRound = () => {
    rounds += 1;
    if (rounds > ROUNDS) throw new Error('It does not end');
  };
  const counted = source
    .replace('globalThis.verifyEvidence =', 'const verifyEvidence =')
    .replace(/^ +(?:for|while) \(.*\) \{$/gm, (line) => `${line} oneMoreRound();`);
  const made = new Function('hit', 'oneMoreRound', `${counted}\nreturn verifyEvidence;`)(
    hit,
    oneMoreRound,
  ) as Verify;
  return (files, options) => {
    rounds = 0;
    return made(files, options);
  };
}

const CASES_FIRST = 25;

/** The mutants that answer every case rightly. */
export async function survivingPageMutants(
  html: string,
  corpus: CorpusFolder,
  choose: (mutant: PageMutant, number: number) => boolean = () => true,
  say: (line: string) => void = () => {},
): Promise<Readonly<{ run: number; survivors: Survivor[] }>> {
  const source = checkingPart(html);
  const cases = corpus.cases
    .filter(isForPages)
    .map((written) => ({ written, given: filesOf(corpus, written), hits: new Set<number>() }));
  let current = new Set<number>();
  const told = loadPart(instrumented(source), (site) => current.add(site));
  for (const each of cases) {
    current = each.hits;
    const difference = await differenceIn(told, each);
    if (difference !== null) throw new Error(`${each.written.name}: ${difference}`);
  }
  const survivors: Survivor[] = [];
  const mutants = pageMutants(source).filter(choose);
  for (const { name, source: copy, site } of mutants) {
    const concerned = site === null ? cases : spread(cases.filter(({ hits }) => hits.has(site)));
    if (await isCaught(copy, concerned, /curve|signature\b|publicKey/i.test(name))) continue;
    survivors.push({ name, cases: concerned.length });
    say(`not caught (${concerned.length} cases come to it): ${name}`);
  }
  return { run: mutants.length, survivors };
}

type Prepared = Readonly<{ written: WrittenCase; given: ReturnType<typeof filesOf>; hits: Set<number> }>;

function filesOf(corpus: CorpusFolder, written: WrittenCase) {
  const { files, options } = givenOf(corpus, written);
  return {
    files: files.map((base64, n) => ({ name: `${n}`, bytes: new Uint8Array(Buffer.from(base64, 'base64')) })),
    options,
  };
}

/** First some from all parts of the corpus: of a check that decides in hundreds, any shows it mostly. */
function spread<Item>(items: readonly Item[]): Item[] {
  const isFirst = (_: Item, i: number) => i % Math.ceil(items.length / CASES_FIRST) === 0;
  return [...items.filter(isFirst), ...items.filter((item, i) => !isFirst(item, i))];
}

async function differenceIn(
  verify: Verify,
  { written, given }: Prepared,
  options = {},
): Promise<string | null> {
  const outcome = await verify(given.files, { ...given.options, ...options });
  return differenceOf(written, { lines: [], ...outcome });
}

/** The page's own Ed25519, in place of the browser's, which refuses the same again. */
const PLAIN = { plainSignatures: true };

async function isCaught(source: string, cases: readonly Prepared[], isOfCurve: boolean): Promise<boolean> {
  let verify: Verify;
  try {
    verify = loadPart(source);
  } catch {
    return true;
  }
  for (const each of cases) {
    try {
      if ((await differenceIn(verify, each)) !== null) return true;
      if (isOfCurve && (await differenceIn(verify, each, PLAIN)) !== null) return true;
    } catch {
      // A copy that breaks gives no verdict.
      return true;
    }
  }
  return false;
}
