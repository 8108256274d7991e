/** What a tenant's login may do. */
export const TENANT_PERMISSIONS = ['agents:read', 'sessions:read', 'reports:read'] as const;

/**
 * What a login may do. A route names the one it needs; a login holds any of them. `admin` sees the queues of all
 * accounts, `admin:write` changes them besides: they are for operators, and no tenant gets them unasked.
 */
export const PERMISSIONS = [...TENANT_PERMISSIONS, 'admin', 'admin:write'] as const;

/** One of `PERMISSIONS`. */
export type Permission = (typeof PERMISSIONS)[number];

/** Whether a value is one of `PERMISSIONS`. */
export function isPermission(value: unknown): value is Permission {
  return PERMISSIONS.some((permission) => permission === value);
}
