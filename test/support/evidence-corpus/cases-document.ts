// PDFs that say of themselves, or of their pages, what a report's does not; and policies whose text is not the one that the
// account log has.
import { deflateSync } from 'node:zlib';
import { type CorpusCase, KEY, oneCase, pairCase } from './case.ts';
import { inRoot, pdf, pieces } from './changed-pdfs.ts';
import { sessionPdf } from './containers.ts';
import { at, pdf as pairedPdf, SEALED } from './paired-reports.ts';
import { type PdfPieces, rebuilt, takeApart, utf16 } from './plain-pdf.ts';
import { makeReport } from './session-reports.ts';
import { SESSIONS } from './sessions.ts';
import { makeWide, widePdf } from './wide-reports.ts';

const { sealed } = SESSIONS;

/** A change to the first object that holds the text. */
const changed = ({ objects }: PdfPieces, from: string | RegExp, to: string): void => {
  for (const [number, body] of objects) {
    const other = body.replace(from, () => to);
    if (other === body) continue;
    objects.set(number, other);
    return;
  }
  throw new Error(`The corpus found no ${from} to change`);
};
const inObject = (from: string | RegExp, to: string) => pieces((all) => changed(all, from, to));
const inInfo = (from: string | RegExp, to: string) =>
  pieces((all) => {
    const { info, objects } = all;
    const only = { ...all, objects: new Map([[info, objects.get(info) as string]]) };
    changed(only, from, to);
    objects.set(info, only.objects.get(info) as string);
  });

/** A change to what an attachment states of itself. */
const inFile = (from: RegExp, to: string | ((found: string) => string)) =>
  pieces(({ objects }) => {
    for (const [number, body] of objects) {
      const change = typeof to === 'string' ? () => to : to;
      const other = body.includes('/Type /EmbeddedFile\n') ? body.replace(from, change) : body;
      if (other === body) continue;
      objects.set(number, other);
      return;
    }
    throw new Error(`The corpus found no ${from} of an attachment to change`);
  });

/** Another text in the metadata, its length kept right. */
const inMetadata = (from: string, to: string, keys = '') =>
  pieces(({ objects }) => {
    for (const [number, body] of objects) {
      if (!body.includes('/Type /Metadata\n')) continue;
      const xmp = body
        .slice(body.indexOf('stream\n') + 7, body.lastIndexOf('\nendstream'))
        .replace(from, () => to);
      const dict = `<<\n/Type /Metadata\n/Subtype /XML\n${keys}/Length ${xmp.length}\n>>`;
      objects.set(number, `${number} 0 obj\n${dict}\nstream\n${xmp}\nendstream\nendobj\n\n`);
    }
  });

const packed = (text: string) => deflateSync(Buffer.from(text, 'latin1')).toString('latin1');

const PAGE = '/Type /Page\n';
const ONE_PAGE = '/Kids [ 3 0 R ]\n/Count 1';
const CHANGES: Readonly<Record<string, () => Buffer>> = {
  'labels of its pages': () => inRoot('/Lang (en)\n', '/Lang (en)\n/PageLabels <<\n>>\n'),
  'a way to open it': () => inRoot('/Lang (en)\n', '/Lang (en)\n/PageMode /FullScreen\n'),
  'a base for links': () => inRoot('/Lang (en)\n', '/Lang (en)\n/URI <<\n/Base (https://example.com)\n>>\n'),
  'another language': () => inRoot('/Lang (en)\n', '/Lang (de)\n'),
  'no language': () => inRoot('/Lang (en)\n', ''),
  'a preference more': () => inRoot('/DisplayDocTitle true\n', '/DisplayDocTitle true\n/HideToolbar true\n'),
  'its title not shown': () => inRoot('/DisplayDocTitle true\n', '/DisplayDocTitle false\n'),
  'no preferences': () => inRoot('/ViewerPreferences <<\n/DisplayDocTitle true\n>>\n', ''),
  'a page that is cut': () => inObject(PAGE, `${PAGE}/CropBox [ 0 0 9 9 ]\n`),
  'a page that is turned': () => inObject(PAGE, `${PAGE}/Rotate 90\n`),
  'pages that are turned': () => inObject('/Type /Pages\n', '/Type /Pages\n/Rotate 90\n'),
  'a page with data of its own': () => inObject(PAGE, `${PAGE}/PieceInfo <<\n>>\n`),
  'a page twice': () => inObject(ONE_PAGE, '/Kids [ 3 0 R 3 0 R ]\n/Count 2'),
  'a page that is none': () => inObject(ONE_PAGE, '/Kids [ 3 0 R 5 0 R ]\n/Count 2'),
  'a page within its list': () =>
    inObject(ONE_PAGE, '/Kids [ 3 0 R <<\n/Type /Page\n/Parent 2 0 R\n>> ]\n/Count 2'),
  'another title': () => inInfo(/\/Title <[^>]*>/, `/Title ${utf16('Compliance report of another session')}`),
  'another author': () => inInfo(/\/Author <[^>]*>/, `/Author ${utf16('Somebody')}`),
  'another subject': () => inInfo(/\/Subject <[^>]*>/, `/Subject ${utf16('All is well')}`),
  'another program': () => inInfo(/\/Producer <[^>]*>/, `/Producer ${utf16('masker 1')}`),
  'another browser': () => inInfo(/\/Creator <[^>]*>/, `/Creator ${utf16('Chromium')}`),
  'another time of its making': () => inInfo(/\/CreationDate \([^)]*\)/, '/CreationDate (D:20260503213012Z)'),
  'a time of its making in hex': () =>
    inInfo(/\/CreationDate \([^)]*\)/, `/CreationDate <${Buffer.from('D:20260503213011Z').toString('hex')}>`),
  'its language in hex': () => inRoot('/Lang (en)\n', '/Lang <656E>\n'),
  'its title shown by a number': () => inRoot('/DisplayDocTitle true\n', '/DisplayDocTitle 1\n'),
  'an attachment of another time of its making': () =>
    inFile(/\/CreationDate \([^)]*\)/, '/CreationDate (D:20260503213012Z)'),
  'an attachment of another time of its change': () =>
    inFile(/\/ModDate \([^)]*\)/, '/ModDate (D:20260503213012Z)'),
  'an attachment whose time is a text': () => inFile(/\/ModDate \([^)]*\)/, '/ModDate (verified)'),
  'an attachment whose time is in hex': () =>
    inFile(/\/ModDate \([^)]*\)/, `/ModDate <${Buffer.from('D:20260503213011Z').toString('hex')}>`),
  'an attachment whose time is a number': () => inFile(/\/CreationDate \([^)]*\)/, '/CreationDate 5'),
  'an attachment whose checksum is no hex': () =>
    inFile(/(?<=\/CheckSum )<[^>]*>/, (hex) => {
      const bytes = Buffer.from(hex.slice(1, -1), 'hex').toString('latin1');
      return `(${bytes.replace(/[\\()]/g, '\\$&')})`;
    }),
  'marks of another kind': () => inRoot('/Type /MarkInfo\n', '/Type /MarkInfp\n'),
  'marks that say it has no tags': () => inRoot('/Marked true\n', '/Marked false\n'),
  'marks that say so by a number': () => inRoot('/Marked true\n', '/Marked 1\n'),
  'marks that say more': () => inRoot('/Marked true\n', '/Marked true\n/Suspects true\n'),
  'marks that say nothing': () => inRoot('/Type /MarkInfo\n/Marked true\n', ''),
  'marks that are a text': () =>
    inRoot('/MarkInfo <<\n/Type /MarkInfo\n/Marked true\n>>\n', '/MarkInfo (verified)\n'),
  'no marks': () => inRoot('/MarkInfo <<\n/Type /MarkInfo\n/Marked true\n>>\n', ''),
  'another time of its change': () => inInfo(/\/ModDate \([^)]*\)/, '/ModDate (D:20260503213012Z)'),
  keywords: () => inInfo('/Title ', `/Keywords ${utf16('verified')}\n/Title `),
  'no author': () => inInfo(/\/Author <[^>]*>\n/, ''),
  'metadata with another title': () =>
    inMetadata('Compliance report of session', 'Compliance report of agent'),
  'metadata with a text more': () =>
    inMetadata('<pdfuaid:part>', '<pdf:Keywords>verified</pdf:Keywords>\n<pdfuaid:part>'),
  'metadata of another program': () => inMetadata('Chromium 156', 'Chromium 157'),
  'metadata with a key more': () => inMetadata('', '', '/Other true\n'),
  'no metadata': () => {
    const found = Number(
      /\/Metadata (\d+) 0 R/.exec(takeApart(pdf).objects.get(takeApart(pdf).root) as string)?.[1],
    );
    return pieces(({ objects, root }) => {
      objects.delete(found);
      objects.set(root, (objects.get(root) as string).replace(/\/Metadata \d+ 0 R\n/, ''));
    });
  },
};

/** Every stream of the page empty: nothing in the file says what it showed. */
const blanked = () =>
  pieces(({ objects }) => {
    const contents = [...objects.values()].flatMap((body) => [
      ...(/\/Contents \[ ([^\]]*) \]/.exec(body)?.[1] ?? '').matchAll(/(\d+) 0 R/g),
    ]);
    const empty = packed('');
    for (const [, number] of contents) {
      const dict = `<<\n/Filter /FlateDecode\n/Length ${empty.length}\n>>`;
      objects.set(Number(number), `${number} 0 obj\n${dict}\nstream\n${empty}\nendstream\nendobj\n\n`);
    }
  });

const TEXT = 'name: another\nversion: 1\n';
const otherPolicy = { policy_snapshot: TEXT };
const otherPolicies = { 'policies.0.text': TEXT };

export function documentCases(): CorpusCase[] {
  const wide = widePdf(makeWide());
  const title = rebuilt(wide, (all) =>
    changed(all, /\/Title <[^>]*>/, `/Title ${utf16('Compliance report')}`),
  );
  const unstated = makeReport({ session: sealed, key: null, report: otherPolicy });
  const claimed = pairedPdf(at(6, 'unsealed'), false, { key: null, report: { 'audit_log.state': 'sealed' } });
  return [
    ...Object.entries(CHANGES).map(([name, make]) => oneCase(`PDF with ${name}`, make(), KEY, 'x-------')),
    oneCase('PDF over many sessions with another title', title, KEY, 'x-------'),
    // Nothing in the file proves what its pages show: no axis says so.
    oneCase('PDF whose page was blanked', blanked(), KEY, 'vvvvv---'),
    oneCase('a policy text that the log does not have, without a statement', unstated.json, KEY, 'x-------'),
    oneCase('a policy text that the log does not have, in a PDF', sessionPdf(unstated), KEY, 'x-------'),
    oneCase(
      'a policy text of many that its digest is not over',
      makeWide({ key: null, report: otherPolicies }).json,
      KEY,
      'x-------',
    ),
    pairCase(
      'pair: a report that nobody signed, which says sealed of a log that was not, then longer',
      [claimed, pairedPdf(at(9, 'sealed'), true)],
      KEY,
      ['----x---', SEALED],
      '-',
    ),
  ];
}
