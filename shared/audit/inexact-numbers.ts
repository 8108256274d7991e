// Numbers of a row that would not be stored as they stand: JSON has numbers of any size, and a double has 53 bits.

/** The numbers of a text that a double cannot hold, and where in the text the first one is. */
export type InexactNumbers = Readonly<{ count: number; offset: number }>;

/** Null where every number keeps its value. `text` must be JSON. Takes time in proportion to its length. */
export function findInexactNumbers(text: string): InexactNumbers | null {
  let count = 0;
  let offset = 0;
  for (let at = 0; ; ) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text);
    if (!token) return count === 0 ? null : { count, offset };
    if (token[0] === '"') {
      at = endOfString(text, token.index);
      continue;
    }
    at = TOKEN.lastIndex;
    if (isExact(token[0])) continue;
    if (count === 0) offset = token.index;
    count += 1;
  }
}

/** The begin of a string, or a whole number. */
const TOKEN = /"|-?\d[\d.eE+-]*/g;

/** Behind the quote that ends the string. */
function endOfString(text: string, begin: number): number {
  for (let at = text.indexOf('"', begin + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text[at - 1 - escapes] === '\\') escapes += 1;
    if (escapes % 2 === 0) return at + 1;
  }
  return text.length;
}

/** Whether the number that a double makes of the token, written out again, is the token's. */
function isExact(token: string): boolean {
  return /^-?\d{1,15}$/.test(token) || decimalOf(token) === decimalOf(`${Number(token)}`);
}

/** A number's sign, its digits without zeros at either end, and its power of ten: equal for equal numbers. */
function decimalOf(token: string): string | null {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token);
  if (!parts) return null;
  const [, sign = '', whole = '', fraction = '', power = '0'] = parts;
  const digits = whole + fraction;
  let begin = 0;
  let end = digits.length;
  while (begin < end && digits[begin] === '0') begin += 1;
  while (end > begin && digits[end - 1] === '0') end -= 1;
  if (begin === end) return '0';
  return `${sign}${digits.slice(begin, end)}e${Number(power) - fraction.length + digits.length - end}`;
}
