// The lines of a bundle's file as bytes, plain or gzipped.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BundleError, RefusedBundle } from './bundle-files.ts';
import { describeDisguise, describeGzipError, describeRemainder } from './gzip.ts';

/** A line without its line end; `bytes` is null when it is longer than the limit. */
export type Line = Readonly<{ file: string; number: number; bytes: Buffer | null }>;

/**
 * Yields the lines of a file in batches. Passes the number of bytes read from disk, before decompression, to `onBytes`.
 * Keeps no line longer than `limit` bytes in memory. The last line needs no line end. A byte order mark before the first
 * line and the CR of a CRLF are no part of a line: editors and transfers add them. Throws a `RefusedBundle` for gzip
 * data that is cut or damaged, and a `BundleError` for a file that cannot be read.
 */
export async function* readLines(
  path: string,
  limit: number,
  onBytes: (count: number) => void = () => {},
): AsyncGenerator<Line[]> {
  const file = basename(path);
  let number = 0;
  let held: Buffer[] = [];
  let heldLength = 0;
  const take = (part: Buffer): Line => {
    number += 1;
    const isWhole = heldLength + part.length <= limit + MARKS_LENGTH;
    const joined = held.length === 0 ? part : Buffer.concat([...held, part]);
    const bytes = isWhole ? withoutMarks(joined, number === 1) : null;
    held = [];
    heldLength = 0;
    return { file, number, bytes: bytes && bytes.length <= limit ? bytes : null };
  };
  try {
    const { stream, assertRead } = await openFile(path, onBytes);
    for await (const chunk of stream) {
      const bytes = chunk as Buffer;
      const lines: Line[] = [];
      let begin = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, begin)) {
        lines.push(take(bytes.subarray(begin, end)));
        begin = end + 1;
      }
      if (begin < bytes.length) {
        heldLength += bytes.length - begin;
        if (heldLength <= limit + MARKS_LENGTH) held.push(bytes.subarray(begin));
        else held = [];
      }
      if (lines.length > 0) yield lines;
    }
    assertRead();
  } catch (error) {
    if (error instanceof RefusedBundle) throw error;
    const damage = describeGzipError(error);
    if (damage !== null) throw new RefusedBundle(`${file} ${damage}`);
    throw new BundleError(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
    );
  }
  if (heldLength > 0) yield [take(Buffer.alloc(0))];
}

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
/** Bytes that a line may have besides its own. */
const MARKS_LENGTH = BYTE_ORDER_MARK.length + 1;

function withoutMarks(line: Buffer, isFirst: boolean): Buffer {
  const hasMark = isFirst && line.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  const end = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length;
  return line.subarray(hasMark ? BYTE_ORDER_MARK.length : 0, end);
}

type Opened = Readonly<{
  stream: Readable;
  /** After the end: throws where the decompression has left bytes of the file out. */
  assertRead(): void;
}>;

async function openFile(path: string, onBytes: (count: number) => void): Promise<Opened> {
  const refuse = (problem: string | null) => {
    if (problem !== null) throw new RefusedBundle(`${basename(path)} ${problem}`);
  };
  refuse(describeDisguise(path, await readBegin(path)));
  const raw = createReadStream(path, { highWaterMark: 256 * 1024 });
  raw.on('data', (chunk) => onBytes(chunk.length));
  // The listener above would start the flow. The consumer starts it.
  raw.pause();
  if (!path.endsWith('.gz')) return { stream: raw, assertRead: () => {} };
  const unzipped = createGunzip({ chunkSize: 256 * 1024 });
  // `pipeline` passes an error of `raw` on to `unzipped`, where the consumer gets it.
  pipeline(raw, unzipped, () => {});
  const assertRead = () => refuse(describeRemainder(raw.bytesRead, unzipped.bytesWritten));
  return { stream: unzipped, assertRead };
}

async function readBegin(path: string): Promise<Uint8Array> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return buffer.subarray(0, bytesRead);
}
