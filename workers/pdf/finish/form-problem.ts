import { PDF_LIMIT } from './pdf-form.ts';

/** The first problem of form that shows without parsing, in words; null for none. Also finds objects that are unsafe to parse. */
export function findFormProblem(bytes: Uint8Array): string | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!file.subarray(0, HEADER.length).equals(HEADER)) return 'it is not a PDF as reports are';
  const end = file.indexOf('%%EOF');
  if (end < 0) return 'it has no end (%%EOF)';
  if (file.includes('%%EOF', end + 1)) return 'it has a second %%EOF: something was appended';
  if (end + '%%EOF'.length < file.length) return 'bytes follow its end (%%EOF)';
  const trailer = file.subarray(Math.max(0, file.lastIndexOf('\ntrailer')));
  if (trailer.includes('/Prev')) return 'its trailer points at an earlier revision (/Prev)';
  if (trailer.includes('/Encrypt')) return 'it is encrypted';
  return hasCompressed(file) ? 'it holds compressed objects' : null;
}

/** That the file is larger than this program takes, in words; null where it is not. */
export function findSizeProblem(bytes: Uint8Array): string | null {
  return bytes.length > PDF_LIMIT ? `it is larger than the ${PDF_LIMIT} bytes that this program takes` : null;
}

/** That a parser would make more objects of the file than of any report, in words; null where it would not. */
export function findExcessObjects(bytes: Uint8Array): string | null {
  return hasExcess(bytes) ? 'it has more objects than any report' : null;
}

const HEADER = Buffer.from('%PDF-1.7\n');

/**
 * Compressed objects are unsafe: a parser unpacks them, however large they are. #-escapes may hide their names. Looks at
 * a piece at a time: a text of the whole file would take its memory once more.
 */
function hasCompressed(file: Buffer): boolean {
  for (let at = 0; at < file.length; at += PIECE) {
    if (COMPRESSED.test(file.toString('latin1', at, at + PIECE + LONGEST_NAME))) return true;
  }
  return false;
}

const PIECE = 1024 * 1024;
/** Characters of the longest spelling of such a name. */
const LONGEST_NAME = 32;

const COMPRESSED = new RegExp(`/(?:${['ObjStm', 'XRef'].map(spelledAnyway).join('|')})`);

/** A pattern of a name, each character of which may be escaped. */
function spelledAnyway(name: string): string {
  return [...name]
    .map(
      (char) =>
        `(?:${char}|#${char
          .charCodeAt(0)
          .toString(16)
          .replace(/[a-f]/g, (x) => `[${x}${x.toUpperCase()}]`)})`,
    )
    .join('');
}

/** Bytes and words outside of streams. A report of 40 pages has a third of either. */
const PLAIN_LIMIT = 8 * 1024 * 1024;
const WORDS_LIMIT = 1_500_000;

/** Whether a parser would make more objects of the file than a report has. Passes over packed streams, which it leaves packed. */
function hasExcess(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let plain = 0;
  let words = 0;
  let inWord = false;
  for (let at = 0; at < buffer.length; at += 1) {
    if (isPackedStream(buffer, at)) {
      const end = buffer.indexOf('endstream', at);
      if (end < 0) return true;
      at = end;
    }
    const byte = buffer[at] as number;
    const isSpace = byte <= SPACE;
    if (isSpace || DELIMITERS.has(byte)) inWord = false;
    else if (!inWord) {
      words += 1;
      inWord = true;
    }
    // An opening bracket begins an object, too.
    if (byte === OPEN_ARRAY || byte === OPEN_DICT || byte === OPEN_TEXT) words += 1;
    plain += 1;
    if (plain > PLAIN_LIMIT || words > WORDS_LIMIT) return true;
  }
  return false;
}

const SPACE = 0x20;
const OPEN_ARRAY = 0x5b;
const OPEN_DICT = 0x3c;
const OPEN_TEXT = 0x28;
const DELIMITERS = new Set(Buffer.from('[]<>()/{}%'));
const STREAM = Buffer.from('stream\n');
/** The first byte of what is packed by Flate (RFC 1950). */
const FLATE = 0x78;

function isPackedStream(buffer: Buffer, at: number): boolean {
  return (
    buffer[at] === 0x73 &&
    buffer[at + STREAM.length] === FLATE &&
    buffer.compare(STREAM, 0, STREAM.length, at, at + STREAM.length) === 0
  );
}
