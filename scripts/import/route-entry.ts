import { isId } from '../../shared/audit/ids.ts';

/** The session that a line of `audit.ndjson` says it belongs to; null if it says none. Nothing else is checked here. */
export function routeEntry(bytes: Buffer | null): string | null {
  if (!bytes) return null;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'session_id')) return null;
  const { session_id: sessionId } = value as { session_id: unknown };
  return isId('session', sessionId) ? sessionId : null;
}
