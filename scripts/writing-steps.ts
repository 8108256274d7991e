// The lines of `npm start` that write a session over HTTP: they open one, append two events, end it and get its report.
import type { Db } from 'mongodb';
import { createTokenRepository } from '../shared/accounts/token-repository.ts';
import { newId } from '../shared/audit/ids.ts';
import type { Session } from '../shared/sessions/session.ts';
import { DAY_MS } from '../shared/time/durations.ts';
import { WRITING_SCOPES } from './command/writing-scopes.ts';

const TOKEN_DAYS = 7;

/** `example`: a session of the account, whose agent and policy the new one has. */
export async function describeWriting(
  db: Db,
  example: Session,
  { apiUrl, mayIssueToken }: Readonly<{ apiUrl: string; mayIssueToken: boolean }>,
): Promise<string[]> {
  const { accountId } = example;
  const make = `npm run -s tokens -- --account ${accountId} --create NAME --scopes ${WRITING_SCOPES.join(',')}`;
  return [
    ...(mayIssueToken
      ? [
          `Write a session with a token, valid for ${TOKEN_DAYS} days, and get its report:`,
          `  TOKEN=${await issueToken(db, accountId)}`,
        ]
      : [
          'Write a session with a token, made in a shell with the settings of this service, and get its report:',
          `  TOKEN=$(${make})`,
        ]),
    ...describeCalls(example, apiUrl),
  ];
}

async function issueToken(db: Db, accountId: string): Promise<string> {
  const draft = {
    name: 'npm start',
    scopes: WRITING_SCOPES,
    expiresAt: new Date(Date.now() + TOKEN_DAYS * DAY_MS),
  };
  const { text } = await createTokenRepository(db).create(accountId, draft);
  return text;
}

function describeCalls(
  { agentId, policyName, policyVersion, upstreamModel }: Session,
  apiUrl: string,
): string[] {
  const now = Date.now();
  const at = (afterMs: number) => new Date(now + afterMs).toISOString();
  const session = `${apiUrl}/api/v1/sessions/${newId('session', now)}`;
  const send = (method: string, path: string, body: object) =>
    `  curl -s -X ${method} -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' '${session}${path}' -d '${quoted(body)}'`;
  const token = { token_kind: 'MSKV1', kid: 'K_HEALTHCARE' };
  const event = (afterMs: number, entityKind: string, span: [number, number]) => ({
    ...{ event_id: newId('event', now + afterMs), ts: at(afterMs), kind: 'redaction', pass: 'gemma' },
    ...{ entity_kind: entityKind, span, confidence: 0.94, ...token },
  });
  return [
    send('PUT', '', {
      ...{ agent_id: agentId, started_at: at(0), upstream_model: upstreamModel },
      ...{ policy_name: policyName, policy_version: policyVersion },
    }),
    send('POST', '/events', { events: [event(10, 'NAME', [14, 22]), event(20, 'PHONE', [40, 52])] }),
    send('POST', '/end', { ended_at: at(800), status: 'ok' }),
    `  curl -s -H "Authorization: Bearer $TOKEN" '${session}/report'`,
  ];
}

/** JSON within the single quotes of a shell. */
function quoted(body: object): string {
  return JSON.stringify(body).replaceAll("'", String.raw`'\''`);
}
