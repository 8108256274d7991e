import { z } from 'zod';
import { PERMISSIONS } from '../../../shared/accounts/permissions.ts';

export const meResponse = z.strictObject({
  user: z.strictObject({
    id: z.string().describe('usr_ and a ULID.'),
    name: z.string().describe('Display name.'),
  }),
  account: z.strictObject({
    id: z.string().describe('acc_ and a ULID.'),
    name: z.string().describe('Display name.'),
  }),
  permissions: z.array(z.enum(PERMISSIONS)).describe('What this login may do.'),
});

export type MeResponse = z.infer<typeof meResponse>;
