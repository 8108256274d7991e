// What `npm run verify -- --all` finds beside the logs.
import type { LogRef } from '../../shared/audit/log-record.ts';

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
