// Checks an issued report, PDF or JSON, axis by axis.
import { readFile } from 'node:fs/promises';
import type { StatedReport } from '../../shared/reports/earlier-revisions.ts';
import { readStatedReport } from '../../shared/reports/read-report.ts';
import { REPORT_REVISION } from '../../shared/reports/report-schema.ts';
import { readPdfWithin } from '../../workers/pdf/finish/read-pdf-within.ts';
import type { ExitCode } from '../command/command.ts';
import {
  type AxisFinding,
  describeFinding,
  exitCodeOf,
  type Finding,
  failed,
  unverifiable,
  verified,
} from './axis.ts';
import { checkPages, type PrintedReport } from './check-pages.ts';
import { checkPolicy } from './check-policy.ts';
import { checkStore } from './check-store.ts';

/** Prints a line per axis; resolves to the exit code. Rejects when the file is not readable. */
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
  if (printed) say('pages', await checkPages(printed, report.revision));
}

async function takeJson(
  pdf: Uint8Array,
  say: (axis: 'structure', finding: Finding) => void,
): Promise<PrintedReport | null> {
  const reading = await readPdfWithin(pdf);
  say('structure', reading.ok ? verified('nothing was appended, one attachment') : failed(reading.problem));
  return reading.ok ? { pdf, ...reading } : null;
}

/** Checks the report against the schema of its own revision. Null where that is not verified. */
function checkSchema(json: Uint8Array, say: (axis: 'schema', finding: Finding) => void): StatedReport | null {
  try {
    const reading = readStatedReport(json);
    if (!reading.known) {
      say('schema', unverifiable(`it is of revision ${reading.revision}, and this program knows ${KNOWN}`));
      return null;
    }
    const { schema, revision, id, session_id } = reading.report;
    say('schema', verified(`${schema} revision ${revision}, ${id} on ${session_id}`));
    return reading.report;
  } catch (error) {
    say('schema', failed(error instanceof Error ? error.message : String(error)));
    return null;
  }
}

const KNOWN = `revisions 1 to ${REPORT_REVISION}`;
