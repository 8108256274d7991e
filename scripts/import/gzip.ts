// What a person is told of gzip data that cannot be read.
import { type Gunzip, gunzipSync } from 'node:zlib';

/** Whether bytes begin as gzip data does (RFC 1952 §2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The problem of a file whose name says something else than its first bytes, or null. An empty file can be plain. */
export function describeDisguise(path: string, begin: Uint8Array): string | null {
  const isNamedGzip = path.endsWith('.gz');
  if (isNamedGzip === isGzip(begin)) return null;
  return isNamedGzip
    ? 'is named .gz and is not gzipped: take .gz off its name, or copy it again'
    : 'is gzipped: add .gz to its name';
}

/** The problem behind an error of `node:zlib`; null for another error. */
export function describeGzipError(error: unknown): string | null {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  if (code === 'Z_BUF_ERROR') return 'is cut short: its gzip data ends early; copy it again';
  return code.startsWith('Z_') ? 'holds damaged gzip data: copy it again' : null;
}

/**
 * The problem of a file of `size` bytes of which the decompression read `read`; null where it read all. After a zero
 * byte `node:zlib` reads no further and says nothing.
 */
export function describeRemainder(size: number, read: number): string | null {
  if (read >= size) return null;
  return `holds ${size - read} bytes after its gzip data, which are not read: gzip the file anew`;
}

/** The bytes of small gzip data, or its problem where bytes follow it. Throws what `node:zlib` does. */
export function gunzipWhole(bytes: Buffer, maxOutputLength: number): Buffer | string {
  // With `info` the answer has the engine too, which the types of Node do not say.
  const { buffer, engine } = gunzipSync(bytes, { maxOutputLength, info: true }) as unknown as {
    buffer: Buffer;
    engine: Gunzip;
  };
  return describeRemainder(bytes.length, engine.bytesWritten) ?? buffer;
}
