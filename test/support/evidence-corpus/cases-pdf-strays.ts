// PDFs that show what is in another file or on no page, and lists of pages that count others than they have. Each is
// refused by one check alone.
import { type CorpusCase, KEY, oneCase } from './case.ts';
import { inPage, lastOf, pieces } from './changed-pdfs.ts';

const FORM = '/Type /XObject\n/Subtype /Form\n/BBox [ 0 0 9 9 ]\n';
const LINK = '/Type /Annot\n/Subtype /Link\n/Rect [ 0 0 9 9 ]\n';
const stream = (members: string) => inPage(`<<\n${members}/Length 1\n>>\nstream\n \nendstream`);
const dict = (members: string) => inPage(`<<\n${members}>>`);

const ONE_PAGE = '/Kids [ 3 0 R ]\n/Count 1\n';
/** The list of pages with other kids or another count. */
const listing = (members: string) =>
  pieces(({ objects }) => {
    const list = objects.get(2) as string;
    if (!list.includes(ONE_PAGE)) throw new Error('The corpus found no list of one page');
    objects.set(
      2,
      list.replace(ONE_PAGE, () => members),
    );
  });

/** The page in a list within the list, each with its count. */
const nested = (outer: number, inner: number) =>
  pieces((all) => {
    const next = lastOf(all) + 1;
    const [list, page] = [2, 3].map((number) => all.objects.get(number) as string) as [string, string];
    all.objects.set(2, list.replace(ONE_PAGE, `/Kids [ ${next} 0 R ]\n/Count ${outer}\n`));
    all.objects.set(3, page.replace('/Parent 2 0 R', `/Parent ${next} 0 R`));
    const members = `/Type /Pages\n/Parent 2 0 R\n/Kids [ 3 0 R ]\n/Count ${inner}\n`;
    all.objects.set(next, `${next} 0 obj\n<<\n${members}>>\nendobj\n\n`);
  });

const REFUSED: Readonly<Record<string, () => Buffer>> = {
  'a stream whose contents are in another file': () => stream('/F (other.bin)\n'),
  'a stream whose contents are in no file': () => stream('/F null\n'),
  'a stream with a filter of another file': () => stream('/FFilter /FlateDecode\n'),
  'a stream with parameters of a filter of another file': () => stream('/FDecodeParms <<\n>>\n'),
  'a drawing of a page of another PDF': () => stream(`${FORM}/Ref <<\n/F (other.pdf)\n/Page 0\n>>\n`),
  'a drawing that a printer takes from another file': () => stream(`${FORM}/OPI <<\n>>\n`),
  'a link with a picture of its own': () => dict(`${LINK}/AP <<\n>>\n`),
  'a link with a text of its own': () => dict(`${LINK}/Contents (All is well)\n`),
  'a file in another file system': () => dict('/FS /URL\n/F (https://example.com)\n'),
  'a description of a file that is not in it': () => dict('/Type /Filespec\n/F (other.pdf)\n'),
  'associated files beside those of its catalog': () =>
    dict('/AF [ <<\n/Type /Filespec\n/F (other.pdf)\n>> ]\n'),
  'a page that is left out of its count': () => listing(ONE_PAGE.replace('1\n', '0\n')),
  'a count of more pages than it has': () => listing(ONE_PAGE.replace('1\n', '2\n')),
  'a count of its pages that is true': () => listing(ONE_PAGE.replace('1\n', 'true\n')),
  'a count of its pages that is null': () => listing(ONE_PAGE.replace('1\n', 'null\n')),
  'no count of its pages': () => listing('/Kids [ 3 0 R ]\n'),
  'a list of pages in its list that counts two': () => nested(1, 2),
  'a list of pages that counts those of its inner list twice': () => nested(2, 1),
};

export function strayCases(): CorpusCase[] {
  return [
    ...Object.entries(REFUSED).map(([name, make]) => oneCase(`PDF with ${name}`, make(), KEY, 'x-------')),
    oneCase('PDF with a list of pages in its list', nested(1, 1), KEY, 'vvvvv---'),
    oneCase('PDF with a drawing', stream(FORM), KEY, 'vvvvv---'),
    oneCase(
      'PDF with a count of its pages by reference',
      pieces((all) => {
        const next = lastOf(all) + 1;
        all.objects.set(2, (all.objects.get(2) as string).replace('/Count 1', `/Count ${next} 0 R`));
        all.objects.set(next, `${next} 0 obj\n1\nendobj\n\n`);
      }),
      KEY,
      'vvvvv---',
    ),
  ];
}
