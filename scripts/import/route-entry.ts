import { isId } from '../../shared/audit/ids.ts';

/** A line of `audit.ndjson` that names a session. Nothing else of it is checked. */
export type RoutedEntry = Readonly<{ sessionId: string; members: Readonly<Record<string, unknown>> }>;

/** The session id that a line of `audit.ndjson` names; null if it names none. */
export function routeEntry(bytes: Buffer | null): string | null {
  return readRouted(bytes)?.sessionId ?? null;
}

/** A line of `audit.ndjson` with the session that it names; null if it names none. */
export function readRouted(bytes: Buffer | null): RoutedEntry | null {
  if (!bytes) return null;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'session_id')) return null;
  const { session_id: sessionId } = value as { session_id: unknown };
  return isId('session', sessionId) ? { sessionId, members: value as Record<string, unknown> } : null;
}
