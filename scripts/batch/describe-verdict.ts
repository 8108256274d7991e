import { type LogVerdict, type VerifiedLog, verdictName } from '../../shared/audit/verdict.ts';
import { LOG_STATE_WORDS } from '../../shared/reports/wording.ts';
import type { Visited } from './run-over-sessions.ts';

/** The outcome of a log that is not verified: failed with the fault and its place, or unverifiable with the key id. */
export function refused(verdict: Exclude<LogVerdict, { status: 'verified' }>): Visited {
  if (verdict.status === 'unverifiable') {
    const line = `unverifiable: audit key ${verdict.keyId} is not configured, or is another key of that name`;
    return {
      outcome: 'unverifiable',
      line,
      details: { verdict: verdictName(verdict), key_id: verdict.keyId },
    };
  }
  const { fault, seq, expected, calculated, event } = verdict;
  const shown = fault === 'root_mismatch' ? `, expected root ${expected}, calculated ${calculated}` : '';
  return {
    outcome: 'failed',
    line: `FAILED: ${fault} at seq ${seq}${shown}`,
    details: {
      verdict: fault,
      seq,
      expected,
      calculated,
      event_id: event?.id ?? null,
      event_ts: event?.ts ?? null,
    },
  };
}

/** What stands beside `verified` wherever a verdict stands: of an unsealed log nobody knows that it is complete. */
export function describeVerified({ state, size }: Pick<VerifiedLog, 'state' | 'size'>): string {
  return state === 'unsealed'
    ? `verified, but unsealed: its tail may have been cut, ${size} entries`
    : `verified, ${size} entries, ${LOG_STATE_WORDS[state]}`;
}
