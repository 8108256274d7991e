// Copies of the checking part of verify.html with one check taken out of each, run here and not in a browser: Node has
// all that the part needs. A check is a call that ends it, a part of such a call's condition, or a row of a table.

import type { WrittenCase } from '../evidence-corpus/make-corpus.ts';
import type { CorpusFolder } from './corpus-folder.ts';
import { differenceOf, type Outcome } from './corpus-outcomes.ts';
import { givenOf, isForPages } from './page-cases.ts';

export type PageMutant = Readonly<{
  /** Says what was taken out. */
  name: string;
  source: string;
  /** The call without which the copy goes on. Null where any case may differ. */
  site: number | null;
}>;

/** The script up to the page. */
export function checkingPart(html: string): string {
  return html.slice(html.indexOf("'use strict';"), html.indexOf('\n// The page.'));
}

type Site = Readonly<{ begin: number; end: number; line: number }>;

function sitesIn(source: string): Site[] {
  return [...source.matchAll(/(?<![\w.])(?:fail|skip|wrong|misused|unreadable|contradict)(?=\()/g)].map(
    ({ index, 0: name }) => ({
      begin: index,
      end: index + name.length,
      line: source.slice(0, index).split('\n').length,
    }),
  );
}

const replaced = (source: string, begin: number, end: number, by: string) =>
  `${source.slice(0, begin)}${by}${source.slice(end)}`;

export function pageMutants(source: string): PageMutant[] {
  const calls = sitesIn(source).flatMap(({ begin, end, line }, site): PageMutant[] => {
    const text = source.slice(begin, begin + 80).split('\n')[0];
    const whole = {
      name: `line ${line}: ${text}`,
      source: replaced(source, begin, end, '(() => undefined)'),
      site,
    };
    return [
      whole,
      ...partsBefore(source, begin).map(([from, to]) => ({
        name: `line ${line}: ${text}, but for ${source.slice(from, to)}`,
        source: replaced(source, from, to, 'false'),
        site,
      })),
    ];
  });
  return [...calls, ...conjuncts(source), ...rows(source), ...specials(source)];
}

/** The parts of `if (a || b)` right before a call; none for a condition in one part. */
function partsBefore(source: string, call: number): [number, number][] {
  const before = source.slice(0, call).replace(/(?:\{\s*|return\s*|\s)*$/, '');
  const open = /\bif \((?![\s\S]*\bif \()/.exec(before);
  if (!before.endsWith(')') || !open) return [];
  const parts: [number, number][] = [];
  let [depth, from] = [0, open.index + open[0].length];
  for (let at = from; at < before.length - 1; at += 1) {
    if ('([{'.includes(source[at] as string)) depth += 1;
    if (')]}'.includes(source[at] as string)) depth -= 1;
    if (depth === 0 && source.startsWith(' || ', at)) {
      parts.push([from, at]);
      from = at + 4;
    }
  }
  return parts.length === 0 ? [] : [...parts, [from, before.length - 1]];
}

/** Each line of a conjunction over several lines. */
function conjuncts(source: string): PageMutant[] {
  return [...source.matchAll(/^ +(?!const|return|\/\/)(\S.*?)( &&|;)$/gm)].flatMap(
    ({ index, 0: line, 1: term, 2: tail }) => {
      const previous = source.slice(0, index).trimEnd();
      if (!/(?: &&| =)$/.test(previous) || (tail === ';' && previous.endsWith('='))) return [];
      const begin = index + line.indexOf(term as string);
      const name = `line ${source.slice(0, index).split('\n').length}: ${term}`;
      return [
        {
          name,
          source: replaced(source, begin, begin + (term as string).length, 'true'),
          site: siteAfter(source, begin),
        },
      ];
    },
  );
}

/** The number of the first call behind a place. */
function siteAfter(source: string, place: number): number {
  return sitesIn(source).findIndex(({ begin }) => begin > place);
}

/** The tables of tests, each with the text before the call that its rows lead to. */
const TABLES: Readonly<Record<string, string>> = {
  'const ENTRY = {': 'if (entry.has(name) && !fits(entry.get(name)))',
  'const CLOSED = {': 'if (!fits(closed.get(name)))',
  'const SHAPES = {': "if (!fits(at(report, ...path.split('.'))))",
};

/** Each row of a table of tests, by one that takes anything; each row of a list of comparisons, left out. */
function rows(source: string): PageMutant[] {
  const mutants: PageMutant[] = [];
  for (const [table, call] of Object.entries(TABLES)) {
    const begin = source.indexOf(table);
    const text = source.slice(begin, source.indexOf('\n  };', begin));
    for (const { index, 0: row, 1: name } of text.matchAll(
      /('[\w.]+'|\b[a-z_]+): (?:is[A-Z]\w+|id\('\w+'\)|nullOr\(\w+\))/g,
    )) {
      const at = begin + index;
      mutants.push({
        name: `${table} ${row}`,
        source: replaced(source, at, at + row.length, `${name}: () => true`),
        site: siteAfter(source, source.indexOf(call)),
      });
    }
  }
  for (const { index, 0: row } of source.matchAll(/\n\s+\['[^\n]*\],(?=\n)/g)) {
    if (!/closed|entries|rows|sum|tally/.test(row)) continue;
    mutants.push({
      name: `a comparison: ${row.trim()}`,
      source: replaced(source, index, index + row.length, ''),
      site: siteAfter(source, index),
    });
  }
  return mutants;
}

/** Rules that no call states. */
const SPECIAL: readonly (readonly [from: string, to: string])[] = [
  ['if (verdicts.statement.verdict !== VERIFIED && verdicts.log.verdict !== VERIFIED)', 'if (false)'],
  [
    "for (const axis of ['bytes', 'entries', 'completeness']) {",
    "for (const axis of ['entries', 'completeness']) {",
  ],
  [
    "for (const axis of ['bytes', 'entries', 'completeness']) {",
    "for (const axis of ['bytes', 'completeness']) {",
  ],
  [
    "for (const axis of ['bytes', 'entries', 'completeness']) {",
    "for (const axis of ['bytes', 'entries']) {",
  ],
  ['if (lines.some(({ verdict }) => verdict === FAILED)) return 2;', ''],
  ['if (lines.some(({ axis, verdict }) => required.includes(axis) && verdict !== VERIFIED)) return 1;', ''],
  ["if (required.includes('relation') && lines.every(({ axis }) => axis !== 'relation')) return 1;", ''],
  ['return filesOf(proved).size === ', 'return filesOf(proved).size > 0 || filesOf(proved).size === '],
  ['if (!curve.isStrict(publicKey, signature)) return false;', ''],
  ['return await curve.verify(publicKey, message, signature);', 'return true;'],
  ["return await crypto.subtle.verify('Ed25519', key, signature, message);", 'return true;'],
];

function specials(source: string): PageMutant[] {
  return SPECIAL.map(([from, to]) => {
    if (!source.includes(from)) throw new Error(`verify.html has no ${from} any more`);
    return { name: from, source: source.replace(from, () => to), site: null };
  });
}

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

/** The source that says which call ended a check. */
function instrumented(source: string): string {
  let text = source;
  for (const [site, { begin, end }] of [...sitesIn(source).entries()].reverse()) {
    const name = source.slice(begin, end);
    text = replaced(text, begin, end, `(hit(${site}), ${name})`);
  }
  return text;
}

const CASES_FIRST = 25;

/** The mutants that answer every case rightly. */
export async function survivingPageMutants(
  html: string,
  corpus: CorpusFolder,
  choose: (number: number) => boolean = () => true,
): Promise<string[]> {
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
  const survivors: string[] = [];
  for (const { name, source: copy, site } of pageMutants(source).filter((_, number) => choose(number))) {
    const concerned = site === null ? cases : spread(cases.filter(({ hits }) => hits.has(site)));
    if (!(await isCaught(copy, concerned))) survivors.push(`${name} (${concerned.length} cases come to it)`);
  }
  return survivors;
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

async function differenceIn(verify: Verify, { written, given }: Prepared): Promise<string | null> {
  return differenceOf(written, { lines: [], ...(await verify(given.files, given.options)) });
}

async function isCaught(source: string, cases: readonly Prepared[]): Promise<boolean> {
  let verify: Verify;
  try {
    verify = loadPart(source);
  } catch {
    return true;
  }
  for (const each of cases) {
    try {
      if ((await differenceIn(verify, each)) !== null) return true;
    } catch {
      // A copy that breaks gives no verdict.
      return true;
    }
  }
  return false;
}
