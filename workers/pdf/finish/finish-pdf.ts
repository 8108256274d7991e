// Makes the report's PDF of the pages that Chromium printed: a foot on every page, metadata from the report and not
// from the clock, the JSON and its attachments. Equal input gives equal bytes, in any process.
import { ParseSpeeds, PDFDocument, PDFHeader, PDFName } from '@cantoo/pdf-lib';
import type { Attachment } from '../../../shared/reports/attachments.ts';
import type { PdfFacts } from '../document/pdf-draft.ts';
import { attachFiles } from './attach-files.ts';
import { describeDocument } from './describe-document.ts';
import { drawFeet } from './draw-feet.ts';
import { findExcessObjects, findFormProblem, findSizeProblem } from './form-problem.ts';
import { nameGlyphs } from './name-glyphs.ts';
import { WRITING } from './pdf-form.ts';
import { renumberNodes } from './renumber-nodes.ts';

/**
 * `printed` is Chromium's tagged output, `reportJson` the bytes that `format=json` sends, `attachments` the files that are
 * attached beside it, `chromium` the version that printed. Throws when `printed` is no PDF with a page.
 */
export async function finishPdf(
  printed: Uint8Array,
  facts: PdfFacts,
  reportJson: Uint8Array,
  attachments: readonly Attachment[],
  chromium: string,
): Promise<Uint8Array> {
  const pdf = await PDFDocument.load(printed, {
    updateMetadata: false,
    throwOnInvalidObject: true,
    parseSpeed: ParseSpeeds.Fastest,
  });
  const pages = pdf.getPages();
  if (pages.length === 0) throw new Error('Chromium printed no page');
  pdf.context.header = PDFHeader.forVersion(1, 7);
  // Lets the tab key visit links in the order of the structure, as PDF/UA-1 7.18.3 asks.
  for (const page of pages) page.node.set(PDFName.of('Tabs'), PDFName.of('S'));
  nameGlyphs(pdf);
  renumberNodes(pdf);
  await drawFeet(pdf, pages, facts);
  describeDocument(pdf, facts, chromium);
  attachFiles(pdf, facts, reportJson, attachments);
  const finished = await pdf.save(WRITING);
  // Compressed bytes may spell by chance, once in a million, a word that `readPdf` refuses. The next report will not.
  const problem = findSizeProblem(finished) ?? findFormProblem(finished) ?? findExcessObjects(finished);
  if (problem !== null) throw new Error(`The finished PDF would be refused: ${problem}`);
  return finished;
}
