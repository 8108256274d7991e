// What a check of an account log finds: what the log holds and the database does not say, or says otherwise.

/** `about` names a session, a report, a policy or the account. Holds ids, hashes, numbers and names of fields alone. */
export type LogFinding = Readonly<{
  finding: string;
  about: string;
  accountId: string;
  /** Says what is wrong, and what may be done. */
  line: string;
  details: Readonly<Record<string, string | number>>;
}>;

/** A finding about the account log itself. */
export function logFinding(
  finding: string,
  accountId: string,
  line: string,
  details: LogFinding['details'] = {},
): LogFinding {
  return { finding, about: accountId, accountId, line, details };
}
