// Copies of the checking part of verify.html with one check taken out of each. A check is a call that ends it, a part of
// such a call's condition, a term of a conjunction, or a row of a table.
import { type Stretch, split, termsIn } from './conjunctions.ts';

export type PageMutant = Readonly<{
  /** Says what was taken out. */
  name: string;
  source: string;
  /** The site without which the copy goes on. Null where any case may differ. */
  site: number | null;
}>;

/** The script up to the page. */
export function checkingPart(html: string): string {
  return html.slice(html.indexOf("'use strict';"), html.indexOf('\n// The page.'));
}

/** A call that ends a check, a term that must be true, or a test in a table. */
type Site = Readonly<{ kind: 'call' | 'term' | 'test'; begin: number; end: number; name: string }>;

const lineOf = (source: string, place: number) => source.slice(0, place).split('\n').length;

const replaced = (source: string, begin: number, end: number, by: string) =>
  `${source.slice(0, begin)}${by}${source.slice(end)}`;

function sitesIn(source: string): Site[] {
  return [...calls(source), ...terms(source), ...tests(source)];
}

function calls(source: string): Site[] {
  return [...source.matchAll(/(?<![\w.])(?:fail|skip|wrong|misused|unreadable|contradict)(?=\()/g)].map(
    ({ index, 0: call }) => {
      const text = source.slice(index, index + 80).split('\n')[0];
      return {
        kind: 'call',
        begin: index,
        end: index + call.length,
        name: `line ${lineOf(source, index)}: ${text}`,
      };
    },
  );
}

function terms(source: string): Site[] {
  return termsIn(source).map(([begin, end]) => ({
    kind: 'term',
    begin,
    end,
    name: `line ${lineOf(source, begin)}: ${source.slice(begin, end)}`,
  }));
}

const TABLES = ['const ENTRY = {', 'const CLOSED = {', 'const SHAPES = {'];
const TEST = /(?<=('[\w.]+'|\b[a-z_]+): )(?:is[A-Z]\w+|id\('\w+'\)|nullOr\(\w+\)|\(\w+\) => [^\n]+(?=,\n))/g;

/** Each test of the tables. */
function tests(source: string): Site[] {
  return TABLES.flatMap((table) => {
    const begin = source.indexOf(table);
    const text = source.slice(begin, source.indexOf('\n  };', begin));
    return [...text.matchAll(TEST)].map(
      ({ index, 0: test, 1: row }): Site => ({
        kind: 'test',
        begin: begin + index,
        end: begin + index + test.length,
        name: `${table} ${row}: ${test}`,
      }),
    );
  });
}

/** What stands in place of a site, so that it decides nothing. */
const NOTHING = { call: '(() => undefined)', term: 'true', test: '() => true' } as const;

export function pageMutants(source: string): PageMutant[] {
  const sites = sitesIn(source);
  const single = sites.flatMap(({ kind, begin, end, name }, site): PageMutant[] => [
    { name, source: withoutCall(source, begin) ?? replaced(source, begin, end, NOTHING[kind]), site },
    ...(kind === 'call' ? partsBefore(source, begin) : []).map(([from, to]) => ({
      name: `${name}, but for ${source.slice(from, to)}`,
      source: replaced(source, from, to, 'false'),
      site,
    })),
  ]);
  return [...single, ...comparisons(source, sites), ...specials(source)];
}

/** Of `condition ? value : call`, or the other way around, what remains is the value; null for other places. */
function withoutCall(source: string, call: number): string | null {
  const line = source.lastIndexOf('\n', call) + 1;
  const before = source.slice(line, call);
  const found = /^( *(?:return |\w.*? = |\w.*? => )?)(\S.*) \? (?:[^?]+ : )?$/.exec(before);
  if (!found) return null;
  const [, head = '', condition = ''] = found;
  const isElse = before.endsWith(' : ');
  const begin = line + head.length;
  return replaced(source, begin, begin + condition.length, `${isElse}`);
}

/** The parts of `if (a || b)` right before a call; none for a condition in one part. */
function partsBefore(source: string, call: number): Stretch[] {
  const before = source.slice(0, call).replace(/(?:\{\s*|return\s*|\s)*$/, '');
  const open = /\bif \((?![\s\S]*\bif \()/.exec(before);
  if (!before.endsWith(')') || !open) return [];
  const parts = split(source, open.index + open[0].length, before.length - 1, ' || ');
  return parts.length === 1 ? [] : parts;
}

/** Each row of a list of comparisons, left out. The call behind the list ends the check where two differ. */
function comparisons(source: string, sites: readonly Site[]): PageMutant[] {
  return [...source.matchAll(/const (?:pairs|totals) = \[([\s\S]*?)\n +\];/g)].flatMap(
    ({ index: list, 0: whole, 1: text }) =>
      [...(text as string).matchAll(/\n\s+\[.*\],(?=\n|$)/g)].map(({ index, 0: row }) => {
        const begin = list + whole.indexOf(text as string) + index;
        return {
          name: `a comparison: ${row.trim()}`,
          source: replaced(source, begin, begin + row.length, ''),
          site: sites.findIndex((site) => site.kind === 'call' && site.begin > begin),
        };
      }),
  );
}

/** The source that tells of each site by which a check ended. */
export function instrumented(source: string): string {
  const added = [...sitesIn(source).entries()].flatMap(([site, { kind, begin, end }]) =>
    kind === 'call'
      ? [
          { place: begin, text: `(hit(${site}), ` },
          { place: end, text: ')' },
        ]
      : [
          { place: begin, text: kind === 'term' ? `hitUnless(${site}, ` : `telling(${site}, ` },
          { place: end, text: ')' },
        ],
  );
  let text = source;
  for (const { place, text: more } of added.sort((a, b) => b.place - a.place)) {
    text = replaced(text, place, place, more);
  }
  return `${text}
function hitUnless(site, value) {
  if (!value) hit(site);
  return value;
}
function telling(site, test) {
  return (value) => hitUnless(site, test(value));
}`;
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
