// The statement of a report: a signed note that says which JSON was issued under which id, and when. It is signed where
// the report is issued, never in a thread that composes one.

/** What a statement says of a report. `generatedAt` is as the report's JSON has it. */
export type Stated = Readonly<{ reportId: string; jsonSha256Hex: string; generatedAt: string }>;

/** The note's text with its signature. Null where this process has no signing key. */
export type SignStatement = (accountId: string, stated: Stated) => Promise<string | null>;

/** Of a process without a signing key. */
export const SIGN_NOTHING: SignStatement = async () => null;
