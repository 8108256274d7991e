/** What a login may do. A route names the one it needs; a login holds any of them. */
export const PERMISSIONS = ['agents:read', 'sessions:read', 'reports:read'] as const;

export type Permission = (typeof PERMISSIONS)[number];

export function isPermission(value: unknown): value is Permission {
  return PERMISSIONS.some((permission) => permission === value);
}
