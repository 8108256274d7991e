// An axis is one side of a report that is checked by itself. Each check gives a finding.
import type { ExitCode } from '../command/command.ts';
import { EXIT } from '../command/command.ts';

export const AXES = ['structure', 'schema', 'policy', 'log', 'report', 'ledger', 'pages'] as const;

export type Finding = Readonly<{
  status: 'verified' | 'failed' | 'unverifiable' | 'not_checked';
  /** Says what was compared, what failed, or why nothing was verified. Never holds free text of the report. */
  detail: string;
}>;

export type AxisFinding = Finding & Readonly<{ axis: (typeof AXES)[number] }>;

export const verified = (detail: string): Finding => ({ status: 'verified', detail });
export const failed = (detail: string): Finding => ({ status: 'failed', detail });
export const unverifiable = (detail: string): Finding => ({ status: 'unverifiable', detail });
/** For a check that this program cannot make. The finding says nothing about the report. */
export const notChecked = (detail: string): Finding => ({ status: 'not_checked', detail });

export function exitCodeOf(findings: readonly Finding[]): ExitCode {
  if (findings.some(({ status }) => status === 'failed')) return EXIT.foundFailed;
  return findings.every(({ status }) => status === 'verified') ? EXIT.done : EXIT.error;
}

const WORDS = {
  verified: 'verified',
  failed: 'FAILED',
  unverifiable: 'unverifiable',
  not_checked: 'not checked',
} as const;

export function describeFinding({ axis, status, detail }: AxisFinding): string {
  return `${axis}: ${WORDS[status]}${detail === '' ? '' : `, ${detail}`}`;
}
