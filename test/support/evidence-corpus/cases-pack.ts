// Packs that are not one plain zip, or whose files do not belong together.
import { deflateRawSync } from 'node:zlib';
import { type CorpusCase, KEY, oneCase } from './case.ts';
import { packOf, sessionPdf } from './containers.ts';
import { makeReport } from './session-reports.ts';
import { POLICY_TEXT, SESSIONS } from './sessions.ts';
import { makeWide } from './wide-reports.ts';
import { type ZipEnd, type ZipEntry, zipOf } from './zip-writer.ts';

const { sealed, unsealed } = SESSIONS;
const whole = makeReport({ session: sealed });
const bytesOf = (text: string) => Buffer.from(text);

type Change = (entries: ZipEntry[]) => readonly ZipEntry[];

const named =
  (name: string, change: (entry: ZipEntry) => Partial<ZipEntry>): Change =>
  (entries) =>
    entries.map((entry) => (entry.name === name ? { ...entry, ...change(entry) } : entry));
const added =
  (name: string, text = 'x'): Change =>
  (entries) => [...entries, { name, bytes: bytesOf(text) }];
const report = (change: (entry: ZipEntry) => Partial<ZipEntry>) => named('report.json', change);
const stored: Change = (entries) => entries.map((entry) => ({ ...entry, deflate: false }));
const both = (change: Partial<NonNullable<ZipEntry['local']>>) => () => ({ local: change, central: change });

const CHANGES: Readonly<Record<string, Change>> = {
  'a file that no pack has': added('notes.txt'),
  'an empty file that no pack has': added('readme', ''),
  'a name in capitals': added('Report.json'),
  'a file in a folder': added('files/report.json'),
  'a file above the folder': added('../report.json'),
  'a file at the root': added('/report.json'),
  'a file with a backslash': added('files\\report.json'),
  'a folder': added('files/', ''),
  'a name with a byte that is no ASCII': added('report\u00e9.json'),
  'a name twice, the same bytes': (entries) => [...entries, entries[0] as ZipEntry],
  'a name twice, other bytes': added('report.json', '{"report":{}}'),
  'a statement twice': (entries) => [
    ...entries,
    entries.find(({ name }) => name === 'report.note') as ZipEntry,
  ],
  'no report': (entries) => entries.filter(({ name }) => name !== 'report.json'),
  'no files': () => [],
  'bytes between two files': report(() => ({ behind: bytesOf('hidden') })),
  'a file that the directory does not list': (entries) => {
    const hidden = zipOf([{ name: 'hidden.txt', bytes: bytesOf('hidden') }]);
    return report(() => ({ behind: hidden.subarray(0, 46) }))(entries);
  },
  'a local header with another name': report(() => ({ local: { name: 'report.jsom' } })),
  'a local header with a longer name': report(() => ({ local: { name: 'report.json.exe' } })),
  'a local header with another checksum': report(() => ({ local: { crc: 1 } })),
  'a local header with another packed size': report(() => ({ local: { packedSize: 1 } })),
  'a local header with another size': report(() => ({ local: { size: 1 } })),
  // The limit on what a pack holds is for sizes that its headers bear out.
  'a directory with a size beyond all packs': report((entry) => ({
    central: { size: entry.bytes.length + 2 ** 31 },
  })),
  'a local header with another method': report((entry) => ({ local: { method: entry.deflate ? 0 : 8 } })),
  'a local header with another date': report(() => ({ local: { date: 0x5000 } })),
  'a local header with another time': report(() => ({ local: { time: 1 } })),
  'a local header with other flags': report(() => ({ local: { flags: 0x0800 } })),
  'a local header with an extra field': report(() => ({
    local: { extra: Buffer.from('0a00000000', 'hex').subarray(0, 4) },
  })),
  'a directory with an extra field': report(() => ({ central: { extra: Buffer.from('0a000000', 'hex') } })),
  'a comment on a file': report(() => ({ comment: 'hello' })),
  'a comment that is stated and not there': report(() => ({ central: { commentSize: 5 } })),
  'an extra field that is stated and not there': report(both({ extraSize: 4 })),
  'a file on a second disk': report(() => ({ central: { diskStart: 1 } })),
  'a local header that is none': report(() => ({ local: { signature: 0x05034b50 } })),
  'a line of the directory that is none': report(() => ({ central: { signature: 0x03014b50 } })),
  'a wrong checksum': report(both({ crc: 0x12345678 })),
  'a wrong size': report((entry) => both({ size: entry.bytes.length + 1 })()),
  'a wrong size, one less': report((entry) => both({ size: entry.bytes.length - 1 })()),
  'an encrypted file': report(both({ flags: 1 })),
  'a data descriptor': report(() => ({
    local: { flags: 8, crc: 0, packedSize: 0, size: 0 },
    central: { flags: 8 },
    behind: Buffer.alloc(16),
  })),
  'an unknown method': report(both({ method: 12 })),
  'bytes behind the packed data': report(({ bytes }) => ({
    deflate: true,
    data: Buffer.concat([deflateRawSync(bytes), bytesOf('more')]),
  })),
  'packed data that is cut': report(({ bytes }) => ({
    deflate: true,
    data: deflateRawSync(bytes).subarray(0, -3),
  })),
  'packed data with a bit flipped': report(({ bytes }) => {
    const data = deflateRawSync(bytes);
    data[data.length >> 1]! ^= 1;
    return { deflate: true, data };
  }),
  'two files at one place': (entries) =>
    entries.map((entry, i) => (i === 1 ? { ...entry, offset: 0 } : entry)),
  'a file that begins in another': (entries) =>
    entries.map((entry, i) => (i === 1 ? { ...entry, offset: 10 } : entry)),
  'a line end behind the policy': named('policy.yaml', ({ bytes }) => ({
    bytes: Buffer.concat([bytes, bytesOf('\n')]),
  })),
  'another policy': named('policy.yaml', () => ({
    bytes: bytesOf(POLICY_TEXT.replace('version: 1', 'version: 2')),
  })),
  'an entry with a space': named('entries.ndjson', ({ bytes }) => ({
    bytes: bytesOf(Buffer.from(bytes).toString().replace(':', ': ')),
  })),
  'entries without the last line end': named('entries.ndjson', ({ bytes }) => ({
    bytes: bytes.subarray(0, -1),
  })),
  'an entry of the log with a line end': named('session_closed.json', ({ bytes }) => ({
    bytes: Buffer.concat([bytes, bytesOf('\n')]),
  })),
  'an entry of the log with a name twice': named('session_closed.json', ({ bytes }) => ({
    bytes: bytesOf(Buffer.from(bytes).toString().replace('"size":7', '"size":7,"size":7')),
  })),
};

const ENDS: Readonly<Record<string, ZipEnd>> = {
  'a comment': { comment: 'made by the clinic' },
  'bytes behind its end': { behind: bytesOf('x') },
  'a second zip behind its end': { behind: packOf(whole) },
  'bytes before its first file': { ahead: bytesOf('PK\u0003\u0004xx') },
  'bytes before its directory': { before: bytesOf('hidden') },
  'a directory with one file more than it has': { entries: 11 },
  'a directory with one file less than it has': { entries: 9 },
  'a directory of another size': { directorySize: 10 },
  'a directory elsewhere': { directoryAt: 0 },
  'a second disk': { disk: 1 },
  'an end record that is none': { signature: 0x07054b50 },
  'a comment that is stated and not there': { commentSize: 3 },
  'two counts of its files': { entries: 9, entriesHere: 10 },
  'bytes behind the last line of its directory': { tail: bytesOf('PK\u0005\u0005') },
  'a line of its directory cut': { entries: 11, tail: Buffer.from('504b0102', 'hex') },
};

export function packCases(): CorpusCase[] {
  const pdf = sessionPdf(whole);
  const withPdf = (name: string, bytes: Uint8Array, change: Change = (same) => same) =>
    oneCase(`pack with ${name}`, packOf(whole, change, undefined, bytes), KEY, 'x-------');
  const cut = packOf(whole);
  return [
    ...Object.entries(CHANGES).map(([name, change]) =>
      oneCase(`pack with ${name}`, packOf(whole, change), KEY, 'x-------'),
    ),
    ...Object.entries(ENDS).map(([name, end]) =>
      oneCase(`pack whose end has ${name}`, packOf(whole, undefined, end), KEY, 'x-------'),
    ),
    oneCase('pack with a comment, without a key', packOf(whole, undefined, { comment: 'x' }), [], 'x-------'),
    oneCase('pack with a name twice, without a key', packOf(whole, added('report.json')), [], 'x-------'),
    oneCase('pack cut at its end', cut.subarray(0, -1), KEY, 'x-------'),
    oneCase('pack cut in its middle', cut.subarray(0, cut.length >> 1), KEY, 'x-------'),
    oneCase('pack of its first bytes alone', cut.subarray(0, 4), KEY, 'x-------'),
    oneCase(
      'pack with names marked as UTF-8',
      packOf(whole, (entries) => entries.map((entry) => ({ ...entry, ...both({ flags: 0x0800 })() }))),
      KEY,
      'vvvvv---',
    ),
    oneCase(
      'pack in another order',
      packOf(whole, (entries) => entries.toReversed()),
      KEY,
      'vvvvv---',
    ),
    oneCase(
      'pack with a later date',
      packOf(whole, (entries) =>
        entries.map((entry) => ({ ...entry, ...both({ date: 0x5a21, time: 0x6000 })() })),
      ),
      KEY,
      'vvvvv---',
    ),
    oneCase(
      'pack with other verifiers',
      packOf(
        whole,
        named('verify.mjs', () => ({ bytes: bytesOf('process.exit(0)') })),
      ),
      KEY,
      'vvvvv---',
    ),
    withPdf('the PDF of another session', sessionPdf(makeReport({ session: unsealed }))),
    withPdf(
      'the PDF of another report on the session',
      sessionPdf(makeReport({ session: sealed, reportId: 'rep_01KQN89WGRBPJ4AAGAHJXMZY72' })),
    ),
    withPdf(
      'a PDF of another report alone',
      sessionPdf(
        makeReport({
          session: sealed,
          reportId: 'rep_01KQN89WGRBPJ4AAGAHJXMZY72',
          key: null,
          entries: () => null,
        }),
      ),
    ),
    withPdf(
      'a PDF with other entries',
      sessionPdf(makeReport({ session: sealed, entries: (texts) => texts.slice(1) })),
    ),
    withPdf('a PDF with another statement', sessionPdf({ ...whole, note: `${whole.note}\n` })),
    withPdf('a PDF with a byte behind its end', Buffer.concat([pdf, Buffer.from('\n')])),
    withPdf('a PDF that is none', bytesOf('%PDF-1.7\n')),
    withPdf('the entries in its PDF alone', pdf, (entries) =>
      entries.filter(({ name }) => name !== 'entries.ndjson'),
    ),
    oneCase(
      'pack with a PDF without entries',
      packOf(whole, undefined, undefined, sessionPdf({ ...whole, entries: null })),
      KEY,
      'vvvvv---',
    ),
    oneCase(
      'pack of a report on an account',
      zipOf(stored([{ name: 'report.json', bytes: makeWide().json }]) as ZipEntry[]),
      KEY,
      'x-------',
    ),
  ];
}
