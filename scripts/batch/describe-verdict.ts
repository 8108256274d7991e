import { type LogVerdict, verdictName } from '../../shared/audit/verdict.ts';
import type { Visited } from './run-over-sessions.ts';

/** The outcome of a log that is not verified: failed with the fault and its place, or unverifiable with the key id. */
export function refused(verdict: Exclude<LogVerdict, { status: 'verified' }>): Visited {
  if (verdict.status === 'unverifiable') {
    const line = `unverifiable: audit key ${verdict.keyId} is not configured`;
    return {
      outcome: 'unverifiable',
      line,
      details: { verdict: verdictName(verdict), key_id: verdict.keyId },
    };
  }
  const { fault, seq, expected, calculated } = verdict;
  const roots =
    fault === 'root_mismatch' ? { stored_root_hex: expected, calculated_root_hex: calculated } : {};
  const shown = fault === 'root_mismatch' ? `, expected root ${expected}, calculated ${calculated}` : '';
  return {
    outcome: 'failed',
    line: `FAILED: ${fault} at seq ${seq}${shown}`,
    details: { verdict: fault, seq, ...roots },
  };
}
