// Values of a PDF in a spelling, of a type or at a place that no report has: each is refused by every verifier.
import { type CorpusCase, KEY, oneCase } from './case.ts';
import { inPage, lastOf, pdf, pieces } from './changed-pdfs.ts';
import { nameInPage, type PdfPieces, rebuilt, utf16 } from './plain-pdf.ts';

const inMember = (value: string): Buffer => pieces((all) => nameInPage(all, `/Other ${value}\n`));

/** A change to every object that holds the text. */
const inObjects = (from: string | RegExp, to: string | ((found: string) => string)): Buffer => {
  let changes = 0;
  const changed = pieces(({ objects }) => {
    for (const [number, body] of objects) {
      const other = body.replace(from, typeof to === 'string' ? () => to : to);
      if (other !== body) changes += 1;
      objects.set(number, other);
    }
  });
  if (changes === 0) throw new Error(`The corpus found no ${from} to change`);
  return changed;
};

/** The value of a key in the information dictionary, or of an attachment, as a text in brackets. */
const bare = (found: string): string => {
  const [, key, hex] = /^(\/\w+ )<FEFF(.*)>$/.exec(found) as RegExpExecArray;
  return `${key}(${Buffer.from(hex as string, 'hex')
    .swap16()
    .toString('utf16le')})`;
};
const hexOf = (text: string): string => `<${Buffer.from(text).toString('hex').toUpperCase()}>`;

/** The value of a member as an object of its own. */
const apart = (from: RegExp, value: string, to: (ref: string) => string): Buffer =>
  rebuilt(pdf, (all: PdfPieces) => {
    const number = lastOf(all) + 1;
    const at = [...all.objects].find(([, body]) => from.test(body));
    if (at === undefined) throw new Error(`The corpus found no ${from} to change`);
    all.objects.set(
      at[0],
      at[1].replace(from, () => to(`${number} 0 R`)),
    );
    all.objects.set(number, `${number} 0 obj\n${value}\nendobj\n\n`);
  });

const stream = (type: string): Buffer =>
  pieces((all) => {
    const number = lastOf(all) + 1;
    all.objects.set(
      number,
      `${number} 0 obj\n<<\n/Type ${number + 1} 0 R\n/Length 1\n>>\nstream\nx\nendstream\nendobj\n\n`,
    );
    all.objects.set(number + 1, `${number + 1} 0 obj\n${type}\nendobj\n\n`);
    nameInPage(all, `/Other ${number} 0 R\n`);
  });

const REFUSED: Readonly<Record<string, () => Buffer>> = {
  'a name of 201 letters': () => inMember(`/${'a'.repeat(201)}`),
  'a name of 67 escapes': () => inMember(`/${'#20'.repeat(67)}`),
  'a name of 90 escapes': () => inMember(`/${'#20'.repeat(90)}`),
  'an empty name': () => inMember('/'),
  'an empty key': () => pieces((all) => nameInPage(all, '/ 5\n')),
  'a key of 201 letters': () => pieces((all) => nameInPage(all, `/${'a'.repeat(201)} 5\n`)),
  'a number of 60 zeros behind its point': () => inMember(`0.${'0'.repeat(60)}1`),
  'a number of 20 zeros behind its point': () => inMember(`0.${'0'.repeat(20)}3`),
  'a tiny number of more digits than a number has': () => inMember('0.0000001234567890123456789'),
  'a number of 22 digits': () => inMember(`1${'0'.repeat(21)}`),
  'a number of 310 digits': () => inMember(`1${'0'.repeat(309)}`),
  'its title in small digits': () => inObjects(/(?<=\/Title )<[^>]*>/, (found) => found.toLowerCase()),
  'its title in brackets': () => inObjects(/\/Title <FEFF[^>]*>/, bare),
  'its author in brackets': () => inObjects(/\/Author <FEFF[^>]*>/, bare),
  'its author in Latin-1': () => inObjects(/\/Author <FEFF[^>]*>/, `/Author ${hexOf('Masker')}`),
  'its Chromium in brackets': () => inObjects(/\/Creator <FEFF[^>]*>/, bare),
  'its program in brackets': () => inObjects(/\/Producer <FEFF[^>]*>/, bare),
  'a name of a file in hex': () => inObjects('/F (report.note)', `/F ${hexOf('report.note')}`),
  'a name in its list in hex': () => inObjects('(report.note)', hexOf('report.note')),
  'a second name of a file in brackets': () => inObjects(`/UF ${utf16('report.note')}`, '/UF (report.note)'),
  'a second name of a file in Latin-1': () =>
    inObjects(`/UF ${utf16('report.note')}`, `/UF ${hexOf('report.note')}`),
  'a description in brackets': () => inObjects(/\/Desc <FEFF[^>]*>/, bare),
  'a name of a file elsewhere': () => apart(/\/F \(report.note\)/, '(report.note)', (ref) => `/F ${ref}`),
  'a relationship elsewhere': () =>
    apart(/\/AFRelationship \/Data/, '/Data', (ref) => `/AFRelationship ${ref}`),
  'the packing of a file elsewhere': () =>
    apart(/(?<=>>\n)\/Filter \/FlateDecode/, '/FlateDecode', (ref) => `/Filter ${ref}`),
  'its language elsewhere': () => apart(/\/Lang \(en\)/, '(en)', (ref) => `/Lang ${ref}`),
  'an action whose kind is a number': () => inPage('<<\n/Type /Action\n/S 5\n>>'),
  'an action whose kind is a text': () => inPage('<<\n/Type /Action\n/S (Launch)\n>>'),
  'an action of no kind': () => inPage('<<\n/Type /Action\n>>'),
  'a link whose kind is a number': () => inPage('<<\n/A <<\n/S 5\n>>\n>>'),
  'an action of another kind behind a link': () =>
    inPage('<<\n/Type /Action\n/S /Other\n/A <<\n/S /GoTo\n>>\n>>'),
  'a list of files that is null': () => inPage('<<\n/EF null\n>>'),
  'a rectangle that is null': () => inPage('<<\n/Rect null\n>>'),
  'a page whose size is null': () => inObjects(/\/MediaBox \[[^\]]*\]/, '/MediaBox null'),
  'a file whose type stands elsewhere': () => stream('/EmbeddedFile'),
  'compressed objects whose type stands elsewhere': () => stream('/ObjStm'),
};

const TAKEN: Readonly<Record<string, () => Buffer>> = {
  'a name of 200 letters': () => inMember(`/${'a'.repeat(200)}`),
  'a name of 66 escapes': () => inMember(`/${'#20'.repeat(66)}`),
  'a tiny number': () => inMember('0.00000012'),
  'a tiny number below zero': () => inMember('-0.00000012'),
  'a number of 19 zeros behind its point': () => inMember(`0.${'0'.repeat(19)}5`),
  'a number of 21 digits': () => inMember(`1${'0'.repeat(20)}`),
  'a link whose kind is null': () => inPage('<<\n/A <<\n/S null\n>>\n>>'),
};

export function spellingCases(): CorpusCase[] {
  return [
    ...Object.entries(REFUSED).map(([name, make]) => oneCase(`PDF with ${name}`, make(), KEY, 'x-------')),
    ...Object.entries(TAKEN).map(([name, make]) => oneCase(`PDF with ${name}`, make(), KEY, 'vvvvv---')),
  ];
}
