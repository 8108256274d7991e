// Numbers the table heads of a PDF's structure anew. Chromium numbers them by nodes that it drew before it printed, so by
// how quickly fonts were loaded: the same document would give other bytes.
import {
  PDFArray,
  PDFDict,
  type PDFDocument,
  PDFName,
  type PDFObject,
  PDFRef,
  PDFString,
} from '@cantoo/pdf-lib';
import { dictsOf, valueAt } from './pdf-objects.ts';

/** In the order of the structure's objects. Cells refer to the numbers, and a tree lists them, in its root alone. */
export function renumberNodes(pdf: PDFDocument): void {
  const { context, catalog } = pdf;
  const numbered = new Map<string, PDFString>();
  for (const [, object] of context.enumerateIndirectObjects()) {
    const id = object instanceof PDFDict ? object.get(ID) : undefined;
    if (!(object instanceof PDFDict && id instanceof PDFString)) continue;
    const name = PDFString.of(`node${String(numbered.size + 1).padStart(8, '0')}`);
    numbered.set(id.asString(), name);
    object.set(ID, name);
  }
  const rename = (id: PDFObject) => (id instanceof PDFString && numbered.get(id.asString())) || id;
  for (const dict of dictsOf(pdf)) {
    const heads = dict.get(PDFName.of('Headers'));
    if (heads instanceof PDFArray) dict.set(PDFName.of('Headers'), context.obj(heads.asArray().map(rename)));
  }
  const tree = valueAt(catalog, 'StructTreeRoot', 'IDTree');
  if (!(tree instanceof PDFDict)) return;
  const elements = takeElements(tree).map(([id, element]) => [rename(id), element] as const);
  elements.sort(([a], [b]) => (a.toString() < b.toString() ? -1 : 1));
  tree.set(NAMES, context.obj(elements.flat()));
}

const ID = PDFName.of('ID');
const NAMES = PDFName.of('Names');
const KIDS = PDFName.of('Kids');

/** Empties a name tree: all its pairs of a name and an element. */
function takeElements(tree: PDFDict): [id: PDFObject, element: PDFObject][] {
  const names = tree.lookupMaybe(NAMES, PDFArray)?.asArray() ?? [];
  const pairs = names.flatMap((name, index) =>
    index % 2 === 0 ? [[name, names[index + 1]] as [PDFObject, PDFObject]] : [],
  );
  for (const kid of tree.lookupMaybe(KIDS, PDFArray)?.asArray() ?? []) {
    const branch = tree.context.lookup(kid);
    if (branch instanceof PDFDict) pairs.push(...takeElements(branch));
    if (kid instanceof PDFRef) tree.context.delete(kid);
  }
  tree.delete(KIDS);
  return pairs;
}
