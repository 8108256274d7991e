import type { InputType, ZlibOptions } from 'node:zlib';
import { wrong } from './verdict.ts';

type Inflate = (data: InputType, options: ZlibOptions) => unknown;

/** The bytes that packed data gives, at most `limit`. The data must end where the packing does. */
export function unpackWhole(inflate: Inflate, data: Uint8Array, limit: number, what: string): Buffer {
  let unpacked: Readonly<{ buffer: Buffer; engine: Readonly<{ bytesWritten: number }> }>;
  try {
    // In one piece: pieces would be put together in as much memory again. A piece that is filled is followed by another.
    const chunkSize = Math.max(64, limit + 1);
    const options = { info: true, maxOutputLength: Math.max(1, limit), chunkSize };
    unpacked = inflate(data, options) as typeof unpacked;
  } catch {
    return wrong(`${what} cannot be unpacked`);
  }
  if (unpacked.engine.bytesWritten !== data.length) wrong(`bytes stand behind the packed ${what}`);
  return unpacked.buffer;
}
