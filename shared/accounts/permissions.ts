/** The permissions that a tenant's login may hold. */
export const TENANT_PERMISSIONS = ['agents:read', 'sessions:read', 'reports:read', 'log:read'] as const;

/** The permissions of a program that writes sessions. */
export const WRITE_PERMISSIONS = ['policies:write', 'agents:write', 'sessions:write'] as const;

/**
 * All permissions. A route requires one; a login holds any number of them. `payloads:read` shows what was said in a call,
 * `access:read` who looked at what. `policies:write`, `agents:write` and `sessions:write` are for the programs that write
 * sessions, `webhooks:write` decides where events are sent. `tokens:write` decides who else acts for the
 * account: it makes and revokes bearer tokens, and ends the logins of other users. `admin` sees the health of
 * the service, all accounts' names, the audit keys' ids and the queues, and `admin:write` may change the queues: both are for
 * operators. A login has those that are not a tenant's only where they were asked for by name.
 */
export const PERMISSIONS = [
  ...TENANT_PERMISSIONS,
  'payloads:read',
  'access:read',
  ...WRITE_PERMISSIONS,
  'webhooks:write',
  'tokens:write',
  'admin',
  'admin:write',
] as const;

/** One of `PERMISSIONS`. */
export type Permission = (typeof PERMISSIONS)[number];

/** Whether a value is one of `PERMISSIONS`. */
export function isPermission(value: unknown): value is Permission {
  return PERMISSIONS.some((permission) => permission === value);
}

/** Whether a stored value can be a list of permissions. It may hold one that this version does not know. */
export function isPermissionList(value: unknown): boolean {
  return Array.isArray(value) && value.every((member) => typeof member === 'string');
}
