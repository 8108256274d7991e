// The files of an export bundle, plain or gzipped, and their lines as bytes.
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';

/** A problem of the bundle as a whole, which stops the import. The message names the file. */
export class BundleError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BundleError';
  }
}

/** A line without its newline; `bytes` is null when it is longer than the limit. */
export type Line = Readonly<{ file: string; number: number; bytes: Buffer | null }>;

/** The path of `NAME` or `NAME.gz` in the bundle. Throws a `BundleError` when there is neither. */
export async function findFile(dir: string, name: string): Promise<string> {
  for (const candidate of [name, `${name}.gz`]) {
    const path = join(dir, candidate);
    if (
      await stat(path).then(
        (found) => found.isFile(),
        () => false,
      )
    )
      return path;
  }
  throw new BundleError(`${name} (or ${name}.gz) is not in ${dir}: is this the folder of an export?`);
}

/** The file's size on disk in bytes: the sum of what `readLines` passes to `onBytes`. */
export async function fileSize(path: string): Promise<number> {
  return (await stat(path)).size;
}

/**
 * Yields the lines of a file in batches. Passes the number of bytes read from disk, before decompression, to `onBytes`.
 * Keeps no line longer than `limit` bytes in memory. The last line needs no newline. Throws a `BundleError` when the
 * file is not readable.
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
    const length = heldLength + part.length;
    const bytes = length > limit ? null : held.length === 0 ? part : Buffer.concat([...held, part]);
    held = [];
    heldLength = 0;
    return { file, number, bytes };
  };
  try {
    for await (const chunk of openFile(path, onBytes)) {
      const bytes = chunk as Buffer;
      const lines: Line[] = [];
      let begin = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, begin)) {
        lines.push(take(bytes.subarray(begin, end)));
        begin = end + 1;
      }
      if (begin < bytes.length) {
        heldLength += bytes.length - begin;
        if (heldLength <= limit) held.push(bytes.subarray(begin));
        else held = [];
      }
      if (lines.length > 0) yield lines;
    }
  } catch (error) {
    throw new BundleError(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
    );
  }
  if (heldLength > 0) yield [take(Buffer.alloc(0))];
}

const NEWLINE = 0x0a;

function openFile(path: string, onBytes: (count: number) => void): Readable {
  const raw = createReadStream(path, { highWaterMark: 256 * 1024 });
  raw.on('data', (chunk) => onBytes(chunk.length));
  // The listener above would start the flow. The consumer starts it.
  raw.pause();
  if (!path.endsWith('.gz')) return raw;
  const unzipped = createGunzip({ chunkSize: 256 * 1024 });
  // `pipeline` passes an error of `raw` on to `unzipped`, where the consumer gets it.
  pipeline(raw, unzipped, () => {});
  return unzipped;
}

/** Each policy file's name without `.gz`, and its decompressed bytes. Throws a `BundleError` without the folder. */
export async function readPolicyFiles(dir: string): Promise<{ file: string; bytes: Buffer }[]> {
  const folder = join(dir, 'policies');
  const names = await readdir(folder).catch(() => {
    throw new BundleError(`policies/ is not in ${dir}: is this the folder of an export?`);
  });
  const files = names.filter((name) => /\.yaml(\.gz)?$/.test(name)).sort();
  return Promise.all(
    files.map(async (name) => {
      const bytes = await readFile(join(folder, name));
      return { file: name.replace(/\.gz$/, ''), bytes: name.endsWith('.gz') ? gunzipSync(bytes) : bytes };
    }),
  );
}
