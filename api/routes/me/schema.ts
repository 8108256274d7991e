import { z } from 'zod';
import { PERMISSIONS } from '../../../shared/accounts/permissions.ts';
import { idOf } from '../../http/parameters.ts';

export const meResponse = z.strictObject({
  user: z
    .strictObject({ id: idOf('user', 'The user'), name: z.string().describe('Display name.') })
    .describe('User of the login.'),
  account: z
    .strictObject({ id: idOf('account', 'The account'), name: z.string().describe('Display name.') })
    .describe('Account of the user.'),
  permissions: z.array(z.enum(PERMISSIONS)).describe('Permissions of the login.'),
});

export type MeResponse = z.infer<typeof meResponse>;
