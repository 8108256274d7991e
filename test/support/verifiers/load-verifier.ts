// The verifiers that the evidence corpus is run through, each in this process: a case's arguments in, its outcome out.
import { parseArgs } from 'node:util';
import { UsageError } from '../../../scripts/command/command.ts';
import { EVIDENCE_OPTIONS } from '../../../scripts/verify/evidence/options.ts';
import { runEvidence } from '../../../scripts/verify/evidence/run-evidence.ts';
import { readPdf } from '../../../workers/pdf/finish/read-pdf.ts';
import type { Line, Outcome } from './corpus-outcomes.ts';

export type Verifier = (args: readonly string[]) => Promise<Outcome>;

/** The program itself. */
export const VERIFY_MJS = new URL('../../../scripts/verifiers/verify.mjs', import.meta.url);

type Main = (
  args: readonly string[],
  say: (line: string) => void,
  complain: (line: string) => void,
) => number;

/** A program with the export of `verify.mjs`, from its address: a changed copy for one. */
export async function loadVerifier(address: URL | string): Promise<Verifier> {
  const { main } = (await import(`${address}`)) as { main: Main };
  return async (args) => {
    const [lines, problems]: string[][] = [[], []];
    const exit = main(
      ['--json', ...args],
      (line) => lines?.push(line),
      (line) => problems?.push(line),
    );
    return { exit, lines: (lines ?? []).map((line) => JSON.parse(line) as Line), problem: `${problems}` };
  };
}

const OPTIONS = { ...EVIDENCE_OPTIONS, json: { type: 'boolean' } } as const;

/** `npm run verify`, without threads and without Chromium. */
export const npmRunVerify: Verifier = async (args) => {
  const lines: string[] = [];
  const read = () => lines.map((line) => JSON.parse(line) as Line);
  try {
    const parsed = parseArguments(['--json', ...args]);
    const { exit } = await runEvidence(parsed, { readPdf, checkPages: null }, (line) => lines.push(line));
    return { exit, lines: read() };
  } catch (error) {
    const { message } = error as Error;
    return { exit: error instanceof UsageError ? 64 : 1, lines: read(), problem: message };
  }
};

/** As the command parses its own. */
function parseArguments(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${error}`);
  }
}
