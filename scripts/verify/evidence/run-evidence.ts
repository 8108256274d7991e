// `npm run verify -- FILE [FILE] --key VERIFIER_KEY`: prints a line an axis.
import { open } from 'node:fs/promises';
import { callerPath, describeFileFailure } from '../../command/caller-file.ts';
import type { ExitCode } from '../../command/command.ts';
import { UsageError } from '../../command/command.ts';
import { terminalJson, terminalLines, terminalText } from '../../command/terminal-text.ts';
import { readUpTo } from '../read-up-to.ts';
import { noteForeignPrograms } from './note-programs.ts';
import { type EvidenceValues, readOptions } from './options.ts';
import { selfTest } from './self-test.ts';
import { EVIDENCE_AXES, type Verdict } from './verdict.ts';
import { type Programs, type Verified, verifyEvidence } from './verify-evidence.ts';

export type EvidenceArguments = Readonly<{
  values: EvidenceValues & Readonly<{ json?: boolean | undefined; 'self-test'?: boolean | undefined }>;
  positionals: readonly string[];
}>;

export type EvidenceRun = Readonly<{ exit: ExitCode; json: Buffer | null }>;

const LIMIT = 256 * 1024 * 1024;

/** Resolves to the exit code, and to the JSON of the one report. Rejects as `runCommand` wants it. */
export async function runEvidence(
  { values, positionals }: EvidenceArguments,
  programs: Programs,
  say: (line: string) => void,
  note: (line: string) => void = () => {},
): Promise<EvidenceRun> {
  if (positionals.length === 0 || positionals.length > 2) throw new UsageError('Name one file, or two.');
  if (positionals.includes('-'))
    throw new UsageError('A file is read from its path, not from the input (-).');
  const options = await readOptions(values);
  const files = await Promise.all(positionals.map((path) => readWhole(callerPath(path))));
  if (values['self-test']) {
    // Printing takes seconds, and no change is to the pages.
    return { exit: await selfTest(files, options, { ...programs, checkPages: null }, say), json: null };
  }
  const verified = await verifyEvidence(files, options, programs);
  for (const line of linesOf(verified, values.json === true)) say(line);
  for (const file of files) for (const line of await noteForeignPrograms(file)) note(line);
  return verified;
}

async function readWhole(path: string): Promise<Buffer> {
  try {
    await using file = await open(path);
    const bytes = await readUpTo(file, LIMIT);
    if (bytes) return bytes;
  } catch (error) {
    throw new Error(describeFileFailure(path, 'read', error));
  }
  throw new Error(`${terminalText(path)} is larger than ${LIMIT} bytes`);
}

function linesOf({ reports, relation }: Verified, asJson: boolean): string[] {
  const line = (axis: string, verdict: Verdict, file: number | null) =>
    asJson
      ? terminalJson({ axis, ...verdict, ...(file === null ? {} : { file }) })
      : terminalLines(
          `${file === null ? '' : `file ${file}, `}${axis}: ${verdict.verdict}, ${verdict.detail}`,
        );
  const lines = reports.flatMap((verdicts, i) =>
    EVIDENCE_AXES.map((axis) => line(axis, verdicts[axis], reports.length === 1 ? null : i + 1)),
  );
  return relation === null ? lines : [...lines, line('relation', relation, null)];
}
