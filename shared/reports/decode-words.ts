// Words that hold a text in another encoding: base64, hexadecimal digits, bytes of UTF-8 read as Latin-1.

const BASE64 = /(?<![\w+/=-])[\w+/-]{12,}={0,2}(?![\w+/=-])/g;
const HEX = /(?<![\p{L}\p{N}])[0-9a-f]{2}(?:[ :]?[0-9a-f]{2}){7,}(?![\p{L}\p{N}])/giu;
const UTF8_AS_LATIN1 = /[\u00c2-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}/g;

/** The text with each word of base64 or hexadecimal digits that encodes printable text in its place. */
export function decodeWords(text: string): string {
  return text
    .replace(HEX, (word) => printable(Buffer.from(word.replace(/[ :]/g, ''), 'hex')) ?? word)
    .replace(BASE64, (word) => printable(Buffer.from(word, 'base64')) ?? word);
}

/** The text with bytes that were read as Latin-1 read as UTF-8: `RenÃ©e` is Renée. Takes a text that is not normalized. */
export function mendedBytes(text: string): string {
  return text.replace(UTF8_AS_LATIN1, (bytes) => Buffer.from(bytes, 'latin1').toString());
}

/** Null for bytes that are no text of letters, digits, spaces and signs: those of a digest or of a key. */
function printable(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes).toString();
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S}\s]+$/u.test(text) && !text.includes('\ufffd') ? text : null;
}
