// A zip file written as APPNOTE.TXT says, plainly: local headers and data in a row, the central directory, its end. Each
// field can be set apart from the rest, for the cases that damage it.
import { crc32, deflateRawSync } from 'node:zlib';

export type ZipEntry = Readonly<{
  name: string;
  bytes: Uint8Array;
  deflate?: boolean;
  /** The data as it stands in the file, in place of what `bytes` gives. */
  data?: Uint8Array;
  /** Fields of one header alone. */
  local?: Partial<Header>;
  central?: Partial<Header>;
  /** Bytes after the data. */
  behind?: Uint8Array;
  comment?: string;
  /** The offset that the directory gives. */
  offset?: number;
}>;

type Header = {
  version: number;
  flags: number;
  method: number;
  time: number;
  date: number;
  crc: number;
  packedSize: number;
  size: number;
  name: string;
  extra: Uint8Array;
  /** What the header says of its extra field. */
  extraSize?: number;
  /** What the header says of its name. */
  nameSize?: number;
  signature?: number;
  commentSize?: number;
  diskStart?: number;
};

export type ZipEnd = Partial<{
  entries: number;
  entriesHere: number;
  directorySize: number;
  directoryAt: number;
  disk: number;
  directoryDisk: number;
  signature: number;
  commentSize: number;
}> &
  Readonly<{
    comment?: string;
    before?: Uint8Array;
    behind?: Uint8Array;
    ahead?: Uint8Array;
    tail?: Uint8Array;
  }>;

/** 1980-01-01 00:00, the first time that a zip can state. */
const DATE = 0x0021;

export function zipOf(entries: readonly ZipEntry[], end: ZipEnd = {}): Buffer {
  const parts: Uint8Array[] = [end.ahead ?? Buffer.alloc(0)];
  let at = parts[0]?.length ?? 0;
  const directory: Buffer[] = [];
  for (const entry of entries) {
    const data = entry.data ?? (entry.deflate ? deflateRawSync(entry.bytes) : entry.bytes);
    const header: Header = {
      version: 20,
      flags: 0,
      method: entry.deflate ? 8 : 0,
      time: 0,
      date: DATE,
      crc: crc32(entry.bytes),
      packedSize: data.length,
      size: entry.bytes.length,
      name: entry.name,
      extra: Buffer.alloc(0),
    };
    const local = localHeader({ ...header, ...entry.local });
    directory.push(centralHeader({ ...header, ...entry.central }, entry.offset ?? at, entry.comment ?? ''));
    for (const part of [local, data, entry.behind ?? Buffer.alloc(0)]) {
      parts.push(part);
      at += part.length;
    }
  }
  if (end.before) {
    parts.push(end.before);
    at += end.before.length;
  }
  const listed = Buffer.concat([...directory, end.tail ?? Buffer.alloc(0)]);
  const last = Buffer.alloc(22);
  const comment = Buffer.from(end.comment ?? '');
  last.writeUInt32LE(end.signature ?? 0x06054b50, 0);
  last.writeUInt16LE(end.disk ?? 0, 4);
  last.writeUInt16LE(end.directoryDisk ?? 0, 6);
  last.writeUInt16LE(end.entriesHere ?? end.entries ?? entries.length, 8);
  last.writeUInt16LE(end.entries ?? entries.length, 10);
  last.writeUInt32LE(end.directorySize ?? listed.length, 12);
  last.writeUInt32LE(end.directoryAt ?? at, 16);
  last.writeUInt16LE(end.commentSize ?? comment.length, 20);
  return Buffer.concat([...parts, listed, last, comment, end.behind ?? Buffer.alloc(0)]);
}

function localHeader(header: Header): Buffer {
  const name = Buffer.from(header.name);
  const fixed = Buffer.alloc(30);
  fixed.writeUInt32LE(header.signature ?? 0x04034b50, 0);
  writeShared(fixed, 4, header, name);
  return Buffer.concat([fixed, name, header.extra]);
}

function centralHeader(header: Header, offset: number, comment: string): Buffer {
  const name = Buffer.from(header.name);
  const fixed = Buffer.alloc(46);
  fixed.writeUInt32LE(header.signature ?? 0x02014b50, 0);
  fixed.writeUInt16LE(20, 4);
  writeShared(fixed, 6, header, name);
  fixed.writeUInt16LE(header.commentSize ?? Buffer.byteLength(comment), 32);
  fixed.writeUInt16LE(header.diskStart ?? 0, 34);
  fixed.writeUInt32LE(offset, 42);
  return Buffer.concat([fixed, name, header.extra, Buffer.from(comment)]);
}

function writeShared(into: Buffer, at: number, header: Header, name: Uint8Array): void {
  into.writeUInt16LE(header.version, at);
  into.writeUInt16LE(header.flags, at + 2);
  into.writeUInt16LE(header.method, at + 4);
  into.writeUInt16LE(header.time, at + 6);
  into.writeUInt16LE(header.date, at + 8);
  into.writeUInt32LE(header.crc, at + 10);
  into.writeUInt32LE(header.packedSize, at + 14);
  into.writeUInt32LE(header.size, at + 18);
  into.writeUInt16LE(header.nameSize ?? name.length, at + 22);
  into.writeUInt16LE(header.extraSize ?? header.extra.length, at + 24);
}
