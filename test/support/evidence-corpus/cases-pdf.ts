// PDFs that hold more, less or something else than the form has room for.

import { readFileSync } from 'node:fs';
import { type CorpusCase, KEY, oneCase } from './case.ts';
import { attachmentCases } from './cases-attachments.ts';
import { documentCases } from './cases-document.ts';
import { strayCases } from './cases-pdf-strays.ts';
import { behind, edited, inRoot, lastOf, pdf, pieces, streamOf } from './changed-pdfs.ts';
import { nameInPage, type PdfPieces, takeApart } from './plain-pdf.ts';

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
  'a letter of a name escaped': () => inRoot('/Lang (en)', '/L#61ng (en)'),
  'a file that a name in another spelling hides': () =>
    pieces((all) => nameInPage(all, `/Other <<\n/#45F <<\n/F ${lastOf(all) - 1} 0 R\n>>\n>>\n`)),
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
  'a reference to no object': () => pieces((all) => nameInPage(all, '/Other 999 0 R\n')),
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

export function pdfCases(): CorpusCase[] {
  const ofRevision = (revision: number) =>
    readFileSync(new URL(`../../data/reports/revision-${revision}.pdf`, import.meta.url));
  return [
    ...Object.entries(FORMS).map(([name, make]) => oneCase(`PDF with ${name}`, make(), KEY, 'x-------')),
    oneCase('PDF with an appended revision, without a key', revised(), [], 'x-------'),
    oneCase(
      'PDF put together again, nothing changed',
      pieces(() => {}),
      KEY,
      'vvvvv---',
    ),
    oneCase('PDF of revision 1', ofRevision(1), KEY, '--------'),
    oneCase('PDF of revision 2', ofRevision(2), KEY, '--------'),
    ...attachmentCases(),
    ...documentCases(),
    ...strayCases(),
  ];
}
