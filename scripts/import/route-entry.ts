import { isId } from '../../shared/audit/ids.ts';

/** The session id that a line of `audit.ndjson` names; null if it names none. Checks nothing else of the line. */
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
