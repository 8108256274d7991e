import { z } from 'zod';
import { PERMISSIONS } from '../../../shared/accounts/permissions.ts';
import { idOf } from '../../http/parameters.ts';

export const meResponse = z.strictObject({
  user: z
    .strictObject({
      id: z.union([idOf('user', 'The user'), idOf('token', 'The bearer token')]).describe('Who is calling.'),
      name: z
        .string()
        .describe('Display name.')
        .meta({ examples: ['Ada Byron'] }),
    })
    .describe('User of the login. A bearer token is its own user.'),
  account: z
    .strictObject({
      id: idOf('account', 'The account'),
      name: z
        .string()
        .describe('Display name.')
        .meta({ examples: ['Riverside Clinic'] }),
    })
    .describe('Account of the login or token.'),
  permissions: z
    .array(z.enum(PERMISSIONS))
    .describe('Permissions of the login, or scopes of the token.')
    .meta({ examples: [['agents:read', 'sessions:read']] }),
});

export type MeResponse = z.infer<typeof meResponse>;
