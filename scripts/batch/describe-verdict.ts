import { type LogVerdict, verdictName } from '../../shared/audit/verdict.ts';
import type { Visited } from './run-over-sessions.ts';

/** A log that gave no result: wrong, with its name and place, or not checked. */
export function refused(verdict: Exclude<LogVerdict, { status: 'verified' }>): Visited {
  if (verdict.status === 'unchecked') {
    const line = `could not be checked: key ${verdict.keyId} is not configured`;
    return {
      outcome: 'could not be checked',
      line,
      details: { verdict: verdictName(verdict), key_id: verdict.keyId },
    };
  }
  const { fault, seq, expected, calculated } = verdict;
  const roots =
    fault === 'root_mismatch' ? { stored_root_hex: expected, calculated_root_hex: calculated } : {};
  const shown = fault === 'root_mismatch' ? `, stored root ${expected}, calculated ${calculated}` : '';
  return {
    outcome: 'wrong',
    line: `WRONG: ${fault} at seq ${seq}${shown}`,
    details: { verdict: fault, seq, ...roots },
  };
}
