// A zip whose first file reaches beyond the end of the zip, under the CRC-32 of the bytes that are there: they hold that
// very CRC-32, so that four of them are chosen to fit it.
import { crc32 } from 'node:zlib';
import { type ZipEntry, zipOf } from './zip-writer.ts';

const NAME = 'VERIFY.md';
const DATA_AT = 30 + NAME.length;
const [PACKED_SIZE, CHECKSUM] = [0xfff0_0000, 0x600d_f00d];

/** The first file is `VERIFY.md`; the others stand where it would end. */
export function overreachingZip(others: readonly ZipEntry[]): Buffer {
  const zipWith = (size: number) => {
    const header = { packedSize: PACKED_SIZE, size, crc: CHECKSUM };
    const first = { name: NAME, bytes: Buffer.alloc(4), local: header, central: header };
    return zipOf([first, ...others.map((entry) => ({ ...entry, offset: DATA_AT + PACKED_SIZE }))]);
  };
  const zip = zipWith(zipWith(0).length - DATA_AT);
  zip.writeUInt32LE(fittingBytes(zip.subarray(DATA_AT)), DATA_AT);
  return zip;
}

/** The first four bytes under which the rest has the CRC-32: each of their bits changes it in its own way. */
function fittingBytes(bytes: Uint8Array): number {
  const checksumWith = (value: number) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt32LE(value >>> 0, 0);
    return crc32(copy);
  };
  const none = checksumWith(0);
  const rows = Array.from({ length: 32 }, (_, bit) => {
    const value = (1 << bit) >>> 0;
    return { value, change: checksumWith(value) ^ none };
  });
  let [value, rest] = [0, CHECKSUM ^ none];
  for (let bit = 0; bit < 32; bit += 1) {
    const at = rows.findIndex(({ change }) => (change >>> bit) & 1);
    const [row] = rows.splice(at, 1);
    if (at < 0 || row === undefined) throw new Error('No four bytes fit');
    for (const other of rows) {
      if (!((other.change >>> bit) & 1)) continue;
      other.change ^= row.change;
      other.value ^= row.value;
    }
    if (!((rest >>> bit) & 1)) continue;
    rest ^= row.change;
    value ^= row.value;
  }
  return value >>> 0;
}
