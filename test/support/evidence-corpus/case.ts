// A case of the corpus: what a verifier is given, and what it must say. Verdicts are written by hand from the rules, in
// marks: `v` verified, `x` failed, `-` not checked.
import { LOG_KEY, OTHER_KEY, WITNESS_1, WITNESS_2 } from './account-log.ts';
import { AUDIT_KEY } from './sessions.ts';

export const AXES = [
  'bytes',
  'statement',
  'entries',
  'completeness',
  'log',
  'witnesses',
  'pages',
  'macs',
] as const;

/** An argument; bytes are the path of a file that holds them. */
export type Argument = string | Uint8Array;

export type CorpusCase = Readonly<{
  name: string;
  args: readonly Argument[];
  /** Marks of the eight axes, in their order, of each report; none where the arguments or a file are refused. */
  marks: readonly string[];
  /** Of a pair. */
  relation: string | null;
  exit: 0 | 1 | 2 | 64;
  /** What the reasons of these axes must hold, as regular expressions without case. */
  says?: Readonly<Record<string, string>>;
}>;

export const KEY = ['--key', LOG_KEY.vkey] as const;
export const WITNESSES = ['--witness', WITNESS_1.vkey, '--witness', WITNESS_2.vkey] as const;
export const AUDIT_KEY_LINE = `${AUDIT_KEY.id}:${AUDIT_KEY.bytes.toString('hex')}`;
export const MACS = ['--audit-key-file', Buffer.from(`${AUDIT_KEY_LINE}\n`)] as const;
export const WRONG_KEY = ['--key', OTHER_KEY.vkey] as const;

export type Files = Uint8Array | readonly Uint8Array[];

const filesOf = (files: Files): readonly Uint8Array[] => (files instanceof Uint8Array ? [files] : files);

/** One report, or one proof. */
export function oneCase(name: string, files: Files, options: readonly Argument[], marks: string): CorpusCase {
  return {
    name,
    args: [...filesOf(files), ...options],
    marks: [check(marks)],
    relation: null,
    exit: exitOf([marks], options),
  };
}

/** Two reports. */
export function pairCase(
  name: string,
  files: readonly [Uint8Array, Uint8Array],
  options: readonly Argument[],
  marks: readonly [string, string],
  relation: 'v' | 'x' | '-',
): CorpusCase {
  const exit = relation === 'x' ? 2 : exitOf(marks, options, relation);
  const says = relation === 'x' ? { says: { relation: 'these cannot both be true' } } : {};
  return { name, args: [...files, ...options], marks: marks.map(check), relation, exit, ...says };
}

/** The case, with what the reasons of axes must hold. */
export const saying = (each: CorpusCase, says: NonNullable<CorpusCase['says']>): CorpusCase => ({
  ...each,
  says,
});

/** Arguments or files that are refused before anything is checked. */
export function refusedCase(name: string, args: readonly Argument[], exit: 1 | 64): CorpusCase {
  return { name, args, marks: [], relation: null, exit };
}

function check(marks: string): string {
  if (!/^[vx-]{8}$/.test(marks)) throw new Error(`${marks} is no row of marks`);
  return marks;
}

/** 2 where something failed; 0 where each report has its statement, entries or log verified; else 1. */
function exitOf(rows: readonly string[], options: readonly Argument[], relation?: string): 0 | 1 | 2 {
  if (rows.some((marks) => marks.includes('x'))) return 2;
  const isProved = rows.every((marks) => [1, 2, 4].some((at) => marks[at] === 'v'));
  const at = options.indexOf('--require');
  const required = at < 0 ? [] : (options[at + 1] as string).split(',');
  const isMissing = required.some((axis) =>
    axis === 'relation' ? relation !== 'v' : rows.some((marks) => marks[AXES.indexOf(axis as never)] !== 'v'),
  );
  return isProved && !isMissing ? 0 : 1;
}

/** The same report in its three containers, each with its marks. */
export type Rows = Readonly<{ pdf: string; note: string; pack: string }>;

/** The marks of a PDF without those of axes that need the entries. */
export const withoutEntries = (marks: string): string => `${marks.slice(0, 2)}--${marks.slice(4, 7)}-`;
