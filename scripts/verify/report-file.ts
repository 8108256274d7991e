// Checks an issued report, PDF or JSON, axis by axis.
import type { StatedReport, StatedWideReport } from '../../shared/reports/earlier-revisions.ts';
import { readStatedReport } from '../../shared/reports/read-report.ts';
import { REPORT_REVISION } from '../../shared/reports/report-schema.ts';
import { readPdfWithin } from '../../workers/pdf/finish/read-pdf-within.ts';
import { type ExitCode, UsageError } from '../command/command.ts';
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
import { NEEDS_KEY } from './needs-key.ts';
import { type CanonicalReport, findExcess, readReportFile, toCanonical } from './read-report-file.ts';

/** Prints a line per axis; resolves to the exit code. Rejects when the file is not readable, or is a proof and no report. */
export async function verifyReportFile(path: string, json: boolean): Promise<ExitCode> {
  const isPdf = /\.pdf$/i.test(path);
  const file = await readReportFile(path, isPdf);
  if (file.ok && PROOF.test(Buffer.from(file.bytes).toString('latin1', 0, 64)))
    throw new UsageError(NEEDS_KEY);
  const findings: AxisFinding[] = [];
  const say = (axis: AxisFinding['axis'], finding: Finding) => {
    const found = { axis, ...finding };
    findings.push(found);
    console.log(json ? terminalJson(found) : terminalText(describeFinding(found)));
  };
  if (file.ok) await checkReport(file.bytes, isPdf, say);
  else say(isPdf ? 'structure' : 'schema', unverifiable(file.problem));
  return exitCodeOf(findings);
}

const PROOF = /^\s*\{\s*"(?:event|range)_proof"/;

async function checkReport(
  bytes: Uint8Array,
  isPdf: boolean,
  say: (axis: AxisFinding['axis'], finding: Finding) => void,
): Promise<void> {
  const reading = isPdf ? await readPdfWithin(bytes) : null;
  if (reading && !reading.ok) {
    say('structure', reading.costsTooMuch ? unverifiable(reading.problem) : failed(reading.problem));
    return;
  }
  // The JSON in a PDF is a file of the PDF's, which nobody reformats by chance.
  const { json, changes } = reading ? { json: reading.json, changes: [] } : canonicalOf(bytes);
  const { report, schema } = checkSchema(json, changes);
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
  changes: readonly string[],
): Readonly<{ report: StatedReport | StatedWideReport | null; schema: Finding }> {
  const none = (schema: Finding) => ({ report: null, schema });
  const excess = findExcess(json);
  if (excess !== null) return none(unverifiable(excess));
  try {
    const reading = readStatedReport(json);
    if (!reading.known) {
      return none(unverifiable(`it is of revision ${reading.revision}, and this program knows ${KNOWN}`));
    }
    const { report } = reading;
    const { schema, revision, id } = report;
    const subject = describeSubject(report);
    const found = `${schema} revision ${revision}, ${id} on ${subject}${describeChanges(changes)}`;
    return { report, schema: verified(found) };
  } catch (error) {
    return none(failed(error instanceof Error ? error.message : String(error)));
  }
}

/** A file of too many values is left as it is: the check of its schema refuses it. */
function canonicalOf(bytes: Uint8Array): CanonicalReport {
  return findExcess(bytes) === null ? toCanonical(bytes) : { json: bytes, changes: [] };
}

function describeChanges(changes: readonly string[]): string {
  if (changes.length === 0) return '';
  return `; the JSON was reformatted: ${changes.join(', ')}. What follows is checked on the form in which reports are issued`;
}

function describeSubject(report: StatedReport | StatedWideReport): string {
  if (report.scope === 'session') return report.session_id;
  const about = report.scope === 'agent' ? report.agent_id : report.account.id;
  return `${about} from ${report.window.since} to ${report.window.until}`;
}

const KNOWN = `revisions 1 to ${REPORT_REVISION}`;
