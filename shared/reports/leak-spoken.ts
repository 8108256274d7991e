// Numbers as a caller speaks them and a transcript writes them: "four one five, triple five, two six seven one".

const DIGITS: Readonly<Record<string, string>> = {
  zero: '0',
  oh: '0',
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
};
const ROUND: Readonly<Record<string, string>> = { hundred: '00', thousand: '000' };
const REPEATS: Readonly<Record<string, number>> = { double: 2, triple: 3, quadruple: 4 };

const anyOf = (words: object) => `(?:${Object.keys(words).join('|')})`;
const WORD = `(?:${anyOf(REPEATS)}[ -])?${anyOf(DIGITS)}(?: ${anyOf(ROUND)})?`;
const SIGN = '(?:dash|hyphen)';
const GAP = `(?: ${SIGN} |[ ,.\\n-]{1,2})`;
// Six words at least: fewer are counts and times of day. Three where digits that are written follow or stand in front.
const SPOKEN = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?:${WORD}(?:${GAP}${WORD}){5,40}|(?:(?:${WORD}|\d{1,8})${GAP}){0,20}(?:${WORD}(?:${GAP}${WORD}){1,8}${GAP}\d{2,8}|\d{2,8}${GAP}${WORD}(?:${GAP}${WORD}){1,8})(?:${GAP}(?:${WORD}|\d{1,8})){0,20})(?![\p{L}\p{N}])`,
  'giu',
);
// Where a sign is spoken between digits that are written.
const SPOKEN_SIGN = new RegExp(String.raw`(?<=\d) ${SIGN} (?=\d)`, 'giu');
const PLUS = /(?<![\p{L}\p{N}])plus (?=\d)/giu;

/**
 * A normalized text with its spoken numbers in digits, in groups where a comma, a full stop, a line end or a spoken sign
 * parts them; null where it has none.
 */
export function spokenAsDigits(form: string): string | null {
  const written = form
    .replace(SPOKEN, (number) =>
      number
        .split(new RegExp(String.raw` ?[,.\n] ?| ${SIGN} `, 'iu'))
        .map((group) => group.split(/[ -]/).map(digitOf).join(''))
        .map(repeat)
        .filter(Boolean)
        .join('-'),
    )
    .replace(SPOKEN_SIGN, '-')
    .replace(PLUS, '+');
  return written === form ? null : written;
}

function digitOf(word: string): string {
  const lower = word.toLowerCase();
  if (lower in REPEATS) return `x${REPEATS[lower]}`;
  return DIGITS[lower] ?? ROUND[lower] ?? word.replace(/\D/g, '');
}

function repeat(group: string): string {
  return group.replace(/x(\d)(\d)/g, (_, times: string, digit: string) => digit.repeat(Number(times)));
}
