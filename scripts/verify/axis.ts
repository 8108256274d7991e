// What a check of one side of a report can say.
import type { ExitCode } from '../command/command.ts';
import { EXIT } from '../command/command.ts';

export const AXES = ['structure', 'schema', 'policy', 'log', 'ledger', 'pages'] as const;

export type Finding = Readonly<{
  status: 'verified' | 'wrong' | 'unchecked';
  /** What was compared, what is wrong, or why it could not be checked; never a value of the report's free text. */
  detail: string;
}>;

export type AxisFinding = Finding & Readonly<{ axis: (typeof AXES)[number] }>;

export const verified = (detail: string): Finding => ({ status: 'verified', detail });
export const wrong = (detail: string): Finding => ({ status: 'wrong', detail });
export const unchecked = (detail: string): Finding => ({ status: 'unchecked', detail });

export function exitCodeOf(findings: readonly Finding[]): ExitCode {
  if (findings.some(({ status }) => status === 'wrong')) return EXIT.foundWrong;
  return findings.some(({ status }) => status === 'unchecked') ? EXIT.error : EXIT.done;
}

const WORDS = { verified: 'verified', wrong: 'WRONG', unchecked: 'not checked' } as const;

export function describeFinding({ axis, status, detail }: AxisFinding): string {
  return `${axis}: ${WORDS[status]}${detail === '' ? '' : `, ${detail}`}`;
}
