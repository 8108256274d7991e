// Finds parts of a PDF that act, or that show something that is not on its pages or not in the file. The PDF of a report has links within
// itself and no other such part.
import { type PDFDict, type PDFDocument, PDFName, PDFNull, PDFRef, PDFStream } from '@cantoo/pdf-lib';
import { dictsOf, hasKey, valueAt } from './pdf-objects.ts';

/** Keys of dictionaries, with their names in words. */
const ACTIVE_KEYS: Readonly<Record<string, string>> = {
  '/AA': 'an action that starts by itself',
  '/OpenAction': 'an action that starts when it is opened',
  '/JS': 'JavaScript',
  '/JavaScript': 'JavaScript',
  '/XFA': 'an XFA form',
  '/AcroForm': 'a form',
  '/Collection': 'a portfolio',
  '/OCProperties': 'layers that can be hidden',
  '/RichMediaContent': 'rich media',
  '/PA': 'a link out of it',
  '/AP': 'an annotation with a picture of its own',
  '/FS': 'a file that is elsewhere',
};

/** Keys of streams whose contents, or what they draw, are in another file. */
const OUTSIDE = ['F', 'FFilter', 'FDecodeParms', 'Ref', 'OPI'] as const;

/** Types of actions other than a link within a PDF. One may stand behind such a link (/Next), in a list, or anywhere. */
const ACTIONS: ReadonlySet<string> = new Set([
  ...['/GoToR', '/GoToE', '/GoToDp', '/Launch', '/Thread', '/URI', '/Sound', '/Movie', '/Hide', '/Named'],
  ...['/SubmitForm', '/ResetForm', '/ImportData', '/JavaScript', '/SetOCGState', '/Rendition', '/Trans'],
  ...['/GoTo3DView', '/RichMediaExecute'],
]);

/** The one subtype of annotation that may be there. Others are forms, notes, files, films. */
const LINK = '/Link';

const GO_TO = PDFName.of('GoTo');

/** The first active part, in words; null when there is none. */
export function findActive(pdf: PDFDocument): string | null {
  // Readers follow such an object further than this program does.
  const objects = pdf.context.enumerateIndirectObjects().map(([, object]) => object);
  if (objects.some((object) => object instanceof PDFRef)) return 'an object that is a reference to another';
  if (
    objects.some((object) => object instanceof PDFStream && OUTSIDE.some((key) => hasKey(object.dict, key)))
  )
    return 'a stream that shows another file';
  for (const dict of dictsOf(pdf)) {
    const found = findInDict(dict);
    if (found !== null) return found;
  }
  return null;
}

function findInDict(dict: PDFDict): string | null {
  for (const key of dict.keys()) {
    const active = ACTIVE_KEYS[key.asString()];
    if (active !== undefined) return active;
  }
  const linked = valueAt(dict, 'A', 'S') ?? PDFNull;
  const isAction = nameAt(dict, 'Type') === '/Action';
  if ((linked !== PDFNull && linked !== GO_TO) || (isAction && valueAt(dict, 'S') !== GO_TO))
    return 'an action other than a link within it';
  if (ACTIONS.has(nameAt(dict, 'S') ?? '')) return 'an action that another one starts';
  // Looks for a rectangle and a subtype, which all annotations have: /Type may be missing.
  if (hasKey(dict, 'Rect') && nameAt(dict, 'Subtype') !== LINK) return 'an annotation that is no link';
  if (hasKey(dict, 'Contents') && hasKey(dict, 'Subtype')) return 'an annotation with a text of its own';
  if (['/ObjStm', '/XRef'].includes(nameAt(dict, 'Type') ?? '')) return 'compressed objects';
  return null;
}

function nameAt(dict: PDFDict, ...path: readonly string[]): string | null {
  const value = valueAt(dict, ...path);
  return value instanceof PDFName ? value.asString() : null;
}
