// PDFs with one part of another kind than reports have there. All else is in form, so that one check alone sees it.
import { type CorpusCase, KEY, oneCase } from './case.ts';
import { edited, JSON_NAME, lastOf, pdf, pieces, whole } from './changed-pdfs.ts';
import { pdfOf, sessionFiles } from './containers.ts';
import { eventProof } from './event-proofs.ts';
import { nameInPage, type PdfPieces } from './plain-pdf.ts';
import { SESSIONS } from './sessions.ts';

/** A change to the text of every object. */
const inAll = (from: string | RegExp, to: string | ((...found: string[]) => string)) =>
  pieces(({ objects }) => replaceIn(objects, from, to));

function replaceIn(
  objects: Map<number, string>,
  from: string | RegExp,
  to: string | ((...found: string[]) => string),
): void {
  let found = 0;
  for (const [number, body] of objects) {
    const changed = body.replace(from, typeof to === 'string' ? () => to : to);
    found += changed === body ? 0 : 1;
    objects.set(number, changed);
  }
  if (found === 0) throw new Error(`The corpus found no ${from} to change`);
}

/** The PDF with one more object, which its page names. */
const withObject = (body: string) =>
  pieces((all) => {
    const next = lastOf(all) + 1;
    all.objects.set(next, `${next} 0 obj\n${body}\nendobj\n\n`);
    nameInPage(all, `/Other ${next} 0 R\n`);
  });

const named = ({ objects }: PdfPieces, type: string) =>
  [...objects].find(([, body]) => body.includes(`\n/Type /${type}\n`)) as [number, string];

/** A file's description that is another thing; what it named is named by the page. */
const withSpec = (change: (body: string) => string) =>
  pieces((all) => {
    const [number, body] = named(all, 'Filespec');
    const file = /\/EF <<\n\/F (\d+ 0 R)/.exec(body)?.[1];
    all.objects.set(number, change(body));
    nameInPage(all, `/Other ${file}\n`);
  });

/** The description of the first attachment written where it is named, in both lists. */
const inlined = () =>
  pieces((all) => {
    const [number, body] = named(all, 'Filespec');
    const dict = /obj\n([\s\S]*)\nendobj/.exec(body)?.[1] as string;
    all.objects.delete(number);
    const root = all.objects.get(all.root) as string;
    all.objects.set(all.root, root.replaceAll(`${number} 0 R`, dict));
  });

/** The objects in another order, with a table that gives it. */
function misordered(): Buffer {
  const text = pdf.toString('latin1');
  const last = /\n\n(22 0 obj\n[\s\S]*?endobj\n\n)xref/.exec(text)?.[1] as string;
  const first = text.indexOf('1 0 obj');
  const moved = `${text.slice(0, first)}${last}${text.slice(first, text.lastIndexOf(last))}`;
  const at = (number: number) =>
    `${String(moved.search(new RegExp(`(?<=\\n)${number} 0 obj`))).padStart(10, '0')} 00000 n \n`;
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => at(from + i)).join('');
  const table = `0 1\n0000000000 65535 f \n22 1\n${at(22)}1 10\n${rows(1, 11)}13 9\n${rows(13, 22)}`;
  const trailer = text.slice(text.indexOf('\ntrailer'), text.lastIndexOf('startxref'));
  const end = trailer.replace('/Size 23', '/Size 22');
  return Buffer.from(`${moved}xref\n${table}${end}startxref\n${moved.length}\n%%EOF`, 'latin1');
}

const withoutObjects = () => {
  const head = pdf.subarray(0, pdf.indexOf('1 0 obj')).toString('latin1');
  const table = 'xref\n0 1\n0000000000 65535 f \n\ntrailer\n<<\n/Size 1\n>>';
  return Buffer.from(`${head}${table}\n\nstartxref\n${head.length}\n%%EOF`, 'latin1');
};

const lists = (count: number) => `${'[ '.repeat(count)}5 ${'] '.repeat(count - 1)}]`;

/** A stream whose length leads back into a text before it, so that the next object is read out of that text. */
const backwards = () =>
  pieces((all) => {
    const next = lastOf(all) + 1;
    const end = '\nendstream\nendobj\n\n';
    const tail = (length: number) => `)\n/Length -${length}\n>>\nstream\n`;
    const hidden = (length: number) =>
      `${next + 1} 0 obj\n<<\n/Length ${tail(length).length}\n>>\nstream\n${tail(length)}`;
    let length = 0;
    while (length !== end.length + hidden(length).length) length += 1;
    all.objects.set(next, `${next} 0 obj\n<<\n/B (${end}`);
    all.objects.set(next + 1, `${hidden(length)}${end}`);
    nameInPage(all, `/Other ${next} 0 R\n/Another ${next + 1} 0 R\n`);
  });

/** The lists of attachments and of associated files, the second in another order. */
const misassociated = () =>
  inAll(/\/AF \[ (\d+ 0 R) (\d+ 0 R)/, (_, first, second) => `/AF [ ${second} ${first}`);

const utf16Hex = (text: string) => Buffer.from(text, 'utf16le').swap16().toString('hex').toUpperCase();

/** The PDF as another program would have made it, in its properties and its metadata. */
const madeBy = (from: string, to: string) =>
  pieces(({ objects }) => {
    replaceIn(objects, utf16Hex(from), utf16Hex(to));
    replaceIn(objects, `>${from}`, `>${to}`);
  });

const PDFS: Readonly<Record<string, () => Buffer>> = {
  'an end within a text': () => withObject('(%%EOF)'),
  'another word at the end of an object': () => edited('\nendobj\n\n', '\nendobk\n\n'),
  'another word at the end of a stream': () => edited('\nendstream\n', '\nendstreak\n'),
  'objects out of order': misordered,
  'no object': withoutObjects,
  'a list that has a stream': () => withObject('[ ]\nstream\nabc\nendstream'),
  'lists in each other, deeper than any reader goes': () =>
    withObject(`${'[ '.repeat(20_000)}${'] '.repeat(19_999)}]`),
  'a text in hex that holds a letter of none': () => withObject('<zz>'),
  'a name without a value': () => withObject('<<\n/B \n>>'),
  'a stream of less than no bytes': backwards,
  'a table that counts from 00': () => edited(/\nxref\n0 /, '\nxref\n00 '),
  'an empty section of its table': () => edited(' n \n\ntrailer', ' n \n99 0\n\ntrailer'),
  'a reference of another generation': () =>
    pieces((all) => {
      const next = lastOf(all) + 1;
      all.objects.set(next, `${next} 0 obj\n5\nendobj\n\n`);
      nameInPage(all, `/Other ${next} 1 R\n`);
    }),
  'an attachment listed twice': () =>
    inAll(/\/Names \[ (\(entries.ndjson\) \d+ 0 R)/, (_, first) => `/Names [ ${first} ${first}`),
  'its files associated in another order': misassociated,
  'an attachment of less than no bytes': () => inAll(/\/Params <<\n\/Size \d+/, '/Params <<\n/Size -1'),
  'a list of attachments that is a dictionary of two': () =>
    inAll(/\/Names \[ \(.* \]/, '/Names <<\n/A 1\n/B 2\n>>'),
  'an action of no known type within a link': () =>
    withObject('<<\n/Type /Action\n/S /GoTo\n/A <<\n/S /Other\n>>\n>>'),
  'a number in place of a name': () => withObject('<<\n5 5\n>>'),
  'a name twice in a dictionary': () => withObject('<<\n/B 1\n/B 2\n>>'),
  'a text that takes in the rest': () => withObject(`${'('.repeat(9000)}a`),
  'a trailer that is a list': () => edited(/trailer\n<<\n[\s\S]*?>>/, 'trailer\n[ ]'),
  'a list in place of its catalog': () => edited(/\/Root (\d+ 0 R)/, '/Root [ 1 0 R ]'),
  'a tree of names that is a list': () =>
    inAll(/\/EmbeddedFiles <<\n\/Names \[ .* \]\n>>/, '/EmbeddedFiles [ /Names ]'),
  'a list of attachments that is a dictionary': () => inAll(/\/Names \[ \(.* \]/, '/Names <<\n/A 1\n>>'),
  'a name more at the end of the list': () => inAll(/(\/Names \[ \(.* )\]/, (_, list) => `${list}(zzz) ]`),
  'a description of a file in its lists': inlined,
  'pages that are a number': () => inAll('/Kids [ 3 0 R ]\n/Count 1', '/Kids 5\n/Count 3 0 R'),
  'another Chromium': () => madeBy('Chromium', 'Chromius'),
  'another program that finished it': () => madeBy('masker-evidence', 'masker-evidense'),
  'a property more that is a name': () => inAll('/Author <FEFF', '/Trapped /True\n/Author <FEFF'),
  'an action within an action': () =>
    withObject('<<\n/Type /Action\n/S /GoTo\n/A <<\n/S /URI\n/URI (https://example.com)\n>>\n>>'),
  'compressed objects': () => withObject('<<\n/Type /ObjStm\n>>'),
  'a compressed table': () => withObject('<<\n/Type /XRef\n>>'),
  'a description of a file that is a list': () =>
    withSpec((body) => body.replace(/<<\n[\s\S]*>>/, '[ /Type /F /UF /EF /Desc /AFRelationship ]')),
  'a description of a file of another type': () => inAll('/Type /Filespec\n', '/Type /Filespek\n'),
  'a description of a file that is a name': () => inAll(/\/Desc <FEFF[^>]*>/, '/Desc /Report'),
  'a file called by a name': () => inAll('/F (report.note)', '/F /report.note'),
  'contents that are a list': () => withSpec((body) => body.replace(/\/EF <<\n[\s\S]*?>>/, '/EF [ /F /UF ]')),
  'contents that are none': () =>
    withSpec((body) => body.replace(/\/EF <<\n[\s\S]*?>>/, '/EF <<\n/F null\n/UF null\n>>')),
  'contents of another type beside an empty file': () =>
    pieces((all) => {
      const [number, body] = named(all, 'EmbeddedFile');
      all.objects.set(number, body.replace('/Type /EmbeddedFile', '/Type /EmbeddedFilf'));
      const next = lastOf(all) + 1;
      all.objects.set(next, `${next} 0 obj\n<<\n/Type /EmbeddedFile\n>>\nendobj\n\n`);
      nameInPage(all, `/Other ${next} 0 R\n`);
    }),
  'facts of an attachment that are a list': () =>
    inAll(/\/Params <<\n[\s\S]*?>>/, '/Params [ /Size /CreationDate /ModDate /CheckSum ]'),
  'a fact more of an attachment': () => inAll('/CheckSum <', '/Mac 5\n/CheckSum <'),
  'a proof attached as its report': () =>
    pdfOf(
      sessionFiles(whole).map((file) =>
        file.name === JSON_NAME ? { ...file, bytes: eventProof(SESSIONS.sealed, 2) } : file,
      ),
    ),
};

export function pdfPartCases(): CorpusCase[] {
  return [
    ...Object.entries(PDFS).map(([name, make]) => oneCase(`part of a PDF: ${name}`, make(), KEY, 'x-------')),
    oneCase('part of a PDF: a value in a hundred lists', withObject(lists(100)), KEY, 'vvvvv---'),
    oneCase('part of a PDF: a value in 101 lists', withObject(lists(101)), KEY, 'x-------'),
    oneCase('part of a PDF: a list under /S', withObject('<<\n/S [ 5 ]\n>>'), KEY, 'vvvvv---'),
    oneCase(
      'part of a PDF: a link to a place within it',
      inAll('/Annots [ ]', '/Annots [ <<\n/Type /Annot\n/Subtype /Link\n/Rect [ 0 0 9 9 ]\n>> ]'),
      KEY,
      'vvvvv---',
    ),
  ];
}
