// The lines of `npm start` that write a session over HTTP: they open one, append two events, end it and get its report.
import type { Db } from 'mongodb';
import { createTokenRepository } from '../shared/accounts/token-repository.ts';
import type { AuditKeyBytes } from '../shared/audit/audit-keys.ts';
import { exampleCalls } from '../shared/log-writer/example-calls.ts';
import type { Session } from '../shared/sessions/session.ts';
import { DAY_MS } from '../shared/time/durations.ts';
import { recordCommand } from './command/record-command.ts';
import { WRITING_SCOPES } from './command/writing-scopes.ts';

const TOKEN_DAYS = 7;

/** `auditKeys` sign the access record, which has every token that is made. */
export type WritingOptions = Readonly<{
  apiUrl: string;
  mayIssueToken: boolean;
  auditKeys: readonly AuditKeyBytes[];
}>;

/** `example`: a session of the account, whose agent and policy the new one has. */
export async function describeWriting(
  db: Db,
  example: Session,
  { apiUrl, mayIssueToken, auditKeys }: WritingOptions,
): Promise<string[]> {
  const { accountId } = example;
  const make = `npm run -s tokens -- --account ${accountId} --create NAME --scopes ${WRITING_SCOPES.join(',')}`;
  return [
    ...(mayIssueToken
      ? [
          `Write a session with a token, valid for ${TOKEN_DAYS} days, and get its report:`,
          `  TOKEN=${await issueToken(db, accountId, auditKeys)}`,
        ]
      : [
          'Write a session with a token, made in a shell with the settings of this service, and get its report:',
          `  TOKEN=$(${make})`,
        ]),
    ...exampleCalls(example, apiUrl).map((line) => `  ${line}`),
  ];
}

async function issueToken(db: Db, accountId: string, auditKeys: readonly AuditKeyBytes[]): Promise<string> {
  const draft = {
    name: 'npm start',
    scopes: WRITING_SCOPES,
    expiresAt: new Date(Date.now() + TOKEN_DAYS * DAY_MS),
  };
  const { id, text } = await createTokenRepository(db).create(accountId, draft);
  await recordCommand({ db, auditKeys }, accountId, [{ action: 'token.make', subject: id }]);
  return text;
}
