// The common ways to write a character as several: in URLs, in JSON and program text, in HTML.
import { decodeHTMLStrict } from 'entities/decode';

type Decoding = readonly [pattern: RegExp, decode: (written: string) => string];

const DECODINGS: readonly Decoding[] = [
  [/((?:%[0-9a-f]{2})+)/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString()],
  // A line that goes on in the next one, in YAML and program text.
  [/\\\n[ \t]*()/g, () => ''],
  // Before the next ones, since `\\u0040` is an escaped escape.
  [/\\([nrt"'/\\])/g, (letter) => ({ n: '\n', r: '\n', t: ' ' })[letter] ?? letter],
  [/\\U([0-9a-f]{8})/g, (hex) => fromCodePoint(hex)],
  [/[\\%]u([0-9a-f]{4})/gi, (hex) => fromCodePoint(hex)],
  [/\\u\{([0-9a-f]{1,6})\}/gi, (hex) => fromCodePoint(hex)],
  [/\\x([0-9a-f]{2})/gi, (hex) => fromCodePoint(hex)],
  [/\\([0-3][0-7]{2})/g, (octal) => String.fromCodePoint(Number.parseInt(octal, 8))],
  // Quoted-printable (RFC 2045): a line end that is none, and bytes in capital digits.
  [/=\n()/g, () => ''],
  [/((?:=[0-9A-F]{2})+)/g, (bytes) => Buffer.from(bytes.replaceAll('=', ''), 'hex').toString()],
  [/(&(?:#\w+|[a-z]\w*);)/gi, decodeReference],
  // Browsers read one without a semicolon too; here, where a word goes on.
  [/&#(\d{2,7})(?=[a-z])/gi, (decimal) => fromCodePoint(Number(decimal).toString(16))],
];

/**
 * The text with each kind of escape (`%40`, `\u0040`, `&#64;`, `&commat;`, `=40`) decoded once: the result may hold escapes
 * again. An escape of no character becomes U+FFFD; an entity that HTML does not know stays as it is. Dashes and spaces
 * of every kind are left for `normalizeText`.
 */
export function decodeEscapes(text: string): string {
  if (!/[%\\&=]/.test(text)) return text;
  return DECODINGS.reduce(
    (decoded, [pattern, decode]) => decoded.replace(pattern, (_, written: string) => decode(written)),
    text,
  );
}

/**
 * An HTML character reference. Names are taken in any case: what a sender wrote in capitals may be read all the same.
 */
function decodeReference(reference: string): string {
  const decoded = decodeHTMLStrict(reference);
  if (decoded !== reference) return decoded;
  const lowerCase = reference.toLowerCase();
  const decodedLower = decodeHTMLStrict(lowerCase);
  return decodedLower === lowerCase ? reference : decodedLower;
}

function fromCodePoint(hex: string): string {
  const code = Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}
