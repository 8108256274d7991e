// Writes a zip whose files are stored as they are (APPNOTE.TXT 6.3): sizes and checksums stand before the bytes, so that a
// reader that goes from the first byte to the last finds every one accounted for, and the length is known beforehand.
import { crc32 } from 'node:zlib';

/** A file: its bytes, or how to stream them where their size and CRC are known. Names are ASCII without folders. */
export type ZipFile = Readonly<{ name: string }> &
  (
    | Readonly<{ bytes: Uint8Array }>
    | Readonly<{ size: number; crc: number; stream(): AsyncIterable<Uint8Array> }>
  );

const LOCAL_SIZE = 30;
const CENTRAL_SIZE = 46;
const END_SIZE = 22;
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;

/** Version 1.0 of the format: stored files, no folders. */
const VERSION = 10;

/** Bytes of the whole zip. */
export function zipSize(files: readonly ZipFile[]): number {
  const each = files.map((file) => LOCAL_SIZE + CENTRAL_SIZE + 2 * file.name.length + sizeOf(file));
  return each.reduce((sum, size) => sum + size, END_SIZE);
}

/**
 * The zip, file after file: less than 4 GiB, since sizes and offsets have four bytes without the extension for large files.
 * `at` is the time of every file. Throws an Error where a stream gives another number of bytes
 * than was said: what was sent until then is no zip.
 */
export async function* writeZip(files: readonly ZipFile[], at: Date): AsyncGenerator<Uint8Array> {
  const central: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const name = Buffer.from(file.name, 'latin1');
    const shared = sharedFields(file, at);
    central.push(centralHeader(shared, name, offset));
    const local = Buffer.alloc(LOCAL_SIZE);
    local.writeUInt32LE(LOCAL, 0);
    shared.copy(local, 4);
    yield Buffer.concat([local, name]);
    if ('bytes' in file) yield file.bytes;
    else yield* exactly(file.size, file.stream());
    offset += LOCAL_SIZE + name.length + sizeOf(file);
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(END_SIZE);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  yield Buffer.concat([directory, end]);
}

function sizeOf(file: ZipFile): number {
  return 'bytes' in file ? file.bytes.length : file.size;
}

/** The 26 bytes that both headers of a file have in common: version needed to the length of the extra field. */
function sharedFields(file: ZipFile, at: Date): Buffer {
  const crc = 'bytes' in file ? crc32(file.bytes) : file.crc;
  const size = sizeOf(file);
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(dosTime(at), 6);
  fields.writeUInt16LE(dosDate(at), 8);
  fields.writeUInt32LE(crc, 10);
  fields.writeUInt32LE(size, 14);
  fields.writeUInt32LE(size, 18);
  fields.writeUInt16LE(file.name.length, 22);
  return fields;
}

function centralHeader(shared: Buffer, name: Buffer, offset: number): Buffer {
  const header = Buffer.alloc(CENTRAL_SIZE);
  header.writeUInt32LE(CENTRAL, 0);
  header.writeUInt16LE(VERSION, 4);
  shared.copy(header, 6);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, name]);
}

/** Two seconds are the unit. */
function dosTime(at: Date): number {
  return (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
}

function dosDate(at: Date): number {
  return ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
}

async function* exactly(size: number, stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const part of stream) {
    sent += part.length;
    if (sent > size) break;
    yield part;
  }
  if (sent !== size) throw new Error('A file of the zip has another size than was said');
}
