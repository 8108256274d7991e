// PDFs that hold more, less or something else than the form has room for.

import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { type CorpusCase, KEY, oneCase } from './case.ts';
import { pdfOf, sessionFiles, sessionPdf } from './containers.ts';
import { type AttachedFile, type PdfPieces, rebuilt, takeApart, utf16 } from './plain-pdf.ts';
import { makeReport } from './session-reports.ts';
import { SESSIONS } from './sessions.ts';
import { makeWide, wideFiles, widePdf } from './wide-reports.ts';

const { sealed, unsealed } = SESSIONS;
const whole = makeReport({ session: sealed });
const pdf = sessionPdf(whole);
const JSON_NAME = `masker-session-${sealed.id}.json`;

const edited = (from: string | RegExp, to: string) => {
  const text = pdf.toString('latin1');
  const changed = text.replace(from, () => to);
  if (changed === text) throw new Error(`The corpus found no ${from} to change`);
  return Buffer.from(changed, 'latin1');
};
const pieces = (change: (pieces: PdfPieces) => void) => rebuilt(pdf, change);
const inRoot = (from: string | RegExp, to: string) =>
  pieces(({ objects, root }) => {
    const catalog = objects.get(root) as string;
    const changed = catalog.replace(from, () => to);
    if (changed === catalog) throw new Error(`The corpus found no ${from} in the catalog`);
    objects.set(root, changed);
  });
const behind = (text: string) => Buffer.concat([pdf, Buffer.from(text, 'latin1')]);

const streamOf = (number: number, text: string) => {
  const packed = deflateSync(Buffer.from(text)).toString('latin1');
  return `${number} 0 obj\n<<\n/Filter /FlateDecode\n/Length ${packed.length}\n>>\nstream\n${packed}\nendstream\nendobj\n\n`;
};
const lastOf = ({ objects }: PdfPieces) => Math.max(...objects.keys());

/** An appended revision, as an incremental update writes it. */
function revised(): Buffer {
  const { root } = takeApart(pdf);
  const { objects } = takeApart(pdf);
  const at = pdf.length + 1;
  const object = (objects.get(root) as string).replace('(en)', '(de)');
  const table = `xref\n${root} 1\n${String(at).padStart(10, '0')} 00000 n \n`;
  const start = /startxref\n(\d+)/.exec(pdf.toString('latin1'))?.[1];
  const size = lastOf(takeApart(pdf)) + 1;
  return behind(
    `\n${object}${table}\ntrailer\n<<\n/Size ${size}\n/Root ${root} 0 R\n/Prev ${start}\n>>\n\nstartxref\n${at + object.length}\n%%EOF`,
  );
}

/** The PDF with a change to the first specification of a file; `files` are its stream and the next one's. */
function withSpec(change: (spec: string, pieces: PdfPieces, files: [number, number]) => string): Buffer {
  return pieces((all) => {
    const specs = [...all.objects].filter(([, body]) => body.includes('/Type /Filespec'));
    const files = specs.map(([, body]) => Number(/\/EF <<\n\/F (\d+) 0 R/.exec(body)?.[1]));
    const [number, spec] = specs[0] as [number, string];
    all.objects.set(number, change(spec, all, [files[0] as number, files[1] as number]));
  });
}

/** The table's head, which lists the first three objects apart. */
function twoSections(): string {
  const [, count, rows] = /xref\n0 (\d+)\n((?:\d{10} \d{5} [fn] \n){3})/.exec(
    pdf.toString('latin1'),
  ) as unknown as [string, string, string];
  return `xref\n0 3\n${rows}3 ${Number(count) - 3}\n`;
}

const FORMS: Readonly<Record<string, () => Buffer>> = {
  'an appended revision': revised,
  'a second %%EOF': () => behind('\n%%EOF'),
  'a line end behind its end': () => behind('\n'),
  'a space behind its end': () => behind(' '),
  'a zero byte behind its end': () => behind('\0'),
  'a whole PDF behind its end': () => behind(pdf.toString('latin1')),
  'its last byte missing': () => pdf.subarray(0, -1),
  'its second half missing': () => pdf.subarray(0, pdf.length >> 1),
  'its first line alone': () => pdf.subarray(0, 9),
  'another version': () => edited('%PDF-1.7', '%PDF-1.6'),
  'another second line': () => edited('%\x81\x81\x81\x81\n', '%\x81\x81\x81\x82\n'),
  'an object that the table does not list': () =>
    pieces((all) => {
      const first = [...all.objects.keys()][0] as number;
      all.objects.set(first, `${all.objects.get(first)}${streamOf(900, 'hidden')}`);
    }),
  'an object between objects, offsets kept': () =>
    edited('\nendobj\n\n', '\nendobj\n\n900 0 obj\nnull\nendobj\n\n'),
  'a comment between objects': () =>
    pieces(({ objects, root }) => objects.set(root, `${objects.get(root)}% nothing to see\n`)),
  'a comment within an object': () => inRoot('/Lang (en)\n', '/Lang (en)% nothing to see\n'),
  'a comment before the table': () =>
    pieces(({ objects }) => {
      const last = [...objects.keys()].at(-1) as number;
      objects.set(last, `${objects.get(last)}% nothing\n`);
    }),
  'two spaces within an object': () => inRoot('/Lang (en)', '/Lang  (en)'),
  'a tab within an object': () => inRoot('/Lang (en)', '/Lang\t(en)'),
  'a line end missing within an object': () => inRoot('/Lang (en)\n', '/Lang (en)'),
  'a key twice in its catalog': () => inRoot('/Lang (en)\n', '/Lang (en)\n/Lang (de)\n'),
  'a stream that nobody names': () =>
    pieces((all) => all.objects.set(lastOf(all) + 1, streamOf(lastOf(all) + 1, 'hidden'))),
  'an object that nobody names': () =>
    pieces((all) =>
      all.objects.set(lastOf(all) + 1, `${lastOf(all) + 1} 0 obj\n<<\n/Note (hidden)\n>>\nendobj\n\n`),
    ),
  'two objects that name each other alone': () =>
    pieces((all) => {
      const next = lastOf(all) + 1;
      all.objects.set(next, `${next} 0 obj\n<<\n/Other ${next + 1} 0 R\n>>\nendobj\n\n`);
      all.objects.set(next + 1, `${next + 1} 0 obj\n<<\n/Other ${next} 0 R\n>>\nendobj\n\n`);
    }),
  'a reference to no object': () => inRoot('/Lang (en)\n', '/Lang (en)\n/Other 999 0 R\n'),
  'a reference of another generation': () => inRoot(/\/Pages (\d+) 0 R/, '/Pages 1 1 R'),
  'an offset of one byte too many': () => edited(/0000000016 00000 n/, '0000000017 00000 n'),
  'an offset of another object': () =>
    edited(
      /\n(\d{10}) 00000 n \n(\d{10}) 00000 n \n\ntrailer/,
      '\n0000000016 00000 n \n0000000016 00000 n \n\ntrailer',
    ),
  'an entry of the table of generation 1': () => edited('0000000016 00000 n', '0000000016 00001 n'),
  'an entry of the table marked free': () => edited('0000000016 00000 n', '0000000016 00000 f'),
  'no free entry first': () => edited('0000000000 65535 f', '0000000000 00000 f'),
  'a table in two sections': () => edited(/xref\n0 (\d+)\n((?:\d{10} \d{5} [fn] \n){3})/, twoSections()),
  'a table that lists nothing twice': () =>
    edited('0000000000 65535 f \n', '0000000000 65535 f \n0 1\n0000000000 65535 f \n'),
  'its objects in another order': () =>
    pieces((all) => {
      const [first, ...others] = all.objects;
      all.objects = new Map([...others, first as [number, string]]);
    }),
  'a table elsewhere': () => edited(/startxref\n\d+/, 'startxref\n16'),
  'a trailer with /Prev': () =>
    pieces((all) => {
      all.extra = '/Prev 16\n';
    }),
  'a trailer with /ID': () =>
    pieces((all) => {
      all.extra = '/ID [ <00> <00> ]\n';
    }),
  'a trailer with /Encrypt': () =>
    pieces((all) => {
      all.extra = `/Encrypt ${all.info} 0 R\n`;
    }),
  'a trailer of another size': () => edited(/\/Size \d+\n\/Root/, '/Size 99\n/Root'),
  'a line between trailer and startxref': () => edited('\n\nstartxref', '\n% here\nstartxref'),
  'a text in hex that is none': () => inRoot('/Lang (en)', '/Lang <zz>'),
  'a text without an end': () => inRoot('/Lang (en)', '/Lang (en'),
  'a stream whose length is a text': () =>
    edited(/\/Length (\d+)\n>>\nstream\n/, '/Length (5)\n>>\nstream\n'),
  'an object twice, the table naming the second': () =>
    pieces((all) => {
      if (all.root !== [...all.objects.keys()][0]) throw new Error('The catalog is not the first object');
      all.header += all.objects.get(all.root);
    }),
  'an attached file without its type': () =>
    pieces(({ objects }) => {
      for (const [number, body] of objects) {
        if (!body.includes('/Type /EmbeddedFile\n')) continue;
        objects.set(number, body.replace('/Type /EmbeddedFile\n', '/Type /EmbeddedFiles\n'));
        return;
      }
    }),
  'an attached file that is no stream': () =>
    withSpec((spec, { objects }, [file]) => {
      objects.set(file, `${file} 0 obj\n<<\n/Type /EmbeddedFile\n>>\nendobj\n\n`);
      return spec;
    }),
  'a specification of two files': () =>
    withSpec((spec, _, [file, next]) => spec.replace(`/UF ${file} 0 R`, `/UF ${next} 0 R`)),
  'a specification of a third file': () =>
    withSpec((spec, _, [file]) => spec.replace(`/UF ${file} 0 R\n`, `/UF ${file} 0 R\n/DOS ${file} 0 R\n`)),
  'a stream longer than it says': () => edited(/\/Length (\d+)\n>>\nstream\n/, '/Length 5\n>>\nstream\n'),
  'a name tree of scripts': () => inRoot(/\/Names <<\n/, '/Names <<\n/JavaScript <<\n/Names [ ]\n>>\n'),
  'a name tree with kids': () => inRoot(/\/EmbeddedFiles <<\n/, '/EmbeddedFiles <<\n/Kids [ ]\n'),
  'no name tree': () => inRoot(/\/Names <<\n\/EmbeddedFiles <<\n\/Names \[ [^\n]* \]\n>>\n>>\n/, ''),
  'no associated files': () => inRoot(/\/AF \[ [^\n]* \]\n/, ''),
};

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

export function pdfCases(): CorpusCase[] {
  const ofRevision = (revision: number) =>
    readFileSync(new URL(`../../data/reports/revision-${revision}.pdf`, import.meta.url));
  return [
    ...Object.entries(FORMS).map(([name, make]) => oneCase(`PDF with ${name}`, make(), KEY, 'x-------')),
    ...Object.entries(ATTACHMENTS).map(([name, change]) =>
      oneCase(`PDF with ${name}`, sessionPdf(whole, change), KEY, 'x-------'),
    ),
    oneCase('PDF with an appended revision, without a key', revised(), [], 'x-------'),
    oneCase('PDF with a file that another dictionary names', withSecondSpec(), KEY, 'x-------'),
    oneCase('PDF with a file that is nowhere named as one', withLooseFile(), KEY, 'x-------'),
    oneCase('PDF with two names for one file', twoNames(), KEY, 'x-------'),
    oneCase(
      'PDF put together again, nothing changed',
      pieces(() => {}),
      KEY,
      'vvvvv---',
    ),
    oneCase('PDF of revision 1', ofRevision(1), KEY, '--------'),
    oneCase('PDF of revision 2', ofRevision(2), KEY, '--------'),
    ...wideForms(),
  ];
}

/** A second specification of the JSON's stream, in the catalog alone. */
function withSecondSpec(): Buffer {
  return pieces(({ objects, root }) => {
    const file = /\/EF <<\n\/F (\d+) 0 R/.exec([...objects.values()].join(''))?.[1];
    const spec = `<<\n/Type /Filespec\n/F (other.json)\n/UF ${utf16('other.json')}\n/EF <<\n/F ${file} 0 R\n/UF ${file} 0 R\n>>\n>>`;
    objects.set(root, (objects.get(root) as string).replace('/Lang (en)\n', `/Lang (en)\n/Other ${spec}\n`));
  });
}

/** A stream of type EmbeddedFile that no specification names. */
function withLooseFile(): Buffer {
  return pieces((all) => {
    const next = lastOf(all) + 1;
    all.objects.set(next, streamOf(next, 'hidden').replace('<<\n', '<<\n/Type /EmbeddedFile\n'));
    all.objects.set(
      all.root,
      (all.objects.get(all.root) as string).replace('/Lang (en)\n', `/Lang (en)\n/Other ${next} 0 R\n`),
    );
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
