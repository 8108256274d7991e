import { z } from 'zod';
import { ACCESS_ACTIONS } from '../../../shared/access-record/access-row.ts';
import { ROW_SIGNATURES } from '../../../shared/access-record/judge-row.ts';
import { ID_PATTERNS } from '../../../shared/audit/ids.ts';
import { listFormat } from '../../http/csv-list.ts';
import { pageResponse } from '../../http/paging.ts';
import { cursor, idOf, limit, since, until } from '../../http/parameters.ts';

const ACTION = `action must be given once, one of ${ACCESS_ACTIONS.join(', ')}.`;
const USER = 'user must be given once, usr_ and 26 upper-case characters.';
const TOKEN = 'token must be given once, tok_ and 26 upper-case characters.';
const SUBJECT = 'subject must be given once, an id as the record has it, at most 200 characters.';

/** The filters of `GET /access-log`, and of the console's page. */
export const accessFilters = z.object({
  limit,
  cursor,
  since,
  until,
  action: z.enum(ACCESS_ACTIONS, ACTION).optional().describe('Only rows of this kind. Any when left out.'),
  user: z
    .string(USER)
    .regex(ID_PATTERNS.user, USER)
    .optional()
    .describe('Only what this user looked at or did; an unknown user has no rows.'),
  token: z
    .string(TOKEN)
    .regex(ID_PATTERNS.token, TOKEN)
    .optional()
    .describe('Only what was looked at or done by this bearer token.'),
  subject: z
    .string(SUBJECT)
    .min(1, SUBJECT)
    .max(200, SUBJECT)
    .optional()
    .describe('Only rows about this: the id of a session, report, agent, login or token.'),
});

export const accessQuery = accessFilters.extend({ format: listFormat });

export type AccessFilters = z.output<typeof accessFilters>;

const hash = (description: string) => z.string().describe(description);

export const accessRow = z.strictObject({
  seq: z.int().nonnegative().describe('Place in the record of the account, from 0, without gaps.'),
  at: z.iso.datetime().describe('When it was looked at or done.'),
  user: z.string().nullable().describe('The user; null of a token or a command.'),
  token: z.string().nullable().describe('The bearer token; null where none was used.'),
  account: idOf('account', 'The account'),
  action: z.string().describe(`What was done: ${ACCESS_ACTIONS.join(', ')}.`),
  subject: z
    .string()
    .nullable()
    .describe("The id of what was looked at or acted on, or an operators' page or queue."),
  request_id: z.string().nullable().describe('The request; null of a command.'),
  address: z.string().nullable().describe("The peer's IP address, a proxy's behind one; null of a command."),
  key_id: z
    .string()
    .nullable()
    .describe('The audit key under which it is signed; null where none was in force.'),
  key_check: z.string().nullable().describe('What tells that key from another one of its id.'),
  prev_hash: hash('this_hash of the row before; 64 zeros in the first one.'),
  this_hash: hash('HMAC-SHA256 of the row behind prev_hash; SHA-256 where no key was in force.'),
  signature: z
    .enum(ROW_SIGNATURES)
    .describe(
      'valid: the key signed the row as it is. none: it is unsigned, and anyone may have written it. unknown: its key is not configured, or may not sign it. false: the row was altered. A list checks no chain: npm run verify -- --access does.',
    ),
});

export const accessResponse = pageResponse(accessRow, 'Rows of the access record, newest first.');
export type AccessPage = z.infer<typeof accessResponse>;
