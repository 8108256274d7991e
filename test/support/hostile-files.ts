// Files that are made to cost whoever verifies them: each within a file's limit, or beyond it.
import { deflateSync } from 'node:zlib';

const MIB = 1024 * 1024;
const JSON_SIZE = 39 * MIB;
const PDF_SIZE = 31 * MIB;

const repeated = (text: string, size: number) => Buffer.alloc(size, text);
const enclosed = (begin: string, text: string, end: string) =>
  Buffer.concat([Buffer.from(begin), repeated(text, JSON_SIZE), Buffer.from(end)]);

/** By name, the JSON files; none of them is a report. */
export const HOSTILE_JSON: Readonly<Record<string, () => Buffer>> = {
  'arrays in arrays': () => repeated('[', JSON_SIZE),
  'objects in objects': () => repeated('{"a":', JSON_SIZE),
  'a list of numbers': () => enclosed('[', '0,', '0]'),
  'a list of empty objects': () => enclosed('[', '{},', '{}]'),
  'more members than one object has': () => {
    const members = Array.from({ length: 990_000 }, (_, i) => `"member ${i}":${i}`);
    return Buffer.from(`{"report":{${members.join()}}}`);
  },
  'as many objects as are taken': () => Buffer.from(`{"report":[${'{"a":[]},'.repeat(99_000)}0]}`),
  'as many members as are taken, of the same names': () => {
    const members = Array.from({ length: 64 }, (_, k) => `"member ${k}":"${k}"`);
    return Buffer.from(`{"report":[${`{${members}},`.repeat(10_500)}0]}`);
  },
  'more names than a report has, in objects of 64': () => {
    const objects = Array.from({ length: 12_000 }, (_, i) => {
      const members = Array.from({ length: 64 }, (_, k) => `"member ${i} ${k}":${k}`);
      return `{${members}}`;
    });
    return Buffer.from(`{"report":[${objects}]}`);
  },
  'a number of 39 million digits': () => enclosed('{"report":', '7', '}'),
  'a text of 39 million bytes': () => enclosed('{"report":"', '\u00e9', '"}'),
  'a text of millions of escapes': () => enclosed('{"report":"', '\\u00e9', '"}'),
  'a name of 39 million bytes': () => enclosed('{"', 'x', '":1}'),
  'white space alone': () => repeated(' \r\n', JSON_SIZE),
  'quotes alone': () => repeated('"', JSON_SIZE),
  'a file beyond the limit': () => repeated('[1],', 200 * MIB),
};

/** By name, the PDF files. */
export const HOSTILE_PDFS: Readonly<Record<string, () => Buffer>> = {
  'ends alone': () => pdf(repeated('%%EOF', PDF_SIZE)),
  'escaped names': () => pdf(repeated('#20', PDF_SIZE)),
  'objects without end': () => pdf(repeated('1 0 obj\nnull\nendobj\n', PDF_SIZE)),
  'arrays in arrays': () => pdf(Buffer.concat([Buffer.from('1 0 obj\n'), repeated('[', PDF_SIZE)])),
  'dictionaries in dictionaries': () =>
    pdf(Buffer.concat([Buffer.from('1 0 obj\n'), repeated('<</A', PDF_SIZE)])),
  'many small values': () => pdf(Buffer.concat([Buffer.from('1 0 obj\n['), repeated('0 ', PDF_SIZE)])),
  'one long text': () => pdf(Buffer.concat([Buffer.from('1 0 obj\n('), repeated('a', PDF_SIZE)])),
  'a stream that unpacks to a gigabyte, many times': () => pdf(bombs()),
};

function pdf(body: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from('%PDF-1.7\n'),
    body,
    Buffer.from('\ntrailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF'),
  ]);
}

function bombs(): Buffer {
  const packed = deflateSync(Buffer.alloc(64 * MIB));
  const streams: Buffer[] = [];
  for (let i = 1; i <= 40; i += 1) {
    const dict = `${i} 0 obj\n<</Type/EmbeddedFile/Filter/FlateDecode/Length ${packed.length}>>\nstream\n`;
    streams.push(Buffer.from(dict), packed, Buffer.from('\nendstream\nendobj\n'));
  }
  return Buffer.concat(streams);
}
