// Finds what a PDF says of itself and of its pages beside what a report's says: a member of the catalog or of a page that
// this program does not know may change what a reader shows.
import {
  ParseSpeeds,
  PDFArray,
  PDFBool,
  PDFDict,
  PDFDocument,
  PDFName,
  PDFNumber,
  type PDFObject,
  PDFRef,
  PDFStream,
  PDFString,
} from '@cantoo/pdf-lib';
import { hasKey } from '../../workers/pdf/finish/pdf-objects.ts';

const CATALOG_KEYS: ReadonlySet<string> = new Set([
  ...['/Type', '/Pages', '/MarkInfo', '/StructTreeRoot', '/Outlines', '/ViewerPreferences', '/Lang'],
  ...['/Metadata', '/Names', '/AF'],
]);
const PAGE_KEYS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['/Pages', new Set(['/Type', '/Count', '/Kids', '/Parent'])],
  [
    '/Page',
    new Set([
      '/Type',
      '/Parent',
      '/Resources',
      '/MediaBox',
      '/Contents',
      '/StructParents',
      '/Tabs',
      '/Annots',
    ]),
  ],
]);

/** For bytes that `readPdf` took. */
export async function openChecked(bytes: Uint8Array): Promise<PDFDocument> {
  return await PDFDocument.load(bytes, { updateMetadata: false, parseSpeed: ParseSpeeds.Fastest });
}

/** The first such thing, in words; null where there is none. */
export function findStrayKeys({ catalog, context }: PDFDocument): string | null {
  const strange = strayOf(catalog, CATALOG_KEYS);
  if (strange !== undefined) return `its catalog has a member that no report has, ${strange}`;
  const preferences = catalog.lookup(PDFName.of('ViewerPreferences'));
  const language = catalog.get(PDFName.of('Lang'));
  const isUsual =
    language instanceof PDFString &&
    language.asString() === 'en' &&
    preferences instanceof PDFDict &&
    preferences.keys().join() === '/DisplayDocTitle' &&
    preferences.get(PDFName.of('DisplayDocTitle')) === PDFBool.True;
  if (!isUsual) return 'it states another language or other preferences than reports do';
  const marks = catalog.lookup(PDFName.of('MarkInfo'));
  const isTagged =
    marks instanceof PDFDict &&
    marks.keys().map(String).sort().join() === '/Marked,/Type' &&
    marks.get(PDFName.of('Type')) === PDFName.of('MarkInfo') &&
    marks.get(PDFName.of('Marked')) === PDFBool.True;
  if (!isTagged) return 'it states its tags (/MarkInfo) in another way than reports do';
  const metadata = catalog.lookup(PDFName.of('Metadata'));
  const form = metadata instanceof PDFStream ? metadata.dict.keys().map(String).sort().join() : '';
  if (form !== '/Length,/Subtype,/Type') return 'it states its metadata in another way than reports do';
  return findStrayPages(catalog, context);
}

function findStrayPages(catalog: PDFDict, context: PDFDocument['context']): string | null {
  const seen = new Set<string>();
  const lists: PageList[] = [];
  const waiting: Listed[] = [[catalog.get(PDFName.of('Pages')), undefined]];
  for (let listed = waiting.pop(); listed !== undefined; listed = waiting.pop()) {
    const [node, parent] = listed;
    if (!(node instanceof PDFRef) || seen.has(node.tag)) return 'its pages are not listed as reports do';
    seen.add(node.tag);
    const page = context.lookup(node);
    const keys = page instanceof PDFDict ? PAGE_KEYS.get(String(page.get(PDFName.of('Type')))) : undefined;
    if (!(page instanceof PDFDict) || !keys) return 'it has a page that is none';
    const other = strayOf(page, keys);
    if (other !== undefined) return `a page of it has a member that no report's has, ${other}`;
    if (page.get(PDFName.of('Parent')) !== parent) return 'a page of it names another list of pages';
    if (hasKey(page, 'MediaBox') && !isBox(page.lookup(PDFName.of('MediaBox'))))
      return 'a page of it has a size that is none';
    const isList = page.get(PDFName.of('Type')) === PDFName.of('Pages');
    lists.push({ node, parent, stated: isList ? page.lookup(PDFName.of('Count')) : null });
    const kids = isList ? page.lookup(PDFName.of('Kids')) : PDFArray.withContext(context);
    if (!(kids instanceof PDFArray)) return 'its pages are not listed as reports do';
    for (const kid of kids.asArray()) waiting.push([kid, node]);
  }
  return areCounted(lists) ? null : 'it states another number of pages than it has';
}

/** A list of pages with the count that it states, or a page, whose count is null. */
type PageList = Readonly<{ node: PDFRef; parent: PDFRef | undefined; stated: PDFObject | undefined | null }>;

/** Whether each list states how many pages are in it. A list stands before what it lists. */
function areCounted(lists: readonly PageList[]): boolean {
  const counts = new Map<PDFRef | undefined, number>();
  return lists.toReversed().every(({ node, parent, stated }) => {
    const has = stated === null ? 1 : (counts.get(node) ?? 0);
    counts.set(parent, (counts.get(parent) ?? 0) + has);
    return stated === null || (stated instanceof PDFNumber && stated.asNumber() === has);
  });
}

/** A page, or a list of pages, and the list that it is in. */
type Listed = readonly [node: PDFObject | undefined, parent: PDFRef | undefined];

function isBox(value: PDFObject | undefined): boolean {
  return (
    value instanceof PDFArray &&
    value.size() === 4 &&
    value.asArray().every((_, i) => value.lookup(i) instanceof PDFNumber)
  );
}

function strayOf(dict: PDFDict, known: ReadonlySet<string>): string | undefined {
  return dict
    .keys()
    .map(String)
    .find((key) => !known.has(key));
}
