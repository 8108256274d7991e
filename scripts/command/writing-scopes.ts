import { TENANT_PERMISSIONS, WRITE_PERMISSIONS } from '../../shared/accounts/permissions.ts';

/** What a program needs that writes sessions and reads them. */
export const WRITING_SCOPES = [...WRITE_PERMISSIONS, ...TENANT_PERMISSIONS] as const;
