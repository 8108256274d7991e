// Finds what a PDF holds beside the parts that its trailer leads to: `readPdf` insists on the spelling of each object, and
// not on each object's having a use.
import { inflateSync } from 'node:zlib';
import {
  PDFArray,
  PDFDict,
  type PDFDocument,
  PDFHexString,
  PDFName,
  type PDFObject,
  PDFRawStream,
  PDFRef,
  PDFStream,
} from '@cantoo/pdf-lib';
import { ATTACHMENT_LIMIT } from '../../../workers/pdf/finish/pdf-form.ts';
import { unpackWhole } from './unpack-whole.ts';
import { wrong } from './verdict.ts';

/** Ends as wrong at the first part that nothing leads to. */
export function refuseLoose({ context, catalog }: PDFDocument): void {
  const reached = new Set<string>();
  const { Root, Info, ID } = context.trailerInfo;
  if (ID !== undefined) wrong('the PDF has an /ID, which no report has');
  const waiting: (PDFObject | undefined)[] = [Root, Info];
  while (waiting.length > 0) {
    const object = waiting.pop();
    if (object instanceof PDFRef) {
      if (reached.has(object.tag)) continue;
      reached.add(object.tag);
      const target = context.lookup(object);
      if (target === undefined) wrong('the PDF names an object that is not there');
      waiting.push(target);
    } else if (object instanceof PDFHexString) {
      if (!/^[0-9A-Fa-f]*$/.test(object.asString())) wrong('the PDF holds a text in hex that is none');
    } else for (const inner of innerOf(object)) waiting.push(inner);
  }
  const objects = context.enumerateIndirectObjects();
  if (objects.some(([ref]) => !reached.has(ref.tag)))
    wrong('the PDF holds an object that nothing in it names');
  const names = catalog.lookup(PDFName.of('Names'));
  const tree = names instanceof PDFDict ? names.lookup(PDFName.of('EmbeddedFiles')) : undefined;
  if (keysOf(names) !== '/EmbeddedFiles' || keysOf(tree) !== '/Names')
    wrong('the PDF lists more by name than its files');
  for (const [, object] of objects) {
    if (!(object instanceof PDFRawStream)) continue;
    if (object.dict.get(PDFName.of('Type')) !== PDFName.of('EmbeddedFile')) continue;
    unpackWhole(inflateSync, object.contents, ATTACHMENT_LIMIT, 'attached file');
  }
}

function innerOf(object: PDFObject | undefined): readonly PDFObject[] {
  if (object instanceof PDFArray) return object.asArray();
  const dict = object instanceof PDFStream ? object.dict : object;
  return dict instanceof PDFDict ? dict.values() : [];
}

function keysOf(dict: PDFObject | undefined): string {
  return dict instanceof PDFDict ? dict.keys().join() : '';
}
