// What `npm run verify -- --all` finds beside the logs.
import type { DisputedAnchor, LogRef } from '../../shared/audit/log-record.ts';

/** `about` names it: a session, an agent, a policy or an account. `line` says what is wrong, and what may be done. */
export type Remains = Readonly<{
  finding: string;
  about: string;
  accountId: string;
  line: string;
  details: object;
}>;

/** A finding about a session. */
export function remains(
  finding: string,
  { accountId, sessionId }: LogRef,
  details: object,
  line: string,
): Remains {
  return { finding, about: sessionId, accountId, line, details: { session_id: sessionId, ...details } };
}

/** A session at which the verification threw, or whose row takes no mark. */
export function brokenOff(log: LogRef, error: unknown): Remains {
  const message = error instanceof Error ? error.message : String(error);
  return remains('verification_broke_off', log, { error: message }, message);
}

/** A row that says otherwise than a verified log, and that nobody signed. */
export function disagreement(log: LogRef, { source, reportId, claim }: DisputedAnchor): Remains {
  const row =
    source === 'reported' ? `the row of report ${reportId ?? 'without an id'} in the ledger` : 'its entry';
  return remains(
    source === 'reported' ? 'ledger_row_disagrees' : 'logged_entry_disagrees',
    log,
    { ...(source === 'reported' && { report_id: reportId }), claim },
    `${row} ${CLAIMS[claim]}, and bears no signature of this deployment over that; what is signed agrees with the log: compare with a backup, and remove it if somebody wrote it there`,
  );
}

const CLAIMS = {
  root: "states another root or size than the log's",
  seal: 'says that the log was sealed',
  form: 'states what is no root or no size',
} as const satisfies Record<DisputedAnchor['claim'], string>;
