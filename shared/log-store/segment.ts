// A segment of a stored log, whose entries are found in its bytes without decoding them. A segment's own count and head
// hash are hints for appending, never evidence; nothing in this file reads them.
import { BSON } from 'mongodb';

/** Entries of a full segment. They are the leaves of a full subtree (RFC 6962 section 2.1). */
export const SEGMENT_SIZE = 256;

/** Collection of segments. */
export const SEGMENTS = 'audit_segments';

/** The `_id` of a segment. It holds the account id, so that a filter on `_id` alone stays within the account. */
export function segmentId(accountId: string, sessionId: string, index: number): string {
  return `${accountId}/${sessionId}/${index}`;
}

/** A segment's entries as stored: entry `i` is `bytes[begins[i], ends[i])`. `index` is the segment's, from 0. */
export type StoredSegment = Readonly<{
  index: number;
  bytes: Buffer;
  begins: readonly number[];
  ends: readonly number[];
}>;

const BSON_STRING = 0x02;
const BSON_ARRAY = 0x04;

/**
 * Finds the entries of a raw segment document (`{_id, entries}`) in its BSON bytes, without copying them. An element
 * that is not a string is returned as its bytes, which fail the entry check. A document without an `entries` array has
 * no entries; one without a string `_id` has the index -1.
 */
export function readSegment(document: Uint8Array): StoredSegment {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.byteLength);
  const begins: number[] = [];
  const ends: number[] = [];
  let index = -1;
  for (const [type, nameOffset, nameLength, offset, length] of elementsOf(bytes, 0)) {
    const name = bytes.toString('latin1', nameOffset, nameOffset + nameLength);
    if (name === '_id' && type === BSON_STRING) {
      index = Number(
        bytes
          .toString('latin1', offset + 4, offset + length - 1)
          .split('/')
          .at(-1),
      );
    }
    if (name !== 'entries' || type !== BSON_ARRAY) continue;
    if (findStrings(bytes, offset, begins, ends)) continue;
    for (const [entryType, , , at, size] of elementsOf(bytes, offset)) {
      // A BSON string is its length in four bytes, its bytes, and a zero.
      begins.push(entryType === BSON_STRING ? at + 4 : at);
      ends.push(entryType === BSON_STRING ? at + size - 1 : at + size);
    }
  }
  return { index, bytes, begins, ends };
}

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

type BsonElement = [type: number, nameOffset: number, nameLength: number, offset: number, length: number];

function elementsOf(bytes: Buffer, offset: number): Iterable<BsonElement> {
  return BSON.onDemand.parseToElements(bytes, offset) as Iterable<BsonElement>;
}
