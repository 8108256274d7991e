// Reads a stranger's report from its file, in bounded memory. A file of more bytes or values than a report on 50,000 sessions
// has is not taken: that is known before anything is built of it.
import { open } from 'node:fs/promises';
import { canonicalize, type JsonValue, parseJson } from '../../shared/audit/canonical-json.ts';
import { decodeUtf8 } from '../../shared/audit/decode-utf8.ts';
import { PDF_LIMIT } from '../../workers/pdf/finish/pdf-form.ts';
import { describeFileFailure } from '../command/caller-file.ts';
import { readUpTo } from './read-up-to.ts';

/** Bytes of a JSON report. That of 50,000 sessions has 24 MB. */
export const JSON_LIMIT = 40 * 1024 * 1024;
/** Objects and arrays, and commas and colons, of a JSON report. That of 50,000 sessions has 50,000 and 1,200,000 of them. */
const CONTAINERS_LIMIT = 200_000;
const MEMBERS_LIMIT = 1_400_000;
/** Different names of members. A report has a few hundred of its own, and as many more as its logs name kinds. */
const NAMES_LIMIT = 100_000;

export type ReadFile = Readonly<{ ok: true; bytes: Uint8Array }> | Readonly<{ ok: false; problem: string }>;

/** The file's bytes, unless it is larger than any report. Rejects when it cannot be read. */
export async function readReportFile(path: string, isPdf: boolean): Promise<ReadFile> {
  const limit = isPdf ? PDF_LIMIT : JSON_LIMIT;
  try {
    await using file = await open(path);
    const bytes = await readUpTo(file, limit);
    if (bytes) return { ok: true, bytes };
    return { ok: false, problem: `it is larger than the ${limit} bytes that this program takes` };
  } catch (error) {
    throw new Error(describeFileFailure(path, 'read', error));
  }
}

/** What building the values of a JSON text would cost too much for; null for nothing. Builds nothing itself. */
export function findExcess(json: Uint8Array): string | null {
  if (json.length > JSON_LIMIT) return `it is larger than the ${JSON_LIMIT} bytes that this program takes`;
  let containers = 0;
  let members = 0;
  let inText = false;
  /** Of the text that is read, or that was read last. */
  let hash = 0;
  const names = new Set<number>();
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] as number;
    if (inText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inText = false;
      hash = (Math.imul(hash, 31) + byte) | 0;
    } else if (byte === QUOTE) {
      inText = true;
      hash = 0;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) containers += 1;
    else if (byte === COMMA) members += 1;
    else if (byte === COLON) {
      members += 1;
      names.add(hash);
      if (names.size > NAMES_LIMIT) break;
    }
  }
  return containers > CONTAINERS_LIMIT || members > MEMBERS_LIMIT || names.size > NAMES_LIMIT
    ? 'it has more values than this program takes, and than a report on 50,000 sessions has'
    : null;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
const COMMA = 0x2c;
const COLON = 0x3a;

/** A report's JSON in the form in which it was issued, and how the file is written otherwise: empty where it is not. */
export type CanonicalReport = Readonly<{ json: Uint8Array; changes: readonly string[] }>;

/**
 * Puts a JSON that somebody reformatted into canonical form (RFC 8785), in which every report is issued. Gives the bytes
 * back as they are where they are no JSON, which the check of the schema tells.
 */
export function toCanonical(bytes: Uint8Array): CanonicalReport {
  const same = { json: bytes, changes: [] };
  const decoded = decodeUtf8(bytes);
  if (decoded === null) return same;
  const hasMark = decoded.startsWith('\ufeff');
  const text = hasMark ? decoded.slice(1) : decoded;
  let value: JsonValue;
  let canonical: string;
  try {
    value = parseJson(text);
    canonical = canonicalize(value);
  } catch {
    return same;
  }
  if (canonical === decoded) return same;
  const changes = [
    ...(hasMark ? ['a byte order mark'] : []),
    ...describeSpace(text),
    ...(isSorted(value) ? [] : ['the order of names']),
  ];
  const json = Buffer.from(canonical);
  return { json, changes: changes.length > 0 ? changes : ['how characters or numbers are spelled'] };
}

/** White space between the values; within a text every line end is escaped. */
function describeSpace(text: string): string[] {
  let hasSpace = false;
  let inText = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inText) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) inText = false;
    } else if (code === QUOTE) inText = true;
    else if (code === CARRIAGE_RETURN) return ['white space, with line ends of Windows (CRLF)'];
    else if (code <= SPACE) hasSpace = true;
  }
  return hasSpace ? ['white space'] : [];
}

const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

function isSorted(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.every(isSorted);
  if (!(value instanceof Map)) return true;
  let last = '';
  for (const [name, member] of value) {
    if (name < last || !isSorted(member)) return false;
    last = name;
  }
  return true;
}
