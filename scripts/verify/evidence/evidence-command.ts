// The command `npm run verify -- FILE [FILE] --key VERIFIER_KEY`, with all that this machine has: Chromium, a database.
import { readAnyReport } from '../../../shared/reports/read-report.ts';
import type { PdfReading } from '../../../workers/pdf/finish/read-pdf.ts';
import { readPdfWithin } from '../../../workers/pdf/finish/read-pdf-within.ts';
import { EXIT, type ExitCode } from '../../command/command.ts';
import { terminalJson, terminalText } from '../../command/terminal-text.ts';
import { checkPages } from '../check-pages.ts';
import { checkStored, verdictOf } from './check-stored.ts';
import { type EvidenceArguments, runEvidence } from './run-evidence.ts';
import type { Verdict } from './verdict.ts';

export async function verifyEvidenceFiles(args: EvidenceArguments): Promise<ExitCode> {
  // The pages of a PDF, and a pack, need the same reading again.
  const readings = new WeakMap<Uint8Array, Promise<PdfReading>>();
  const readPdf = (bytes: Uint8Array) => {
    const reading = readings.get(bytes) ?? readPdfWithin(bytes);
    readings.set(bytes, reading);
    return reading;
  };
  const programs = {
    readPdf,
    checkPages: async (pdf: Uint8Array) => await printAgain(pdf, await readPdf(pdf)),
  };
  const { exit, json } = await runEvidence(
    args,
    programs,
    (line) => console.log(line),
    (line) => console.error(`note: ${line}`),
  );
  const stored = json === null ? [] : await checkStored(json);
  for (const found of stored) {
    const { axis, verdict, detail } = found;
    console.log(args.values.json ? terminalJson(found) : terminalText(`${axis}: ${verdict}, ${detail}`));
  }
  return stored.some(({ verdict }) => verdict === 'failed') ? EXIT.foundFailed : exit;
}

const REMEDY = 'Verify it with the version of the program, and with the Chromium, that made it';

async function printAgain(pdf: Uint8Array, reading: PdfReading): Promise<Verdict> {
  if (!reading.ok) return { verdict: 'not checked', detail: reading.problem };
  let revision: number;
  try {
    revision = readAnyReport(reading.json).revision;
  } catch {
    return { verdict: 'not checked', detail: `this program prints no pages of such a report. ${REMEDY}` };
  }
  return verdictOf(await checkPages({ pdf, ...reading }, { revision }, { known: false, remedy: REMEDY }));
}
