import type { Permission } from '../../shared/accounts/permissions.ts';

/** What a program needs that writes sessions and reads them. */
export const WRITING_SCOPES = [
  'policies:write',
  'agents:write',
  'sessions:write',
  'agents:read',
  'sessions:read',
  'reports:read',
  'log:read',
] as const satisfies readonly Permission[];
