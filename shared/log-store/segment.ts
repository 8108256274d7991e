// A segment of a stored log, whose entries are found in its bytes without decoding them. They stand in one of two forms:
// `entries`, an array of strings, while the segment is open, and `packed` once it is full or its log is closed. A
// segment's own count and head hash are hints for appending, never evidence; nothing in this file reads them.
import { BSON } from 'mongodb';
import { ENTRY_LIMIT } from '../audit/chain.ts';
import { type Codec, pack, unpack } from './segment-codec.ts';

/** Entries of a full segment. They are the leaves of a full subtree (RFC 6962 section 2.1). */
export const SEGMENT_SIZE = 256;

/** Collection of segments. */
export const SEGMENTS = 'audit_segments';

/** The `_id` of a segment. It holds the account id, so that a filter on `_id` alone stays within the account. */
export function segmentId(accountId: string, sessionId: string, index: number): string {
  return `${accountId}/${sessionId}/${index}`;
}

/** Entry `i` is `bytes[begins[i], ends[i])`. */
export type SegmentEntries = Readonly<{ bytes: Buffer; begins: readonly number[]; ends: readonly number[] }>;

/** A segment as stored. */
export type StoredSegment = Readonly<{
  /** Its `_id`; empty where that is no text. */
  id: string;
  /** From 0; -1 where the document has no `_id` that is a text. */
  index: number;
  isPacked: boolean;
  /** Bytes of the stored document. */
  storedSize: number;
  /**
   * Finds the entries, without copying them where they are not packed. An element that is no string gives its bytes,
   * which fail the entry check. What is no form of a segment, or both at once, gives one empty entry, which is malformed:
   * a stream that cannot be unpacked to its end, or to more than 256 entries or 8 MiB of them, an empty entry, a final
   * LF. A document with neither form has no entries.
   */
  open(): SegmentEntries;
}>;

const BSON_STRING = 0x02;
const BSON_ARRAY = 0x04;
const BSON_BINARY = 0x05;
const BSON_NULL = 0x0a;

const LF = 0x0a;

/** Bytes of 256 entries at the format's limit, 8 MiB, and of the LF between them. */
const UNPACKED_LIMIT = SEGMENT_SIZE * ENTRY_LIMIT + SEGMENT_SIZE - 1;

const MALFORMED: SegmentEntries = { bytes: Buffer.alloc(0), begins: [0], ends: [0] };

/** Reads a raw segment document (`{_id, entries}` or `{_id, packed}`) in its BSON bytes. */
export function readSegment(document: Uint8Array): StoredSegment {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.byteLength);
  let id = '';
  const forms: Form[] = [];
  for (const [type, nameOffset, nameLength, offset, length] of elementsOf(bytes, 0)) {
    const name = bytes.toString('latin1', nameOffset, nameOffset + nameLength);
    if (name === '_id' && type === BSON_STRING) {
      id = bytes.toString('latin1', offset + 4, offset + length - 1);
    }
    if (name === 'packed' || (name === 'entries' && type !== BSON_NULL)) {
      forms.push({ name, type, offset, length });
    }
  }
  return {
    id,
    index: id === '' ? -1 : Number(id.slice(id.lastIndexOf('/') + 1)),
    isPacked: forms.some(({ name }) => name === 'packed'),
    storedSize: bytes.length,
    open: () => openForms(bytes, forms),
  };
}

/** An element of the document that holds entries. */
type Form = Readonly<{ name: 'entries' | 'packed'; type: number; offset: number; length: number }>;

function openForms(bytes: Buffer, forms: readonly Form[]): SegmentEntries {
  const [form, other] = forms;
  if (other) return MALFORMED;
  if (form?.name === 'packed') return openPacked(bytes, form) ?? MALFORMED;
  const begins: number[] = [];
  const ends: number[] = [];
  if (form?.type !== BSON_ARRAY || findStrings(bytes, form.offset, begins, ends))
    return { bytes, begins, ends };
  for (const [entryType, , , at, size] of elementsOf(bytes, form.offset)) {
    // A BSON string is its length in four bytes, its bytes, and a zero.
    begins.push(entryType === BSON_STRING ? at + 4 : at);
    ends.push(entryType === BSON_STRING ? at + size - 1 : at + size);
  }
  return { bytes, begins, ends };
}

function openPacked(document: Buffer, form: Form): SegmentEntries | null {
  const packed = binaryAt(document, form);
  const bytes = packed && unpack(packed, UNPACKED_LIMIT);
  if (!bytes) return null;
  const begins: number[] = [];
  const ends: number[] = [];
  for (let begin = 0; begin <= bytes.length; ) {
    const found = bytes.indexOf(LF, begin);
    const end = found < 0 ? bytes.length : found;
    if (end === begin || begins.length === SEGMENT_SIZE) return null;
    begins.push(begin);
    ends.push(end);
    begin = end + 1;
  }
  return { bytes, begins, ends };
}

/**
 * Packs a segment's entries. Null for what the packed form cannot give back: no entry or more than 256, an empty one, one
 * over the format's limit, one that holds LF.
 */
export function packEntries(entries: readonly Uint8Array[], codec?: Codec): Buffer | null {
  const fits = (entry: Uint8Array) => entry.length > 0 && entry.length <= ENTRY_LIMIT && !entry.includes(LF);
  if (entries.length === 0 || entries.length > SEGMENT_SIZE || !entries.every(fits)) return null;
  const lines = entries.flatMap((entry, i) => (i === 0 ? [entry] : [SEPARATOR, entry]));
  return pack(Buffer.concat(lines), codec);
}

const SEPARATOR = Uint8Array.of(LF);

/**
 * Adds where the strings of the BSON array at `offset` begin and end. Returns false, and adds nothing, unless every
 * element is a string; the caller then uses the full BSON reader, which is four times slower.
 */
export function findStrings(bytes: Buffer, offset: number, begins: number[], ends: number[]): boolean {
  const known = begins.length;
  if (offset + 5 > bytes.length) return false;
  // An array is its length in four bytes, its elements, and a zero.
  const last = offset + bytes.readInt32LE(offset) - 1;
  let at = offset + 4;
  if (last < at || last >= bytes.length) return false;
  while (bytes[at] === BSON_STRING) {
    // An element is its type, its name, a zero, and its value; a string's value is a length, its bytes, and a zero.
    let nameEnd = at + 1;
    while (nameEnd < last && bytes[nameEnd] !== 0) nameEnd += 1;
    const begin = nameEnd + 5;
    const size = begin <= last ? bytes.readInt32LE(nameEnd + 1) : 0;
    if (size < 1 || begin + size > last) break;
    begins.push(begin);
    ends.push(begin + size - 1);
    at = begin + size;
  }
  if (at === last && bytes[at] === 0) return true;
  begins.length = known;
  ends.length = known;
  return false;
}

/** The bytes of a binary, as a view; null for an element of another type, and for bytes that are of some kind. */
export function binaryAt<Bytes extends Uint8Array>(
  document: Bytes,
  { type, offset, length }: Readonly<{ type: number; offset: number; length: number }>,
): Bytes | null {
  // A BSON binary is its length in four bytes, its subtype, 0 for bytes of no kind, and its bytes.
  if (type !== BSON_BINARY || document[offset + 4] !== 0) return null;
  return document.subarray(offset + 5, offset + length) as Bytes;
}

type BsonElement = [type: number, nameOffset: number, nameLength: number, offset: number, length: number];

/** The elements of the document or array at `offset`, none of them decoded: places in `bytes`. */
export function elementsOf(bytes: Uint8Array, offset: number): Iterable<BsonElement> {
  return BSON.onDemand.parseToElements(bytes, offset) as Iterable<BsonElement>;
}
