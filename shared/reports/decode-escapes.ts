// The usual ways to write a character as several: in URLs, in JSON and program text, in HTML.

type Decoding = readonly [pattern: RegExp, decode: (written: string) => string];

const DECODINGS: readonly Decoding[] = [
  [/((?:%[0-9a-f]{2})+)/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString()],
  // Before the others, since `\\u0040` is an escaped escape.
  [/\\([nrt"'/\\])/g, (letter) => ({ n: '\n', r: '\n', t: ' ' })[letter] ?? letter],
  [/\\u([0-9a-f]{4})/gi, (hex) => fromCodePoint(hex, 16)],
  [/\\u\{([0-9a-f]{1,6})\}/gi, (hex) => fromCodePoint(hex, 16)],
  [/\\x([0-9a-f]{2})/gi, (hex) => fromCodePoint(hex, 16)],
  [/&#x([0-9a-f]{1,6});/gi, (hex) => fromCodePoint(hex, 16)],
  [/&#(\d{1,7});/g, (decimal) => fromCodePoint(decimal, 10)],
  [/&([a-z]{2,6});/gi, (name) => ENTITIES.get(name.toLowerCase()) ?? `&${name};`],
];

/** The characters that identifiers are made of and that HTML has names for. */
const ENTITIES = new Map([
  ['amp', '&'],
  ['apos', "'"],
  ['commat', '@'],
  ['dash', '-'],
  ['gt', '>'],
  ['hyphen', '-'],
  ['lpar', '('],
  ['lt', '<'],
  ['mdash', '-'],
  ['minus', '-'],
  ['nbsp', ' '],
  ['ndash', '-'],
  ['period', '.'],
  ['plus', '+'],
  ['quot', '"'],
  ['rpar', ')'],
  ['shy', ''],
  ['sol', '/'],
]);

/** The text with its escapes decoded, once: what that gives may hold escapes again. */
export function decodeEscapes(text: string): string {
  if (!/[%\\&]/.test(text)) return text;
  return DECODINGS.reduce(
    (decoded, [pattern, decode]) => decoded.replace(pattern, (_, written: string) => decode(written)),
    text,
  );
}

function fromCodePoint(digits: string, radix: number): string {
  const code = Number.parseInt(digits, radix);
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}
