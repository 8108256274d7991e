// The statements of a report: signed notes that say which JSON and which PDF were issued under which id, and when. They
// are signed where the report is issued, never in a thread that composes one.
import { logOrigin } from './log-origin.ts';
import { type Signing, signForAccount } from './open-signing.ts';
import { formatStatement, type StatementSubject } from './statement.ts';

/** What a statement says of a report. `generatedAt` is as the report's JSON has it. */
export type Stated = Readonly<{
  subject: StatementSubject;
  reportId: string;
  /** Over the subject's bytes. */
  sha256Hex: string;
  generatedAt: string;
}>;

/** The note's text with its signature. Null where this process has no signing key. */
export type SignStatement = (accountId: string, stated: Stated) => Promise<string | null>;

/** Of a process without a signing key. */
export const SIGN_NOTHING: SignStatement = async () => null;

/** Signs the statements of reports; one without keys signs nothing. */
export function createStatementSigner(signing: Signing | null): SignStatement {
  return async (accountId, { subject, reportId, sha256Hex, generatedAt }) => {
    if (!signing) return null;
    const origin = logOrigin(signing.identity, accountId);
    const sha256 = Buffer.from(sha256Hex, 'hex');
    return await signForAccount(
      signing,
      accountId,
      formatStatement(subject, { reportId, sha256, generatedAt, origin }),
    );
  };
}
