// Checks a PDF's pages: by the signed digest of the PDF in the ledger, or where there is none by printing them again.
import { hash } from 'node:crypto';
import type { StatedReport } from '../../shared/reports/earlier-revisions.ts';
import { readAnyReport } from '../../shared/reports/read-report.ts';
import { REPORT_REVISION } from '../../shared/reports/report-schema.ts';
import { PRODUCER } from '../../workers/pdf/finish/describe-document.ts';
import type { PdfStatements } from '../../workers/pdf/finish/read-pdf.ts';
import { createPdfRenderer, draftPdf, PDF_TASKS_HERE } from '../../workers/pdf/pdf.ts';
import { terminalText } from '../command/terminal-text.ts';
import { type Finding, failed, notChecked, verified } from './axis.ts';
import type { IssuedPdf } from './issued-pdf.ts';

export type PrintedReport = PdfStatements & Readonly<{ pdf: Uint8Array }>;

const DEADLINE_MS = 120_000;

/**
 * The ledger's digest alone decides where it is signed. Without a signed one the pages are printed again. Pages that this
 * program and this machine's Chromium cannot print byte for byte are not checked: the file names both itself, so that
 * anyone can choose the names.
 */
export async function checkPages(
  printed: PrintedReport,
  { revision }: Pick<StatedReport, 'revision'>,
  issued: IssuedPdf,
): Promise<Finding> {
  if (issued.known) return compareWithLedger(printed.pdf, issued.sha256Hex);
  const reprinted = await reprint(printed, revision);
  return reprinted.status === 'not_checked' ? notChecked(`${reprinted.detail}. ${issued.remedy}`) : reprinted;
}

function compareWithLedger(pdf: Uint8Array, issuedSha256Hex: string | null): Finding {
  if (issuedSha256Hex === null) return failed('no PDF was issued under this id, only JSON');
  return hash('sha256', pdf) === issuedSha256Hex
    ? verified('the PDF is the one issued under this id, byte for byte')
    : failed('the PDF is not the one issued under this id: the SHA-256 differs');
}

async function reprint(
  { pdf, json, attachments, origin, paper }: PrintedReport,
  revision: number,
): Promise<Finding> {
  if (revision !== REPORT_REVISION) {
    return notChecked(
      `these pages were made by revision ${revision} of the report, and this program prints revision ${REPORT_REVISION}`,
    );
  }
  if (origin.producer !== PRODUCER) {
    return notChecked(`they were made by ${origin.producer}, and this program is ${PRODUCER}`);
  }
  const renderer = await createPdfRenderer({
    chromePath: process.env.CHROME_PATH || undefined,
    path: process.env.PATH ?? '',
    tasks: PDF_TASKS_HERE,
    pages: 1,
    queueLimit: 1,
    warn: (line) => console.error(terminalText(line)),
  });
  try {
    const state = renderer.state();
    if (!state.available) return notChecked(state.why);
    if (state.chromium !== origin.chromium) {
      return notChecked(
        `they were printed by Chromium ${origin.chromium}, and this machine has ${state.chromium}`,
      );
    }
    const draft = await draftPdf(readAnyReport(json), json, paper);
    const again = await renderer.render({ json, draft, attachments }, AbortSignal.timeout(DEADLINE_MS));
    return Buffer.compare(again, pdf) === 0
      ? verified(`printed again by Chromium ${state.chromium}: the same bytes`)
      : failed('printing the attached JSON again gives other bytes');
  } catch (error) {
    return notChecked(error instanceof Error ? error.message : String(error));
  } finally {
    await renderer.close();
  }
}
