// The lines of a bundle's file as bytes, plain or gzipped.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { describeFileFailure } from '../command/caller-file.ts';
import { type Progress, startProgress } from '../command/progress.ts';
import { BundleError, fileSize, RefusedBundle } from './bundle-files.ts';
import { describeEncoding } from './encoding.ts';
import { describeDisguise, describeGzipError, describeRemainder } from './gzip.ts';
import type { LineForm } from './line-forms.ts';

/** A line without its line end; `bytes` is null when it is longer than the limit. */
export type Line = Readonly<{ file: string; number: number; bytes: Buffer | null }>;

/** `noteForm` takes what is no part of a line. */
export type ReadOptions = Readonly<{ noteForm?: (form: LineForm, number: number) => void }>;

/**
 * Yields the lines of a file in batches, and shows how far it has come. Keeps no line longer than `limit` bytes in memory. The last line needs no line
 * end. A byte order mark before a line (files that were joined have one within), the CR of a CRLF, and blank lines are no
 * part of an export: editors and transfers add them. Throws a `RefusedBundle` for gzip data that is cut or damaged and for
 * another encoding than UTF-8, and a `BundleError` for a file that cannot be read.
 */
export async function* readLines(
  path: string,
  limit: number,
  { noteForm = () => {} }: ReadOptions = {},
): AsyncGenerator<Line[]> {
  const file = basename(path);
  let number = 0;
  let held: Buffer[] = [];
  let heldLength = 0;
  let isFirstChunk = true;
  /** Null for a blank line. */
  const take = (part: Buffer): Line | null => {
    number += 1;
    const isWhole = heldLength + part.length <= limit + MARKS_LENGTH;
    const joined = held.length === 0 ? part : Buffer.concat([...held, part]);
    held = [];
    heldLength = 0;
    if (!isWhole) return { file, number, bytes: null };
    const bytes = withoutMarks(joined, (form) => noteForm(form, number));
    if (bytes === null) return null;
    return { file, number, bytes: bytes.length <= limit ? bytes : null };
  };
  // In bytes on disk, before decompression.
  let progress: Progress | null = null;
  try {
    progress = startProgress(`Reading ${file}`, await fileSize(path), 'bytes');
    const { stream, assertRead } = await openFile(path, progress.add);
    for await (const chunk of stream) {
      const bytes = chunk as Buffer;
      const encoding = isFirstChunk ? describeEncoding(bytes) : null;
      if (encoding !== null) throw new RefusedBundle(`${file} ${encoding}`);
      isFirstChunk = false;
      const lines: Line[] = [];
      let begin = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, begin)) {
        const line = take(bytes.subarray(begin, end));
        if (line) lines.push(line);
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
    throw new BundleError(describeFileFailure(file, 'read', error));
  } finally {
    progress?.stop();
  }
  const last = heldLength > 0 ? take(Buffer.alloc(0)) : null;
  if (last) yield [last];
}

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
/** Bytes that a line may have besides its own. */
const MARKS_LENGTH = BYTE_ORDER_MARK.length + 1;

/** Null where nothing is left. Spaces and tabs alone are nothing. */
function withoutMarks(line: Buffer, note: (form: LineForm) => void): Buffer | null {
  const hasMark = line[0] === BYTE_ORDER_MARK[0] && line.indexOf(BYTE_ORDER_MARK) === 0;
  const begin = hasMark ? BYTE_ORDER_MARK.length : 0;
  if (hasMark) note('mark');
  let end = line.length;
  while (end > begin && line[end - 1] === CARRIAGE_RETURN) end -= 1;
  if (isBlank(line, begin, end)) {
    note('blank');
    return null;
  }
  if (end < line.length) note('crlf');
  return line.subarray(begin, end);
}

function isBlank(line: Buffer, begin: number, end: number): boolean {
  for (let at = begin; at < end; at += 1) if (line[at] !== SPACE && line[at] !== TAB) return false;
  return true;
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
