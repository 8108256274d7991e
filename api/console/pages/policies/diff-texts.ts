// What changed between two texts, line by line.
import { diffLines } from 'diff';

export type DiffLine = Readonly<{
  change: 'added' | 'removed' | 'same';
  /** Line numbers in the two texts, from 1; null where the line is in the other alone. */
  before: number | null;
  after: number | null;
  text: string;
}>;

export type TextDiff = Readonly<{
  lines: readonly DiffLine[];
  /** How many lines of each kind there are in all. */
  added: number;
  removed: number;
  /** False where there are more lines than are listed. */
  isWhole: boolean;
  /** The texts are too long, or differ in too many lines, to look for common ones: all of one, then all of the other. */
  isUnrelated: boolean;
}>;

/** The cost grows with the square of this: two long texts with nothing in common would hold up the process. */
const EDITS_AT_MOST = 500;
/** Of each text; a policy has some dozens. */
const LINES_COMPARED = 5_000;
const LINES_SHOWN = 5_000;

type Change = Readonly<{ value: string; added: boolean; removed: boolean }>;

/** Pure. */
export function diffTexts(from: string, to: string): TextDiff {
  const isLong = [from, to].some((text) => splitLines(text).length > LINES_COMPARED);
  const changes: readonly Change[] | undefined = isLong
    ? undefined
    : diffLines(from, to, { maxEditLength: EDITS_AT_MOST });
  const all = changes ?? [
    { value: from, added: false, removed: true },
    { value: to, added: true, removed: false },
  ];
  const lines: DiffLine[] = [];
  const count = { before: 0, after: 0, added: 0, removed: 0 };
  for (const { value, added, removed } of all) {
    for (const text of splitLines(value)) {
      if (added) count.added += 1;
      else count.before += 1;
      if (removed) count.removed += 1;
      else count.after += 1;
      if (lines.length === LINES_SHOWN) continue;
      lines.push({
        change: added ? 'added' : removed ? 'removed' : 'same',
        before: added ? null : count.before,
        after: removed ? null : count.after,
        text,
      });
    }
  }
  const isWhole = count.before + count.added === lines.length;
  return { lines, added: count.added, removed: count.removed, isWhole, isUnrelated: changes === undefined };
}

/** The lines of a text without their ends; a text that ends in one has no empty line behind it. */
function splitLines(text: string): readonly string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
