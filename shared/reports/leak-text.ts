// Text brought into one form, so that a search sees through the ways of writing the same thing.

/** The longest run of decoding, so that `%2525…` cannot make work. */
const DECODE_ROUNDS = 3;

/** The text in its normal form, and again with its escapes (`%40`, `\u0040`, `&#64;`) decoded if it has any. */
export function searchForms(text: string): string[] {
  const forms = new Set([normalizeText(text)]);
  let decoded = text;
  for (let round = 0; round < DECODE_ROUNDS; round++) {
    decoded = decodeEscapes(decoded);
    forms.add(normalizeText(decoded));
  }
  return [...forms];
}

/** NFKC, without invisible characters; every dash is `-`, every run of spaces one space, every line end `\n`. */
export function normalizeText(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(/\r\n?|[\v\f\x85\u2028\u2029]/g, '\n')
      .replaceAll('\t', ' ')
      // Before NFKC, which composes no letter with an accent across a joiner.
      .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]|(?!\n)\p{Cc}/gu, '')
      .normalize('NFKC')
      .replace(/[\p{Pd}\u02d7\u2043\u2212]/gu, '-')
      .replace(/\p{Zs}+/gu, ' ')
      .replace(/ ?- ?/g, '-')
  );
}

/** For whole stretches of prose: line ends are spaces too, and none stand at the ends or beside a dash. */
export function foldLines(normalized: string): string {
  return normalized.replace(/\s+/g, ' ').replace(/ ?- ?/g, '-').trim();
}

function decodeEscapes(text: string): string {
  if (!/[%\\&]/.test(text)) return text;
  return text
    .replace(/(?:%[0-9a-f]{2})+/gi, decodePercent)
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => fromCodePoint(hex, 16))
    .replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => fromCodePoint(hex, 16))
    .replace(/&#x([0-9a-f]{1,5});/gi, (_, hex: string) => fromCodePoint(hex, 16))
    .replace(/&#(\d{1,6});/g, (_, decimal: string) => fromCodePoint(decimal, 10));
}

function decodePercent(escapes: string): string {
  try {
    return decodeURIComponent(escapes);
  } catch {
    return escapes;
  }
}

// Six decimal or five hex digits are below the last code point, so this cannot throw.
function fromCodePoint(digits: string, radix: number): string {
  return String.fromCodePoint(Number.parseInt(digits, radix));
}
