// What `npm run verify -- --all` finds beside the logs.
import type { DisputedAnchor, LogRef } from '../../shared/audit/log-record.ts';
import { mayPassOver } from '../../shared/process/pass-over.ts';

/** `about` names it: a session, an agent, a policy or an account. `line` says what is wrong, and what may be done. */
export type Remains = Readonly<{
  finding: string;
  about: string;
  /** Null where it is about no account alone. */
  accountId: string | null;
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

/** A part of the verification that threw, or a session whose row takes no mark. Nothing was found by it. */
const BROKE_OFF = 'verification_broke_off';

/** Whether a finding says that a part of the verification threw. */
export function isBrokenOff({ finding }: Remains): boolean {
  return finding === BROKE_OFF;
}

/** A session at which the verification threw, or whose row takes no mark. */
export function brokenOff(log: LogRef, error: unknown): Remains {
  const message = messageOf(error);
  return remains(BROKE_OFF, log, { error: message }, message);
}

/**
 * What is found in a part of the database. Where looking there throws, the last finding says so, and what comes behind the
 * part can go on; it rejects where that would fare no better. `part`: an account, or what is looked for.
 */
export async function* orBrokenOff(
  part: Readonly<{ accountId: string }> | string,
  findings: AsyncIterable<Remains>,
): AsyncGenerator<Remains> {
  try {
    yield* findings;
  } catch (error) {
    if (!mayPassOver(error)) throw error;
    if (typeof part !== 'string') yield brokenOffAt(part.accountId, error);
    else {
      const message = messageOf(error);
      const details = { part, error: message };
      yield { finding: BROKE_OFF, about: part, accountId: null, line: message, details };
    }
  }
}

/** What is kept for an account, at which the verification threw. */
export function brokenOffAt(accountId: string, error: unknown): Remains {
  const message = messageOf(error);
  return { finding: BROKE_OFF, about: accountId, accountId, line: message, details: { error: message } };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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
