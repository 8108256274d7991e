// An issued report, PDF or JSON, checked side by side against all that this machine knows.
import { readFile } from 'node:fs/promises';
import type { Report } from '../../shared/reports/report-schema.ts';
import { readReport } from '../../workers/pdf/document/read-report.ts';
import { readPdfWithin } from '../../workers/pdf/finish/read-pdf-within.ts';
import type { ExitCode } from '../command/command.ts';
import { type AxisFinding, describeFinding, exitCodeOf, type Finding, failed, verified } from './axis.ts';
import { checkPages, type PrintedReport } from './check-pages.ts';
import { checkPolicy } from './check-policy.ts';
import { checkStore } from './check-store.ts';

/** Prints a line for each axis. Throws when the file cannot be read at all. */
export async function verifyReportFile(path: string, json: boolean): Promise<ExitCode> {
  const bytes = await readFile(path);
  const findings: AxisFinding[] = [];
  const say = (axis: AxisFinding['axis'], finding: Finding) => {
    const found = { axis, ...finding };
    findings.push(found);
    console.log(json ? JSON.stringify(found) : describeFinding(found));
  };
  await checkReport(bytes, /\.pdf$/i.test(path), say);
  return exitCodeOf(findings);
}

async function checkReport(
  bytes: Uint8Array,
  isPdf: boolean,
  say: (axis: AxisFinding['axis'], finding: Finding) => void,
): Promise<void> {
  const printed = isPdf ? await takeJson(bytes, say) : null;
  if (isPdf && !printed) return;
  const json = printed?.json ?? bytes;
  const report = checkSchema(json, say);
  if (!report) return;
  say('policy', checkPolicy(report));
  const { log, ledger } = await checkStore(report, json);
  say('log', log);
  say('ledger', ledger);
  if (printed) say('pages', await checkPages(printed));
}

async function takeJson(
  pdf: Uint8Array,
  say: (axis: 'structure', finding: Finding) => void,
): Promise<PrintedReport | null> {
  const reading = await readPdfWithin(pdf);
  say('structure', reading.ok ? verified('one revision, one attachment') : failed(reading.problem));
  return reading.ok ? { pdf, ...reading } : null;
}

function checkSchema(json: Uint8Array, say: (axis: 'schema', finding: Finding) => void): Report | null {
  try {
    const report = readReport(json);
    say('schema', verified(`${report.schema}, ${report.id} on ${report.session_id}`));
    return report;
  } catch (error) {
    say('schema', failed(error instanceof Error ? error.message : String(error)));
    return null;
  }
}
