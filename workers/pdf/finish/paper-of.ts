import type { PDFDocument, PDFPage } from '@cantoo/pdf-lib';
import { DEFAULT_PAPER, type Paper } from '../../../shared/reports/paper.ts';

/** In points, between the widths of A4 (595) and of US Letter (612). */
const BETWEEN = 603;

/** The paper of a report's pages, by the width of the first one. */
export function paperOf(pdf: PDFDocument): Paper {
  const page: PDFPage | undefined = pdf.getPages()[0];
  if (!page) return DEFAULT_PAPER;
  return page.getWidth() > BETWEEN ? 'letter' : 'a4';
}
