// Reads what the kernel needs of many short logs at once: one query for rows, one for reported roots, one for segments,
// in place of three a log. The kernel itself stays as it is, and what it reads again comes from the database.
import type { StoredSegment } from '../../shared/log-store/segment.ts';
import type { RecordedSession } from '../../shared/sessions/session.ts';
import type { ManyRowsReader } from './row-reader.ts';
import type { VerifyDeps } from './verify-session.ts';
import { RANGE_BATCH } from './walk-range.ts';

export type AheadDeps = VerifyDeps & Readonly<{ rows: ManyRowsReader }>;

/**
 * Dependencies that have the rows and first segments of these sessions at hand, each for one read. Rejects with the
 * driver's error when the database is away.
 */
export async function readAhead(
  deps: AheadDeps,
  accountId: string,
  sessionIds: readonly string[],
): Promise<VerifyDeps<RecordedSession>> {
  // Segments last: they are no older than their row.
  const rows = new Map(await deps.rows.findMany(accountId, sessionIds));
  const segments = new Map(await deps.reader.readFirst(accountId, sessionIds, RANGE_BATCH));

  function takeSegments(sessionId: string, indexes: readonly number[]): StoredSegment[] | null {
    const isFirst = indexes.length === RANGE_BATCH && indexes.every((index, i) => index === i);
    const found = isFirst ? segments.get(sessionId) : undefined;
    segments.delete(sessionId);
    return found ?? null;
  }

  return {
    ...deps,
    rows: {
      async find(log, options) {
        const found = log.accountId === accountId ? rows.get(log.sessionId) : undefined;
        rows.delete(log.sessionId);
        return found ?? (await deps.rows.find(log, options));
      },
    },
    reader: {
      ...deps.reader,
      async read(owner, sessionId, indexes) {
        const found = owner === accountId ? takeSegments(sessionId, indexes) : null;
        return found ?? (await deps.reader.read(owner, sessionId, indexes));
      },
    },
  };
}
