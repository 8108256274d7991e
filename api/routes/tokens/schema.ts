import { z } from 'zod';
import { PERMISSIONS } from '../../../shared/accounts/permissions.ts';
import {
  DEFAULT_TOKEN_LIFETIME,
  LONGEST_TOKEN_DAYS,
  parseTokenLifetime,
} from '../../../shared/accounts/token-lifetime.ts';
import { LONGEST_NAME, readVisibleName } from '../../../shared/accounts/visible-name.ts';
import { pageResponse } from '../../http/paging.ts';
import { cursor, idOf, limit } from '../../http/parameters.ts';

export const tokenParams = z.object({ token_id: idOf('token', 'The bearer token') });

/** `GET /tokens` */
export const tokensQuery = z.object({ limit, cursor });
export type TokensQuery = z.output<typeof tokensQuery>;

const NAME = `must be a text of 1 to ${LONGEST_NAME} characters, all of them visible`;
const SCOPES = `must be a list of permissions, among ${PERMISSIONS.join(', ')}`;
const SCOPE = `must be one of ${PERMISSIONS.join(', ')}`;
const EXPIRES = `must be <n>h or <n>d from now, up to ${LONGEST_TOKEN_DAYS}d`;

/** The body of `POST /tokens` */
export const newToken = z.strictObject(
  {
    name: z
      .string(NAME)
      .transform((text, context) => readVisibleName(text) ?? refuse(context, NAME))
      .describe('What the token is for, such as the name of the program.'),
    scopes: z
      .array(z.enum(PERMISSIONS, SCOPE), SCOPES)
      .min(1, SCOPES)
      .describe('What the token may do: no more than the login or token that makes it.'),
    expires: z
      .string(EXPIRES)
      .transform((text, context) => parseTokenLifetime(text) ?? refuse(context, EXPIRES))
      .prefault(DEFAULT_TOKEN_LIFETIME)
      .describe(`When it ends: hours or days from now, ${DEFAULT_TOKEN_LIFETIME} when left out.`),
  },
  'must have name and scopes, may have expires, and nothing else',
);

/** Bytes of the body at most. */
export const NEW_TOKEN_LIMIT = 16 * 1024;

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue(message);
  return z.NEVER;
}

const time = z.iso.datetime();

export const tokenRow = z.strictObject({
  id: idOf('token', 'The bearer token'),
  name: z.string().describe('What it is for.'),
  scopes: z.array(z.string()).describe('What it may do.'),
  created_at: time.describe('When it was made.'),
  expires_at: time.describe('When it ends.'),
  last_used_at: time.nullable().describe('At most an hour before its last use; null before the first one.'),
  revoked_at: time.nullable().describe('When it was revoked; null where it was not.'),
});
export type TokenRow = z.infer<typeof tokenRow>;

export const tokensResponse = pageResponse(tokenRow, 'Tokens, expired and revoked ones too, newest first.');
export type TokensResponse = z.infer<typeof tokensResponse>;

/** `POST /tokens` */
export const newTokenResponse = tokenRow.extend({
  token: z.string().describe('The token, msk_…: it is not shown again.'),
});
