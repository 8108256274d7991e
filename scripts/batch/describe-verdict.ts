import {
  explainUnverifiable,
  type FailedLog,
  type LogVerdict,
  type VerifiedLog,
  verdictName,
} from '../../shared/audit/verdict.ts';
import { LOG_STATE_WORDS } from '../../shared/reports/wording.ts';
import type { Visited } from './run-over-sessions.ts';

/** The outcome of a log that is not verified: failed with the fault and its place, or unverifiable with the key id. */
export function refused(verdict: Exclude<LogVerdict, { status: 'verified' }>): Visited {
  if (verdict.status === 'unverifiable') {
    const why =
      verdict.reason === 'unknown_key' ? { key_id: verdict.keyId } : { damaged_field: verdict.field };
    return {
      outcome: 'unverifiable',
      line: `unverifiable: ${explainUnverifiable(verdict)}`,
      details: { verdict: verdictName(verdict), ...why },
    };
  }
  const { fault, seq, expected, calculated, event, anchor } = verdict;
  const shown = fault === 'root_mismatch' ? `, expected root ${expected}, calculated ${calculated}` : '';
  return {
    outcome: 'failed',
    line: `FAILED: ${fault} at seq ${seq}${shown}${anchor ? describeAnchor(anchor) : ''}`,
    details: {
      verdict: fault,
      seq,
      expected,
      calculated,
      event_id: event?.id ?? null,
      event_ts: event?.ts ?? null,
      ...(anchor && {
        anchor_source: anchor.source,
        anchor_signed: anchor.isSigned,
        report_id: anchor.reportId ?? null,
      }),
    },
  };
}

/** Where what the log contradicts stands: an operator can tell a false row from a false log. */
function describeAnchor({ source, isSigned, reportId }: NonNullable<FailedLog['anchor']>): string {
  const row = source === 'reported' ? `report ${reportId ?? 'of no id'} in the ledger` : 'the account log';
  const signed = isSigned ? 'signed by this deployment' : NOT_SIGNED;
  return `, by ${row}, ${signed}`;
}

const NOT_SIGNED =
  'which no key of this deployment signed: compare with a backup, and remove the row if somebody wrote it there';

/** What stands beside `verified` wherever a verdict stands: of an unsealed log nobody knows that it is complete. */
export function describeVerified({ state, size }: Pick<VerifiedLog, 'state' | 'size'>): string {
  return state === 'unsealed'
    ? `verified, but unsealed: its tail may have been cut, ${size} entries`
    : `verified, ${size} entries, ${LOG_STATE_WORDS[state]}`;
}
