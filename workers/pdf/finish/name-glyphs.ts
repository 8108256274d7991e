// Gives a character to each glyph of a PDF that has none, as PDF/UA-1 7.21.7 asks. Scripts that join or reorder letters
// have such glyphs: Chromium writes U+0000 for them, and the true text as the `ActualText` around them.
import { inflateSync } from 'node:zlib';
import { type PDFDocument, PDFName, PDFRawStream, PDFRef } from '@cantoo/pdf-lib';
import { dictsOf } from './pdf-objects.ts';

/** Puts U+FFFD, the character for unknown ones, in place of U+0000. */
export function nameGlyphs(pdf: PDFDocument): void {
  const { context } = pdf;
  for (const font of dictsOf(pdf)) {
    const ref = font.get(PDFName.of('ToUnicode'));
    const map = ref instanceof PDFRef ? context.lookup(ref) : undefined;
    if (!(ref instanceof PDFRef && map instanceof PDFRawStream)) continue;
    const text = inflateSync(map.contents).toString('latin1');
    const named = text.replace(/^(<[0-9A-F]{4}>) <0000>$/gim, '$1 <FFFD>');
    if (named !== text) context.assign(ref, context.flateStream(named));
  }
}
