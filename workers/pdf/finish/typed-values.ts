// Takes the values of a report's typed fields out of a text before it is searched: a quarter of all digests spell
// something that looks like a social security number.
import { CROCKFORD_DIGIT } from '../../../shared/audit/entry-grammar.ts';
import { ID_PREFIXES } from '../../../shared/audit/ids.ts';
import { TAKEN_OUT } from '../../../shared/reports/own-words.ts';
import { squeeze } from '../document/collect-typed-values.ts';
import type { ScanBasis } from '../document/pdf-draft.ts';
import { FOOT_ROOT_DIGITS } from './draw-feet.ts';

const ALONE = (body: string) => new RegExp(`(?<![\\p{L}\\p{N}_])${body}(?![\\p{L}\\p{N}_])`, 'gu');
const ID = ALONE(`(?:${Object.values(ID_PREFIXES).join('|')})_(?:\\s*${CROCKFORD_DIGIT}){26}`);
const DIGITS = [64, FOOT_ROOT_DIGITS].map((count) => ALONE(`[0-9a-f](?:\\s?[0-9a-f]){${count - 1}}`));

export type TypedValues = Readonly<{
  /** Whether a whole piece of text is a value, or a part of a value that a page break cut. */
  has(text: string): boolean;
  takeOut(text: string): string;
}>;

/** For the values of a report, and for its root as feet show it. */
export function createTypedValues({ typedValues }: ScanBasis, rootHex: string): TypedValues {
  const values = new Set(typedValues).add(rootHex.slice(0, FOOT_ROOT_DIGITS));
  const all = [...values].join('\n');
  const takeOutOf = (text: string, pattern: RegExp) => {
    pattern.lastIndex = 0;
    let rest = '';
    let from = 0;
    for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
      // Matches may overlap: a digit before a digest must not hide it.
      if (values.has(squeeze(match[0]))) {
        rest += text.slice(from, match.index) + TAKEN_OUT;
        from = pattern.lastIndex;
      } else pattern.lastIndex = match.index + 1;
    }
    return rest + text.slice(from);
  };
  return {
    has: (text) => all.includes(squeeze(text)),
    takeOut: (text) => [ID, ...DIGITS].reduce(takeOutOf, text),
  };
}
