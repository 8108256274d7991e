// Copies of verify.mjs with one check taken out of each. A check is a call that ends it as failed or as not checked, a part
// of such a call's condition, a term of a conjunction, or a row of a table of tests.
import { type Stretch, split, termsIn } from './conjunctions.ts';

/** A place at which a verifier ends a check. */
export type Site = Readonly<{ begin: number; end: number; name: string; line: number }>;

export type Mutant = Readonly<{
  /** Says what was taken out. */
  name: string;
  source: string;
  /** The number of the site at which only the copy goes on. Null where any case may differ. */
  site: number | null;
}>;

const CALL = /(?<!function |const |[\w.])(?:this\.wrong|fail|leave|wrong|usage|refuse)(?=\()/g;
/** Where the calls are defined. */
const DEFINITION =
  /^\s*(?:wrong\(what\) \{|return fail\(`the PDF is not|const wrong = |const usage = |const refuse = )/;

export function sitesIn(source: string): Site[] {
  return [...source.matchAll(CALL)].flatMap(({ index, 0: name }) => {
    const lineBegin = source.lastIndexOf('\n', index) + 1;
    if (DEFINITION.test(source.slice(lineBegin))) return [];
    // A limit on memory, which no small file reaches.
    if (source.startsWith("wrong('it is too large", index)) return [];
    const line = source.slice(0, index).split('\n').length;
    return [{ begin: index, end: index + name.length, name, line }];
  });
}

/** The source that counts the sites that it comes to, in `globalThis.sitesHit`. */
export function instrumented(source: string): string {
  let text = source;
  for (const [number, { begin, end, name }] of [...sitesIn(source).entries()].reverse()) {
    const call = name === 'this.wrong' ? '(what) => this.wrong(what)' : name;
    text = `${text.slice(0, begin)}hit(${number}, ${call})${text.slice(end)}`;
  }
  return `${text}\nfunction hit(number, call) {\n  globalThis.sitesHit.add(number);\n  return call;\n}\n`;
}

export function mutantsOf(source: string): Mutant[] {
  const sites = sitesIn(source);
  const replaced = (begin: number, end: number, by: string) =>
    `${source.slice(0, begin)}${by}${source.slice(end)}`;
  return sites
    .flatMap<Mutant>((site, number) => {
      const { begin, end, line, name } = site;
      const text = source.slice(begin, end + 70).split('\n')[0];
      const whole = {
        name: `line ${line}: ${text}`,
        source: replaced(begin, end, '(() => undefined)'),
        site: number,
      };
      const parts = partsBefore(source, begin).map(([from, to]) => ({
        name: `line ${line}: ${name} but for ${source.slice(from, to)}`,
        source: replaced(from, to, 'false'),
        site: number,
      }));
      return [whole, ...parts];
    })
    .concat(
      termMutants(source, replaced),
      rowMutants(source, replaced),
      SPECIAL.map(([name, from, to]) => {
        if (!source.includes(from)) throw new Error(`verify.mjs has no ${from} any more`);
        return { name, source: source.replace(from, () => to), site: null };
      }),
    );
}

/** The parts of `if (a || b)` right before a call; none for a condition in one part. */
function partsBefore(source: string, call: number): Stretch[] {
  const before = source.slice(0, call).replace(/(?:\{\s*|return\s*|\s)*$/, '');
  if (!before.endsWith(')')) return [];
  const close = before.length - 1;
  const open = openingOf(before, close);
  if (!/\bif $/.test(before.slice(0, open))) return [];
  const parts = splitAtOr(source, open + 1, close);
  return parts.length > 1 ? parts : [];
}

function openingOf(text: string, close: number): number {
  let depth = 0;
  for (let at = close; at >= 0; at -= 1) {
    if (text[at] === ')') depth += 1;
    if (text[at] === '(') depth -= 1;
    if (depth === 0) return at;
  }
  throw new Error('A condition that does not open');
}

function splitAtOr(source: string, begin: number, end: number): Stretch[] {
  return split(source, begin, end, ' || ').map(([a, b]) => [
    a + source.slice(a, b).search(/\S/),
    b - (/\s*$/.exec(source.slice(a, b))?.[0].length ?? 0),
  ]);
}

const TABLES = ['REPORT_MEMBERS', 'SESSION_MEMBERS', 'ROW_MEMBERS', 'WIDE_MEMBERS', 'ENTRY_FIELDS'].concat([
  'CLOSED_MEMBERS',
  'PROOF_MEMBERS',
  'EVENT_MEMBERS',
  'RANGE_MEMBERS',
]);

/** Each term of a conjunction, true. */
function termMutants(source: string, replaced: (begin: number, end: number, by: string) => string): Mutant[] {
  // What asks whether the program was started would start it.
  const stop = source.indexOf('function isStarted(');
  const checks = termsIn(source).filter(([begin]) => begin < stop);
  return checks.map(([begin, end]) => {
    const line = source.slice(0, begin).split('\n').length;
    return {
      name: `line ${line}: ${source.slice(begin, end)}`,
      source: replaced(begin, end, 'true'),
      site: null,
    };
  });
}

/** Each row of a table of tests, by a test that takes anything; each row of a list of comparisons, left out. */
function rowMutants(source: string, replaced: (begin: number, end: number, by: string) => string): Mutant[] {
  const mutants: Mutant[] = [];
  for (const table of TABLES) {
    const begin = source.indexOf(`const ${table} = {`);
    const end = source.indexOf('};', begin);
    const rows = [...source.slice(begin, end).matchAll(/(?<=[{,]\s+)([a-z_]+): /g)];
    for (const [i, { index, 0: match, 1: name }] of rows.entries()) {
      const from = begin + index + match.length;
      const next = rows[i + 1];
      const to = next ? begin + next.index : end;
      const tail = /[,\s]*$/.exec(source.slice(from, to))?.[0] ?? '';
      mutants.push({
        name: `${table}: ${name}`,
        source: replaced(from, to - tail.length, '() => true'),
        site: null,
      });
    }
  }
  for (const list of ['const compared = [', 'const pairs = [', 'const totals = [']) {
    const begin = source.indexOf(list);
    const end = source.indexOf('];', begin);
    for (const { index, 0: row } of source.slice(begin, end).matchAll(/\n\s+\['.*\],(?=\n)/g)) {
      mutants.push({
        name: `a comparison: ${row.trim()}`,
        source: replaced(begin + index, begin + index + row.length, ''),
        site: null,
      });
    }
  }
  return mutants;
}

/** Rules that no call states. */
const SPECIAL: readonly (readonly [name: string, from: string, to: string])[] = [
  [
    'green without a key',
    'if (isProved(verdicts.statement) || isProved(verdicts.log)) return verdicts;',
    'return verdicts;',
  ],
  ['bytes are green without a key', 'bytes: soften(bytes)', 'bytes'],
  ['entries are green without a key', 'entries: soften(entries)', 'entries'],
  ['completeness is green without a key', 'completeness: soften(completeness)', 'completeness'],
  ['exit 0 where something failed', 'if (all.some(({ verdict }) => verdict === FAILED)) return 2;', ''],
  ['exit 0 where nothing is proved', 'if (!found.every(proves)) return 1;', ''],
  [
    'exit 0 where one report is proved',
    'if (!found.every(proves)) return 1;',
    'if (!found.some(proves)) return 1;',
  ],
  ['--require is forgotten', 'return required.every(isThere) ? 0 : 1;', 'return 0;'],
  ['a relation that failed is forgotten', '...(relation === null ? [] : [relation]),', ''],
];
