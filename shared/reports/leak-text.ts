// Brings text into one form, so that a search sees through the ways of writing one thing.

import { loadPolicyYaml } from '../policy/load-policy-yaml.ts';
import { yamlTexts } from '../yaml/load-yaml.ts';
import { decodeEscapes } from './decode-escapes.ts';
import { decodeWords, mendedBytes } from './decode-words.ts';
import { replaceLookalikes } from './leak-lookalikes.ts';
import { lettersAsDigits, withoutLabels, withoutMarkup } from './leak-plain.ts';
import { spokenAsDigits } from './leak-spoken.ts';

/** Rounds of decoding: bounds the work that `%2525…` can make. */
const DECODE_ROUNDS = 5;

/**
 * Every way that a text can be read: in its normal form, with its escapes (`%40`, `\u0040`, `&#64;`) decoded, and as
 * YAML, whose reader sees folded lines and escapes of its own.
 */
export function readings(text: string): string[] {
  return [...new Set([text, ...textsWithin(text)].flatMap(searchForms))];
}

/**
 * The text in its normal form, and again with its escapes and encoded words decoded, its markup and labels taken out and
 * its spoken numbers in digits where it has some.
 */
export function searchForms(text: string): string[] {
  const decoded = new Set<string>();
  for (const raw of new Set([text, mendedBytes(text), withHidden(text)])) {
    let form = normalizeText(raw);
    for (let round = 0; round <= DECODE_ROUNDS && !decoded.has(form); round++) {
      decoded.add(form);
      form = normalizeText(decodeWords(decodeEscapes(form)));
    }
  }
  const forms = new Set(decoded);
  for (const form of decoded) {
    const plain = lettersAsDigits(withoutMarkup(form));
    for (const written of [form, plain]) forms.add(written).add(withoutLabels(written));
    for (const written of [form, plain]) forms.add(spokenAsDigits(written) ?? written);
  }
  return [...forms];
}

/** As a program shows the text that turns letters round at an override, and with the tag characters, which are unseen ASCII. */
function withHidden(text: string): string {
  return text
    .replace(/\u202e([^\u202c\n]*)/g, (_, turned: string) => [...turned].reverse().join(''))
    .replace(/[\u{e0020}-\u{e007e}]/gu, (tag) =>
      String.fromCharCode((tag.codePointAt(0) as number) - 0xe0000),
    );
}

/** UTF-16 code units of a text in normal form that is searched: takes half a second where it is made to take long. */
const UNITS_MAX = 2 ** 17;

/** Whether a text is too long to be searched. NFKC makes some characters eighteen times longer. */
export function isTooLong(text: string): boolean {
  return text.length > UNITS_MAX || (!ASCII_ONLY.test(text) && text.normalize('NFKC').length > UNITS_MAX);
}

const ASCII_ONLY = /^[\x20-\x7e]*$/;

/**
 * NFKC, without invisible characters, the digits of every script as ASCII; every dash is `-`, every middle dot `·`,
 * every run of spaces one space, every line end `\n`, and a line that ends inside a hyphenated word goes on.
 */
export function normalizeText(text: string): string {
  return (ASCII_ONLY.test(text) ? text : toPlainCharacters(text))
    .replace(/ {2,}/g, ' ')
    .replace(/ ?- ?/g, '-')
    .replace(/(?<=\p{L})-\n ?(?=\p{Ll})/gu, '')
    .replace(/(?<=[\p{L}\p{N}])-\n ?(?=[\p{L}\p{N}])/gu, '-');
}

function toPlainCharacters(text: string): string {
  return replaceLookalikes(
    text
      .toWellFormed()
      .replace(/\r\n?|[\v\f\x85\u2028\u2029]/g, '\n')
      .replaceAll('\t', ' ')
      // Before NFKC, which composes no letter with an accent across a joiner.
      // Enclosing marks make a digit a keycap; U+0640 stretches an Arabic word.
      .replace(
        /[\p{Cf}\p{Me}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u0640\u2800]|(?!\n)\p{Cc}/gu,
        '',
      )
      .normalize('NFKC')
      .replace(/(?![0-9])\p{Nd}/gu, asciiDigit)
      .replace(/[\p{Pd}\u02d7\u2043\u2212]|(?<=[0-9])[\u30fc\u2500\u3161](?=[0-9])/gu, '-')
      .replace(/[\u2022\u2027\u2219\u22c5\u30fb]/g, '·')
      .replace(/[\u2018\u2019\u02bc\u02bb`\u00b4]/g, "'")
      .replace(/[\u{1f1e6}-\u{1f1ff}]/gu, (letter) =>
        String.fromCharCode((letter.codePointAt(0) as number) - 0x1f1a5),
      )
      .replace(/[\u2044\u2215\u29f8]/g, '/')
      .replace(/[\u060c\u3001]/g, ',')
      .replace(/[\u06d4\u3002]/g, '.')
      .replace(/\p{Zs}+/gu, ' '),
  );
}

const asciiDigits = new Map<string, string>();

// Unicode encodes the ten digits of a script one after the other, from zero (Unicode Standard, section 4.6).
function asciiDigit(digit: string): string {
  let ascii = asciiDigits.get(digit);
  if (ascii === undefined) {
    const code = digit.codePointAt(0) as number;
    let zero = code;
    while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
    ascii = String((code - zero) % 10);
    asciiDigits.set(digit, ascii);
  }
  return ascii;
}

function textsWithin(text: string): string[] {
  if (!/[\n\\"']/.test(text)) return [];
  const loaded = loadPolicyYaml(text);
  return loaded.ok ? yamlTexts(loaded.value) : [];
}
