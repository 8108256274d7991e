// A session page's events, a bounded batch at a time: a batch is written out in a thread when the one before was taken.
import type { Records } from '../../shared/audit/judge.ts';
import { SEGMENT_SIZE } from '../../shared/audit/segment.ts';
import { Tally } from '../../shared/audit/tally.ts';
import type { LogCounts, LogVerdict } from '../../shared/audit/verdict.ts';
import type { ReportRun } from './report-run.ts';
import { logRef } from './walk-log.ts';

export type EventStream = Readonly<{
  chunks: AsyncIterable<Uint8Array>;
  verdict: Promise<LogVerdict>;
  counts: Promise<LogCounts>;
}>;

/** Segments written out at a time: about a megabyte of usual events. */
const SEGMENTS_AT_A_TIME = 16;

/** Ends the run when the chunks are drained or dropped. */
export function streamEvents(
  run: ReportRun,
  { session }: Records,
  verdict: Promise<LogVerdict>,
): EventStream {
  const counts = Promise.withResolvers<LogCounts>();
  counts.promise.catch(() => {});

  async function* writeChunks(): AsyncGenerator<Uint8Array> {
    using _ = run;
    try {
      const tally = new Tally();
      const log = logRef(session);
      const found = await verdict;
      // A log that is well is shown as it was checked; of one that is not, everything that is stored.
      let limit = found.status === 'verified' ? found.size : Number.POSITIVE_INFINITY;
      const indexes =
        found.status === 'verified'
          ? Array.from({ length: Math.ceil(found.size / SEGMENT_SIZE) }, (_, i) => i)
          : await run.task('listSegments', log);
      let separator = '';
      for (let at = 0; at < indexes.length; at += SEGMENTS_AT_A_TIME) {
        const batch = indexes.slice(at, at + SEGMENTS_AT_A_TIME);
        const events = await run.task('presentEvents', { log, indexes: batch, limit });
        limit -= batch.length * SEGMENT_SIZE;
        tally.addCounts(events.counts);
        if (events.json.length === 0) continue;
        if (separator !== '') yield Buffer.from(separator);
        yield events.json;
        separator = ',';
      }
      counts.resolve(tally.counts());
    } catch (error) {
      counts.reject(error);
      throw error;
    }
  }

  return { chunks: writeChunks(), verdict, counts: counts.promise };
}
