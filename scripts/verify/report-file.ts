// Checks an issued report, PDF or JSON, axis by axis.
import { readFile } from 'node:fs/promises';
import type { StatedReport, StatedWideReport } from '../../shared/reports/earlier-revisions.ts';
import { readStatedReport } from '../../shared/reports/read-report.ts';
import { REPORT_REVISION } from '../../shared/reports/report-schema.ts';
import { readPdfWithin } from '../../workers/pdf/finish/read-pdf-within.ts';
import { describeFileFailure } from '../command/caller-file.ts';
import type { ExitCode } from '../command/command.ts';
import { terminalJson, terminalText } from '../command/terminal-text.ts';
import {
  type AxisFinding,
  describeFinding,
  exitCodeOf,
  type Finding,
  failed,
  unverifiable,
  verified,
} from './axis.ts';
import { checkPages } from './check-pages.ts';
import { checkPolicy } from './check-policy.ts';
import { checkStore } from './check-store.ts';
import { checkStructure } from './check-structure.ts';
import { checkWide } from './check-wide.ts';
import { checkPolicies } from './check-wide-statements.ts';
import { openChecked } from './find-stray-keys.ts';

/** Prints a line per axis; resolves to the exit code. Rejects when the file is not readable. */
export async function verifyReportFile(path: string, json: boolean): Promise<ExitCode> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new Error(describeFileFailure(path, 'read', error));
  });
  const findings: AxisFinding[] = [];
  const say = (axis: AxisFinding['axis'], finding: Finding) => {
    const found = { axis, ...finding };
    findings.push(found);
    console.log(json ? terminalJson(found) : terminalText(describeFinding(found)));
  };
  await checkReport(bytes, /\.pdf$/i.test(path), say);
  return exitCodeOf(findings);
}

async function checkReport(
  bytes: Uint8Array,
  isPdf: boolean,
  say: (axis: AxisFinding['axis'], finding: Finding) => void,
): Promise<void> {
  const reading = isPdf ? await readPdfWithin(bytes) : null;
  if (reading && !reading.ok) {
    say('structure', failed(reading.problem));
    return;
  }
  const json = reading?.json ?? bytes;
  const { report, schema } = checkSchema(json);
  if (reading) say('structure', checkStructure(reading, report, await openChecked(bytes)));
  say('schema', schema);
  if (!report) return;
  say('policy', report.scope === 'session' ? checkPolicy(report) : checkPolicies(report));
  const { log, statements, ledger, issuedPdf } =
    report.scope === 'session' ? await checkStore(report, json) : await checkWide(report, json);
  say('log', log);
  say('report', statements);
  say('ledger', ledger);
  if (reading) say('pages', await checkPages({ pdf: bytes, ...reading }, report, issuedPdf));
}

/** Checks the report against the schema of its own revision. The report is null where that is not verified. */
function checkSchema(
  json: Uint8Array,
): Readonly<{ report: StatedReport | StatedWideReport | null; schema: Finding }> {
  const none = (schema: Finding) => ({ report: null, schema });
  try {
    const reading = readStatedReport(json);
    if (!reading.known) {
      return none(unverifiable(`it is of revision ${reading.revision}, and this program knows ${KNOWN}`));
    }
    const { report } = reading;
    const { schema, revision, id } = report;
    const subject = describeSubject(report);
    return { report, schema: verified(`${schema} revision ${revision}, ${id} on ${subject}`) };
  } catch (error) {
    return none(failed(error instanceof Error ? error.message : String(error)));
  }
}

function describeSubject(report: StatedReport | StatedWideReport): string {
  if (report.scope === 'session') return report.session_id;
  const about = report.scope === 'agent' ? report.agent_id : report.account.id;
  return `${about} from ${report.window.since} to ${report.window.until}`;
}

const KNOWN = `revisions 1 to ${REPORT_REVISION}`;
