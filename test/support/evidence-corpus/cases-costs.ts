// Files of more values than any report: each value takes many times the memory of its text. They may be honest.
import { type CorpusCase, KEY, oneCase } from './case.ts';
import { inPage, pieces, whole } from './changed-pdfs.ts';
import { packOf } from './containers.ts';
import { makeWide, widePdf } from './wide-reports.ts';

/** A list of so many values, of one member. */
const listed = (name: string, value: string, count: number): Buffer =>
  Buffer.from(`{"${name}":[${Array.from({ length: count }, () => value).join()}]}`);

/** Objects of so many names together. */
const named = (count: number): Buffer =>
  Buffer.from(`{"report":[${Array.from({ length: count }, (_, i) => `{"${100_000 + i}":0}`).join()}]}`);

const NOT_READ = '--------';

export function costCases(): CorpusCase[] {
  const json = (name: string, bytes: Buffer, marks: string) => oneCase(`JSON of ${name}`, bytes, KEY, marks);
  const pdf = (name: string, bytes: Buffer, marks: string) => oneCase(`PDF with ${name}`, bytes, KEY, marks);
  return [
    // Between values stands a comma, and a colon behind the name.
    json('as many values as are read', listed('report', '0', 1_400_000), 'x-------'),
    json('more values than are read', listed('report', '0', 1_400_001), NOT_READ),
    json('no report of more values than are read', listed('x', '0', 1_400_001), NOT_READ),
    json('a proof of more values than are read', listed('event_proof', '0', 1_400_001), NOT_READ),
    json('as many lists as are read', listed('report', '[]', 199_998), 'x-------'),
    json('more lists than are read', listed('report', '[]', 199_999), NOT_READ),
    json('as many names as are read', named(99_999), 'x-------'),
    json('more names than are read', named(100_000), NOT_READ),
    pdf('a list of 200,000 numbers', inPage(`[ ${'0 '.repeat(200_000)}]`), 'vvvvv---'),
    pdf(
      'a dictionary of 200,000 numbers',
      inPage(`<<\n${Array.from({ length: 200_000 }, (_, i) => `/K${i} 0\n`).join('')}>>`),
      'vvvvv---',
    ),
    pdf(
      'a list of 200,000 pages that are one',
      pieces(({ objects }) => {
        for (const [number, body] of objects)
          objects.set(number, body.replace('/Kids [ 3 0 R ]', `/Kids [ ${'3 0 R '.repeat(200_000)}]`));
      }),
      'x-------',
    ),
    pdf('more numbers than are read', inPage(`[ ${'0 '.repeat(1_500_000)}]`), NOT_READ),
    oneCase(
      'account report with a proof of more values than are read',
      widePdf(makeWide({ multiproofBytes: () => listed('multiproof', '0', 1_400_001) })),
      KEY,
      NOT_READ,
    ),
    oneCase(
      'pack with an entry of the log of more values than are read',
      packOf(whole, (files) =>
        files.map((file) =>
          file.name === 'session_closed.json' ? { ...file, bytes: listed('kind', '0', 1_400_001) } : file,
        ),
      ),
      KEY,
      NOT_READ,
    ),
  ];
}
