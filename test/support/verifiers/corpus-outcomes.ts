// What a verifier said of a case of the evidence corpus, beside what it must say.
import type { WrittenCase } from '../evidence-corpus/make-corpus.ts';

export type Line = Readonly<{ file?: 1 | 2; axis: string; verdict: string; detail: string }>;

/** What a verifier said: its lines, none where it refused, and its exit code. */
export type Outcome = Readonly<{ exit: number; lines: readonly Line[]; problem?: string }>;

/** What differs, in words with the verifier's reasons; null for nothing. */
export function differenceOf(
  { reports, relation, exit, says = {} }: WrittenCase,
  outcome: Outcome,
): string | null {
  const expected = [
    ...reports.flatMap((verdicts, i) => {
      const file = reports.length > 1 ? `${i + 1} ` : '';
      return Object.entries(verdicts).map(([axis, verdict]) => `${file}${axis}: ${verdict}`);
    }),
    ...(relation === undefined ? [] : [`relation: ${relation}`]),
    `exit ${exit}`,
  ];
  const found = [
    ...outcome.lines.map(
      ({ file, axis, verdict }) => `${file === undefined ? '' : `${file} `}${axis}: ${verdict}`,
    ),
    `exit ${outcome.exit}`,
  ];
  if (expected.join('\n') === found.join('\n')) return unsaidOf(says, outcome);
  const reasons = outcome.lines
    .filter((_, i) => expected[i] !== found[i])
    .map(({ axis, detail }) => `${axis}, ${detail}`);
  const pairs = found.flatMap((line, i) =>
    line === expected[i] ? [] : [`${line}, expected ${expected[i]}`],
  );
  return [...pairs, ...reasons, outcome.problem ?? ''].join('; ');
}

const MARKS: Readonly<Record<string, string>> = { verified: 'v', failed: 'x', 'not checked': '-' };

/** The verdicts on one file, a mark each. */
export const marksOf = (lines: readonly Line[]): string =>
  lines.map(({ verdict }) => MARKS[verdict]).join('');

/** The axes that do not give the reason that they must. */
function unsaidOf(says: Readonly<Record<string, string>>, { lines }: Outcome): string | null {
  const unsaid = Object.entries(says).flatMap(([axis, words]) => {
    const details = lines.filter((line) => line.axis === axis).map(({ detail }) => detail);
    return details.some((detail) => new RegExp(words, 'i').test(detail))
      ? []
      : [`${axis} does not say ${words}: ${details.join(' / ')}`];
  });
  return unsaid.length === 0 ? null : unsaid.join('; ');
}

/** The differences of all cases, by the case's name. */
export function differencesOf(cases: readonly WrittenCase[], outcomes: readonly Outcome[]): string[] {
  return cases.flatMap((each, i) => {
    const outcome = outcomes[i];
    const difference = outcome ? differenceOf(each, outcome) : 'it said nothing';
    return difference === null ? [] : [`${each.name}: ${difference}`];
  });
}
