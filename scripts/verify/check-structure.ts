// Compares everything that a PDF states besides its pages with the report attached to it.
import type { PDFDocument } from '@cantoo/pdf-lib';
import type { StatedReport, StatedWideReport } from '../../shared/reports/earlier-revisions.ts';
import { statePdfFacts } from '../../workers/pdf/document/state-pdf-facts.ts';
import { descriptionOf, isDescribedAs } from '../../workers/pdf/finish/describe-document.ts';
import type { PdfStatements } from '../../workers/pdf/finish/read-pdf.ts';
import { type Finding, failed, verified } from './axis.ts';
import { findStrayKeys } from './find-stray-keys.ts';

/** `report` is the attached one; null where it cannot be read, which another axis tells. */
export function checkStructure(
  { attachmentName, attachments, origin, description }: PdfStatements,
  report: StatedReport | StatedWideReport | null,
  document: PDFDocument,
): Finding {
  const stray = findStrayKeys(document);
  if (stray !== null) return failed(stray);
  if (report !== null) {
    const facts = statePdfFacts(report);
    if (attachmentName !== facts.attachmentName) {
      return failed('its attachment bears the name of another subject');
    }
    const expected = descriptionOf(facts, origin);
    if (!isDescribedAs(expected, description)) {
      return failed('its title, dates or other metadata are not those of the attached report');
    }
  }
  const files = attachments.length + 1;
  return verified(
    `nothing stands outside the form of a report's file, with ${files === 1 ? 'one attachment' : `${files} attachments, each listed by its name`}; what its pages show, and whether pages were added or left out, is the axis pages`,
  );
}
