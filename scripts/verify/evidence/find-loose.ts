// Finds what a PDF holds beside the parts that its trailer leads to: `readPdf` insists on the spelling of each object, and
// not on each object's having a use.
import {
  PDFArray,
  PDFDict,
  type PDFDocument,
  PDFHexString,
  PDFName,
  PDFNumber,
  type PDFObject,
  PDFRef,
  PDFStream,
} from '@cantoo/pdf-lib';

/** The first part that nothing leads to, or another of no report, in words; null where there is none. */
export function findLoose({ context, catalog }: PDFDocument): string | null {
  const reached = new Set<string>();
  const { Root, Info, ID } = context.trailerInfo;
  if (ID !== undefined) return 'it has an /ID, which no report has';
  const waiting: (PDFObject | undefined)[] = [Root, Info];
  while (waiting.length > 0) {
    const object = waiting.pop();
    if (object instanceof PDFRef) {
      if (reached.has(object.tag)) continue;
      reached.add(object.tag);
      const target = context.lookup(object);
      if (target === undefined) return 'it names an object that is not there';
      waiting.push(target);
    } else if (object instanceof PDFHexString) {
      if (!/^[0-9A-Fa-f]*$/.test(object.asString())) return 'it holds a text in hex that is none';
    } else if (object instanceof PDFNumber) {
      if (!isUsual(object.asNumber())) return 'it holds a number that no report has';
    } else if (object instanceof PDFName) {
      if (!hasUsualLength(object)) return 'it holds a name that is empty or longer than any';
    } else for (const inner of innerOf(object)) waiting.push(inner);
  }
  const objects = context.enumerateIndirectObjects();
  if (objects.some(([ref]) => !reached.has(ref.tag))) return 'it holds an object that nothing in it names';
  const names = catalog.lookup(PDFName.of('Names'));
  const tree = names instanceof PDFDict ? names.lookup(PDFName.of('EmbeddedFiles')) : undefined;
  const listsFiles = keysOf(names) === '/EmbeddedFiles' && keysOf(tree) === '/Names';
  return listsFiles ? null : 'it lists more by name than its files';
}

function innerOf(object: PDFObject | undefined): readonly PDFObject[] {
  if (object instanceof PDFArray) return object.asArray();
  const dict = object instanceof PDFStream ? object.dict : object;
  return dict instanceof PDFDict ? [...dict.keys(), ...dict.values()] : [];
}

/** Other verifiers take no numbers but those that are spelled without an exponent, and none that nothing drawn is as small as. */
function isUsual(number: number): boolean {
  const size = Math.abs(number);
  return size === 0 || (size >= 1e-20 && size < 1e21);
}

/** Characters of a name as it is spelled, behind its slash. */
function hasUsualLength(name: PDFName): boolean {
  const { length } = name.asString().slice(1);
  return length > 0 && length <= 200;
}

function keysOf(dict: PDFObject | undefined): string {
  return dict instanceof PDFDict ? dict.keys().join() : '';
}
