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
const REPEATS: Readonly<Record<string, number>> = { double: 2, triple: 3 };

const WORD = `(?:(?:${Object.keys(REPEATS).join('|')})[ -])?(?:${Object.keys(DIGITS).join('|')})`;
// Six words at least: fewer are counts and times of day.
const SPOKEN = new RegExp(
  String.raw`(?<![\p{L}\p{N}])${WORD}(?:[ ,.\n-]{1,2}${WORD}){5,40}(?![\p{L}\p{N}])`,
  'giu',
);

/**
 * A normalized text with its spoken numbers in digits, in groups where a comma, a full stop or a line end parts them;
 * null where it has none.
 */
export function spokenAsDigits(form: string): string | null {
  const written = form.replace(SPOKEN, (number) =>
    number
      .split(/ ?[,.\n] ?/)
      .map((group) => group.split(/[ -]/).map(digitOf).join(''))
      .map(repeat)
      .filter(Boolean)
      .join('-'),
  );
  return written === form ? null : written;
}

function digitOf(word: string): string {
  const lower = word.toLowerCase();
  return DIGITS[lower] ?? (lower in REPEATS ? `x${REPEATS[lower]}` : '');
}

function repeat(group: string): string {
  return group.replace(/x(\d)(\d)/g, (_, times: string, digit: string) => digit.repeat(Number(times)));
}
