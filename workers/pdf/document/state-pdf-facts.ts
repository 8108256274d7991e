import type { StatedReport } from '../../../shared/reports/earlier-revisions.ts';
import type { PdfFacts } from './pdf-draft.ts';

/** The language of the pages. */
export const LANGUAGE = 'en';

/** The facts that the PDF of a report of any revision states besides its pages. */
export function statePdfFacts(
  report: Pick<StatedReport, 'id' | 'session_id' | 'merkle_root_hex' | 'generated_at'>,
): PdfFacts {
  const { session_id: sessionId } = report;
  return {
    title: `Compliance report of session ${sessionId}`,
    language: LANGUAGE,
    reportId: report.id,
    sessionId,
    rootHex: report.merkle_root_hex,
    generatedAt: report.generated_at,
    attachmentName: `masker-session-${sessionId}.json`,
  };
}
