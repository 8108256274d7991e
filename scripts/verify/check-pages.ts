// Prints the pages of a PDF's attached JSON again, and compares the bytes.
import { parseConfig } from '../../shared/process/config.ts';
import { readReport } from '../../shared/reports/read-report.ts';
import { REPORT_REVISION } from '../../shared/reports/report-schema.ts';
import { PRODUCER } from '../../workers/pdf/finish/describe-document.ts';
import { createPdfRenderer, draftPdf, PDF_TASKS_HERE } from '../../workers/pdf/pdf.ts';
import { type Finding, failed, notChecked, verified } from './axis.ts';

export type PrintedReport = Readonly<{
  pdf: Uint8Array;
  json: Uint8Array;
  chromium: string;
  producer: string;
}>;

const DEADLINE_MS = 120_000;

/** `revision` is the attached report's. Pages that this machine cannot print byte for byte are not checked. */
export async function checkPages(
  { pdf, json, chromium, producer }: PrintedReport,
  revision: number,
): Promise<Finding> {
  if (revision !== REPORT_REVISION) {
    return notChecked(
      `these pages were made by revision ${revision} of the report, and this program prints revision ${REPORT_REVISION}`,
    );
  }
  if (producer !== PRODUCER)
    return notChecked(`they were made by ${printable(producer)}, and this program is ${PRODUCER}`);
  const renderer = await createPdfRenderer({
    chromePath: parseConfig(process.env).chromePath,
    path: process.env.PATH ?? '',
    tasks: PDF_TASKS_HERE,
    pages: 1,
    queueLimit: 1,
    warn: (line) => console.error(line),
  });
  try {
    const state = renderer.state();
    if (!state.available) return notChecked(state.why);
    if (state.chromium !== chromium) {
      return notChecked(
        `they were printed by Chromium ${printable(chromium)}, and this machine has ${state.chromium}`,
      );
    }
    const draft = await draftPdf(readReport(json), json);
    const again = await renderer.render({ json, draft }, AbortSignal.timeout(DEADLINE_MS));
    if (Buffer.compare(again, pdf) === 0) {
      return verified(`printed again by Chromium ${state.chromium}: the same bytes`);
    }
    const [theirs, ours] = [fontsOf(pdf), fontsOf(again)];
    if (theirs !== ours) return notChecked(`they use the fonts ${theirs}, and this machine uses ${ours}`);
    return failed('printing the attached JSON again gives other bytes');
  } catch (error) {
    return notChecked(error instanceof Error ? error.message : String(error));
  } finally {
    await renderer.close();
  }
}

// The names of the embedded fonts. A machine without one of them prints other bytes, which says nothing about the
// pages.
function fontsOf(pdf: Uint8Array): string {
  const names = Buffer.from(pdf)
    .toString('latin1')
    .matchAll(/\/BaseFont \/[A-Z]{6}\+([\w-]{1,60})/g);
  return [...new Set([...names].map(([, name]) => name))].sort().join(', ');
}

/** At most 60 characters, printable ASCII only: a PDF may hold any text, also control codes of a terminal. */
function printable(text: string): string {
  return text.slice(0, 60).replace(/[^\x20-\x7e]/g, '?');
}
