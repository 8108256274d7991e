// PDFs whose attached files are others than a report's, or are attached in another way.

import { deflateSync } from 'node:zlib';
import { type CorpusCase, KEY, oneCase } from './case.ts';
import { JSON_NAME, lastOf, pieces, streamOf, whole } from './changed-pdfs.ts';
import { pdfOf, sessionFiles, sessionPdf } from './containers.ts';
import { type AttachedFile, nameInPage, rebuilt, utf16 } from './plain-pdf.ts';
import { makeReport } from './session-reports.ts';
import { SESSIONS } from './sessions.ts';
import { makeWide, wideFiles, widePdf } from './wide-reports.ts';

const { sealed, unsealed } = SESSIONS;

type Attach = (files: AttachedFile[]) => AttachedFile[];

const named =
  (name: string, change: Partial<AttachedFile>): Attach =>
  (files) =>
    files.map((file) => (file.name === name ? { ...file, ...change } : file));
const added =
  (file: AttachedFile): Attach =>
  (files) =>
    [...files, file].sort((a, b) => (a.name < b.name ? -1 : 1));
const bytesOf = (text: string) => Buffer.from(text);
const entriesOf =
  (change: (text: string) => string): Attach =>
  (files) =>
    files.map((file) =>
      file.name === 'entries.ndjson'
        ? { ...file, bytes: bytesOf(change(Buffer.from(file.bytes).toString())) }
        : file,
    );

const ATTACHMENTS: Readonly<Record<string, Attach>> = {
  'an extra attachment': added({ name: 'terms.txt', bytes: bytesOf('terms') }),
  'an extra attachment by the name of one, in capitals': added({ name: 'Report.note', bytes: bytesOf('x') }),
  'a report of another session beside its own': added({
    name: `masker-session-${unsealed.id}.json`,
    bytes: makeReport({ session: unsealed }).json,
  }),
  'its JSON twice by one name': (files) => [
    ...files.slice(0, 2),
    files[1] as AttachedFile,
    ...files.slice(2),
  ],
  'its statement twice': (files) => [...files, files.at(-1) as AttachedFile],
  'its attachments in another order': (files) => files.toReversed(),
  'its JSON by the name of another session': named(JSON_NAME, { name: `masker-session-${unsealed.id}.json` }),
  'its JSON by the name of an account': named(JSON_NAME, {
    name: `masker-account-${sealed.accountId}-2026-05.json`,
  }),
  'its JSON by another name': named(JSON_NAME, { name: 'report.json' }),
  'no JSON': (files) => files.filter(({ name }) => name !== JSON_NAME),
  'its JSON listed by another name': named(JSON_NAME, { listedAs: 'masker-session.json' }),
  'its JSON with another Unicode name': named(JSON_NAME, { unicodeName: 'masker-session.json' }),
  'its JSON with another file name': named(JSON_NAME, { fileName: 'masker-session.json' }),
  'a statement that is packed in another way': named('report.note', {
    filter: 'ASCIIHexDecode',
    packed: bytesOf('00>'),
  }),
  'a JSON that is not packed, nor says so': named(JSON_NAME, {
    filter: 'Identity',
    packed: deflateSync(whole.json),
  }),
  'entries with a number for a last line, without its end': entriesOf((text) => `${text}12`),
  'a statement that the name tree does not list': named('report.note', { unlisted: true }),
  'a statement that is not associated': named('report.note', { unassociated: true }),
  'entries that are neither listed nor associated': named('entries.ndjson', {
    unlisted: true,
    unassociated: true,
  }),
  'a JSON of a byte more than stated': named(JSON_NAME, { size: whole.json.length + 1 }),
  'a JSON of a byte less than stated': named(JSON_NAME, { size: whole.json.length - 1 }),
  'a statement of another size': named('report.note', { size: 3 }),
  'a JSON of another MD5': named(JSON_NAME, { checkSum: '0'.repeat(32) }),
  'entries of another MD5': named('entries.ndjson', { checkSum: 'f'.repeat(32) }),
  'bytes behind the packed JSON': named(JSON_NAME, {
    packed: Buffer.concat([deflateSync(whole.json), bytesOf('more')]),
  }),
  'the packed JSON with a bit flipped': named(JSON_NAME, { packed: flippedIn(deflateSync(whole.json)) }),
  'the packed JSON cut': named(JSON_NAME, { packed: deflateSync(whole.json).subarray(0, -5) }),
  'a JSON that is not packed': named(JSON_NAME, { packed: whole.json }),
  'an entry with a space': entriesOf((text) => text.replace(':', ': ')),
  'an entry with a name twice': entriesOf((text) => text.replace('"seq":1', '"seq":1,"seq":1')),
  'entries without the last line end': entriesOf((text) => text.slice(0, -1)),
  'entries with an empty line': entriesOf((text) => text.replace('\n', '\n\n')),
  'entries with an empty line first': entriesOf((text) => `\n${text}`),
  'entries with carriage returns': entriesOf((text) => text.replaceAll('\n', '\r\n')),
  'entries with a byte order mark': entriesOf((text) => `\ufeff${text}`),
  'entries with half a line behind them': entriesOf((text) => `${text}{`),
  'entries that are not UTF-8': named('entries.ndjson', { bytes: Buffer.from('ff0a', 'hex') }),
  "an account log's lines in a session's report": (files) =>
    wideFiles(makeWide())
      .slice(2)
      .concat(files)
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
};

function flippedIn(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1]! ^= 4;
  return copy;
}

export function attachmentCases(): CorpusCase[] {
  return [
    ...Object.entries(ATTACHMENTS).map(([name, change]) =>
      oneCase(`PDF with ${name}`, sessionPdf(whole, change), KEY, 'x-------'),
    ),
    oneCase('PDF with a file that another dictionary names', withSecondSpec(), KEY, 'x-------'),
    oneCase('PDF with a file that is nowhere named as one', withLooseFile(), KEY, 'x-------'),
    oneCase('PDF with two names for one file', twoNames(), KEY, 'x-------'),
    ...wideForms(),
  ];
}

/** A second specification of the JSON's stream, in a page alone. */
function withSecondSpec(): Buffer {
  return pieces((all) => {
    const file = /\/EF <<\n\/F (\d+) 0 R/.exec([...all.objects.values()].join(''))?.[1];
    const spec = `<<\n/Type /Filespec\n/F (other.json)\n/UF ${utf16('other.json')}\n/EF <<\n/F ${file} 0 R\n/UF ${file} 0 R\n>>\n>>`;
    nameInPage(all, `/Other ${spec}\n`);
  });
}

/** A stream of type EmbeddedFile that no specification names. */
function withLooseFile(): Buffer {
  return pieces((all) => {
    const next = lastOf(all) + 1;
    all.objects.set(next, streamOf(next, 'hidden').replace('<<\n', '<<\n/Type /EmbeddedFile\n'));
    nameInPage(all, `/Other ${next} 0 R\n`);
  });
}

/** The specification of the statement names the entries' stream. */
function twoNames(): Buffer {
  const files = sessionFiles(whole);
  return rebuilt(pdfOf(files), ({ objects }) => {
    const specs = [...objects].filter(([, body]) => body.includes('/Type /Filespec'));
    const [entries, , note] = specs as [[number, string], [number, string], [number, string]];
    const ref = /\/EF <<\n\/F (\d+) 0 R/.exec(entries[1])?.[1];
    const own = /\/EF <<\n\/F (\d+) 0 R/.exec(note[1])?.[1];
    objects.set(note[0], note[1].replaceAll(`${own} 0 R`, `${ref} 0 R`));
    objects.delete(Number(own));
  });
}

function wideForms(): CorpusCase[] {
  const wide = makeWide();
  const form = (name: string, change: Attach) =>
    oneCase(`PDF on an account with ${name}`, widePdf(wide, change), KEY, 'x-------');
  return [
    form('its lines and no proof', (files) =>
      files.filter((file) => file.name !== 'session_closed.multiproof.json'),
    ),
    form('its proof and no lines', (files) => files.filter((file) => file.name !== 'session_closed.ndjson')),
    form("a session's entries", added({ name: 'entries.ndjson', bytes: Buffer.alloc(0) })),
    form(
      'its JSON by the name of an agent',
      named(wide.name, { name: wide.name.replace(/account-acc/, 'agent-agt') }),
    ),
    form(
      'its JSON by a name of two kinds',
      named(wide.name, { name: wide.name.replace('account', 'agent') }),
    ),
    form(
      'its JSON by the name of another account',
      named(wide.name, { name: wide.name.replace('Y71', 'Y72') }),
    ),
    form(
      'its JSON by a name without a window',
      named(wide.name, { name: wide.name.replace('-2026-05', '') }),
    ),
    form('its JSON by a name with a word', named(wide.name, { name: wide.name.replace('-2026-05', '-may') })),
    form('a line with a space', (files) =>
      files.map((file) =>
        file.name === 'session_closed.ndjson'
          ? { ...file, bytes: Buffer.from(Buffer.from(file.bytes).toString().replace(':', ': ')) }
          : file,
      ),
    ),
    oneCase(
      'PDF on an account with a proof that is no JSON',
      widePdf(makeWide({ multiproofBytes: () => Buffer.from('proof') })),
      KEY,
      'x-------',
    ),
    oneCase(
      'PDF on an account with a proof and a line end',
      widePdf(makeWide({ multiproofBytes: (bytes) => Buffer.concat([bytes, Buffer.from('\n')]) })),
      KEY,
      'x-------',
    ),
    oneCase(
      'PDF on an account with a proof with a name twice',
      widePdf(
        makeWide({
          multiproofBytes: (bytes) => Buffer.from(bytes.toString().replace('"v":1', '"v":1,"v":1')),
        }),
      ),
      KEY,
      'x-------',
    ),
    oneCase(
      'PDF on an account with a proof of version 2',
      widePdf(makeWide({ multiproof: { v: 2 } })),
      KEY,
      'x-------',
    ),
    oneCase(
      'PDF on an account with a proof with a member more',
      widePdf(makeWide({ multiproof: { note: 'x' } })),
      KEY,
      'x-------',
    ),
    oneCase(
      'PDF on an account with a proof without its size',
      widePdf(makeWide({ multiproof: { size: undefined } })),
      KEY,
      'x-------',
    ),
    oneCase(
      'PDF on an account with a proof whose indexes are a text',
      widePdf(makeWide({ multiproof: { indexes: '1' } })),
      KEY,
      'x-------',
    ),
  ];
}
