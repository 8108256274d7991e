// Lays a masked text over its original, to find which stretches tokens like [NAME_1] replaced. Takes a number of steps
// that grows with the lengths of the texts, and with nothing else.
import { foldKind } from '../policy/safe-harbor-catalogue.ts';
import { AlignWork } from './align-work.ts';
import { type Places, placeLiterals } from './place-literals.ts';

/** The result of laying one text over another. */
export type AlignedText = Readonly<{
  /** True only where exactly one reading is possible. */
  certain: boolean;
  /**
   * Whole stretches of the original that the masked text replaced. Where several readings are possible, of all of them.
   */
  originals: readonly string[];
}>;

/**
 * Finds tokens in a masked text. A kind may be any string, hence the loose first form; the second is a redaction without a
 * number ([SSN]). Tokens that touch count as one: nothing tells where the text of one ends.
 */
export const TOKENS = /(?:\[(?:[^[\]\s]{1,140}_\d{1,9}|[A-Z][A-Z0-9_]{0,127})\])+/g;
// A code unit of a reading costs more than a comparison: it is copied, folded and searched for.
const STEPS_A_COPY = 16;

/**
 * Finds the stretches that tokens replaced. Equal texts give none, for certain. Where no reading puts the literal parts
 * of `masked` in place, or `work` has no steps left for all readings, the one stretch in which the texts differ is
 * given, uncertainly; the latter is counted in `work.overBound`. The caller allows `work` the steps for both lengths. Leaves
 * out two or three characters of Chinese, Japanese or Korean that no token of a name replaced: "today" is two as well.
 */
export function alignText(original: string, masked: string, work = new AlignWork()): AlignedText {
  if (original === masked) return { certain: true, originals: [] };
  const literals = masked.split(TOKENS);
  const places = literals.length > 1 ? placeLiterals(original, literals, work) : null;
  if (!places) return { certain: false, originals: differingStretch(original, masked, work) };

  // A stretch that both texts hold was not replaced, although it looks like a token.
  const originals = new Set<string>();
  for (const [index, token] of (masked.match(TOKENS) ?? []).entries()) {
    for (const stretch of stretches(original, literals, places, index, work)) {
      if (stretch === null) {
        work.overBound += 1;
        return { certain: false, originals: differingStretch(original, masked, work) };
      }
      if (stretch !== token && isSought(stretch, token)) originals.add(stretch);
    }
  }
  const certain = places.leftmost.every((at, index) => at === places.rightmost[index]);
  return { certain, originals: [...originals] };
}

const SHORT_WORD = /^\s*(?:[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\u30fc]\s*){1,3}$/u;

function isSought(stretch: string, tokens: string): boolean {
  if (!SHORT_WORD.test(stretch)) return true;
  const kinds = tokens.slice(1, -1).split('][');
  return kinds.some((token) => foldKind(token.replace(/_\d+$/, '')) === 'NAME');
}

/**
 * What a token can stand for; null when no steps are left. Every place of a literal between its leftmost and its
 * rightmost one is possible, and any two neighbours that leave room for a token are possible together.
 */
function* stretches(
  text: string,
  literals: readonly string[],
  places: Places,
  index: number,
  work: AlignWork,
): Generator<string | null> {
  const length = (literals[index] as string).length;
  const begins = placesBetween(text, literals, places, index, work);
  const ends = placesBetween(text, literals, places, index + 1, work);
  if (!begins || !ends) return yield null;
  for (const at of begins) {
    for (const end of ends) {
      const begin = at + length;
      if (!work.spend(1 + Math.max(0, end - begin) * STEPS_A_COPY)) return yield null;
      if (end > begin) yield text.slice(begin, end);
    }
  }
}

/** Null when no steps are left. */
function placesBetween(
  text: string,
  literals: readonly string[],
  { leftmost, rightmost }: Places,
  index: number,
  work: AlignWork,
): number[] | null {
  const [first, last] = [leftmost[index] as number, rightmost[index] as number];
  if (first === last) return [first];
  const literal = literals[index] as string;
  const places: number[] = [];
  for (let at = first; at <= last; at += 1) {
    if (!work.spend(literal.length + 1)) return null;
    if (text.startsWith(literal, at)) places.push(at);
  }
  return places;
}

// For texts without usable tokens: the stretch between the ends that both share, widened to whole words.
function differingStretch(original: string, masked: string, work: AlignWork): string[] {
  const shorter = Math.min(original.length, masked.length);
  let begin = 0;
  while (begin < shorter && original[begin] === masked[begin]) begin++;
  let tail = 0;
  while (tail < shorter - begin && original.at(-1 - tail) === masked.at(-1 - tail)) tail++;
  let end = original.length - tail;
  while (begin > 0 && !/\s/.test(original[begin - 1]!)) begin--;
  while (end < original.length && !/\s/.test(original[end]!)) end++;
  work.spend(original.length);
  const stretch = original.slice(begin, end);
  return begin < end && isSought(stretch, '') ? [stretch] : [];
}
