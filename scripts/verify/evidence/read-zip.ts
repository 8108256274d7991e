// Reads a pack: one plain zip (APPNOTE.TXT), in which each byte belongs to a file, its header or the directory.
import { crc32, inflateRawSync } from 'node:zlib';
import { unpackWhole } from './unpack-whole.ts';
import { wrong } from './verdict.ts';

const NAMES: ReadonlySet<string> = new Set([
  'report.json',
  'report.pdf',
  'report.note',
  'entries.ndjson',
  'session_closed.json',
  'session.tlog-proof',
  'policy.yaml',
  'VERIFY.md',
  'verify.mjs',
  'verify.py',
  'verify.html',
]);

/** Bytes of all files together. */
const LIMIT = 256 * 1024 * 1024;
const [END_SIZE, LINE_SIZE, HEADER_SIZE] = [22, 46, 30];
const [END_MARK, LINE_MARK, HEADER_MARK] = [0x06054b50, 0x02014b50, 0x04034b50];
/** A file's name in UTF-8, which says nothing of an ASCII name. */
const UTF8_FLAG = 0x0800;

/** External attributes: what Unix has of a file in their upper half, what DOS has in their lowest byte. */
const [UNIX_KIND, UNIX_PLAIN_FILE, DOS_FOLDER] = [0o170000, 0o100000, 0x10];

/** The files by name; with `only`, those alone are unpacked, since the others may take much memory. */
export function readZip(bytes: Buffer, only: readonly string[] = [...NAMES]): Map<string, Buffer> {
  const endAt = bytes.length - END_SIZE;
  if (endAt < 0 || bytes.readUInt32LE(endAt) !== END_MARK) wrong('the pack does not end as a plain zip does');
  const [disks, count, total, commentSize] = [
    bytes.readUInt32LE(endAt + 4),
    bytes.readUInt16LE(endAt + 8),
    bytes.readUInt16LE(endAt + 10),
    bytes.readUInt16LE(endAt + 20),
  ];
  const [directorySize, directoryAt] = [bytes.readUInt32LE(endAt + 12), bytes.readUInt32LE(endAt + 16)];
  if (disks !== 0 || commentSize !== 0 || count !== total)
    wrong('the end of the pack states more than it may');
  if (directoryAt + directorySize !== endAt) wrong('the directory of the pack does not stand before its end');
  const names = new Set<string>();
  const files = new Map<string, Buffer>();
  let [lineAt, fileAt, room] = [directoryAt, 0, LIMIT];
  for (let i = 0; i < count; i += 1) {
    const entry = readEntry(bytes, lineAt, endAt, fileAt, directoryAt);
    room -= entry.size;
    // A longer log is honest: nothing is said to be wrong with it.
    if (room < 0)
      throw new Error(
        `The pack is larger than ${LIMIT} bytes when unpacked: ask for range proofs in its place`,
      );
    if (names.has(entry.name)) wrong(`the pack has ${entry.name} twice`);
    names.add(entry.name);
    if (only.includes(entry.name)) files.set(entry.name, contentOf(entry));
    [lineAt, fileAt] = [entry.lineEnd, entry.dataEnd];
  }
  if (fileAt !== directoryAt || lineAt !== endAt) wrong('the pack has bytes that belong to no file');
  return files;
}

type Entry = Readonly<{
  name: string;
  method: number;
  checksum: number;
  size: number;
  data: Buffer;
  lineEnd: number;
  dataEnd: number;
}>;

function readEntry(bytes: Buffer, lineAt: number, endAt: number, fileAt: number, filesEnd: number): Entry {
  if (lineAt + LINE_SIZE > endAt || bytes.readUInt32LE(lineAt) !== LINE_MARK)
    wrong('the directory of the pack is damaged');
  const nameSize = bytes.readUInt16LE(lineAt + 28);
  const name = bytes.toString('latin1', lineAt + LINE_SIZE, lineAt + LINE_SIZE + nameSize);
  if (!NAMES.has(name)) wrong('the pack holds a file that none has');
  const flags = bytes.readUInt16LE(lineAt + 8);
  const extraAndComment = bytes.readUInt32LE(lineAt + 30);
  if ((flags & ~UTF8_FLAG) !== 0 || extraAndComment !== 0 || bytes.readUInt16LE(lineAt + 34) !== 0) {
    wrong(`the directory of the pack states more of ${name} than it may`);
  }
  const attributes = bytes.readUInt32LE(lineAt + 38);
  const kind = (attributes >>> 16) & UNIX_KIND;
  if ((kind !== 0 && kind !== UNIX_PLAIN_FILE) || (attributes & DOS_FOLDER) !== 0)
    wrong(`${name} is no plain file`);
  const headerEnd = fileAt + HEADER_SIZE + nameSize;
  const packedSize = bytes.readUInt32LE(lineAt + 20);
  if (bytes.readUInt32LE(lineAt + 42) !== fileAt)
    wrong(`${name} does not begin where the file before it ends`);
  if (headerEnd + packedSize > filesEnd || bytes.readUInt32LE(fileAt) !== HEADER_MARK) {
    wrong(`${name} is not whole in the pack`);
  }
  // From the version on, a header has the fields of its line: flags to sizes, the lengths, and the name behind them.
  const isSame =
    bytes.compare(bytes, lineAt + 6, lineAt + 32, fileAt + 4, fileAt + 30) === 0 &&
    bytes.toString('latin1', fileAt + HEADER_SIZE, headerEnd) === name;
  if (!isSame) wrong(`the header of ${name} is not as the directory has it`);
  return {
    name,
    method: bytes.readUInt16LE(lineAt + 10),
    checksum: bytes.readUInt32LE(lineAt + 16),
    size: bytes.readUInt32LE(lineAt + 24),
    data: bytes.subarray(headerEnd, headerEnd + packedSize),
    lineEnd: lineAt + LINE_SIZE + nameSize,
    dataEnd: headerEnd + packedSize,
  };
}

function contentOf({ name, method, checksum, size, data }: Entry): Buffer {
  if (method !== 0 && method !== 8) wrong(`${name} is packed in a way that packs do not use`);
  const content = method === 0 ? data : unpackWhole(inflateRawSync, data, size, name);
  if (content.length !== size || crc32(content) !== checksum)
    wrong(`${name} is not of the size and checksum stated`);
  return content;
}
