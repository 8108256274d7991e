import { timeOfId } from '../audit/ids.ts';

/**
 * The later one of a report's time and the time of its id, Unix milliseconds; null where the id has none. Both were taken at
 * once, and whoever makes up a row may have set one of them back.
 */
export function latestTimeOf(reportId: string, generatedAt: Date): number | null {
  const idMs = timeOfId(reportId);
  return idMs === null ? null : Math.max(generatedAt.getTime(), idMs);
}
