// The statement of a report: a signed note that says which JSON was issued under which id, and when. It is signed where
// the report is issued, never in a thread that composes one.
import { logOrigin } from './log-origin.ts';
import { type Signing, signForAccount } from './open-signing.ts';
import { formatStatement } from './statement.ts';

/** What a statement says of a report. `generatedAt` is as the report's JSON has it. */
export type Stated = Readonly<{ reportId: string; jsonSha256Hex: string; generatedAt: string }>;

/** The note's text with its signature. Null where this process has no signing key. */
export type SignStatement = (accountId: string, stated: Stated) => Promise<string | null>;

/** Of a process without a signing key. */
export const SIGN_NOTHING: SignStatement = async () => null;

/** Signs the statements of reports; one without keys signs nothing. */
export function createStatementSigner(signing: Signing | null): SignStatement {
  return async (accountId, { reportId, jsonSha256Hex, generatedAt }) => {
    if (!signing) return null;
    const origin = logOrigin(signing.identity, accountId);
    const jsonSha256 = Buffer.from(jsonSha256Hex, 'hex');
    return await signForAccount(
      signing,
      accountId,
      formatStatement({ reportId, jsonSha256, generatedAt, origin }),
    );
  };
}
